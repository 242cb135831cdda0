import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { evaluationView } from '../../src/evaluation/evaluation-view';
import { surveyAnswer } from '../../src/evaluation/survey';
import { evaluationDesk } from '../support/evaluation-desk';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const other = person('agent', { personId: 'agent-2', name: '李坐席' });
const supervisor = person('supervisor', { name: '赵班长' });
const start = cityInstant('2026-11-02', '10:00');
const clock = new SetClock(start);
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof evaluationDesk>;
let strict: ReturnType<typeof evaluationDesk>;

beforeAll(async () => {
  database = await freshDatabase();
  const servers = { postgresUrl: database.url, redisUrl: testServers().redisUrl, clock };
  desk = evaluationDesk(servers);
  strict = evaluationDesk({ ...servers, answeredPercent: 0, publicRequests: 3 });
  await desk
    .db('units')
    .insert({ unit_id: 'util-gongshui', name: '市供水公司', kind: 'public-utility', area_code: 'city' });
  await seedDemoCategories(desk.db);
});
afterAll(async () => {
  await desk.stop();
  await strict.stop();
  await database.drop();
});
beforeEach(() => clock.set(start));

const taskOf = async (ticketId: string) => (await desk.followUpStore.ofTicket(ticketId)).at(-1)!;
const resultsOf = (ticketId: string) => desk.store.list({ ticketId }, null, 50);
const inboxOf = (ticketId: string, kind: string) =>
  desk.db('unit_inbox').where({ ticket_id: ticketId, kind }).select('unit_id', 'words');
const tokenOf = (ticketId: string) => desk.invited.filter((one) => one.ticketId === ticketId).at(-1)!.token;
const said = (answer: object) => surveyAnswer.parse({ level: 5, solved: true, ...answer });

describe('a follow-up task', () => {
  it('is made with the conclusion, due by working hours, with a link for the citizen', async () => {
    const { ticketId } = await desk.concluded();
    const task = await taskOf(ticketId);
    expect(task).toMatchObject({ state: 'open', round: 1, cause: 'checked', version: 1 });
    expect(cityWords(task.due_at!)).toBe('2026年11月4日 10:00');
    expect(desk.invited.filter((one) => one.ticketId === ticketId)).toHaveLength(1);
    const stored = await desk.db('survey_links').where({ ticket_id: ticketId }).first();
    expect(JSON.stringify(stored)).not.toContain(tokenOf(ticketId));
  });

  it('is not made when the conclusion is refused', async () => {
    const { ticketId } = await desk.concluded();
    await expect(desk.act('check', ticketId, 0, { words: '' }, agent)).rejects.toMatchObject({
      code: 'wrong-state',
    });
    expect(await desk.followUpStore.ofTicket(ticketId)).toHaveLength(1);
  });

  it('is made for a direct answer by the share set', async () => {
    for (const [one, tasks] of [
      [desk, 1],
      [strict, 0],
    ] as const) {
      const { ticketId } = await one.tickets.open(aTicket({ type: 'consultation', callId: 'call-1' }), agent);
      await one.act('answer', ticketId, 0, { answer: '请拨打供水公司电话', articleId: null }, agent);
      expect(await one.followUpStore.ofTicket(ticketId)).toHaveLength(tasks);
    }
  });

  it('does not hold up a conclusion that the calendar does not reach', async () => {
    const { ticketId } = await desk.tickets.open(aTicket({ type: 'consultation' }), agent);
    clock.set(cityInstant('2026-12-31', '17:00'));
    await desk.act('answer', ticketId, 0, { answer: '已答复', articleId: null }, agent);
    expect((await taskOf(ticketId)).due_at).toBeNull();
  });

  it('belongs to whoever claims it; a supervisor may release it', async () => {
    const { ticketId } = await desk.concluded();
    const { follow_up_id: id } = await taskOf(ticketId);
    const claims = await Promise.allSettled([agent, other].map((who) => desk.followUps.claim(id, 1, who)));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const mine = (await taskOf(ticketId)).taken_by;
    const [owner, stranger] = mine === agent.personId ? [agent, other] : [other, agent];
    await expect(desk.followUps.release(id, 2, stranger)).rejects.toMatchObject({ code: 'wrong-state' });
    await expect(desk.record(ticketId, {}, stranger)).rejects.toMatchObject({ code: 'wrong-state' });
    await expect(desk.followUps.release(id, 1, owner)).rejects.toMatchObject({ code: 'stale-version' });
    await desk.followUps.release(id, 2, supervisor);
    expect(await taskOf(ticketId)).toMatchObject({ state: 'open', taken_by: null, version: 3 });
    const trail = await desk.db('audit').where({ subject: ticketId, action: 'follow-up.claim' });
    expect(trail).toHaveLength(1);
  });

  it('is tried until it has failed as often as set, one timeline row each', async () => {
    const { ticketId } = await desk.concluded();
    const { follow_up_id: id } = await taskOf(ticketId);
    const nextAt = cityInstant('2026-11-03', '09:00');
    const try_ = async (outcome: 'unreachable' | 'later', at: Date | null = null) =>
      desk.followUps.attempt(
        id,
        (await taskOf(ticketId)).version,
        { outcome, words: '', nextAt: at, callId: null },
        agent,
      );
    await try_('unreachable');
    await try_('later', nextAt);
    expect(await taskOf(ticketId)).toMatchObject({ state: 'open', attempts: 2, next_at: nextAt });
    await expect(try_('later', start)).rejects.toMatchObject({ code: 'invalid-input' });
    await try_('unreachable');
    expect(await taskOf(ticketId)).toMatchObject({ state: 'done', attempts: 3 });
    expect((await desk.row(ticketId)).state).toBe('followedUp');
    expect(await resultsOf(ticketId)).toMatchObject([{ outcome: 'unreachable', final: true, level: null }]);
    expect((await desk.timelineOf(ticketId)).slice(-3)).toEqual([
      'followUpTried',
      'followUpTried',
      'followedUp',
    ]);
    await expect(try_('unreachable')).rejects.toMatchObject({ code: 'wrong-state' });
  });
});

