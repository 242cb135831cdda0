import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

/** Redis loses everything: state comes back from the switch, the journal and memory. */
describe('Redis is emptied', () => {
  let scene: Scene;
  let first: Agent;
  let second: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 2, env: { OFFER_SECONDS: '10' } });
    [first, second] = scene.agents as [Agent, Agent];
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const traffic = async (prefix: string) => {
    await first.desk.ready();
    const citizen = await scene.citizen({ from: `${prefix}1` });
    const ring = await first.phone.nextRing();
    const { callId } = await first.desk.pop();
    await ring.answer();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    const waiting = await scene.citizen({ from: `${prefix}2` });
    await until('music', () => waiting.audio.count('other') > 10);
    return { citizen, ring, callId, waiting };
  };

  const goesOn = async ({ citizen, ring, callId, waiting }: Awaited<ReturnType<typeof traffic>>) => {
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    expect(await first.desk.seat()).toMatchObject({ state: 'talking', callId });
    expect(await second.desk.seat()).toMatchObject({ state: 'notReady' });
    await second.desk.ready();
    const next = await second.phone.nextRing();
    const pop = await second.desk.pop();
    await next.answer();
    await waiting.hears(next.audio);
    await citizen.hangUp();
    await ring.ended();
    const record = await first.desk.record(callId, (each) => each.wrapUpEndedAt !== null);
    expect(record).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
    const talked = (citizen.endedAt ?? 0) - (ring.answeredAt ?? 0);
    expect(Math.abs(record.talkMs - talked)).toBeLessThan(500);
    await waiting.hangUp();
    const served = await second.desk.record(pop.callId);
    expect(served).toMatchObject({ outcome: 'answered', rings: [{ attempt: 1 }] });
    expect(Math.abs(served.arrivedAt - waiting.inviteAt)).toBeLessThan(1000);
    await first.desk.seatIs('ready');
  };

  it('in mid-traffic: talks, seats, places and the feed go on', async () => {
    const calls = await traffic('1340000001');
    const epochs = [first.desk.newEpochs, second.desk.newEpochs];
    await scene.inRedis((redis) => redis.flushall());
    await until(
      'both desks have taken a new snapshot',
      () => first.desk.newEpochs > epochs[0]! && second.desk.newEpochs > epochs[1]!,
      5000,
    );
    expect(first.desk.snapshot).toMatchObject({
      seat: { state: 'talking' },
      call: { callId: calls.callId, stage: 'talking' },
    });
    await goesOn(calls);
    expect([first.desk.gaps, second.desk.gaps]).toEqual([0, 0]);
  }, 60_000);

  it('while the service is dead: seats come back from the journal and the live legs', async () => {
    const calls = await traffic('1340000002');
    // The journal is written behind, a moment later.
    await first.desk.record(calls.callId, (record) => record.answeredAt !== null);
    await scene.service.kill9();
    await scene.inRedis((redis) => redis.flushall());
    await scene.restartService();
    await first.desk.seatIs('talking', 8000);
    await goesOn(calls);
  }, 60_000);

  it('is gone for some seconds: talks go on and calls are served again afterwards', async () => {
    const calls = await traffic('1340000003');
    await scene.redis.kill();
    await pass(2000);
    await Promise.all([calls.citizen.hears(calls.ring.audio), calls.ring.hears(calls.citizen.audio)]);
    await scene.redis.restart();
    await scene.inCommand();
    await goesOn(calls);
  }, 60_000);
});
