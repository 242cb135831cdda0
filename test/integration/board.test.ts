import ExcelJS from 'exceljs';
import Redis from 'ioredis';
import type { Board } from '../../src/performance/board';
import { boardCsv, boardXlsx } from '../../src/performance/board-sheet.adapter';
import type { BoardService } from '../../src/performance/board.service';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { BoardCity } from '../support/board-city';
import { freshRedis, ownPostgres, type OwnServer } from '../support/servers';
import { until } from '../support/until';

const HOUR = 3_600_000;

let postgres: OwnServer;
let redisServer: OwnServer;
let database: Database;
let redis: Redis;
/** The services' clock: what a test sets, and on from there. */
let clockAt = Date.UTC(2026, 10, 24, 2);
let clockSet = Date.now();
const clock = { now: () => new Date(clockAt + Date.now() - clockSet) };
const setClock = (at: number) => ([clockAt, clockSet] = [at, Date.now()]);

beforeAll(async () => {
  [postgres, redisServer] = await Promise.all([ownPostgres(), freshRedis()]);
  database = openPostgres(postgres.url, 4);
  redis = new Redis(redisServer.url);
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  redis?.disconnect();
  await redisServer?.stop();
  await postgres?.stop();
});

const complete = (service: BoardService) =>
  until('the board is complete', async () => {
    const found = await service.board();
    return found?.board.complete ? found.board : null;
  });

/** Apart from the moment it was put together. */
const shown = (board: Board) => ({ ...board, at: 0 });

test('a service that starts anew has the board that the one before had counted live', async () => {
  const now = Date.UTC(2026, 10, 10, 16, 30);
  setClock(now);
  const city = new BoardCity('anew', { database, redis, clock });
  const live = city.service();
  await complete(live);
  expect((await live.board())?.board.total.last24h).toMatchObject({ offered: 0, connectedRate: null });

  city.seat('general-1', now - 30 * HOUR, 'notReady');
  city.seat('general-1', now - 29 * HOUR, 'ready');
  // More than a day ago: in no window.
  const old = city.arrive(now - 24 * HOUR - 60_000);
  city.end(old, now - 24 * HOUR - 50_000);
  // Yesterday in the city, within 24 hours; answered late.
  const late = city.arrive(now - 2 * HOUR);
  city.answer(late, 'general-1', now - 2 * HOUR + 16_000);
  // All the while the only seat talks: above capacity.
  const above = city.arrive(now - 2 * HOUR + 20_000, 'general', '12319');
  city.end(above, now - 2 * HOUR + 80_000);
  // Nobody speaks English here: abandoned, and no capacity to be above of.
  const english = city.arrive(now - 2 * HOUR + 30_000, 'english');
  city.end(english, now - 2 * HOUR + 32_000);
  city.end(late, now - 2 * HOUR + 100_000);
  city.seat('general-1', now - 2 * HOUR + 100_000, 'wrapUp', { callId: late });
  city.seat('general-1', now - 2 * HOUR + 130_000, 'ready', { callId: late });
  // Today.
  const quick = city.arrive(now - 600_000, 'general', '12319');
  city.answer(quick, 'general-1', now - 597_000);
  city.end(quick, now - 540_000);
  city.seat('general-1', now - 540_000, 'wrapUp', { callId: quick });
  city.seat('general-1', now - 510_000, 'ready', { callId: quick });
  const message = city.arrive(now - 505_000);
  city.leaveMessage(message, now - 495_000);
  city.callOut('general-1', now - 480_000);
  // Answered, and passed on: it waits again, and not since it called.
  const passedOn = city.arrive(now - 400_000);
  city.answer(passedOn, 'general-1', now - 390_000);
  city.passOn(passedOn, 'general-1', now - 300_000);
  city.seat('general-1', now - 298_000, 'ready', { callId: passedOn });
  const broken = city.arrive(now - 500_000);
  city.end(broken, now - 490_000, 'system');
  const missedByTheSeat = city.arrive(now - 90_000);
  city.ring(missedByTheSeat, 'general-1', now - 89_000);
  city.miss(missedByTheSeat, 'general-1', now - 70_000, 'rejected');

  const board = (await live.board())?.board as Board;
  expect(board.total).toMatchObject({
    waiting: 2,
    longestSince: now - 300_000,
    last24h: {
      offered: 7,
      answered: 3,
      diverted: 1,
      abandoned: 2,
      shortAbandoned: 1,
      aboveCapacity: 1,
      faults: 1,
      inTimeRate: 2 / 3,
      connectedRate: 3 / 5,
      connectedRateAll: 3 / 7,
      meanWait: 29 / 3,
    },
    today: {
      offered: 4,
      answered: 2,
      abandoned: 0,
      diverted: 1,
      faults: 1,
      inTimeRate: 1,
      connectedRate: 2 / 3,
    },
  });
  expect(board.queues).toMatchObject([
    { queue: 'english', last24h: { offered: 1, abandoned: 1, connectedRate: 0 } },
    { queue: 'general', waiting: 2, last24h: { offered: 6, answered: 3 } },
  ]);
  expect(board.lines).toMatchObject([
    { lineId: '12319', name: '12319 城管热线', last24h: { offered: 2, aboveCapacity: 1 } },
    { lineId: 'own', last24h: { offered: 5 } },
  ]);
  expect(board.seats).toMatchObject([{ seatId: 'general-1', state: 'rona', missed: 'rejected' }]);
  expect(board.seatsByState).toMatchObject({ rona: 1, ready: 0 });
  expect(board.trend).toHaveLength(48);
  expect(board.trend.reduce((sum, { offered }) => sum + offered, 0)).toBe(7);
  // The same in sheets, each figure in its place.
  const [head = '', whole = ''] = boardCsv(board).file.toString().split('\r\n');
  expect(head).toMatch(
    /^\ufeff范围,名称,排队人数,最长等待,近24小时 呼入量,近24小时 接通量,近24小时 15秒接通率,/,
  );
  expect(whole).toMatch(/^合计,全部,2,30\d秒,7,3,66.6%,60.0%,42.8%,2,1,1,1,1,10秒,4,2,100.0%,/);
  const workbook = new ExcelJS.Workbook();
  const { file } = await boardXlsx(board);
  await workbook.xlsx.load(file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer);
  expect(workbook.worksheets.map(({ name, rowCount }) => [name, rowCount])).toEqual([
    ['指标', 6],
    ['坐席', 2],
    ['走势', 49],
    ['口径', 14],
  ]);
  expect(workbook.getWorksheet('坐席')?.getRow(2).getCell(3).text).toBe('拒接');
  // Two calls of one and a half minutes are too few to tell a wait by.
  expect(live.estimatedWait('general', 0)).toBeNull();

  const anew = city.service();
  expect(shown(await complete(anew))).toEqual(shown((await live.board())?.board as Board));

  // Both go on alike.
  city.end(missedByTheSeat, clock.now().getTime());
  expect((await anew.board())?.board.total).toMatchObject({ waiting: 1, last24h: { abandoned: 3 } });
  expect(shown((await anew.board())?.board as Board)).toEqual(shown((await live.board())?.board as Board));

  // A day later nothing is left.
  setClock(now + 25 * HOUR);
  expect((await live.board())?.board.total.last24h).toMatchObject({ offered: 0, connectedRate: null });
  await city.stop();
}, 30_000);

