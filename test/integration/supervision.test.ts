import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import type { Caller, FileReply } from '../../src/platform/http-route';
import { supervisionMatterRoutes } from '../../src/supervision/supervision.routes';
import { MATTER_ACTS, MATTER_OPEN, type MatterAct, type MatterKind } from '../../src/supervision/matter';
import { docxText, pdfText } from '../support/paper-text';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const supervisor = person('supervisor', { name: '李班长' });
const clerk = person('unit', { unitId: 'unit-a', name: '赵经办' });
const stranger = person('unit', { unitId: 'unit-b' });
const at = (text: string) => cityInstant(text.slice(0, 10), text.slice(11));
let clock: SetClock;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desks: ReturnType<typeof ticketDesk>[];
let desk: ReturnType<typeof ticketDesk>;

beforeEach(async () => {
  database = await freshDatabase();
  clock = new SetClock(at('2026-11-23 10:00'));
  const { redisUrl, letterFont } = testServers();
  const options = { postgresUrl: database.url, redisUrl, clock };
  desks = [ticketDesk({ ...options, letterFont }), ticketDesk(options)];
  desk = desks[0]!;
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await Promise.all(desks.map((each) => each.stop()));
  await database.drop();
});

const open = (changes = {}) => desk.tickets.open(aTicket({ unitId: 'unit-a', ...changes }), agent);
const partOf = async (ticketId: string): Promise<string> =>
  (await desk.db('ticket_parts').where({ ticket_id: ticketId }).first()).part_id;
const draft = async (ticketId: string) =>
  desk.letters.draft({ partId: await partOf(ticketId), demand: '请立即办理。', replyDays: 2 }, supervisor);
const timeline = async (ticketId: string): Promise<string[]> =>
  desk.db('ticket_timeline').where({ ticket_id: ticketId }).orderBy('seq').pluck('words');
const docxWords = ({ file }: FileReply): string => docxText(file);
const raise = (kind: MatterKind, input: object) =>
  desk.matters.open(kind, MATTER_OPEN[kind].parse(input) as never, supervisor);
const act = (kind: MatterKind, action: string, matterId: string, input: object, by = supervisor) => {
  const rule = (MATTER_ACTS[kind] as Record<string, MatterAct>)[action]!;
  return desk.matters.act(kind, action, matterId, rule.input.parse(input), by);
};

it('S2: twenty letters issued at once by two services are numbered without gaps; refused issues cost no number', async () => {
  const letters = [];
  for (let n = 0; n < 20; n += 1) letters.push(await draft((await open()).ticketId));
  const issue = ({ letter_id: id, version }: { letter_id: string; version: number }, n: number) =>
    desks[n % 2]!.letters.issue(id, { version }, supervisor);
  const twice = [...letters, ...letters.slice(0, 5)];
  const results = await Promise.allSettled(twice.map(issue));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
  const serials = await desk.db('supervision_letters').orderBy('serial').pluck('serial');
  expect(serials).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  clock.set(at('2025-12-22 10:00'));
  const next = await draft((await open()).ticketId);
  expect((await issue(next, 0)).number).toBe('督〔2025〕1号');
});

