import { until } from '../support/until';
import { Scene } from './scene';

const CALLERS = 20;

describe('twenty callers, three seats', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 3, env: { WRAP_UP_SECONDS: '0', OFFER_SECONDS: '10' } });
  }, 90_000);
  afterAll(() => scene.close(), 30_000);

  it('serves everyone in the order of arrival, and no seat is stuck', async () => {
    const served: { from: string; at: number; account: string }[] = [];
    for (const { phone, account } of scene.agents)
      phone.onRing = (ring) => {
        void (async () => {
          await ring.answer();
          await until('the seat hears a citizen', () => ring.audio.lastPacketAt > 0, 10_000);
          await new Promise((done) => setTimeout(done, 250));
          await ring.hangUp();
        })().catch(() => undefined);
        served.push({ from: '', at: ring.inviteAt, account });
      };
    const calls = await scene.citizens(
      Array.from({ length: CALLERS }, (_, index) => ({ from: `137${String(10000000 + index)}` })),
      { perSecond: 40 },
    );
    for (const { desk } of scene.agents) await desk.ready();
    for (const call of calls) await call.ended(40_000);
    expect(calls.map((call) => call.result)).toEqual(calls.map(() => 'was-hung-up'));

    const supervisor = await scene.desk('supervisor');
    const { calls: listed } = await until(
      'all records are there',
      async () => {
        const page = await supervisor.ask<{ calls: { endedAt: number | null; callId: string }[] }>(
          'GET',
          '/calls?limit=50',
        );
        return page.calls.length === CALLERS && page.calls.every((each) => each.endedAt !== null)
          ? page
          : null;
      },
      10_000,
    );
    const records = await Promise.all(listed.map(({ callId }) => supervisor.record(callId)));
    const told = records.map(({ outcome, rings }) => [outcome, ...rings.map((ring) => ring.outcome)].join());
    expect(told).toEqual(told.map(() => 'answered,answered'));
    const inOrder = records.toSorted((a, b) => (a.waitingSince ?? 0) - (b.waitingSince ?? 0));
    const offers = inOrder.map((record) => record.rings[0]!.at);
    expect(offers).toEqual(offers.toSorted((a, b) => a - b));
    // All three worked, each one call at a time.
    expect(new Set(served.map(({ account }) => account)).size).toBe(3);
    for (const { desk } of scene.agents) {
      const own = records
        .filter((record) => record.seatId === desk.personId)
        .toSorted((a, b) => a.rings[0]!.at - b.rings[0]!.at);
      for (const [index, record] of own.entries())
        if (index > 0)
          expect(record.rings[0]!.at).toBeGreaterThanOrEqual(own[index - 1]!.talkEndedAt ?? Infinity);
      expect(await desk.seatIs('ready')).toMatchObject({ callId: null, token: null });
    }
    await scene.noChannels();
  }, 90_000);
});