describe('dissatisfied and reopened (E1)', () => {
  it('goes to the same unit with the redo’s limit, at most as often as set, then to a supervisor', async () => {
    const { ticketId, number } = await desk.concluded();
    for (const round of [1, 2]) {
      const { version } = await desk.row(ticketId);
      await desk.record(ticketId, { level: round === 1 ? 1 : 5, solved: false, advice: '请上门核实' });
      const after = await desk.row(ticketId);
      expect(after).toMatchObject({
        state: 'dispatched',
        reopened: round,
        lead_unit_id: 'unit-a',
        version: version + 1,
      });
      expect(after.due_why).toContain('重办 5 个工作日');
      expect((await taskOf(ticketId)).state).toBe('done');
      clock.set(cityInstant(`2026-11-0${2 + round}`, '10:00'));
      await desk.conclude(ticketId);
      expect(await taskOf(ticketId)).toMatchObject({ state: 'open', round: round + 1 });
    }
    await desk.record(ticketId, { level: 2, solved: false });
    expect((await desk.row(ticketId)).state).toBe('followedUp');
    const results = await resultsOf(ticketId);
    expect(results.map(({ consequence, final, review }) => [consequence, final, review])).toEqual([
      ['supervise', true, 'waiting'],
      ['reopen', false, null],
      ['reopen', false, null],
    ]);
    expect(desk.raised.filter(({ cause }) => cause.words.includes('未解决'))).toHaveLength(3);
    const told = await inboxOf(ticketId, 'reopened');
    expect(told).toHaveLength(2);
    expect(told[0].words).toContain(
      `工单 ${number} 重办：电话回访，非常不满意，未解决。12345意见：请上门核实`,
    );
    expect(desk.messaged.filter((one) => one.number === number).map(({ result }) => result)).toEqual([
      ...['非常不满意，未解决', '非常满意，未解决', '不满意，未解决'],
    ]);
    const [last] = results;
    await desk.evaluations.review(last!.evaluation_id, last!.version, '约谈承办单位', supervisor);
    await expect(desk.evaluations.review(last!.evaluation_id, 2, '再看', supervisor)).rejects.toMatchObject({
      code: 'wrong-state',
    });
    expect((await desk.timelineOf(ticketId)).at(-1)).toBe('evaluationReviewed');
  });

  it('two who record at once: one result, one timeline row', async () => {
    const { ticketId } = await desk.concluded();
    const before = (await desk.timelineOf(ticketId)).length;
    const { version } = await desk.row(ticketId);
    const answer = { level: 1, solved: false } as const;
    const whole = { ...said(answer), firstLevel: null, advice: '', callId: null };
    const both = await Promise.allSettled(
      [agent, other].map((who) => desk.followUps.record(ticketId, version, whole, who)),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'stale-version' },
    });
    expect(await resultsOf(ticketId)).toHaveLength(1);
    expect(await desk.timelineOf(ticketId)).toHaveLength(before + 1);
    expect((await desk.row(ticketId)).reopened).toBe(1);
  });

  it('keeps nothing when the work order cannot be moved', async () => {
    const { ticketId } = await desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
    await expect(desk.record(ticketId)).rejects.toMatchObject({ code: 'wrong-state' });
    expect(await resultsOf(ticketId)).toEqual([]);
  });

  it('a direct answer that did not help comes back to 12345', async () => {
    const { ticketId } = await desk.tickets.open(aTicket({ type: 'consultation' }), agent);
    await desk.act('answer', ticketId, 0, { answer: '请拨打供水公司电话', articleId: null }, agent);
    await desk.record(ticketId, { level: 2, solved: false });
    expect(await desk.row(ticketId)).toMatchObject({ state: 'accepted', reopened: 1, answer: null });
    expect(await resultsOf(ticketId)).toMatchObject([{ unit_id: null, appeal_until: null }]);
  });

  it('reopened for another cause, the task is over', async () => {
    const { ticketId } = await desk.concluded();
    await desk.act('reopen', ticketId, 0, { reason: '诉求人再次来电' }, agent);
    expect((await taskOf(ticketId)).state).toBe('cancelled');
  });
});

