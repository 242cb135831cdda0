import { heardOf } from '../support/sip-prompt';
import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

/** The service is killed as by a power cut and started again; calls live on the switch. */
describe('the service dies', () => {
  let scene: Scene;
  let first: Agent;
  let second: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 2, env: { OFFER_SECONDS: '20' } });
    [first, second] = scene.agents as [Agent, Agent];
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const talk = async (agent: Agent, from: string) => {
    await agent.desk.ready();
    const citizen = await scene.citizen({ from });
    const ring = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await ring.answer();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    return { citizen, ring, callId };
  };

  it('talk goes on, who waits keeps the place and is served, records are complete', async () => {
    const { citizen, ring, callId } = await talk(first, '13500000001');
    const waiting = await scene.citizen({ from: '13500000002' });
    await until('music', () => waiting.audio.count('other') > 20);
    const later = await scene.citizen({ from: '13500000003' });
    await until('music', () => later.audio.count('other') > 20);
    const supervisor = await scene.desk('supervisor');
    const waitingNow = async () =>
      (await supervisor.ask<{ queues: { waiting: number }[] }>('GET', '/queues')).queues.reduce(
        (sum, queue) => sum + queue.waiting,
        0,
      );
    expect(await waitingNow()).toBe(2);

    await scene.service.kill9();
    await Promise.all([citizen.hears(ring.audio, 25), ring.hears(citizen.audio, 25)]);
    // Who calls now is not left alone either.
    const unlucky = await scene.citizen({ from: '13500000004' });
    await until('the apology is heard', () => heardOf(unlucky.audio, 'apology') > 0.5, 10_000);
    await unlucky.hangUp();
    expect([citizen.over, ring.over, waiting.over, later.over]).toEqual([false, false, false, false]);
    const silentBefore = Date.now();
    await scene.restartService();

    expect(await first.desk.seat()).toMatchObject({ state: 'talking', callId });
    expect(await waitingNow()).toBe(2);
    // Not one second of silence since.
    expect(citizen.audio.lastPacketAt).toBeGreaterThan(silentBefore);
    await Promise.all([citizen.hears(ring.audio, 25), ring.hears(citizen.audio, 25)]);
    await second.desk.ready();
    const next = await second.phone.nextRing();
    const pop = await second.desk.pop(8000);
    await next.answer();
    await waiting.hears(next.audio);
    expect(later.audio.count(next.audio.voice)).toBe(0);
    await next.hangUp();
    const served = await second.desk.record(pop.callId);
    expect(served).toMatchObject({ outcome: 'answered', rings: [{ attempt: 1, outcome: 'answered' }] });
    expect(served.waitingSince).toBe(served.arrivedAt);
    expect(Math.abs(served.arrivedAt - waiting.inviteAt)).toBeLessThan(1000);

    await citizen.hangUp();
    const record = await first.desk.record(callId, (each) => each.wrapUpEndedAt !== null);
    expect(record).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
    const talked = (citizen.endedAt ?? 0) - (ring.answeredAt ?? 0);
    expect(Math.abs(record.talkMs - talked)).toBeLessThan(500);
    const kinds = record.timeline.map(({ kind }) => kind).filter((kind) => kind !== 'seatChanged');
    expect(new Set(kinds).size).toBe(kinds.length);
    const last = await until('somebody is rung for the later one', () =>
      [first, second].map(({ phone }) => phone.rings.at(-1)).find((each) => each && !each.over),
    );
    await last.answer();
    await later.hears(last.audio);
  }, 90_000);

  it('closes the record and frees the seat when the citizen hangs up while nobody watches', async () => {
    const { citizen, ring, callId } = await talk(first, '13500000011');
    await scene.service.kill9();
    await citizen.hangUp();
    await scene.restartService();
    await ring.ended();
    expect(ring.result).toBe('was-hung-up');
    await first.desk.seatIs('ready', 8000);
    const record = await first.desk.record(callId);
    expect(record).toMatchObject({ outcome: 'answered', endedBy: 'system' });
    expect(record.talkEndedAt).not.toBeNull();
  }, 60_000);

  it('rings again for a citizen whose seat was ringing', async () => {
    await first.desk.ready();
    const citizen = await scene.citizen({ from: '13500000021' });
    const ring = await first.phone.nextRing();
    const { callId } = await first.desk.pop();
    await pass(300);
    await scene.service.kill9();
    // Nobody can join the two now: the switch refuses the seat's answer, and the citizen stays in the line.
    await ring.answer();
    await ring.ended();
    await scene.restartService();
    const again = await first.phone.nextRing();
    expect((await first.desk.pop()).callId).toBe(callId);
    await again.answer();
    await Promise.all([citizen.hears(again.audio), again.hears(citizen.audio)]);
    await again.hangUp();
    await citizen.ended();
    const record = await first.desk.record(callId);
    expect(record).toMatchObject({
      outcome: 'answered',
      endedBy: 'seat',
      rings: [
        { attempt: 1, outcome: 'withdrawn' },
        { attempt: 2, outcome: 'answered' },
      ],
    });
    expect(record.waitingSince).toBe(record.arrivedAt);
  }, 60_000);

  it('goes on ringing where a seat has not answered yet', async () => {
    await first.desk.ready();
    const citizen = await scene.citizen({ from: '13500000031' });
    const ring = await first.phone.nextRing();
    // Killed before the call is noted anywhere, it would come back by the fallback queue.
    await first.desk.pop();
    await scene.service.kill9();
    await scene.restartService();
    expect(await first.desk.seat()).toMatchObject({ state: 'ringing' });
    expect(ring.over).toBe(false);
    await ring.answer();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
  }, 60_000);
});
