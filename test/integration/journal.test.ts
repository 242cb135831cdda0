import { CallRecordStore } from '../../src/calls/call-record.store';
import { JournalService } from '../../src/calls/journal.service';
import { JournalStore } from '../../src/calls/journal.store';
import type { CallEvent } from '../../src/events';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import { freshRedis, ownPostgres, type OwnServer } from '../support/servers';

jest.setTimeout(60_000);

let postgres: OwnServer;
let redisServer: OwnServer;
let database: Database;
let redis: RedisClient;
const log = { warn: () => undefined, info: () => undefined };

beforeAll(async () => {
  [postgres, redisServer] = await Promise.all([ownPostgres(), freshRedis()]);
  database = openPostgres(postgres.url, 3);
  redis = openRedis(redisServer.url);
});
afterAll(async () => {
  await database.destroy();
  redis.disconnect();
  await Promise.all([postgres.stop(), redisServer.stop()]);
});

const line = {
  lineId: 'l',
  lineName: '12345',
  mode: 'own',
  matchedNumber: '12345',
  matchedBy: 'called-number',
  queue: 'general',
} as const;
const arrival = (callId: string): CallEvent => ({
  kind: 'callArrived',
  direction: 'inbound',
  about: { ticketId: null, callbackId: null },
  callId,
  at: new Date(1000),
  line,
  callerNumber: '13900000001',
  callerName: '',
  dialled: '12345',
  diversions: [],
});
const ending = (callId: string): CallEvent => ({
  kind: 'callEnded',
  callId,
  at: new Date(9000),
  endedBy: 'citizen',
  cause: 'normal',
});
const service = (prefix: string) => new JournalService(new JournalStore(redis, database, prefix), log);
const counted = async (callId: string) =>
  Number((await database('journal').where({ call_id: callId }).count<{ count: string }[]>('*'))[0]?.count);

test('what is appended reaches the table and the record, and leaves the stream', async () => {
  const journal = service('plain');
  await journal.start();
  journal.append(arrival('a'));
  journal.append(ending('a'));
  await journal.flush();
  const records = new CallRecordStore(database);
  expect((await records.record('a'))?.record).toMatchObject({
    outcome: 'abandoned',
    arrivedAt: 1000,
    endedAt: 9000,
  });
  expect(await records.recentCalls('13900000001', 5, () => null)).toMatchObject([
    { callId: 'a', answered: false },
  ]);
  await journal.stop();
  expect(await redis.xlen('plain:journal')).toBe(0);
});

test('a service that died leaves its entries in the stream; the next one writes them, once', async () => {
  await new JournalStore(redis, database, 'died').push({ entryId: 'e1', event: arrival('d') });
  await new JournalStore(redis, database, 'died').push({ entryId: 'e2', event: ending('d') });
  // The first had written one of them and died before taking it off the stream.
  await new JournalStore(redis, database, 'died').write([{ entryId: 'e1', event: arrival('d') }]);
  const next = service('died');
  await next.start();
  await next.flush();
  await next.stop();
  expect(await counted('d')).toBe(2);
});

test('rubbish in the stream is counted and passed over', async () => {
  await redis.xadd('rubbish:journal', '*', 'entry', '{not json');
  const journal = service('rubbish');
  await journal.start();
  journal.append(arrival('r'));
  await journal.flush();
  await journal.stop();
  expect(await counted('r')).toBe(1);
});

test('Redis emptied between append and write: nothing is lost while the service lives', async () => {
  const journal = service('emptied');
  await journal.start();
  journal.append(arrival('f'));
  await redis.flushall();
  journal.append(ending('f'));
  await journal.flush();
  await journal.stop();
  expect(await counted('f')).toBe(2);
});

test('PostgreSQL away: entries wait and arrive later, in order, once', async () => {
  const journal = service('away');
  await journal.start();
  await postgres.stop();
  for (const call of ['w1', 'w2', 'w3']) {
    journal.append(arrival(call));
    journal.append(ending(call));
  }
  await expect(journal.flush()).rejects.toThrow();
  expect(journal.lag).toBe(6);
  await postgres.restart();
  while (journal.lag) await new Promise((resolve) => setTimeout(resolve, 100));
  await journal.stop();
  for (const call of ['w1', 'w2', 'w3']) expect(await counted(call)).toBe(2);
  const kinds = (await database('journal')
    .where({ call_id: 'w1' })
    .orderBy('position')
    .pluck('kind')) as string[];
  expect(kinds).toEqual(['callArrived', 'callEnded']);
});