test('pushed at most once a second, and only when something changed; a standby shows the same and says so', async () => {
  const now = Date.UTC(2026, 10, 15, 3);
  setClock(now);
  const city = new BoardCity('pushed', { database, redis, clock });
  const standby = city.service(() => false);
  expect(await standby.board()).toBeNull();
  const counting = city.service();
  await complete(counting);
  await until('the first boards are pushed', () => city.pushed.at(-1)?.complete);
  const before = city.pushed.length;
  const calls = Array.from({ length: 50 }, () => city.arrive(now));
  await until('the change is pushed', () => city.pushed.at(-1)?.total.waiting === 50);
  for (const callId of calls.slice(1)) city.end(callId, now + 400);
  await until('the next change is pushed', () => city.pushed.at(-1)?.total.waiting === 1);
  const after = city.pushed.slice(before);
  expect(after.length).toBeLessThanOrEqual(3);
  for (const [index, board] of after.entries())
    if (index > 0) expect(board.at - (after[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(900);
  // Somebody waits on, and nothing changes.
  await new Promise((done) => setTimeout(done, 2300));
  expect(city.pushed.length).toBe(before + after.length);

  const found = await standby.board();
  expect(found?.standby).toBe(true);
  expect(shown(found?.board as Board)).toEqual(shown((await counting.board())?.board as Board));
  await city.stop();
}, 30_000);

test('a call that ended while nobody told of it is looked up; PostgreSQL away, the board goes on', async () => {
  const now = Date.UTC(2026, 10, 20, 5);
  setClock(now);
  const city = new BoardCity('looked', { database, redis, clock });
  const forgotten = city.arrive(now - 60_000);
  await city.journal.flush();
  const service = city.service();
  await complete(service);
  // Buried by the reconciler: journaled, not announced.
  city.live.delete(forgotten);
  city.journal.append({
    kind: 'callEnded',
    callId: forgotten,
    at: new Date(now),
    endedBy: 'system',
    cause: 'normal-unspecified',
  });
  await until(
    'its record was read',
    async () => (await service.board())?.board.total.last24h.faults === 1,
    15_000,
  );

  await postgres.stop();
  const during = city.arrive(now + 1000);
  city.answer(during, 'general-1', now + 4000);
  expect((await service.board())?.board.total.last24h).toMatchObject({ answered: 1, faults: 1 });
  // One that starts now says that it does not know the day yet, and counts from here.
  const late = city.service();
  const next = city.arrive(now + 5000);
  city.end(next, now + 6000);
  expect((await late.board())?.board).toMatchObject({
    complete: false,
    total: { last24h: { abandoned: 1 } },
  });
  await postgres.restart();
  const whole = await until(
    'it is complete once the database is back',
    async () => {
      const found = await late.board();
      return found?.board.complete ? found.board : null;
    },
    20_000,
  );
  expect(whole.total.last24h).toMatchObject({ answered: 1, faults: 1, abandoned: 1 });
  expect(shown(whole)).toEqual(shown((await service.board())?.board as Board));
  await city.stop();
}, 60_000);
