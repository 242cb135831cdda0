import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { assessmentRoutes } from '../../src/evaluation/assessment.routes';
import { evaluationRoutes } from '../../src/evaluation/evaluation.routes';
import { followUpRoutes } from '../../src/evaluation/follow-up.routes';
import { surveyRoutes } from '../../src/evaluation/survey.routes';
import { systemClock } from '../../src/platform/clock';
import { evaluationDesk } from '../support/evaluation-desk';
import { freshDatabase, freshRedis } from '../support/servers';
import { startWeb, Visitor, type Web } from '../support/web';

jest.setTimeout(60_000);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desk: ReturnType<typeof evaluationDesk>;
let web: Web;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const servers = { postgresUrl: database.url, redisUrl: redis.url };
  desk = evaluationDesk({ ...servers, clock: systemClock });
  await seedDemoCategories(desk.db);
  const { followUps, followUpStore, store, evaluations, appeals, assessment, assessmentStore, survey } = desk;
  const routes = [
    ...followUpRoutes({
      ...{ followUps, store: followUpStore, evaluations: store },
      visible: (ticketId, caller) => desk.reading.find(ticketId, caller),
      callRating: async (callId) => (callId === 'call-1' ? 2 : null),
      now: () => systemClock.now(),
    }),
    ...evaluationRoutes({ evaluations, appeals, store }),
    ...assessmentRoutes({ assessment, store: assessmentStore }),
    ...surveyRoutes({ survey }),
  ];
  web = await startWeb({ ...servers, routes });
});
afterAll(async () => {
  await web?.stop();
  await desk?.stop();
  await redis?.stop();
  await database?.drop();
});

const at = (path: string) => `/api/survey/${path}`;
const tokenOf = (ticketId: string) => desk.invited.find((one) => one.ticketId === ticketId)?.token ?? '';

it('a citizen without a session answers once, by the link of the SMS', async () => {
  const { ticketId, number } = await desk.concluded();
  const citizen = new Visitor(web.url);
  const token = tokenOf(ticketId);
  const shown = await citizen.call('POST', at('show'), { token });
  expect([shown.status, shown.body]).toEqual([200, expect.objectContaining({ number, answered: false })]);
  expect(shown.text).not.toMatch(/张三|138/);
  const answer = { token, level: 2, solved: false, words: '仍然停水' };
  expect((await citizen.call('POST', at('answer'), answer)).status).toBe(204);
  const again = await citizen.call('POST', at('answer'), answer);
  expect([again.status, again.body.code]).toEqual([404, 'not-found']);
  expect((await desk.row(ticketId)).state).toBe('dispatched');
});

it.each([
  ['show', {}],
  ['show', { token: '../../x' }],
  ['show', { token: 'x'.repeat(43) }],
  ['show', { token: ['x'] }],
  ['answer', { token: 'x'.repeat(43), level: 5, solved: true }],
  ['answer', { token: 'x'.repeat(43), level: 9, solved: true }],
  ['answer', { token: 'x'.repeat(43), level: 5, solved: true, counts: false }],
  ['token', { number: "20261101-000001' or 1=1", queryCode: 'ABCDEF' }],
  ['token', { number: '20261101-000001', queryCode: '%_%_%_' }],
  ['token', { number: '20261101-000001', queryCode: { $ne: '' } }],
])('POST /survey/%s with %j is refused and tells nothing', async (path, body) => {
  const reply = await new Visitor(web.url).call('POST', at(path), body);
  expect([400, 404]).toContain(reply.status);
  expect(reply.text).not.toContain('停水');
});

it('a unit sees its own results, without tasks, the call’s rating, or other units’', async () => {
  const { ticketId } = await desk.concluded();
  await desk.record(ticketId, { level: 4, words: '尚可' });
  const path = `/api/tickets/${ticketId}/evaluations`;
  const [agent, own, other] = await Promise.all([
    web.visitorAs('agent'),
    web.visitorAs('unit', 'p-a', 'unit-a'),
    web.visitorAs('unit', 'p-b', 'unit-b'),
  ]);
  expect((await agent.call('GET', path)).body).toMatchObject({
    ...{ callRating: 2, followUps: [{ state: 'done' }] },
    results: [{ level: 4, levelName: '满意', words: '尚可' }],
  });
  expect((await own.call('GET', path)).body).toMatchObject({
    callRating: null,
    followUps: [],
    results: [{ level: 4 }],
  });
  expect((await other.call('GET', path)).status).toBe(404);
  const listed = await other.call('GET', '/api/evaluations?unitId=unit-a');
  expect(listed.body).toEqual({ items: [], nextCursor: null });
  expect((await own.call('GET', '/api/evaluations?final=true')).body.items).not.toEqual([]);
  const [result] = await desk.store.list({ ticketId }, null, 1);
  const appeal = `/api/evaluations/${result?.evaluation_id}/appeal`;
  const given = { reason: '已上门', evidence: '签收单' };
  expect((await other.call('POST', appeal, given)).status).toBe(404);
  expect((await own.call('POST', appeal, given)).status).toBe(201);
  expect((await other.call('GET', '/api/appeals')).body.items).toEqual([]);
  expect((await own.call('GET', '/api/appeals?state=pending')).body.items).toHaveLength(1);
});

it('an agent’s list of tasks has the citizen masked and opens by pages', async () => {
  await desk.concluded();
  await desk.concluded();
  const agent = await web.visitorAs('agent');
  const first = await agent.call('GET', '/api/follow-ups?limit=1');
  expect(first.body.items).toMatchObject([{ citizenMasked: '138****8000', state: 'open', version: 1 }]);
  const next = await agent.call('GET', `/api/follow-ups?limit=1&cursor=${String(first.body.nextCursor)}`);
  expect(next.body.items).toHaveLength(1);
  expect(next.text).not.toContain('13800138000');
  for (const cursor of ['x', '1_', "1_' or 1=1", '999999999999999999_x'])
    expect((await agent.call('GET', `/api/follow-ups?cursor=${encodeURIComponent(cursor)}`)).status).toBe(
      400,
    );
});
