import type { MonitoredSeat, MonitoringView } from '../../src/calls/monitoring-view';
import { Refused, type DeskClient } from '../support/desk-client';
import type { SipAudio } from '../support/sip-audio';
import { SipPhones, type Ring, type SipSeat } from '../support/sip-seat';
import { until } from '../support/until';
import { Scene, type Agent } from './scene';

interface End {
  audio: SipAudio;
  hears(other: SipAudio | SipAudio[]): Promise<void>;
}

/** Everybody hears all the others, mixed; a voice more would change what is heard. */
async function together(...ends: End[]): Promise<void> {
  await Promise.all(
    ends.map((end) => end.hears(ends.filter((other) => other !== end).map(({ audio }) => audio))),
  );
}

/** The leg of the other one in the call, as the agent's screen has it. */
function bargedLeg(desk: DeskClient): string {
  const shown = desk.feed.findLast((entry) => entry.kind === 'call');
  return shown?.kind === 'call' ? (shown.call.parties[0]?.legId ?? '') : '';
}

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (fault: unknown) => (fault instanceof Refused ? fault.body.detail : fault),
  );

interface AuditRow {
  who: string;
  action: string;
  subject: string;
  facts: Record<string, unknown> & { spans?: { stage: string; from: string; to: string }[] };
}

