import type { TicketView } from '../../src/tickets/ticket';
import type { SipAudio } from '../support/sip-audio';
import { Refused } from '../support/desk-client';
import type { Ring } from '../support/sip-seat';
import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (fault: unknown) => (fault instanceof Refused ? fault.body.code : fault),
  );

interface End {
  audio: SipAudio;
  hears(other: SipAudio | SipAudio[]): Promise<void>;
}

/** Everybody hears all the others, mixed. */
async function together(...ends: End[]): Promise<void> {
  await Promise.all(
    ends.map((end) => end.hears(ends.filter((other) => other !== end).map(({ audio }) => audio))),
  );
}

/** This end does not hear that voice for a while. */
async function deaf(end: { audio: SipAudio }, other: { audio: SipAudio }): Promise<void> {
  await until('the voice has died away', async () => {
    const before = end.audio.count(other.audio.voice);
    await pass(200);
    return end.audio.count(other.audio.voice) === before;
  });
}

/** Consult, transfer, three-way, emergency, outbound and rescue, heard from all ends on the real Asterisk. */
describe('more than two in a call', () => {
  let scene: Scene;
  let first: Agent;
  let second: Agent;
  const unit = '03552099001';
  beforeAll(async () => {
    scene = await Scene.open({
      agents: 2,
      env: { HOLD_REMINDER_SECONDS: '5', RESCUE_SECONDS: '8', OUTSIDE_SECONDS: '5' },
    });
    [first, second] = scene.agents as [Agent, Agent];
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const talk = async () => {
    await first.desk.ready();
    const citizen = await scene.citizen({ from: '13700000001' });
    const ring = await first.phone.nextRing();
    const { callId } = await first.desk.pop();
    await ring.answer();
    await together(citizen, ring);
    return { citizen, ring, callId };
  };
  const toSecond = () => ({ kind: 'seat', seatId: second.desk.personId });
  const seatAnswers = async (): Promise<Ring> => {
    const ring = await second.phone.nextRing();
    await ring.answer();
    return ring;
  };
  const outsideAnswers = async (number: string): Promise<Ring> => {
    const ring = await (await scene.outside(number)).nextRing();
    await ring.answer();
    return ring;
  };

  it('consults a seat, comes back, consults again and passes the call on: the other sees why', async () => {
    const { citizen, ring, callId } = await talk();
    await second.desk.ready();
    await first.desk.invite(callId, 'consult', toSecond(), '关于供热退费');
    const pop = await second.desk.pop();
    expect(pop).toMatchObject({ callId, role: 'party', parties: [{ seatId: first.desk.personId }] });
    const other = await seatAnswers();
    await together(ring, other);
    await deaf(ring, citizen);
    expect(
      await first.desk.shows('consulting', (call) => call.parties[0]?.state === 'talking'),
    ).toMatchObject({
      stage: 'held',
    });
    const { legId } = (await first.desk.shows('the party', (call) => call.parties.length === 1)).parties[0]!;
    await first.desk.drop(callId, legId);
    await other.ended();
    await second.desk.seatIs('wrapUp');
    await first.desk.resume(callId);
    await together(citizen, ring);

    await second.desk.seatIs('ready');
    await first.desk.invite(callId, 'consult', toSecond());
    const again = await seatAnswers();
    await together(ring, again);
    await first.desk.leave(callId);
    await ring.ended();
    await together(citizen, again);
    expect(await second.desk.shows('it owns the call', (call) => call.role === 'owner')).toMatchObject({
      stage: 'talking',
    });
    await first.desk.seatIs('wrapUp');
    await citizen.hangUp();
    const record = await first.desk.record(callId);
    expect(record).toMatchObject({
      outcome: 'answered',
      seats: [first.desk.personId, second.desk.personId],
      transfers: [{ by: first.desk.personId, seatId: second.desk.personId }],
      parties: [{ purpose: 'consult' }, { purpose: 'consult' }],
    });
    expect(record.talks.map(({ seatId }) => seatId)).toEqual(record.seats);
    expect(record.holdMs).toBeGreaterThan(0);
  }, 40_000);

  it('passes a call on blind: to a seat, which may not answer, and to a queue, where it keeps its place', async () => {
    const { citizen, ring, callId } = await talk();
    expect(await code(first.desk.invite(callId, 'transfer', toSecond()))).toBe('wrong-state');
    await second.desk.ready();
    await first.desk.invite(callId, 'transfer', toSecond(), '请接着办');
    await ring.ended();
    await second.phone.nextRing();
    expect(await second.desk.pop()).toMatchObject({
      callId,
      role: 'owner',
      handover: { fromName: expect.any(String) as string, words: '请接着办' },
    });
    // Not taken: RONA, and the citizen waits again; the first agent is free once more.
    await second.desk.seatIs('rona', 6000);
    await first.desk.ready();
    const back = await first.phone.nextRing();
    await back.answer();
    await together(citizen, back);

    await second.desk.ready();
    await first.desk.invite(callId, 'transfer', { kind: 'queue', queue: 'general' }, '换一位同事');
    const taken = await second.phone.nextRing();
    expect(await second.desk.pop()).toMatchObject({ callId, handover: { words: '换一位同事' } });
    await taken.answer();
    await together(citizen, taken);
    await taken.hangUp();
    await citizen.ended();
    expect((await second.desk.record(callId)).transfers).toMatchObject([
      { seatId: second.desk.personId },
      { queue: 'general' },
    ]);
  }, 40_000);

  it('holds a three-way call with a unit outside; the agent leaves the two talking', async () => {
    const { citizen, ring, callId } = await talk();
    await first.desk.invite(callId, 'threeWay', { kind: 'number', number: unit, name: '城管局' });
    const unitEnd = await outsideAnswers(unit);
    // The carrier sees the hotline's number.
    expect(unitEnd.invite).toMatch(/^From:.*sip:12345@/m);
    await together(citizen, ring, unitEnd);
    await first.desk.leave(callId);
    await ring.ended();
    await together(citizen, unitEnd);
    await first.desk.seatIs('wrapUp');
    await unitEnd.hangUp();
    await citizen.ended();
    expect(await first.desk.record(callId)).toMatchObject({
      parties: [{ name: '城管局', purpose: 'threeWay', number: expect.stringContaining('***') as string }],
      transfers: [{ to: '城管局' }],
    });
    // The work order notes it, for the unit too; a confidential one's unit learns nothing of the call.
    const clerk = await scene.desk('clerk-gongshui');
    const open = async (confidential: boolean) => {
      const body = {
        ...{ callId, type: 'complaint', categoryCode: 'GY-01', title: '停水', content: '小区停水。' },
        ...{ unitId: 'util-gongshui', confidential },
      };
      const key = { 'idempotency-key': `${callId}-${confidential}` };
      const { ticketId } = await first.desk.ask<TicketView>('POST', '/tickets', body, key);
      const seen = ({ calledIn }: TicketView) => calledIn.map(({ purpose, name }) => [purpose, name]);
      return {
        agent: seen(await first.desk.ask('GET', `/tickets/${ticketId}`)),
        unit: seen(await clerk.ask('GET', `/tickets/${ticketId}`)),
      };
    };
    const noted = [
      ['threeWay', '城管局'],
      ['transfer', '城管局'],
    ];
    expect(await open(false)).toEqual({ agent: noted, unit: noted });
    expect(await open(true)).toEqual({ agent: noted, unit: [] });
  }, 30_000);

  it('anyone may leave: the citizen goes, agent and unit talk on; the unit goes, the talk is over', async () => {
    const { citizen, ring, callId } = await talk();
    await first.desk.invite(callId, 'threeWay', { kind: 'number', number: unit, name: '' });
    const unitEnd = await outsideAnswers(unit);
    await together(citizen, ring, unitEnd);
    await citizen.hangUp();
    await together(ring, unitEnd);
    expect(await first.desk.shows('the citizen has left', (call) => call.citizen === 'gone')).toBeTruthy();
    await unitEnd.hangUp();
    await ring.ended();
    expect(await first.desk.record(callId)).toMatchObject({ endedBy: 'system', outcome: 'answered' });
  }, 30_000);

  it('connects an emergency at once by one key, recorded as such; the agent leaves when 110 has taken over', async () => {
    const { citizen, ring, callId } = await talk();
    await first.desk.invite(callId, 'threeWay', { kind: 'emergency', number: '110' });
    const police = await outsideAnswers('110');
    await together(citizen, ring, police);
    await first.desk.leave(callId);
    await together(citizen, police);
    await citizen.hangUp();
    await police.ended();
    expect(await first.desk.record(callId)).toMatchObject({
      emergency: true,
      parties: [{ emergency: true, number: '110' }],
    });
  }, 30_000);

  it('a number outside that is busy or does not answer leaves the citizen with the agent; refused ones are not dialled', async () => {
    const { citizen, ring, callId } = await talk();
    const phone = await scene.outside(unit);
    await first.desk.invite(callId, 'consult', { kind: 'number', number: unit, name: '' });
    await (await phone.nextRing()).busy();
    await first.desk.shows('nobody is rung', (call) => call.stage === 'held' && call.parties.length === 0);
    await first.desk.resume(callId);
    await together(citizen, ring);
    for (const number of ['0014155550100', '16812345', '13800000000;ext=1', 'sip:x@evil', '100\r\nX: y'])
      expect(await code(first.desk.invite(callId, 'consult', { kind: 'number', number, name: '' }))).toMatch(
        /not-allowed|invalid-input/,
      );
    await first.desk.invite(callId, 'transfer', { kind: 'number', number: unit, name: '' });
    const silent = await phone.nextRing();
    await ring.ended();
    // Not answered within OUTSIDE_SECONDS: the citizen waits for a seat again, in front.
    await silent.ended(8000);
    await first.desk.ready();
    const back = await first.phone.nextRing();
    await back.answer();
    await together(citizen, back);
  }, 40_000);

  it('reminds the agent of a citizen on hold', async () => {
    const { callId } = await talk();
    await first.desk.hold(callId);
    const reminder = await first.desk.fed('a reminder', (entry) => entry.kind === 'reminder', 8000);
    expect(reminder).toMatchObject({ callId, reminder: 'hold' });
  }, 20_000);

  it('calls out: the own phone first, then the citizen, who sees the hotline; busy ends it, and the seat is as before', async () => {
    await first.desk.notReady('paperwork');
    expect(await code(first.desk.callOut({ kind: 'number', number: '0014155550100' }))).toBe('not-allowed');
    const callId = await first.desk.callOut({ kind: 'number', number: '13900001111' });
    const own = await first.phone.nextRing();
    await own.answer();
    const citizen = await outsideAnswers('13900001111');
    expect(citizen.invite).toMatch(/^From:.*sip:12345@/m);
    await together(own, citizen);
    expect(await first.desk.shows('the talk', (call) => call.citizen === 'up')).toMatchObject({
      direction: 'outbound',
      caller: { masked: '139****1111' },
    });
    await citizen.hangUp();
    await own.ended();
    await first.desk.seatIs('notReady', 6000);
    expect(await first.desk.record(callId)).toMatchObject({ direction: 'outbound', outcome: 'answered' });

    const again = await first.desk.callOut({ kind: 'call', callId });
    await (await first.phone.nextRing()).answer();
    await (await (await scene.outside('13900001111')).nextRing()).busy();
    await first.desk.seatIs('notReady', 6000);
    expect(await first.desk.record(again)).toMatchObject({ outcome: 'not-reached', talks: [] });
  }, 40_000);

  it('calls the citizen of a work order, whose number nobody needs to see', async () => {
    const { citizen, callId } = await talk();
    const body = {
      callId,
      type: 'complaint',
      categoryCode: 'GY-01',
      title: '停水',
      content: '停水。',
      address: '英雄南路18号',
      citizenName: '张三',
      unitId: 'util-gongshui',
    };
    const key = { 'idempotency-key': `order-${callId}` };
    const { ticketId } = await first.desk.ask<TicketView>('POST', '/tickets', body, key);
    await citizen.hangUp();
    await first.desk.seatIs('ready');
    const back = await first.desk.callOut({ kind: 'ticket', ticketId });
    const own = await first.phone.nextRing();
    await own.answer();
    const called = await outsideAnswers('13700000001');
    expect(called.invite).toMatch(/^From:.*sip:12345@/m);
    await together(own, called);
    await called.hangUp();
    expect(await first.desk.record(back)).toMatchObject({ direction: 'outbound', about: { ticketId } });
  }, 30_000);

  it('rings a seat whose page was loaded anew again; the citizen is told, and goes on with the same agent', async () => {
    const { citizen, ring, callId } = await talk();
    await first.desk.rejoin(callId);
    await ring.ended();
    await first.desk.shows('the phone is lost', (call) => call.lost);
    const heard = citizen.audio.count('other');
    const back = await first.phone.nextRing(6000);
    expect(citizen.audio.count('other')).toBeGreaterThan(heard);
    await back.answer();
    await together(citizen, back);
    expect((await first.desk.record(callId, () => true)).seats).toEqual([first.desk.personId]);
    // Lost again and not taken: to the front of the queue, the next seat takes it.
    await second.desk.ready();
    await first.desk.rejoin(callId);
    const unwanted = await first.phone.nextRing(6000);
    await unwanted.decline();
    const other = await second.phone.nextRing(6000);
    await other.answer();
    await together(citizen, other);
    expect(await first.desk.seatIs('notReady')).toMatchObject({ notReadyReason: 'phoneLost' });
  }, 40_000);

  it('goes on in a consultation after the service was killed', async () => {
    const { citizen, ring, callId } = await talk();
    await second.desk.ready();
    await first.desk.invite(callId, 'consult', toSecond());
    const other = await seatAnswers();
    await together(ring, other);
    await scene.service.kill9();
    await together(ring, other);
    await scene.restartService();
    await first.desk.leave(callId);
    await together(citizen, other);
    await citizen.hangUp();
    expect(await second.desk.record(callId)).toMatchObject({
      seats: [first.desk.personId, second.desk.personId],
      outcome: 'answered',
    });
  }, 60_000);
});