it('a matter counts once: the last result, the others are history; silence hides nothing', async () => {
  const { ticketId } = await desk.concluded();
  await desk.record(ticketId, { level: 3, firstLevel: 2 });
  await desk.survey.answer(tokenOf(ticketId), said({ level: 5, words: '谢谢' }), 'a');
  expect(
    (await resultsOf(ticketId)).map(({ level, first_level, final }) => [level, first_level, final]),
  ).toEqual(
    expect.arrayContaining([
      [5, 5, true],
      [3, 2, false],
    ]),
  );
  const bad = await desk.concluded();
  await desk.record(bad.ticketId, { level: 1, solved: false });
  await desk.conclude(bad.ticketId);
  const { follow_up_id, version } = await taskOf(bad.ticketId);
  await desk.followUps.attempt(
    follow_up_id,
    version,
    { outcome: 'refused', words: '', nextAt: null, callId: null },
    agent,
  );
  const results = await resultsOf(bad.ticketId);
  expect(results.filter(({ final }) => final)).toMatchObject([{ outcome: 'evaluated', level: 1 }]);
});

describe('the citizen’s own answer', () => {
  it('is taken once by the link, ten times at once', async () => {
    const { ticketId, number } = await desk.concluded();
    const token = tokenOf(ticketId);
    expect(await desk.survey.show(token, 'a')).toMatchObject({ number, unitName: '单位a', answered: false });
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        desk.survey.answer(token, said({ level: 4, unitContacted: true }), 'a'),
      ),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await resultsOf(ticketId)).toMatchObject([
      { channel: 'sms', level: 4, unit_contacted: true, by_id: null, final: true },
    ]);
    expect((await desk.survey.show(token, 'a')).answered).toBe(true);
    expect((await taskOf(ticketId)).state).toBe('done');
    expect(await inboxOf(ticketId, 'evaluated')).toMatchObject([
      { unit_id: 'unit-a', words: `工单 ${number} 短信评价，满意，已解决` },
    ]);
  });

  it('may come by number and query code instead; both ways are one answer', async () => {
    const { ticketId, number, queryCode } = await desk.concluded();
    const token = await desk.survey.tokenFor(number, queryCode!.toLowerCase(), 'a');
    await desk.survey.answer(token, said({ level: 2 }), 'a');
    expect(await desk.row(ticketId)).toMatchObject({ state: 'dispatched', reopened: 1 });
    for (const used of [token, tokenOf(ticketId)])
      await expect(desk.survey.answer(used, said({}), 'a')).rejects.toMatchObject({ code: 'not-found' });
    await expect(desk.survey.tokenFor(number, queryCode!, 'a')).rejects.toMatchObject({
      code: 'wrong-state',
    });
    await desk.conclude(ticketId);
    await desk.survey.answer(tokenOf(ticketId), said({}), 'a');
    expect((await desk.row(ticketId)).state).toBe('followedUp');
  });

  it.each(['', 'x'.repeat(43), '../../etc/passwd', "' or '1'='1", '0'.repeat(10_000), '\ud800'])(
    'token %# opens nothing',
    async (token) => {
      await expect(desk.survey.show(token, 'a')).rejects.toMatchObject({ code: 'not-found' });
      await expect(desk.survey.answer(token, said({}), 'a')).rejects.toMatchObject({ code: 'not-found' });
    },
  );

  it('expires, and ends with the archive', async () => {
    const late = await desk.concluded();
    const archived = await desk.concluded();
    await desk.record(archived.ticketId);
    await desk.act('archive', archived.ticketId, 0, {}, agent);
    await expect(desk.survey.show(tokenOf(archived.ticketId), 'a')).rejects.toMatchObject({
      code: 'not-found',
    });
    clock.set(new Date(start.getTime() + 15 * 86_400_000));
    await expect(desk.survey.show(tokenOf(late.ticketId), 'a')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is counted by address, and guessing a code ends', async () => {
    const { number, queryCode } = await desk.concluded();
    for (let guess = 0; guess < 10; guess += 1)
      await expect(desk.survey.tokenFor(number, `WRONG${guess}`, `g${guess}`)).rejects.toMatchObject({
        code: 'not-found',
      });
    await expect(desk.survey.tokenFor(number, queryCode!, 'b')).rejects.toMatchObject({
      code: 'too-many-attempts',
    });
    for (let left = 3; left > 0; left -= 1)
      await expect(strict.survey.show('x'.repeat(43), 'c')).rejects.toMatchObject({ code: 'not-found' });
    await expect(strict.survey.show('x'.repeat(43), 'c')).rejects.toMatchObject({
      code: 'too-many-attempts',
    });
    await expect(strict.survey.show('x'.repeat(43), 'd')).rejects.toMatchObject({ code: 'not-found' });
  });
});

