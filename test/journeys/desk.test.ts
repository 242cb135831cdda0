import type { TicketView } from '../../src/tickets/ticket';
import { Refused } from '../support/desk-client';
import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (fault: unknown) => (fault instanceof Refused ? fault.body.code : fault),
  );

/** What an agent does with a call at the desk, heard and seen from both ends. */
describe('a talk at the desk', () => {
  let scene: Scene;
  let agent: Agent;
  let other: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 2, env: { WRAP_UP_SECONDS: '2' } });
    [agent, other] = scene.agents as [Agent, Agent];
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const talk = async (from = '13700000001') => {
    await agent.desk.ready();
    const citizen = await scene.citizen({ from });
    const ring = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await ring.answer();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    return { citizen, ring, callId };
  };

  it('hold, resume, mute and hang up by the API', async () => {
    const { citizen, ring, callId } = await talk();
    const stage = (name: string) =>
      agent.desk.fed(name, (entry) => entry.kind === 'call' && entry.call.stage === name);

    await agent.desk.hold(callId);
    await stage('held');
    const music = citizen.audio.count('other');
    await until('the citizen hears music', () => citizen.audio.count('other') > music + 20);
    const [seatHeard, citizenHeard] = [
      ring.audio.count(citizen.audio.voice),
      citizen.audio.count(ring.audio.voice),
    ];
    await pass(300);
    expect(ring.audio.count(citizen.audio.voice)).toBe(seatHeard);
    expect(citizen.audio.count(ring.audio.voice)).toBe(citizenHeard);

    await agent.desk.resume(callId);
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);

    await agent.desk.mute(callId, true);
    await until('the citizen does not hear the agent', async () => {
      const before = citizen.audio.count(ring.audio.voice);
      await pass(150);
      return citizen.audio.count(ring.audio.voice) === before;
    });
    await ring.hears(citizen.audio);
    await agent.desk.mute(callId, false);
    await citizen.hears(ring.audio);

    expect(await refusal(other.desk.hangUp(callId))).toBe('wrong-state');
    expect(await refusal(agent.desk.leaveSeat())).toBe('wrong-state');
    await agent.desk.hangUp(callId);
    await Promise.all([citizen.ended(), ring.ended()]);
    expect([citizen.result, ring.result]).toEqual(['was-hung-up', 'was-hung-up']);
    await agent.desk.seatIs('wrapUp');
    const record = await agent.desk.record(callId, (each) => each.wrapUpEndedAt !== null);
    expect(record).toMatchObject({ endedBy: 'seat', outcome: 'answered' });
    expect(record.holdMs).toBeGreaterThan(500);
    expect(record.talkMs).toBeGreaterThan(record.holdMs);
    // Wrap-up ended by itself.
    expect(record.wrapUpMs).toBeGreaterThan(1900);
    expect(record.wrapUpMs).toBeLessThan(4500);
    expect((await agent.desk.seat())?.state).toBe('ready');
  }, 40_000);

  it('goes to not ready after the call when the agent wished so in it, and ends wrap-up on demand', async () => {
    const { citizen } = await talk();
    expect(await agent.desk.notReady('meal')).toMatchObject({ state: 'talking', notReadyNext: 'meal' });
    await citizen.hangUp();
    await agent.desk.seatIs('wrapUp');
    await agent.desk.ask('POST', '/desk/seat/wrap-up-done');
    expect(await agent.desk.seat()).toMatchObject({ state: 'notReady', notReadyReason: 'meal' });
    const next = await scene.citizen({ from: '13700000009' });
    await next.answered();
    await pass(1500);
    expect(agent.phone.rings.at(-1)?.inviteAt).toBeLessThan(next.inviteAt);
  }, 30_000);

  it('opens a work order from the call: stored, in the unit’s inbox, with its due date', async () => {
    const { citizen, callId } = await talk('13700000077');
    const clerk = await scene.desk('clerk-gongshui');
    const body = {
      callId,
      type: 'complaint',
      categoryCode: 'GY-01',
      title: '停水',
      content: '英雄南路小区自昨晚停水。',
      address: '英雄南路18号',
      citizenName: '张三',
      unitId: 'util-gongshui',
    };
    const key = { 'idempotency-key': `journey-${callId}` };
    const ticket = await agent.desk.ask<TicketView>('POST', '/tickets', body, key);
    const twice = await agent.desk.ask<TicketView>('POST', '/tickets', body, key);
    expect(twice.ticketId).toBe(ticket.ticketId);
    expect(ticket).toMatchObject({
      state: 'dispatched',
      callId,
      unitId: 'util-gongshui',
      lineName: expect.stringContaining('12345'),
    });
    expect(ticket.dueAt).not.toBeNull();
    expect(Date.parse(ticket.dueAt ?? '')).toBeGreaterThan(Date.now());
    expect(ticket.dueWhy).toMatch(/T1|T4|工作日/);
    const inbox = await until('the unit’s inbox has it', async () => {
      const page = await clerk.ask<{ items: { ticketId: string; kind: string }[] }>('GET', '/inbox');
      return page.items.find((each) => each.ticketId === ticket.ticketId);
    });
    expect(inbox.kind).toBe('dispatched');
    const seen = await clerk.ask<TicketView>('GET', `/tickets/${ticket.ticketId}`);
    expect(seen.dueAt).toBe(ticket.dueAt);
    await citizen.hangUp();
    const mine = await until('my last calls name the work order', async () => {
      const { calls } = await agent.desk.ask<{ calls: { callId: string; ticketNumbers: string[] }[] }>(
        'GET',
        '/desk/calls',
      );
      return calls.find((each) => each.callId === callId && each.ticketNumbers.length > 0);
    });
    expect(mine.ticketNumbers).toEqual([ticket.number]);

    // The same citizen calls again: the pop tells the story.
    await agent.desk.seatIs('ready');
    await scene.citizen({ from: '13700000077' });
    const pop = await agent.desk.pop();
    const story = await agent.desk.fed(
      'the story',
      (entry) => entry.kind === 'story' && entry.story.callId === pop.callId,
    );
    expect(story).toMatchObject({
      story: {
        citizen: { name: '张三' },
        lastCalls: [expect.objectContaining({ callId, answered: true })],
        openTickets: [expect.objectContaining({ number: ticket.number })],
      },
    });
  }, 40_000);

  it('an agent in a talk is ended only when that is confirmed; the talk itself goes on', async () => {
    const [leaver] = (await scene.addAgents(1)) as [Agent];
    await leaver.desk.ready();
    const citizen = await scene.citizen({ from: '13700000009' });
    const ring = await leaver.phone.nextRing();
    await ring.answer();
    await leaver.desk.seatIs('talking');
    const admin = await scene.desk('admin');
    const people = await admin.ask<{ personId: string; version: number }[]>('GET', '/people');
    const version = people.find(({ personId }) => personId === leaver.desk.personId)?.version;
    const end = (confirmed: boolean) =>
      admin.ask('POST', `/people/${leaver.desk.personId}/end`, { version, confirmed });
    await expect(end(false)).rejects.toThrow(/409.*正在进行的通话 1 项.*确认停用/);
    expect((await leaver.desk.seat())?.state).toBe('talking');
    await end(true);
    await expect(leaver.desk.seat()).rejects.toThrow(/401/);
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    await citizen.hangUp();
    await ring.ended();
    const seats = async () => (await admin.ask<{ seats: { seatId: string }[] }>('GET', '/seats')).seats;
    await until(
      'the seat is taken',
      async () => (await seats()).every(({ seatId }) => seatId !== leaver.desk.personId),
      15_000,
    );
    scene.agents.pop();
  }, 60_000);
});