it('a letter’s way: one timeline row an act, the unit sees it once it is issued, nobody else’s', async () => {
  const { ticketId } = await open();
  const first = await draft(ticketId);
  await expect(draft(ticketId)).rejects.toMatchObject({ code: 'already-exists' });
  await expect(desk.letters.show(first.letter_id, clerk)).rejects.toMatchObject({ code: 'not-found' });
  const edit = { version: 1, facts: '经查，至今未办结。', demand: '请三日内办结。', replyDays: 3 };
  const edited = await desk.letters.edit(first.letter_id, edit, supervisor);
  await expect(desk.letters.issue(first.letter_id, { version: 1 }, supervisor)).rejects.toMatchObject({
    code: 'stale-version',
  });
  const issued = await desk.letters.issue(first.letter_id, { version: edited.version }, supervisor);
  expect(cityWords(issued.reply_by)).toBe('2026年11月26日 18:00');
  await expect(desk.letters.show(first.letter_id, stranger)).rejects.toMatchObject({ code: 'not-found' });
  expect((await desk.letters.list({}, { limit: 9 }, clerk)).items).toHaveLength(1);
  expect((await desk.letters.list({}, { limit: 9 }, stranger)).items).toHaveLength(0);
  const answered = await desk.letters.answer(
    first.letter_id,
    { version: issued.version, answer: '管网已抢修' },
    clerk,
  );
  expect(answered).toMatchObject({
    state: 'answered',
    received_by_name: '赵经办',
    answered_by_name: '赵经办',
  });
  await expect(
    desk.letters.withdraw(first.letter_id, { version: answered.version, reason: '误发' }, supervisor),
  ).rejects.toMatchObject({ code: 'wrong-state' });
  expect((await timeline(ticketId)).slice(2)).toEqual([
    '书面督办（S2）：拟致单位a的督办函，待签发',
    '修改致单位a的督办函',
    '书面督办（S2）：向单位a发出督〔2026〕1号，请于 2026年11月26日 18:00 前回复',
    '单位a回复督办函督〔2026〕1号：管网已抢修',
  ]);
  expect((await desk.inbox.list(clerk, { unread: true, limit: 9 })).items.map(({ kind }) => kind)).toEqual([
    'letter',
  ]);
  const again = await draft(ticketId);
  const gone = await desk.letters.withdraw(again.letter_id, { version: 1, reason: '已答复' }, supervisor);
  expect(gone).toMatchObject({ state: 'withdrawn', number: null, withdrawn_reason: '已答复' });
});

it('DOCX and PDF say the same; without a font a PDF is refused and DOCX comes', async () => {
  const { ticketId } = await open();
  const { letter_id: id } = await draft(ticketId);
  await desk.letters.issue(id, { version: 1 }, supervisor);
  const [docx, pdf] = await Promise.all([
    desk.letters.file(id, 'docx', clerk).then(docxWords),
    desk.letters.file(id, 'pdf', clerk).then(({ file }) => pdfText(file)),
  ]);
  for (const words of [docx, pdf])
    for (const said of [
      '长治市12345政务服务热线',
      '督〔2026〕1号',
      '单位a：',
      '小区停水',
      '请立即办理。',
      '2026年11月23日',
    ])
      expect(words.replaceAll(/\s/g, '')).toContain(said);
  await expect(desks[1]!.letters.file(id, 'pdf', clerk)).rejects.toMatchObject({ code: 'not-ready' });
  expect(await docxWords(await desks[1]!.letters.file(id, 'docx', clerk))).toContain('督〔2026〕1号');
});

it('a hidden citizen is in no letter, no summary, no case file', async () => {
  const secret = { confidential: true, citizenName: '张三丰', contactNumber: '13900139000' };
  const content = '我是张三丰，电话139 0013 9000，停水三天';
  const { ticketId } = await open({ ...secret, content, title: '张三丰反映停水' });
  const { letter_id: id } = await draft(ticketId);
  const summary = await raise('instruction', { title: '停水专报', of: { ticketIds: [ticketId] } });
  const file = await raise('system13710', { title: '停水', ticketIds: [ticketId], reason: '久拖不决' });
  const papers = await Promise.all(
    [
      desk.letters.file(id, 'docx', supervisor),
      desk.matters.file(summary.matter_id, 'docx', supervisor),
      desk.matters.file(file.matter_id, 'docx', supervisor),
    ].map(async (reply) => docxWords(await reply)),
  );
  for (const words of papers) {
    expect(words).toContain('停水');
    expect(words).not.toMatch(/张三丰|139\s?0013/);
  }
  const overseer = person('overseer');
  expect(docxWords(await desk.matters.file(file.matter_id, 'docx', overseer))).toContain('久拖不决');
  await expect(desk.matters.file(file.matter_id, 'docx', clerk)).rejects.toMatchObject({ code: 'not-found' });
});

