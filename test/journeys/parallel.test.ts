import type { ParallelInput } from '../../src/lines/parallel';
import type { SharedCall, SharedStory } from '../../src/calls/parallel-call';
import { Refused, type DeskClient } from '../support/desk-client';
import type { Ring, SipSeat } from '../support/sip-seat';
import { heardOf } from '../support/sip-prompt';
import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

const MARKET = { lineId: 'line-12315', destination: '03553012315' };
const LABOUR = { lineId: 'line-12333', destination: '03553012333' };
const TAX = { lineId: 'line-12366', destination: '03553012366' };

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (fault: unknown) => (fault instanceof Refused ? fault.body.code : fault),
  );

/** Parallel lines (M3), both ways, on the real Asterisk; who overflows is decided in test/pure/parallel.test.ts. */
describe('parallel lines', () => {
  let scene: Scene;
  let agent: Agent;
  let admin: DeskClient;
  beforeAll(async () => {
    scene = await Scene.open({
      agents: 1,
      env: { OUTSIDE_SECONDS: '5', MESSAGE_WHEN_NO_SEAT: 'true', LAST_AGENT_SECONDS: '0' },
    });
    [agent] = scene.agents as [Agent];
    admin = await scene.desk('admin');
    await admin.ask('PUT', '/queues/enterprise', { name: '企业', skill: 'enterprise' });
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const set = async (
    lineId: string,
    patch: Partial<ParallelInput['overflow']>,
    more: Partial<ParallelInput> = {},
  ) => {
    const { lines } = await admin.ask<{ lines: (ParallelInput & { lineId: string; version: number })[] }>(
      'GET',
      '/parallel-lines',
    );
    const { lineId: _lineId, version, ...input } = lines.find((each) => each.lineId === lineId)!;
    const changed = { ...input, ...more, overflow: { ...input.overflow, ...patch } };
    await admin.ask('PUT', `/parallel-lines/${lineId}`, { version, input: changed });
  };
  const quiet = async (phone: SipSeat, before: number) => {
    await pass(1800);
    expect(phone.rings).toHaveLength(before);
  };
  const header = ({ invite }: Ring, name: string) =>
    new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(invite)?.[1] ?? '';

  it('without a seat a call overflows instead of leaving a message; not answered, it is back with its place', async () => {
    await set(TAX.lineId, { noSeat: true });
    const outside = await scene.outside(TAX.destination);
    const citizen = await scene.citizen({ to: '12366', from: '13700000061' });
    const ring = await outside.nextRing();
    expect(header(ring, 'From')).toContain('sip:12345@');
    expect(header(ring, 'Diversion')).toContain('12366');
    expect(header(ring, 'User-to-User')).toMatch(/^[0-9a-f]{72};encoding=hex/);
    await until('nobody answers there', () => ring.over, 9000);
    // Somebody who can answer is there now.
    await admin.ask('PUT', '/queues/enterprise', { name: '企业', skill: 'general' });
    await until('the citizen is told', () => heardOf(citizen.audio, 'parallel-failed') > 0.9, 9000);
    await agent.desk.ready();
    const back = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await back.answer();
    await citizen.hears(back.audio);
    await citizen.hangUp();
    await admin.ask('PUT', '/queues/enterprise', { name: '企业', skill: 'enterprise' });
    const record = await agent.desk.record(callId);
    expect(record).toMatchObject({
      outcome: 'answered',
      transfers: [],
      parties: [{ purpose: 'overflow', lineId: TAX.lineId, outcome: 'no-answer', joinedAt: null }],
    });
    // It has waited since it came.
    expect(record.waitingSince! - record.arrivedAt).toBeLessThan(2000);
    expect(record.waitMs).toBeGreaterThan(5000);
    expect(record.timeline).toContainEqual(
      expect.objectContaining({
        kind: 'partyInvited',
        words: expect.stringContaining('没有可接听的坐席') as string,
      }),
    );
  }, 60_000);

  it('when enough wait, the line’s first call goes to its own seats; the others wait on', async () => {
    await set(MARKET.lineId, { waiting: 2 });
    const outside = await scene.outside(MARKET.destination);
    const before = outside.rings.length;
    const first = await scene.citizen({ to: '12315', from: '13700000062' });
    await first.answered();
    await quiet(outside, before);
    const second = await scene.citizen({ to: '12345', from: '13700000063' });
    const ring = await outside.nextRing();
    await ring.answer();
    await first.hears(ring.audio);
    await ring.hears(first.audio);
    await quiet(outside, before + 1);
    expect(second.over).toBe(false);
    await ring.hangUp();
    await first.ended();
    const supervisor = await scene.desk('supervisor');
    const { calls } = await until('its record', async () => {
      const page = await supervisor.ask<{ calls: { callId: string; endedAt: number | null }[] }>(
        'GET',
        `/calls?lineId=${MARKET.lineId}`,
      );
      return page.calls[0]?.endedAt ? page : null;
    });
    expect(calls[0]).toMatchObject({
      outcome: 'answered',
      parties: [{ purpose: 'overflow', outcome: 'answered' }],
      transfers: [{ by: null, to: expect.stringContaining('市场监管') as string }],
    });
    await set(MARKET.lineId, { waiting: null });
  }, 60_000);

  it('a call that has waited long goes to its line’s own seats', async () => {
    await set(MARKET.lineId, { waitSeconds: 5 });
    const outside = await scene.outside(MARKET.destination);
    const citizen = await scene.citizen({ to: '12315', from: '13700000065' });
    const ring = await outside.nextRing(12_000);
    expect(ring.inviteAt - citizen.inviteAt).toBeGreaterThan(4500);
    await ring.answer();
    await citizen.hears(ring.audio);
    await citizen.hangUp();
    await ring.ended();
    await set(MARKET.lineId, { waitSeconds: null });
  }, 40_000);

  it('three-way and transfer carry the call’s context; the exchange that calls back brings it, and the pop tells', async () => {
    await set(LABOUR.lineId, {}, { exchange: ['0355301233'], showCitizen: true });
    const outside = await scene.outside(LABOUR.destination);
    const from = '13700000064';
    await agent.desk.ready();
    const citizen = await scene.citizen({ to: '12333', from });
    const own = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await own.answer();
    await citizen.hears(own.audio);
    const target = { kind: 'line', lineId: LABOUR.lineId };
    await agent.desk.invite(callId, 'threeWay', target, '参保咨询');
    const third = await outside.nextRing();
    await third.answer();
    await citizen.hears([own.audio, third.audio]);
    expect(header(third, 'From')).toContain(`sip:${from}@`);
    await third.hangUp();
    await agent.desk.shows('the two are left', (call) => call.parties.length === 0);
    await agent.desk.invite(callId, 'transfer', target, '请贵线解答');
    const ring = await outside.nextRing();
    await ring.answer();
    await citizen.hears(ring.audio);
    await agent.desk.seatIs('ready');

    // The exchange calls the hotline as itself, with the header it was given.
    const back = await scene.citizen({
      from: '03553012338',
      rawHeaders: [`User-to-User: ${header(ring, 'User-to-User')}`],
    });
    const again = await agent.phone.nextRing();
    const pop = await agent.desk.pop();
    expect(pop).toMatchObject({
      line: { lineId: LABOUR.lineId, matchedBy: 'exchange' },
      caller: { masked: '137****0064' },
      handover: { fromName: null, words: expect.stringMatching(/人力资源.*转回.*同一诉求人/) as string },
    });
    const told = await agent.desk.fed(
      'the story',
      (entry) => entry.kind === 'story' && entry.story.callId === pop.callId,
    );
    expect(told).toMatchObject({ story: { lastCalls: [{ callId }] } });
    await again.answer();
    await back.hears(again.audio);
    await back.hangUp();
    await citizen.hangUp();
    expect(await agent.desk.record(callId)).toMatchObject({
      parties: [
        { purpose: 'threeWay', lineId: LABOUR.lineId },
        { purpose: 'transfer', lineId: LABOUR.lineId },
      ],
    });
  }, 60_000);

  it('the line’s people see its calls, the work order and the citizen of what was passed on; nobody else does', async () => {
    const shared = (desk: DeskClient) => desk.ask<{ calls: SharedCall[] }>('GET', '/parallel/calls');
    const outside = await scene.outside(LABOUR.destination);
    /** A call to the line, passed on to its own seats, with a work order of this type. */
    const passOn = async (from: string, type: string) => {
      await agent.desk.ready();
      const citizen = await scene.citizen({ to: '12345', from });
      const ring = await agent.phone.nextRing();
      const { callId } = await agent.desk.pop();
      await ring.answer();
      await citizen.hears(ring.audio);
      const matter = { type, categoryCode: 'RS-02', title: `参保${type}`, content: '转人社', callId };
      await agent.desk.ask('POST', '/tickets', matter, { 'idempotency-key': `parallel-${callId}` });
      await agent.desk.invite(callId, 'transfer', { kind: 'line', lineId: LABOUR.lineId }, '请解答');
      const there = await outside.nextRing();
      await there.answer();
      await citizen.hears(there.audio);
      await there.hangUp();
      await citizen.ended();
      await agent.desk.seatIs('ready');
      await agent.desk.record(callId);
      return callId;
    };
    const open = await passOn('13700000067', 'help');
    const secret = await passOn('13700000068', 'report');
    const clerk = await scene.desk('clerk-renshe');
    const { calls } = await shared(clerk);
    expect(calls.find(({ callId }) => callId === open)).toMatchObject({
      masked: '137****0067',
      via: 'transfer',
      reached: true,
      tickets: [{ title: '参保help' }],
    });
    expect(calls.map(({ callId }) => callId)).not.toContain(secret);
    const story = await clerk.ask<SharedStory>('GET', `/parallel/calls/${open}`);
    expect(story.citizen?.openTickets).toMatchObject([{ title: '参保help' }]);
    expect(JSON.stringify(story)).not.toContain('13700000067');
    for (const [name, callId] of [
      ['clerk-renshe', secret],
      ['clerk-jiaotong', open],
      ['clerk-zhujian', open],
    ] as const) {
      const desk = await scene.desk(name);
      expect(await code(desk.ask('GET', `/parallel/calls/${callId}`))).toBe('not-found');
    }
    expect((await shared(await scene.desk('clerk-zhujian'))).calls).toEqual([]);
    expect((await shared(await scene.desk('clerk-jiaotong'))).calls).toEqual([]);
    expect(await code(shared(agent.desk))).toBe('not-allowed');
    const trail = await admin.ask<{ subject: string }[]>('GET', '/audit?action=parallel.view');
    expect(trail.map(({ subject }) => subject)).toEqual([open]);
  }, 60_000);

  it('a call diverted from the line’s exchange is that line’s; the header alone makes nobody an exchange', async () => {
    await agent.desk.ready();
    const diverted = await scene.citizen({ from: '13700000065', diversion: [MARKET.destination] });
    await agent.phone.nextRing();
    expect(await agent.desk.pop()).toMatchObject({
      line: { lineId: MARKET.lineId, matchedBy: 'exchange', matchedNumber: MARKET.destination },
      caller: { masked: '137****0065' },
      handover: { words: expect.stringContaining('市场监管投诉举报热线') as string },
    });
    await diverted.hangUp();
    await agent.desk.seatIs('ready');
    const stranger = await scene.citizen({
      from: '13700000066',
      rawHeaders: [`User-to-User: ${'61'.repeat(36)};encoding=hex`],
    });
    await agent.phone.nextRing();
    expect(await agent.desk.pop()).toMatchObject({ line: { lineId: 'line-12345' }, handover: null });
    await stranger.hangUp();
  }, 40_000);
});
