import type { CallbackView } from '../../src/calls/callback-view';
import type { DeskClient } from '../support/desk-client';
import { heardOf } from '../support/sip-prompt';
import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

/** 漏接回拨 on the real Asterisk: the citizen's telephone stands behind the carrier's trunk. */
describe('called back', () => {
  let scene: Scene;
  let agent: Agent;
  let supervisor: DeskClient;
  beforeAll(async () => {
    scene = await Scene.open({
      agents: 1,
      env: {
        ...{ CALLBACKS: 'true', CALLBACK_QUIET_HOURS: 'none', CALLBACK_SHORTEST_SECONDS: '1' },
        ...{ CALLBACK_AFTER_SECONDS: '0', CALLBACK_RETRY_SECONDS: '1', CALLBACK_ATTEMPTS: '3' },
        ...{ WAITING_CHOICE: 'true', RECORDED_NOTICE: 'true', OUTSIDE_SECONDS: '5' },
      },
    });
    [agent] = scene.agents as [Agent];
    supervisor = await scene.desk('supervisor');
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const list = async () =>
    (await supervisor.ask<{ callbacks: CallbackView[] }>('GET', '/callbacks')).callbacks;
  /** The newest callback, once it is as wanted; each test owes one of its own. */
  const newest = (what: string, satisfies: (callback: CallbackView) => boolean, limitMs = 8000) => {
    let last: CallbackView | undefined;
    return until(
      `the callback is ${what}`,
      async () => ((last = (await list())[0]) && satisfies(last) ? last : null),
      limitMs,
      () => JSON.stringify(last),
    );
  };
  const abandoned = async (from: string) => {
    const citizen = await scene.citizen({ from });
    await citizen.answered();
    await pass(1500);
    await citizen.hangUp();
    return newest('owed', ({ state, settledAt }) => state === 'owed' && settledAt === null);
  };

  it('an abandoned call is owed; a free seat rings, then the citizen, who hears who calls, the notice, and the agent', async () => {
    const number = '13800000001';
    const owed = await abandoned(number);
    const phone = await scene.outside(number);
    await pass(2500);
    expect(phone.rings).toHaveLength(0);
    await agent.desk.ready();
    const ring = await agent.phone.nextRing(8000);
    const pop = await agent.desk.pop();
    expect(pop).toMatchObject({
      direction: 'callback',
      about: { callbackId: owed.callbackId },
      citizen: 'toDial',
    });
    const story = await agent.desk.fed('the earlier call', ({ kind }) => kind === 'story');
    expect(story).toMatchObject({ story: { lastCalls: [{ answered: false }] } });
    expect(phone.rings).toHaveLength(0);
    await ring.answer();
    const called = await phone.nextRing();
    expect(called.invite).toMatch(/^From:.*sip:12345@/m);
    await called.answer();
    await called.hears(ring.audio, 5, 20_000);
    for (const sound of ['callback-greeting', 'notice-recorded'])
      expect(heardOf(called.audio, sound)).toBeGreaterThan(0.9);
    await ring.hears(called.audio);
    await ring.hangUp();
    await called.ended();
    const done = await newest('done', ({ state }) => state === 'done');
    expect(done).toMatchObject({
      callbackId: owed.callbackId,
      attempts: 0,
      inTime: true,
      seatName: expect.any(String),
    });
    const one = await supervisor.ask<{ attempts: object[]; missed: object[] }>(
      'GET',
      `/callbacks/${done.callbackId}`,
    );
    expect(one).toMatchObject({ missed: [{ outcome: 'abandoned' }], attempts: [{ result: '已接通' }] });
  }, 60_000);

  it('busy, then no answer, then reached: dialled again each time; the agent is told nothing of it twice', async () => {
    const number = '13800000002';
    await abandoned(number);
    const phone = await scene.outside(number);
    await agent.desk.ready();
    const first = await agent.phone.nextRing(8000);
    await first.answer();
    await (await phone.nextRing()).busy();
    await first.ended();
    await newest('tried once', ({ state, attempts }) => state === 'owed' && attempts === 1);
    const second = await agent.phone.nextRing(12_000);
    await second.answer();
    const unanswered = await phone.nextRing();
    await unanswered.ended(20_000);
    expect(unanswered.result).toBe('cancelled');
    await second.ended();
    await newest('tried twice', ({ attempts }) => attempts === 2);
    const third = await agent.phone.nextRing(15_000);
    await third.answer();
    const called = await phone.nextRing();
    await called.answer();
    await called.hears(third.audio, 5, 20_000);
    await called.hangUp();
    expect(await newest('done', ({ state }) => state === 'done')).toMatchObject({ attempts: 2 });
    const { attempts } = await supervisor.ask<{ attempts: { result: string }[] }>(
      'GET',
      `/callbacks/${(await list())[0]?.callbackId}`,
    );
    expect(attempts.map(({ result }) => result)).toEqual(['诉求人忙', '无人接听', '已接通']);
  }, 90_000);

  it('key 1 keeps the place before whoever called later, also over the death of the service', async () => {
    const number = '13800000003';
    const first = await scene.citizen({ from: number });
    await until('the offer is heard', () => heardOf(first.audio, 'callback-offer') > 0.9, 25_000);
    const later = await scene.citizen({ from: '13800000004' });
    await later.answered();
    await first.audio.press('1');
    await first.ended(15_000);
    expect(heardOf(first.audio, 'callback-confirmed')).toBeGreaterThan(0.9);
    await newest('queued', ({ state, asked }) => asked && state === 'queued');
    await scene.service.kill9();
    await scene.restartService();
    await newest('queued again', ({ state, asked }) => asked && state === 'queued', 20_000);
    const phone = await scene.outside(number);
    await agent.desk.ready();
    const ring = await agent.phone.nextRing(8000);
    await ring.answer();
    const called = await phone.nextRing();
    expect(later.over).toBe(false);
    await called.answer();
    await called.hears(ring.audio, 5, 20_000);
    await called.hangUp();
    const next = await agent.phone.nextRing(8000);
    await next.answer();
    await next.hears(later.audio);
  }, 90_000);

  it('a citizen who calls in again and is served is owed nothing', async () => {
    const number = '13800000005';
    await abandoned(number);
    const again = await scene.citizen({ from: number });
    await again.answered();
    await agent.desk.ready();
    const ring = await agent.phone.nextRing(8000);
    expect(await agent.desk.pop()).toMatchObject({ direction: 'inbound' });
    await ring.answer();
    await again.hears(ring.audio, 5, 15_000);
    await again.hangUp();
    expect(await newest('cancelled', ({ state }) => state === 'cancelled')).toMatchObject({
      why: '诉求人再次来电，已接听',
    });
    expect((await scene.outside(number)).rings).toHaveLength(0);
  }, 60_000);
});