it('S3: a special case follows a letter that ran out, or a written reason; members, meeting, outcome', async () => {
  const { ticketId } = await open();
  const input = { title: '停水专项', ticketIds: [ticketId], reason: '发函后仍未办理', unitIds: ['unit-a'] };
  await expect(raise('specialCase', input)).rejects.toMatchObject({ code: 'wrong-state' });
  const { letter_id: id } = await draft(ticketId);
  await desk.letters.issue(id, { version: 1 }, supervisor);
  clock.set(at('2026-11-26 10:00'));
  const { matter_id: matterId } = await raise('specialCase', input);
  await expect(raise('specialCase', input)).rejects.toMatchObject({ code: 'already-exists' });
  const meeting = { heldAt: '2026-11-26T02:00:00Z', place: '市政府', people: '各方', decision: '限三日办结' };
  await act('specialCase', 'meet', matterId, { version: 1, ...meeting });
  await expect(act('specialCase', 'close', matterId, { version: 1, outcome: '办结' })).rejects.toMatchObject({
    code: 'stale-version',
  });
  await act('specialCase', 'close', matterId, { version: 2, outcome: '已恢复供水' });
  await expect(
    act('specialCase', 'close', matterId, { version: 3, outcome: '再办结' }),
  ).rejects.toMatchObject({ code: 'wrong-state' });
  const { steps, units } = await desk.matters.show(matterId, clerk);
  expect(steps.map(({ action }) => action)).toEqual(['open', 'meet', 'close']);
  expect(units).toEqual([{ unit_id: 'unit-a', unit_name: '单位a' }]);
  await expect(desk.matters.show(matterId, stranger)).rejects.toMatchObject({ code: 'not-found' });
  expect((await timeline(ticketId)).slice(-3)).toEqual([
    '专项督办（S3）：专项督办：停水专项：发函后仍未办理',
    '专项督办（S3）：专项督办召开会议：限三日办结',
    '专项督办（S3）：专项督办办结：已恢复供水',
  ]);
});

it('S4: a summary of a category, submitted, instructed, reminded of, done; one row on each work order', async () => {
  const ids = [];
  for (let n = 0; n < 3; n += 1) ids.push((await open({ title: `停水${n}号院` })).ticketId);
  await expect(raise('instruction', { title: '空', of: {} })).rejects.toMatchObject({
    code: 'invalid-input',
  });
  const { matter_id: id } = await raise('instruction', { title: '停水专报', of: { categoryCode: 'GY-01' } });
  await act('instruction', 'submit', id, { version: 1, leader: '王副市长' });
  const words = await docxWords(await desk.matters.file(id, 'docx', supervisor));
  for (const said of ['停水专报', '王副市长：', '诉求 3 件', '停水2号院']) expect(words).toContain(said);
  await act('instruction', 'instruct', id, {
    ...{ version: 2, instruction: '限期解决', instructedAt: '2026-11-23T02:00:00Z', people: '张局长' },
    ...{ unitIds: ['unit-b'], until: '2026-11-27T10:00:00Z' },
  });
  clock.set(at('2026-11-27 14:00'));
  expect(await desk.reminders.sweep()).toBe(1);
  await act('instruction', 'finish', id, { version: 3, result: '管网已改造' });
  for (const ticketId of ids)
    expect((await timeline(ticketId)).slice(2)).toEqual([
      expect.stringContaining('批示督办（S4）：批示督办：停水专报'),
      expect.stringContaining('呈报：王副市长'),
      expect.stringContaining('领导批示：限期解决'),
      expect.stringContaining('批示落实期限，期限 2026年11月27日 18:00'),
      expect.stringContaining('落实完毕：管网已改造'),
    ]);
  expect((await desk.inbox.list(stranger, { unread: true, limit: 9 })).items).toHaveLength(3);
});

