import { cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { DEFAULT_WEIGHTS } from '../../src/tickets/duplicate';
import type { DuplicateDraft } from '../../src/tickets/duplicate.service';
import type { TicketInput } from '../../src/tickets/ticket';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const administrator = person('administrator');
const clock = new SetClock(cityInstant('2026-10-12', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;

beforeEach(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await desk.stop();
  await database.drop();
});

const place = { areaCode: '140403', address: '长兴路12号锦绣花园' };
const open = async (changes: Partial<TicketInput>) =>
  (await desk.tickets.open(aTicket({ ...place, content: '锦绣花园全小区停水三天', ...changes }), agent))
    .ticketId;
const draft = (changes: Partial<DuplicateDraft> = {}): DuplicateDraft => ({
  ...{ callId: null, contactNumber: null, categoryCode: 'GY-01', township: '', point: null, ...place },
  ...{ title: '锦绣花园停水', content: '' },
  ...changes,
});

it('proposes the citizen’s earlier work order before the neighbour’s, each with its reasons', async () => {
  const neighbour = await open({ contactNumber: '13900000002' });
  const own = await open({ contactNumber: '13800138000' });
  await open({ categoryCode: 'CG-01', title: '占道经营', content: '早市占道', contactNumber: '13800138000' });
  const { items, group } = await desk.duplicates.ofDraft(draft({ callId: 'call-1' }));
  expect(items.map(({ ticketId }) => ticketId)).toEqual([own, neighbour]);
  expect(items[0]).toMatchObject({
    open: true,
    state: 'accepted',
    reasons: expect.arrayContaining(['来电号码相同']),
  });
  expect(group).toBeNull();
  expect(JSON.stringify(items)).not.toMatch(/138|139/);
});

it('finds a group complaint of many numbers, by words where nobody wrote the address', async () => {
  const ids: string[] = [];
  for (const contactNumber of ['13900000001', '13900000002', '13900000003'])
    ids.push(await open({ contactNumber, address: '', categoryCode: 'GY-02', title: '锦绣花园停水' }));
  const { items, group } = await desk.duplicates.ofDraft(
    draft({ address: '', contactNumber: '13900000004' }),
  );
  expect(items.map(({ ticketId }) => ticketId).sort()).toEqual(ids.sort());
  expect(group?.words).toContain('4 位诉求人的 4 件');
});

it('leaves out itself, the merged, drafts and the long past; a closed one is shown but not open', async () => {
  clock.set(cityInstant('2026-08-01', '10:00'));
  await open({});
  clock.set(cityInstant('2026-10-12', '10:00'));
  const main = await open({});
  const second = await open({});
  await open({ draft: true });
  const answered = await open({});
  await desk.tickets.act('answer', answered, 1, { answer: '已恢复', articleId: null }, agent);
  await desk.tickets.act('merge', second, 1, ACTION_INPUT.merge.parse({ intoTicketId: main }), agent);
  const { items } = await desk.duplicates.ofTicket(main);
  expect(items.map(({ ticketId, open: still }) => [ticketId, still])).toEqual([[answered, false]]);
  await expect(desk.duplicates.ofTicket('nobody')).rejects.toMatchObject({ code: 'not-found' });
});

it('takes hostile drafts as words', async () => {
  for (const title of ["') | !('", '停水\u200b', '<->', '\ud800', '%_', "'".repeat(50), '😀'])
    await desk.duplicates.ofDraft(
      draft({ title, content: title, address: title, areaCode: title, callId: title }),
    );
});

it('the weights are the city’s: versions, audit, and nobody’s change is lost', async () => {
  await open({ contactNumber: '13900000002' });
  expect(await desk.duplicates.weights()).toEqual({ version: 0, weights: DEFAULT_WEIGHTS });
  const strict = { ...DEFAULT_WEIGHTS, threshold: 300 };
  const set = () => desk.duplicates.setWeights(0, strict, administrator);
  const both = await Promise.allSettled([set(), set()]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(desk.duplicates.setWeights(7, strict, administrator)).rejects.toMatchObject({
    code: 'stale-version',
  });
  expect(await desk.duplicates.weights()).toEqual({ version: 1, weights: strict });
  expect((await desk.duplicates.ofDraft(draft())).items).toEqual([]);
  expect(await desk.db('audit').where({ action: 'duplicate.weights' }).count('* as n').first()).toEqual({
    n: '1',
  });
});

it('walks along indexes only', async () => {
  const plans: string[] = [];
  desk.db.on('query', ({ sql, bindings }: { sql: string; bindings: unknown[] }) => {
    if (sql.includes('ticket_search'))
      plans.push(desk.db.raw(sql.replace(/\$\d+/g, '?'), bindings as never).toQuery());
  });
  await desk.duplicates.ofDraft(draft({ contactNumber: '13900000002' }));
  desk.db.removeAllListeners('query');
  expect(plans).toHaveLength(1);
  const plan = await desk.db.transaction(async (trx) => {
    await trx.raw('set local enable_seqscan = off');
    return (await trx.raw<{ rows: { 'QUERY PLAN': string }[] }>(`explain ${plans[0]}`)).rows
      .map((row) => row['QUERY PLAN'])
      .join('\n');
  });
  expect(plan).toMatch(/tickets_place|tickets_number/);
  expect(plan).not.toMatch(/Seq Scan on tickets|Seq Scan on ticket_search/);
});
