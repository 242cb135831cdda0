import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

/** A seat rings and nothing goes as wished: no ghost call, no silence, no lost place. */
describe('a ringing seat', () => {
  let scene: Scene;
  let first: Agent;
  let second: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 2 });
    [first, second] = scene.agents as [Agent, Agent];
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  it('stops ringing when the caller hangs up; the seat is ready again and gets the next call', async () => {
    await first.desk.ready();
    const citizen = await scene.citizen();
    const ring = await first.phone.nextRing();
    const pop = await first.desk.pop();
    await citizen.hangUp();
    await ring.ended();
    expect(ring.result).toBe('cancelled');
    const over = await first.desk.fed('the call is over', (entry) => entry.kind === 'callOver');
    expect(over).toMatchObject({ callId: pop.callId, outcome: 'caller-gone' });
    expect(await first.desk.seatIs('ready')).toMatchObject({ callId: null, token: null });
    const record = await first.desk.record(pop.callId).catch(() => null);
    const supervisor = await scene.desk('supervisor');
    expect(record ?? (await supervisor.record(pop.callId))).toMatchObject({
      outcome: 'abandoned',
      endedBy: 'citizen',
      rings: [{ outcome: 'caller-gone' }],
    });
    const next = await scene.citizen({ from: '13900000002' });
    const again = await first.phone.nextRing();
    await again.answer();
    await next.hears(again.audio);
  }, 30_000);

  it('leaves nobody in silence when the seat answers just as the caller hangs up', async () => {
    for (let round = 0; round < 12; round++) {
      await until('the seat can be ready', async () => (await first.desk.ready()).state === 'ready', 6000);
      const citizen = await scene.citizen({ from: `1370000${1000 + round}` });
      const ring = await first.phone.nextRing();
      await citizen.answered();
      const [answerLater, hangUpLater] = [Math.max(0, round - 6) * 2, Math.max(0, 6 - round) * 2];
      await Promise.all([
        pass(answerLater).then(() => ring.answer()),
        pass(hangUpLater).then(() => citizen.hangUp()),
      ]);
      await ring.ended(3000);
      await citizen.ended(3000);
      await scene.noChannels(3000);
      const seat = await until(
        'the seat is free again',
        async () => {
          const now = await first.desk.seat();
          return now && now.state !== 'ringing' && now.state !== 'talking' ? now : null;
        },
        3000,
      );
      expect(['ready', 'wrapUp']).toContain(seat.state);
    }
  }, 90_000);

  it('does not ring an agent for a caller who left before anybody signed in', async () => {
    await first.desk.leaveSeat();
    await second.desk.leaveSeat();
    const citizen = await scene.citizen();
    await citizen.answered();
    await until('the citizen hears something', () => citizen.audio.count('other') > 20);
    await citizen.hangUp();
    await scene.noChannels();
    const secrets = [];
    for (const { desk } of [first, second]) secrets.push((await desk.takeSeat()).phone);
    await first.phones.connect(secrets);
    await until('the phones are reachable', async () => (await first.desk.seat())?.phoneReachable);
    await first.desk.ready();
    await pass(2500);
    expect(first.phone.rings.filter((ring) => ring.inviteAt > citizen.inviteAt)).toEqual([]);
    expect((await first.desk.seat())?.state).toBe('ready');
  }, 40_000);

  it('shows a seat that does not answer as RONA, rings the next one, and keeps the caller’s place', async () => {
    await first.desk.ready();
    const early = await scene.citizen({ from: '13600000001' });
    const unanswered = await first.phone.nextRing();
    const pop = await first.desk.pop();
    const late = await scene.citizen({ from: '13600000002' });
    const rona = await first.desk.fed(
      'the seat is in RONA',
      (entry) => entry.kind === 'seat' && entry.seat.state === 'rona',
      8000,
    );
    expect(rona).toMatchObject({ seat: { callId: null, token: null } });
    await unanswered.ended();
    expect(unanswered.result).toBe('cancelled');
    const rang = (unanswered.endedAt ?? 0) - unanswered.inviteAt;
    expect(rang).toBeGreaterThan(2500);
    expect(rang).toBeLessThan(6000);

    await second.desk.ready();
    const ring = await second.phone.nextRing();
    expect((await second.desk.pop()).callId).toBe(pop.callId);
    await ring.answer();
    await early.hears(ring.audio);
    expect(late.audio.count(ring.audio.voice)).toBe(0);
    await ring.hangUp();
    const record = await second.desk.record(pop.callId);
    expect(record.rings.map(({ seatId, attempt, outcome }) => ({ seatId, attempt, outcome }))).toEqual([
      { seatId: first.desk.personId, attempt: 1, outcome: 'no-answer' },
      { seatId: second.desk.personId, attempt: 2, outcome: 'answered' },
    ]);
    expect(record.timeline.filter((event) => event.kind === 'callWaiting')).toHaveLength(1);
    expect(record.waitingSince).toBe(record.arrivedAt);
    const next = await second.phone.nextRing();
    await next.answer();
    await late.hears(next.audio);
    // One click and the agent is back.
    expect((await first.desk.ready()).state).toBe('ready');
  }, 40_000);

  it('takes a seat that refuses out of the way and offers the call to the next', async () => {
    await first.desk.ready();
    await pass(50);
    await second.desk.ready();
    const citizen = await scene.citizen();
    const refused = await first.phone.nextRing();
    await refused.busy();
    await first.desk.seatIs('rona');
    const ring = await second.phone.nextRing();
    await ring.answer();
    await citizen.hears(ring.audio);
  }, 30_000);
});