it('S5: 13710 has its number and dates, reminded of unless reached; an on-site office its record', async () => {
  const { ticketId } = await open();
  const of = { title: '停水', ticketIds: [ticketId], unitIds: ['unit-a'] };
  const { matter_id: id } = await raise('system13710', { ...of, reason: '久拖不决' });
  const file = await docxWords(await desk.matters.file(id, 'docx', supervisor));
  for (const said of ['久拖不决', '受理诉求', '单位a（主办）']) expect(file).toContain(said);
  const registered = { version: 1, number: '13710-88', registeredAt: clock.now().toISOString() };
  const { facts } = await act('system13710', 'register', id, registered);
  expect(facts['dates']).toHaveLength(3);
  await act('system13710', 'reach', id, { version: 2, date: 'study', words: '已研究' });
  clock.set(at('2026-11-26 14:00'));
  expect(await desk.reminders.sweep()).toBe(1);
  expect((await timeline(ticketId)).at(-1)).toContain('3 日内反馈，期限 2026年11月26日 18:00');
  await act('system13710', 'close', id, { version: 3, outcome: '已销号' });
  const left = await desk.db('due_timers').where({ matter_id: id, state: 'waiting' });
  expect(left).toHaveLength(0);

  const visit = { place: '供水公司', heldAt: '2026-11-27T02:00:00Z', people: '李局长' };
  const { matter_id: onSite } = await raise('onSite', { ...of, ...visit });
  const record = { version: 1, heldAt: visit.heldAt, people: '李局长', outcome: '当场敲定方案' };
  expect(await act('onSite', 'record', onSite, record)).toMatchObject({ state: 'held' });
  expect((await timeline(ticketId)).at(-1)).toBe('现场办公（S5）：现场办公记录现场办公：当场敲定方案');
});

it('lists go on by cursor and narrow by kind, state and unit', async () => {
  const { ticketId } = await open();
  for (let n = 0; n < 3; n += 1)
    await raise('system13710', { title: `第${n}件`, ticketIds: [ticketId], reason: '久拖不决' });
  const first = await desk.matters.list({ kind: 'system13710' }, { limit: 2 }, supervisor);
  expect(first.items.map(({ title }) => title)).toEqual(['第2件', '第1件']);
  const rest = await desk.matters.list({}, { limit: 2, cursor: first.nextCursor! }, supervisor);
  expect([rest.items.map(({ title }) => title), rest.nextCursor]).toEqual([['第0件'], null]);
  expect((await desk.matters.list({ state: 'closed' }, { limit: 2 }, supervisor)).items).toEqual([]);
  expect((await desk.matters.list({ unitId: 'unit-a' }, { limit: 2 }, supervisor)).items).toEqual([]);
});

it('a work order shows its rungs ahead and raised with their reasons; an assistant sees its own', async () => {
  const { ticketId } = await open();
  const { version } = (await desk.store.find(ticketId))!;
  await desk.tickets.act('addAssistant', ticketId, version, { unitIds: ['unit-b'], words: '' }, supervisor);
  clock.set(at('2026-11-30 08:00'));
  await desk.reminders.sweep();
  const shown = supervisionMatterRoutes(desk).find(({ path }) => path === '/tickets/:ticketId/supervision')!;
  const rungs = async (caller: Caller) => {
    const request = { params: { ticketId }, query: {}, body: {}, caller };
    return ((await shown.handle(request)) as { rungs: { unitId: string; state: string; why: string }[] })
      .rungs;
  };
  expect(await rungs(supervisor)).toHaveLength(8);
  const own = await rungs(stranger);
  expect(new Set(own.map(({ unitId }) => unitId))).toEqual(new Set(['unit-b']));
  expect(own.map(({ state }) => state)).toEqual(['raised', 'ahead', 'ahead', 'held']);
  for (const { why } of own) expect(why).toContain('办理期限 2026年11月30日 18:00');
  await expect(rungs(person('unit', { unitId: 'unit-c' }))).rejects.toMatchObject({ code: 'not-found' });
});