it('a unit never learns who a confidential citizen is from the result', async () => {
  const { ticketId } = await desk.concluded({ type: 'report' });
  const token = tokenOf(ticketId);
  await desk.survey.answer(token, said({ level: 1, solved: false, words: '我是张三，电话13800138000' }), 'a');
  const [result] = await resultsOf(ticketId);
  const clerk = desk.clerkOf('unit-a');
  const shown = [
    evaluationView(result!, 'unit'),
    await desk.reading.show(ticketId, clerk),
    await desk.inbox.list(clerk, { unread: false, limit: 100 }),
  ];
  expect(JSON.stringify(shown)).not.toMatch(/张三|138001/);
  expect(evaluationView(result!, 'supervisor').words).toContain('张三');
});

describe('an appeal', () => {
  const given = { reason: '诉求人要求超出职责', evidence: '2026年11月1日现场照片及签收单' };
  const poor = async () => {
    const { ticketId } = await desk.concluded();
    await desk.record(ticketId, { level: 2, solved: true });
    const [result] = await resultsOf(ticketId);
    return { ticketId, evaluationId: result!.evaluation_id };
  };

  it('is the evaluated unit’s, once, within five working days', async () => {
    const { ticketId, evaluationId } = await poor();
    await expect(desk.appeals.ask(evaluationId, given, desk.clerkOf('unit-b'))).rejects.toMatchObject({
      code: 'not-found',
    });
    const asked = await Promise.allSettled(
      [1, 2].map(() => desk.appeals.ask(evaluationId, given, desk.clerkOf('unit-a'))),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(asked.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'already-exists' },
    });
    expect((await desk.timelineOf(ticketId)).filter((kind) => kind === 'appealed')).toHaveLength(1);
    const late = await poor();
    clock.set(cityInstant('2026-11-09', '18:01'));
    await expect(desk.appeals.ask(late.evaluationId, given, desk.clerkOf('unit-a'))).rejects.toMatchObject({
      code: 'appeal-too-late',
    });
  });

  it.each([
    ['refused', { upheld: false, words: '评价属实' }, { counts: true, counted_level: 2 }],
    ['excluded', { upheld: true, words: '超出职责', effect: 'excluded' }, { counts: false }],
    [
      'corrected',
      { upheld: true, words: '记录有误', effect: 'corrected', level: 4, solved: true },
      { counts: true, level: 2, counted_level: 4 },
    ],
  ] as const)(
    '%s: one timeline row, the unit told, what the citizen said kept',
    async (_, ruling, expected) => {
      const { ticketId, evaluationId } = await poor();
      const { appealId } = await desk.appeals.ask(evaluationId, given, desk.clerkOf('unit-a'));
      const before = (await desk.timelineOf(ticketId)).length;
      await expect(desk.appeals.decide(appealId, 9, ruling, supervisor)).rejects.toMatchObject({
        code: 'stale-version',
      });
      await desk.appeals.decide(appealId, 1, ruling, supervisor);
      await expect(desk.appeals.decide(appealId, 2, ruling, supervisor)).rejects.toMatchObject({
        code: 'wrong-state',
      });
      expect(await resultsOf(ticketId)).toMatchObject([{ level: 2, ...expected }]);
      expect(await desk.timelineOf(ticketId)).toHaveLength(before + 1);
      expect(await inboxOf(ticketId, 'appealDecided')).toHaveLength(1);
      expect(desk.corrected.filter((one) => one.ticketId === ticketId)).toHaveLength(ruling.upheld ? 1 : 0);
    },
  );
});