/** Listening, whispering, barging in and taking over, heard from all ends on the real Asterisk; seats by the supervisor. */
describe('a supervisor', () => {
  let scene: Scene;
  let first: Agent;
  let second: Agent;
  let boss: DeskClient;
  let admin: DeskClient;
  let phone: SipSeat;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 2 });
    [first, second] = scene.agents as [Agent, Agent];
    [boss, admin] = [await scene.desk('supervisor'), await scene.desk('admin')];
    const { phone: account } = await boss.takeSeat();
    phone = (await SipPhones.open(scene.at, [account])).seat(account.account);
    await boss.connect();
    await until('the supervisor’s phone is reachable', async () => (await boss.seat())?.phoneReachable);
  }, 90_000);
  afterAll(() => scene?.close(), 30_000);
  afterEach(async () => {
    await scene.calm();
    await until('the supervisor can rest', async () => {
      const seat = await boss.seat();
      if (seat?.state !== 'talking' && seat?.state !== 'ringing') await boss.notReady();
      return (await boss.seat())?.state === 'notReady';
    });
    phone.forget();
  }, 30_000);

  const monitor = (seatId: string, mode = 'listen', reason = '') =>
    boss.ask<{ mine: MonitoringView }>('POST', '/monitoring', { seatId, mode, reason });
  const mode = (to: string) => boss.ask<void>('POST', '/monitoring/mode', { mode: to });
  const barge = () => boss.ask<void>('POST', '/monitoring/barge');
  const takeOver = () => boss.ask<void>('POST', '/monitoring/take-over');
  const stop = () => boss.ask<void>('DELETE', '/monitoring');
  const overview = () =>
    boss.ask<{ seats: MonitoredSeat[]; mine: MonitoringView | null }>('GET', '/monitoring');
  const act = (path: string, body?: unknown, seatId = first.desk.personId) =>
    boss.ask<void>('POST', `/seats/${seatId}/${path}`, body);
  const audited = async (subject: string) =>
    (await admin.ask<AuditRow[]>('GET', `/audit?subject=${subject}`)).toReversed();

  const talk = async () => {
    await first.desk.ready();
    const citizen = await scene.citizen({ from: '13700000001' });
    const ring = await first.phone.nextRing();
    const { callId } = await first.desk.pop();
    await ring.answer();
    await together(citizen, ring);
    return { citizen, ring, callId };
  };
  const listening = async (wanted = 'listen'): Promise<Ring> => {
    await monitor(first.desk.personId, wanted, '新员工带教');
    const ring = await phone.nextRing();
    await ring.answer();
    return ring;
  };

  it('listens unheard and unseen, whispers to the agent alone, listens again, and stops: only the audit trail has it', async () => {
    const { citizen, ring, callId } = await talk();
    await boss.notReady('meeting');
    const ear = await listening();
    await ear.hears([citizen.audio, ring.audio]);
    await together(citizen, ring);
    expect(await boss.seatIs('talking')).toMatchObject({
      callId: expect.stringContaining('monitoring-') as string,
    });
    await mode('whisper');
    await ring.hears([citizen.audio, ear.audio]);
    await citizen.hears(ring.audio);
    await ear.hears([citizen.audio, ring.audio]);
    const { seats, mine } = await overview();
    expect(mine).toMatchObject({ stage: 'whispering', seatId: first.desk.personId, callId });
    expect(seats.find(({ seatId }) => seatId === first.desk.personId)).toMatchObject({
      state: 'talking',
      call: { callId, owner: true, caller: '137****0001' },
      monitoredBy: [{ stage: 'whispering' }],
    });
    await mode('listen');
    await together(citizen, ring);
    await ear.hears([citizen.audio, ring.audio]);
    await stop();
    await ear.ended();
    await together(citizen, ring);
    expect(await boss.seatIs('notReady')).toMatchObject({ notReadyReason: 'meeting', callId: null });
    const told = first.desk.feed.flatMap((entry) => (entry.kind === 'call' ? [entry.call] : []));
    expect(told.every((call) => call.monitoredBy.length === 0 && call.parties.length === 0)).toBe(true);
    await citizen.hangUp();
    const record = await first.desk.record(callId);
    expect(record).toMatchObject({ parties: [], seats: [first.desk.personId] });
    expect(JSON.stringify(record)).not.toContain('monitor');
    const rows = await until('the end is in the audit trail', async () => {
      const found = await audited(callId);
      return found.at(-1)?.action === 'monitor.end' ? found : null;
    });
    expect(rows.map(({ action }) => action)).toEqual([
      'monitor.listen',
      'monitor.whisper',
      'monitor.listen',
      'monitor.end',
    ]);
    expect(rows[0]).toMatchObject({
      who: boss.personId,
      facts: { seatId: first.desk.personId, reason: '新员工带教' },
    });
    expect(rows.at(-1)?.facts).toMatchObject({
      why: 'stopped',
      spans: [{ stage: 'listening' }, { stage: 'whispering' }, { stage: 'listening' }],
    });
    await scene.noChannels();
  }, 40_000);

  it('barges in, seen by the agent; his hanging up leaves the call as it was', async () => {
    const { citizen, ring, callId } = await talk();
    const ear = await listening();
    await ear.hears([citizen.audio, ring.audio]);
    const tone = ring.audio.count('other');
    await barge();
    await together(citizen, ring, ear);
    // The agent was told by ear too.
    expect(ring.audio.count('other')).toBeGreaterThan(tone);
    expect(
      await first.desk.shows('the supervisor is in the call', (call) => call.parties.length === 1),
    ).toMatchObject({ parties: [{ seatId: boss.personId, name: '值班班长', state: 'talking' }] });
    expect(await boss.shows('the call', (call) => call.callId === callId)).toMatchObject({ role: 'party' });
    expect(await boss.seatIs('talking')).toMatchObject({ callId });
    expect(await refusal(mode('listen'))).toBe('当前状态不能监听');
    const legId = (await overview()).mine?.stage === 'barged' ? bargedLeg(first.desk) : '';
    expect(await refusal(first.desk.drop(callId, legId))).toBe('不能请出强插的班长');
    await ear.hangUp();
    await together(citizen, ring);
    await boss.seatIs('wrapUp');
    await first.desk.shows('the supervisor has left', (call) => call.parties.length === 0);
    expect((await overview()).mine).toBeNull();
    await citizen.hangUp();
    expect(await first.desk.record(callId)).toMatchObject({
      seatId: first.desk.personId,
      parties: [{ purpose: 'barge', seatId: boss.personId, outcome: 'answered' }],
      transfers: [],
    });
  }, 40_000);

  it('takes a call over: the agent wraps up, and the supervisor passes it on', async () => {
    const { citizen, ring, callId } = await talk();
    const ear = await listening('whisper');
    await ring.hears([citizen.audio, ear.audio]);
    await takeOver();
    await ring.ended();
    await together(citizen, ear);
    await first.desk.seatIs('wrapUp');
    expect((await overview()).mine).toBeNull();
    await boss.shows('he owns the call', (call) => call.role === 'owner' && call.stage === 'talking');
    await second.desk.ready();
    await boss.invite(callId, 'transfer', { kind: 'seat', seatId: second.desk.personId }, '班长转来');
    const other = await second.phone.nextRing();
    await other.answer();
    await ear.ended();
    await together(citizen, other);
    await boss.seatIs('wrapUp');
    await other.hangUp();
    await citizen.ended();
    const record = await second.desk.record(callId);
    expect(record.seats).toEqual([first.desk.personId, boss.personId, second.desk.personId]);
    expect(record.transfers).toMatchObject([
      { by: first.desk.personId, seatId: boss.personId },
      { by: boss.personId, seatId: second.desk.personId },
    ]);
    const rows = await audited(callId);
    expect(rows.map(({ action }) => action)).toEqual(['monitor.whisper', 'monitor.take-over', 'monitor.end']);
    expect(rows.at(-1)?.facts).toMatchObject({ why: 'taken-over' });
  }, 40_000);

  it('is not rung for ever, and follows the seat only while it is in the call', async () => {
    const { citizen, ring, callId } = await talk();
    await monitor(first.desk.personId);
    const unwanted = await phone.nextRing();
    await unwanted.decline();
    await boss.seatIs('notReady');
    await monitor(first.desk.personId);
    await phone.nextRing();
    await boss.seatIs('notReady', 6000);
    const ear = await listening();
    await ear.hears([citizen.audio, ring.audio]);
    expect(await refusal(monitor(second.desk.personId))).toBe('请先结束当前的监听');
    await second.desk.ready();
    await first.desk.invite(callId, 'transfer', { kind: 'seat', seatId: second.desk.personId });
    await ear.ended();
    await boss.seatIs('notReady');
    expect((await audited(callId)).filter(({ action }) => action === 'monitor.end')).toMatchObject([
      { facts: { why: 'no-answer', spans: [] } },
      { facts: { why: 'no-answer', spans: [] } },
      { facts: { why: 'seat-left', spans: [{ stage: 'listening' }] } },
    ]);
  }, 40_000);

  it('goes on after the service was killed, and is then shown to the agent where the setting says so', async () => {
    const { citizen, ring, callId } = await talk();
    const ear = await listening('whisper');
    await ring.hears([citizen.audio, ear.audio]);
    await scene.service.kill9();
    await ring.hears([citizen.audio, ear.audio]);
    await scene.restartService({ MONITOR_SHOWN: 'true' });
    expect((await overview()).mine).toMatchObject({ stage: 'whispering', callId });
    await mode('listen');
    await together(citizen, ring);
    await ear.hears([citizen.audio, ring.audio]);
    // The agent's page comes back to the service by itself, some time after it was killed.
    await first.desk.shows('who listens', (call) => call.monitoredBy[0]?.mode === 'listen', 15_000);
    await citizen.hangUp();
    await ear.ended();
    await boss.seatIs('notReady');
    await scene.noChannels();
    // Ended while nobody watched: nothing is left.
    const again = await talk();
    const second = await listening();
    await second.hears([again.citizen.audio, again.ring.audio]);
    await scene.service.kill9();
    await again.citizen.hangUp();
    await scene.restartService();
    await second.ended(8000);
    await boss.seatIs('notReady', 8000);
    await scene.noChannels(10_000);
  }, 90_000);

  it('waits for a seat whose phone is rung again, and is still in the call after the service was killed', async () => {
    const { citizen, ring, callId } = await talk();
    const ear = await listening();
    await ear.hears([citizen.audio, ring.audio]);
    await first.desk.rejoin(callId);
    await ring.ended();
    const back = await first.phone.nextRing(6000);
    await back.answer();
    await together(citizen, back);
    await ear.hears([citizen.audio, back.audio]);
    await barge();
    await together(citizen, back, ear);
    await scene.service.kill9();
    await scene.restartService();
    await together(citizen, back, ear);
    expect((await overview()).mine).toMatchObject({ stage: 'barged', callId });
    await takeOver();
    await back.ended();
    await together(citizen, ear);
    await ear.hangUp();
    await citizen.ended();
    expect((await audited(callId)).at(-1)?.facts).toMatchObject({
      why: 'taken-over',
      spans: [{ stage: 'listening' }, { stage: 'barged' }],
    });
  }, 60_000);

  it('sets seats: not ready, ready, wrap-up ended, signed out after the call; a seat in a real call is not freed', async () => {
    const told = (action: string) =>
      first.desk.fed(action, (entry) => entry.kind === 'supervised' && entry.act === action);
    await first.desk.ready();
    await act('not-ready', { reason: 'meeting' });
    expect(await first.desk.seat()).toMatchObject({ state: 'notReady', notReadyReason: 'meeting' });
    expect(await told('notReady')).toMatchObject({ byName: '值班班长', reason: 'meeting' });
    await act('ready');
    await told('ready');
    const { citizen } = await talk();
    expect(await refusal(act('free'))).toBe(
      '坐席没有卡死：正在处理「长治市12345政务服务热线」的通话（137****0001）',
    );
    expect(await refusal(act('sign-out', {}))).toContain('请确认在通话结束后签出');
    await act('sign-out', { afterCall: true });
    expect(await refusal(first.desk.ready())).toBe('班长已安排本次通话后签出');
    await citizen.hangUp();
    await until('the seat is signed out', async () => (await first.desk.seat()) === null, 8000);
    expect(await refusal(act('ready'))).toBe('该坐席没有签入');
    expect((await audited(first.desk.personId)).map(({ action }) => action)).toEqual([
      'seat.notReady',
      'seat.ready',
      'seat.signOut',
    ]);
    expect(await refusal(second.desk.ask('POST', '/monitoring', { seatId: boss.personId }))).toBe(
      '您的角色没有此项权限',
    );
    expect(await refusal(second.desk.ask('POST', `/seats/${boss.personId}/ready`))).toBe(
      '您的角色没有此项权限',
    );
  }, 40_000);

  it('frees a seat that talks for no live call', async () => {
    const seatId = second.desk.personId;
    await second.desk.ready();
    await scene.inRedis((redis) =>
      redis.hset(`hotline:seat:${seatId}`, {
        state: 'talking',
        token: 'nobody',
        callId: 'gone',
        since: Date.now() - 60_000,
      }),
    );
    // The service learns of it at the next move that does not fit.
    await refusal(second.desk.notReady());
    await act('free', undefined, seatId);
    expect(await second.desk.seatIs('wrapUp')).toMatchObject({ callId: 'gone' });
    await act('wrap-up-done', undefined, seatId);
    await second.desk.seatIs('ready');
    expect((await audited(seatId)).map(({ action }) => action)).toEqual(['seat.free', 'seat.endWrapUp']);
  }, 20_000);
});
