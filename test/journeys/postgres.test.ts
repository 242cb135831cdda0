import { pass } from '../support/until';
import { Scene, type Agent } from './scene';

/** The minute of the requirement. */
const OUTAGE_MS = 60_000;
const BETWEEN_CALLS_MS = 8000;

describe('PostgreSQL is away', () => {
  let scene: Scene;
  let agent: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 1, ownPostgres: true });
    agent = scene.agents[0]!;
  }, 90_000);
  afterAll(() => scene.close(), 30_000);

  it('calls go on: ring, pop, talk, hang up; their records arrive when it is back', async () => {
    const began = Date.now();
    await agent.desk.ready();
    await scene.postgres.server?.stop();
    const callIds: string[] = [];
    while (callIds.length < 3 || Date.now() - began < OUTAGE_MS) {
      const citizen = await scene.citizen({
        from: String(13_300_000_000 + callIds.length),
        to: '03552012319',
      });
      const ring = await agent.phone.nextRing();
      const pop = await agent.desk.pop();
      expect(ring.inviteAt - citizen.inviteAt).toBeLessThan(1000);
      expect(pop.line.lineId).toBe('line-zhujian-fixed');
      callIds.push(pop.callId);
      await ring.answer();
      await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
      await (callIds.length % 2 ? citizen : ring).hangUp();
      await Promise.all([citizen.ended(), ring.ended()]);
      await agent.desk.seatIs('ready', 6000);
      await pass(BETWEEN_CALLS_MS);
    }
    await scene.postgres.server?.restart();
    for (const [index, callId] of callIds.entries()) {
      const record = await agent.desk.record(callId, (each) => each.wrapUpEndedAt !== null, 15_000);
      expect(record).toMatchObject({
        outcome: 'answered',
        endedBy: index % 2 ? 'seat' : 'citizen',
        rings: [{ attempt: 1, outcome: 'answered' }],
      });
      expect(record.timeline.map(({ kind }) => kind).filter((kind) => kind !== 'seatChanged')).toEqual([
        'callArrived',
        'callWaiting',
        'seatOffered',
        'offerEnded',
        'talkStarted',
        'talkEnded',
        'callEnded',
      ]);
    }
    const { calls } = await agent.desk.ask<{ calls: unknown[] }>('GET', '/desk/calls');
    expect(calls).toHaveLength(callIds.length);
  }, 150_000);
});
