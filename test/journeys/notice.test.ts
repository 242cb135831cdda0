import { heardOf } from '../support/sip-prompt';
import { until } from '../support/until';
import { Scene, type Agent } from './scene';

/** What a citizen hears before the talk, compared with the recordings themselves. */
describe('notice and greeting', () => {
  let scene: Scene;
  let agent: Agent;
  beforeAll(async () => {
    scene = await Scene.open({
      agents: 1,
      env: { RECORDED_NOTICE: 'true', GREETING: 'true', OFFER_SECONDS: '15' },
    });
    agent = scene.agents[0]!;
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  it('lets the citizen hear the whole recorded-call notice although the seat answers at once', async () => {
    await agent.desk.ready();
    agent.phone.answerAfter(0);
    const citizen = await scene.citizen();
    const ring = await agent.phone.nextRing();
    // The seat rings while the notice plays, not after it.
    expect(ring.inviteAt - citizen.inviteAt).toBeLessThan(1000);
    const pop = await agent.desk.pop();
    await citizen.hears(ring.audio, 5, 12_000);
    await ring.hears(citizen.audio);
    const before = citizen.audio.framesBefore.get(ring.audio.voice);
    expect(heardOf(citizen.audio, 'notice-recorded', 0, before)).toBeGreaterThan(0.9);
    expect(heardOf(citizen.audio, 'greeting-12345')).toBeLessThan(0.2);
    await citizen.hangUp();
    const record = await agent.desk.record(pop.callId);
    expect(record.answeredAt).toBeGreaterThanOrEqual(record.noticeHeardAt ?? Infinity);
    expect(record.rings[0]?.outcome).toBe('answered');
  }, 40_000);

  it('puts the call away from a desk that answered, when the citizen leaves before the notice is over', async () => {
    await agent.desk.ready();
    const citizen = await scene.citizen();
    const ring = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await ring.answer();
    await agent.desk.seatIs('talking');
    await citizen.hangUp();
    await ring.ended();
    await agent.desk.fed('over', (entry) => entry.kind === 'callOver' && entry.callId === callId);
    await agent.desk.fed('wrapUp', (entry) => entry.kind === 'call' && entry.call.stage === 'wrapUp');
    const supervisor = await scene.desk('supervisor');
    const record = await supervisor.record(callId, (each) => each.endedAt !== null);
    expect(record).toMatchObject({ endedBy: 'citizen', answeredAt: null, outcome: 'abandoned' });
  }, 30_000);

  it.each([
    ['12345', [], 'greeting-12345'],
    ['12345', ['03552012319'], 'greeting-merged'],
  ])(
    'greets a call to %s diverted by %j with the line’s own greeting, ringing meanwhile',
    async (to, diversion, greeting) => {
      await agent.desk.ready();
      const citizen = await scene.citizen({ to, diversion });
      const ring = await agent.phone.nextRing();
      await until('the greeting is heard', () => heardOf(citizen.audio, greeting) > 0.5, 15_000);
      expect(heardOf(citizen.audio, 'notice-recorded')).toBeGreaterThan(0.9);
      await ring.answer();
      await citizen.hears(ring.audio);
      await citizen.hangUp();
    },
    40_000,
  );
});
