import { cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { CitizenQuery } from '../../src/tickets/citizen-query.service';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const clock = new SetClock(cityInstant('2026-11-24', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;
let query: CitizenQuery;
/** Attempts left of each counter; a rightful one is given back. */
const left = { number: 100, address: 100 };

beforeAll(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await seedDemoCategories(desk.db);
  const counter = (name: keyof typeof left) => ({
    take: async () => (left[name]-- > 0 ? null : 60),
    giveBack: async () => void left[name]++,
  });
  query = new CitizenQuery({
    byNumber: (number) => desk.store.findByNumber(number),
    byId: (ticketId) => desk.store.find(ticketId),
    tickets: desk.tickets,
    guesses: { number: counter('number'), address: counter('address') },
  });
});
afterAll(async () => {
  await desk.stop();
  await database.drop();
});

const opened = async (changes = {}) => {
  const made = await desk.tickets.open(aTicket({ callId: 'call-1', ...changes }), agent);
  return { ...made, queryCode: made.queryCode ?? '' };
};

it('the citizen sees where the work order stands, urges it and adds to it, with number and code', async () => {
  const { ticketId, number, queryCode } = await opened({ unitId: 'unit-a' });
  expect(queryCode).toMatch(/^[2-9A-Z]{6}$/);
  expect(desk.told).toContainEqual({ number, template: 'ticketAccepted', words: '' });
  const shown = await query.show(number, queryCode.toLowerCase(), '10.0.0.1');
  expect(shown).toMatchObject({
    number,
    state: '已派单',
    unitName: '单位a',
    urges: 0,
    open: true,
    answer: null,
  });
  const by = { number, code: queryCode, address: '10.0.0.1' };
  expect(await query.tell('urge', '还没有水', by)).toMatchObject({ urges: 1 });
  await query.tell('supplement', '三单元也没有', by);
  const view = await desk.reading.show(ticketId, agent);
  expect(view.timeline.slice(-2).map(({ words, byName }) => [words, byName])).toEqual([
    ['诉求人第 1 次催办：还没有水', '诉求人'],
    ['补充情况：三单元也没有', '诉求人'],
  ]);
  const notices = await desk
    .db('unit_inbox')
    .where({ ticket_id: ticketId })
    .orderBy('inbox_seq')
    .pluck('kind');
  expect(notices).toEqual(['urged', 'supplemented']);
});

it('an answer that 12345 has not checked is not told yet; one merged stands where its main one stands', async () => {
  const main = await opened();
  const other = await opened();
  await desk.tickets.act('merge', other.ticketId, 1, { intoTicketId: main.ticketId, reason: '' }, agent);
  const answer = { answer: '已抢修', articleId: null };
  await desk.tickets.act('answer', main.ticketId, 1, answer, agent);
  expect(await query.show(other.number, other.queryCode, 'a')).toMatchObject({
    number: other.number,
    state: '直接答复',
    answer: '已抢修',
    open: false,
  });
  const late = { number: other.number, code: other.queryCode, address: 'a' };
  await expect(query.tell('urge', '', late)).rejects.toMatchObject({ code: 'wrong-state' });
  const sent = await opened({ unitId: 'unit-a' });
  const clerk = person('unit', { unitId: 'unit-a' });
  await desk.tickets.act('acknowledge', sent.ticketId, 2, {}, clerk);
  const reply = ACTION_INPUT.reply.parse({ handling: '抢修', publicAnswer: '已通水', solved: true });
  await desk.tickets.act('reply', sent.ticketId, 3, reply, clerk);
  expect((await query.show(sent.number, sent.queryCode, 'a')).answer).toBeNull();
  await desk.tickets.act('check', sent.ticketId, 4, { words: '' }, agent);
  expect((await query.show(sent.number, sent.queryCode, 'a')).answer).toBe('已通水');
});

it('a wrong pair says nothing more, and guesses end', async () => {
  const { number } = await opened();
  const draft = await opened({ draft: true });
  Object.assign(left, { number: 4, address: 100 });
  for (const [which, code] of [
    [number, 'AAAAAA'],
    [number, ''],
    ['20261124-999999', 'AAAAAA'],
    [draft.number, draft.queryCode],
  ] as const)
    await expect(query.show(which, code, 'b')).rejects.toMatchObject({
      code: 'not-found',
      detail: '工单编号或查询码不正确。',
    });
  await expect(query.show(number, 'AAAAAA', 'b')).rejects.toMatchObject({ code: 'too-many-attempts' });
});
