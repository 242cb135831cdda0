import { openPostgres } from '../../src/platform/postgres';
import type { CallRecord } from '../../src/calls/call-record';
import { heardOf } from '../support/sip-prompt';
import { until } from '../support/until';
import type { DeskClient } from '../support/desk-client';
import { Scene, type Agent } from './scene';

const CALLER = '13600001111';
const URGENT_LINE = 'line-12336';
const lastDay = (ahead: number) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(Date.now() + ahead * 86_400_000);

/** A caller on the nuisance list: turned away, and never in an emergency. */
describe('nuisance callers', () => {
  let scene: Scene;
  let agent: Agent;
  let supervisor: DeskClient;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 1, env: { NUISANCE_REPEAT_CALLS: '4', OFFER_SECONDS: '15' } });
    agent = scene.agents[0]!;
    supervisor = await scene.desk('supervisor');
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const blocked = async (): Promise<CallRecord[]> =>
    (await supervisor.ask<{ calls: CallRecord[] }>('GET', '/calls?outcome=blocked')).calls;
  const rungSince = (at: number) => agent.phone.rings.some(({ inviteAt }) => inviteAt > at);

  it('hears why and whom to call, and is ended; no seat rings; one record says by which entry', async () => {
    await agent.desk.ready();
    const first = await scene.citizen({ from: CALLER });
    const ring = await agent.phone.nextRing();
    const { callId, nuisance } = await agent.desk.pop();
    expect(nuisance).toBeNull();
    await ring.answer();
    await first.hears(ring.audio);
    const proposal = { callId, reason: '反复辱骂坐席', lastDay: lastDay(30) };
    const { entryId } = await agent.desk.ask<{ entryId: string }>('POST', '/nuisance', proposal);
    await first.hangUp();
    await supervisor.ask('POST', `/nuisance/${entryId}/approve`, { version: 1 });

    await agent.desk.seatIs('ready');
    const second = await scene.citizen({ from: CALLER });
    await until('the refusal is heard', () => heardOf(second.audio, 'call-refused') > 0.9, 15_000);
    await until(
      'the key for urgent matters is told',
      () => heardOf(second.audio, 'call-refused-urgent') > 0.9,
      10_000,
    );
    await second.ended(10_000);
    expect(second.result).toBe('was-hung-up');
    expect(rungSince(second.inviteAt)).toBe(false);
    expect((await agent.desk.seat())?.state).toBe('ready');
    const records = await until('the record is there', async () => {
      const found = await blocked();
      return found.length > 0 && found[0]?.endedAt !== null ? found : null;
    });
    expect(records).toMatchObject([
      {
        outcome: 'blocked',
        endedBy: 'system',
        answeredAt: null,
        waitingSince: null,
        rings: [],
        nuisance: { entryId },
      },
    ]);
    const { timeline } = await supervisor.record(records[0]?.callId ?? '');
    expect(timeline.map(({ kind }) => kind)).toEqual(['callArrived', 'callBlocked', 'callEnded']);
    expect(timeline[1]).toMatchObject({
      entryId,
      treatment: 'announce',
      words: expect.stringContaining('反复辱骂坐席'),
    });
  }, 60_000);

  it('is served with a flag on the pop when he presses the key for urgent matters', async () => {
    await agent.desk.ready();
    const citizen = await scene.citizen({ from: CALLER });
    await until('the key is told', () => heardOf(citizen.audio, 'call-refused-urgent') > 0.5, 20_000);
    await citizen.audio.press('1');
    const ring = await agent.phone.nextRing();
    const pop = await agent.desk.pop();
    expect(pop.nuisance).toContain('按键表示情况紧急');
    await ring.answer();
    await citizen.hears(ring.audio);
    await citizen.hangUp();
    expect(await agent.desk.record(pop.callId)).toMatchObject({
      outcome: 'answered',
      nuisance: { treatment: 'through' },
    });
  }, 60_000);

  it('is served at once on a line that blocks nobody', async () => {
    await supervisor.ask('PUT', '/nuisance/open-lines', { lineIds: [URGENT_LINE] });
    await agent.desk.ready();
    const citizen = await scene.citizen({ from: CALLER, to: '12336' });
    const ring = await agent.phone.nextRing();
    expect((await agent.desk.pop()).nuisance).toContain('该热线不拦截来电');
    await ring.answer();
    await citizen.hears(ring.audio);
    await citizen.hangUp();
  }, 30_000);

  it('is put through when he calls again and again within the time', async () => {
    await agent.desk.ready();
    const third = await scene.citizen({ from: CALLER });
    await third.answered();
    await third.hangUp();
    const records = await until('the caller who left is recorded', async () => {
      const found = await blocked();
      return found.length === 2 && found.every(({ endedAt }) => endedAt !== null) ? found : null;
    });
    expect(records[0]).toMatchObject({ endedBy: 'citizen', rings: [] });
    const fourth = await scene.citizen({ from: CALLER });
    const ring = await agent.phone.nextRing();
    expect((await agent.desk.pop()).nuisance).toContain('第4次来电');
    await ring.answer();
    await fourth.hears(ring.audio);
    await fourth.hangUp();
  }, 30_000);

  it('waits behind everybody where the entry says so, and is served when it has ended', async () => {
    const db = openPostgres(scene.postgres.url, 1);
    const entry = (number: string, treatment: string, day: string) => ({
      entry_id: `entry-${number}`,
      version: 2,
      number,
      match: 'number',
      treatment,
      reason: '占用线路',
      last_day: day,
      state: 'approved',
      proposed_by: 'agent2',
      proposed_by_name: '李建国',
      proposed_at: new Date(),
      decided_by: 'supervisor',
      decided_by_name: '值班班长',
      decided_at: new Date(),
    });
    await db('nuisance_entries').insert([
      entry('13600002222', 'last', lastDay(1)),
      entry('13600003333', 'announce', lastDay(-1)),
    ]);
    await db.destroy();
    await until('the service has heard of it', async () => {
      const body = { number: '13600002222', lineId: 'line-12345' };
      return (
        (await supervisor.ask<{ treatment: string }>('POST', '/nuisance/try', body)).treatment === 'last'
      );
    });
    const last = await scene.citizen({ from: '13600002222' });
    await last.answered();
    const expired = await scene.citizen({ from: '13600003333' });
    await expired.answered();
    await agent.desk.ready();
    const ring = await agent.phone.nextRing();
    const pop = await agent.desk.pop();
    expect([pop.caller.masked, pop.nuisance]).toEqual(['136****3333', null]);
    await ring.answer();
    await expired.hears(ring.audio);
    await expired.hangUp();
    const next = await agent.phone.nextRing(10_000);
    expect((await agent.desk.pop()).nuisance).toContain('占用线路');
    await next.answer();
    await last.hears(next.audio);
    await last.hangUp();
  }, 60_000);
});