describe('what the assessment leaves out', () => {
  it('an exclusion takes two people, can be revoked, and every step is in timeline and audit', async () => {
    const { ticketId } = await desk.concluded();
    const { exclusionId } = await desk.assessment.propose(ticketId, '不可抗力', supervisor);
    await expect(desk.assessment.propose(ticketId, '再一次', agent)).rejects.toMatchObject({
      code: 'already-exists',
    });
    const yes = { approved: true, words: '同意' };
    await expect(desk.assessment.decide(exclusionId, 1, yes, supervisor)).rejects.toMatchObject({
      code: 'not-allowed',
    });
    expect((await desk.row(ticketId)).excluded_reason).toBeNull();
    const second = person('supervisor', { personId: 'supervisor-2' });
    await expect(desk.assessment.decide(exclusionId, 7, yes, second)).rejects.toMatchObject({
      code: 'stale-version',
    });
    await desk.assessment.decide(exclusionId, 1, yes, second);
    expect((await desk.row(ticketId)).excluded_reason).toBe('不可抗力');
    await desk.assessment.revoke(exclusionId, 2, '查无依据', second);
    expect((await desk.row(ticketId)).excluded_reason).toBeNull();
    await desk.assessment.propose(ticketId, '新的依据', agent);
    const kinds = ['exclusionProposed', 'exclusionDecided', 'exclusionRevoked', 'exclusionProposed'];
    expect((await desk.timelineOf(ticketId)).slice(-4)).toEqual(kinds);
    const trail = await desk.db('audit').where({ subject: ticketId }).orderBy('seq');
    expect(trail.map(({ action }) => action)).toEqual(kinds.map((kind) => `assessment.${kind}`));
  });

  it('an unreasonable demand is marked once and lifted', async () => {
    const { ticketId } = await desk.concluded();
    await desk.assessment.mark(ticketId, 'unreasonable', '要求赔偿无依据', supervisor);
    await expect(desk.assessment.mark(ticketId, 'spam', '重复', supervisor)).rejects.toMatchObject({
      code: 'already-exists',
    });
    await desk.assessment.lift(ticketId, '重新核实', supervisor);
    await expect(desk.assessment.lift(ticketId, '再次', supervisor)).rejects.toMatchObject({
      code: 'wrong-state',
    });
    expect((await desk.timelineOf(ticketId)).slice(-2)).toEqual(['demandMarked', 'demandLifted']);
  });
});

it('lists tasks and results by pages without gap or repeat', async () => {
  for (let made = 0; made < 3; made += 1) await desk.concluded();
  const seen: string[] = [];
  for (let after: { at: Date; id: string } | null = null; ;) {
    const page = await desk.followUpStore.list({ states: ['open', 'taken'] }, after, 2);
    seen.push(...page.map(({ follow_up_id }) => follow_up_id));
    const last = page.at(-1);
    if (!last || page.length < 2) break;
    after = { at: last.made_at, id: last.follow_up_id };
  }
  const all = await desk.db('follow_ups').whereIn('state', ['open', 'taken']);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBe(all.length);
});
