import { Refused } from '../support/desk-client';
import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (fault: unknown) => (fault instanceof Refused ? fault.body.code : fault),
  );

/** Who goes first and who gets it, on the real Asterisk; the ladder itself is in test/pure/routing.test.ts. */
describe('who goes first, who gets it', () => {
  let scene: Scene;
  let one: Agent;
  let two: Agent;
  let three: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 3, env: { LAST_AGENT_SECONDS: '4', WRAP_UP_SECONDS: '0' } });
    [one, two, three] = scene.agents as [Agent, Agent, Agent];
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  /** A call that this agent takes; hung up by the citizen unless it is to go on. */
  const talk = async (agent: Agent, from: string, goOn = false) => {
    const citizen = await scene.citizen({ from });
    const ring = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await ring.answer();
    await citizen.hears(ring.audio);
    if (goOn) return { citizen, callId };
    await citizen.hangUp();
    await agent.desk.seatIs('ready');
    await agent.desk.record(callId);
    return { citizen, callId };
  };

  it('a repeated caller gets his last agent first, also after the service was killed; busy, he is waited for a short while', async () => {
    const again = '13700000071';
    await one.desk.ready();
    await talk(one, again);
    await two.desk.ready();
    const { callId } = await talk(one, again);
    const record = await one.desk.record(callId);
    expect(record).toMatchObject({ priority: 1, priorityWhy: '24小时内再次来电+1' });
    expect(record.rings[0]!.reason).toMatchObject({
      rule: 'last-agent',
      words: expect.stringMatching(/上次接听.*24小时内再次来电/) as string,
      passedOver: expect.arrayContaining([
        { seatId: two.desk.personId, why: '让上次接听的坐席优先' },
      ]) as unknown,
    });

    await scene.service.kill9();
    await scene.restartService();
    await one.desk.seatIs('ready');
    await two.desk.seatIs('ready');
    await talk(one, again);

    // Busy with somebody else: the second seat is free, but has the call only when the short while is over.
    await two.desk.notReady();
    await talk(one, '13700000072', true);
    await two.desk.ready();
    const third = await scene.citizen({ from: again });
    const ring = await two.phone.nextRing(9000);
    expect(ring.inviteAt - third.inviteAt).toBeGreaterThan(3500);
    const late = await two.desk.pop();
    await ring.answer();
    await third.hears(ring.audio);
    await third.hangUp();
    const { rings } = await two.desk.record(late.callId);
    expect(rings[0]!.reason.passedOver).toContainEqual({
      seatId: one.desk.personId,
      why: '上次接听的坐席，状态：talking',
    });
  }, 90_000);

  it('who called in vain, and who waits for something urgent, goes before an ordinary caller', async () => {
    const urgent = '13700000081';
    await one.desk.ready();
    const { callId } = await talk(one, urgent, true);
    const matter = { type: 'help', urgency: 'urgent', categoryCode: 'GY-01', title: '停水', content: '停水' };
    await one.desk.ask('POST', '/tickets', { ...matter, callId }, { 'Idempotency-Key': callId });
    await one.desk.hangUp(callId);
    await one.desk.seatIs('ready');
    await one.desk.notReady();

    const vain = '13700000082';
    await (await scene.citizen({ from: vain })).hangUp();
    const supervisor = await scene.desk('supervisor');
    const waiting = (count: number) =>
      until(`${count} wait`, async () => {
        const { queues } = await supervisor.ask<{ queues: { queue: string; waiting: number }[] }>(
          'GET',
          '/queues',
        );
        return queues.find(({ queue }) => queue === 'general')?.waiting === count;
      });
    await waiting(0);
    await scene.citizen({ from: '13700000083' });
    await waiting(1);
    await scene.citizen({ from: vain });
    await waiting(2);
    await scene.citizen({ from: urgent });
    await waiting(3);
    await two.desk.ready();
    const order: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const ring = await two.phone.nextRing();
      const pop = await two.desk.pop();
      order.push(pop.offerReason.replace(/^.*优先级/, ''));
      await ring.answer();
      await two.desk.seatIs('talking');
      await two.desk.hangUp(pop.callId);
      await ring.ended();
    }
    expect(order.slice(0, 2)).toEqual([
      '4：有未办结的紧急工单+3，24小时内再次来电+1',
      '1：24小时内再次来电（上次未接通）+1',
    ]);
    expect(order[2]).not.toContain('：');
  }, 60_000);

  it('skills relax with waiting time', async () => {
    const admin = await scene.desk('admin');
    const queue = { name: '企业服务', skill: 'enterprise', relax: [{ afterSeconds: 3, skill: 'general' }] };
    await admin.ask('PUT', '/queues/enterprise', queue);
    await one.desk.ready();
    const firm = await scene.citizen({ to: '12366' });
    const ring = await one.phone.nextRing(8000);
    expect(ring.inviteAt - firm.inviteAt).toBeGreaterThan(2900);
    const { callId, offerReason } = await one.desk.pop();
    expect(offerReason).toMatch(/等待满3秒后放宽到「general」/);
    await ring.answer();
    await firm.hears(ring.audio);
    await firm.hangUp();
    expect((await one.desk.record(callId)).rings[0]!.reason.rule).toBe('relaxed');
    const wrong = { ...queue, relax: [{ afterSeconds: 0, skill: 'a b' }] };
    expect(await code(admin.ask('PUT', '/queues/enterprise', wrong))).toBe('invalid-input');
  }, 40_000);

  it('a leader on shift gets the calls of the shift first, and no others; called off, he is a seat like any other', async () => {
    const supervisor = await scene.desk('supervisor');
    const hour = 3_600_000;
    const shift = {
      title: '住建局长接听日',
      personId: three.desk.personId,
      from: new Date(Date.now() - hour).toISOString(),
      until: new Date(Date.now() + hour).toISOString(),
      lineId: 'line-12319',
      queue: null,
    };
    const post = (body: object) => supervisor.ask<{ shiftId: string }>('POST', '/leader-shifts', body);
    for (const change of [
      { personId: 'nobody' },
      { lineId: 'line-x' },
      { lineId: null },
      { until: shift.from },
      { until: new Date(Date.now() - 1000).toISOString() },
    ])
      expect(await code(post({ ...shift, ...change }))).toBe('invalid-input');
    expect(await code(one.desk.ask('POST', '/leader-shifts', shift))).toBe('not-allowed');
    const { shiftId } = await post(shift);

    await two.desk.ready();
    await three.desk.ready();
    await scene.citizen({ to: '12319' });
    const ring = await three.phone.nextRing();
    const { callId, offerReason } = await three.desk.pop();
    expect(offerReason).toMatch(/^领导接听：住建局长接听日/);
    await ring.answer();
    await three.desk.seatIs('talking');
    await three.desk.hangUp(callId);
    await three.desk.seatIs('ready');
    await two.desk.notReady();
    const other = await scene.citizen({ to: '12345' });
    await pass(1500);
    expect(three.phone.rings).toHaveLength(1);
    await supervisor.ask('DELETE', `/leader-shifts/${shiftId}?version=1`);
    await three.phone.nextRing();
    await other.hangUp();
    const admin = await scene.desk('admin');
    const trail = await admin.ask<{ action: string }[]>('GET', '/audit?limit=50');
    const actions = trail.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['leader-shift.create', 'leader-shift.cancel']));
  }, 60_000);
});
