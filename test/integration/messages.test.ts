import { randomUUID } from 'node:crypto';
import { JournalService } from '../../src/calls/journal.service';
import { JournalStore } from '../../src/calls/journal.store';
import { messageRoutes, type MessageView } from '../../src/calls/message.routes';
import { Messages } from '../../src/calls/message.service';
import { MessageStore } from '../../src/calls/message.store';
import { RecordingStore } from '../../src/calls/recordings/recording.store';
import type { CallEvent } from '../../src/events';
import { AuditStore } from '../../src/platform/audit.store';
import { systemClock } from '../../src/platform/clock';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import { freshDatabase, testServers } from '../support/servers';
import { startWeb, type Visitor, type Web } from '../support/web';

jest.setTimeout(60_000);

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let redis: RedisClient;
let web: Web;
let store: MessageStore;
let journal: JournalService;
let alarms: string[];
let clockAhead = 0;
const log = { warn: () => undefined, info: () => undefined };
const service = () =>
  new Messages({
    store,
    alarm: (recordingId) => alarms.push(recordingId),
    clock: { now: () => new Date(Date.now() + clockAhead) },
    log,
  });

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openPostgres(fresh.url, 4);
  redis = openRedis(testServers().redisUrl);
  store = new MessageStore(database);
  journal = new JournalService(new JournalStore(redis, database, `messages-${randomUUID()}`), log);
  web = await startWeb({
    postgresUrl: fresh.url,
    redisUrl: testServers().redisUrl,
    routes: messageRoutes({
      store,
      queuesOf: (personId) => (personId === 'p-english' ? ['english'] : ['general']),
      nameOf: (personId) => `姓名${personId}`,
      ticketOf: async (number) => (number === '202611240001' ? 't-1' : null),
      audit: new AuditStore(database, systemClock),
      now: () => new Date(),
    }),
  });
});
beforeEach(() => {
  alarms = [];
  clockAhead = 0;
});
afterAll(async () => {
  await web.stop();
  await database.destroy();
  redis.disconnect();
  await fresh.drop();
});

/** A citizen leaves a message; what comes of it is in the journal. Returns the message's id. */
async function left(queue = 'general', callerNumber: string | null = '13800000001'): Promise<string> {
  const callId = randomUUID();
  const messageId = `${callId}-message`;
  const line = {
    ...{ lineId: 'line-12345', lineName: '12345', mode: 'own', matchedNumber: '12345' },
    ...{ matchedBy: 'called-number', queue: 'general' },
  };
  const arrival = { callerName: '', dialled: '12345', diversions: [], direction: 'inbound' };
  const events = [
    { kind: 'callArrived', line, callerNumber, ...arrival, about: { ticketId: null, callbackId: null } },
    { kind: 'callWaiting', queue, priority: 0 },
    { kind: 'messageStarted', recordingId: messageId },
    { kind: 'messageLeft', recordingId: messageId, durationMs: 4400 },
    { kind: 'callEnded', endedBy: 'citizen', cause: 'normal' },
  ];
  for (const event of events) journal.append({ callId, at: new Date(), ...event } as CallEvent);
  await journal.flush();
  return messageId;
}

/** Its sound has come, this loud on the citizen's side. */
const kept = (recordingId: string, loudness: number) =>
  new RecordingStore(database).save({
    ...{ recordingId, callId: recordingId.replace('-message', ''), kind: 'message', savedAt: new Date() },
    ...{ durationMs: 4400, bytes: 1, sha256: 'a'.repeat(64), file: 'x.wav' },
    waveform: { left: [0, loudness, 0], right: [0, 90, 0] },
  });
const list = async (visitor: Visitor, query = '') =>
  (await visitor.call('GET', `/api/messages${query}`)).body as unknown as {
    messages: MessageView[];
    counts: { new: number; mine: number };
  };
const act = (visitor: Visitor, messageId: string, what: string, body?: unknown) =>
  visitor.call('POST', `/api/messages/${messageId}/${what}`, body);

test('a message is listed once, by however many services look, in the queue its citizen waited in', async () => {
  const messageId = await left('english');
  await Promise.all([service().look(), service().look()]);
  await service().look();
  expect(await database('messages').where({ message_id: messageId })).toMatchObject([
    { state: 'new', queue: 'english', duration_ms: 4400 },
  ]);
});

test('one in which nobody spoke is no task; one whose sound does not come raises one alarm', async () => {
  const [silent, spoken, lost] = [await left(), await left(), await left()];
  await service().look();
  await kept(silent, 1);
  await kept(spoken, 30);
  await service().look();
  expect(await store.one(silent)).toMatchObject({ state: 'done', result: 'silent' });
  expect(await store.one(spoken)).toMatchObject({ state: 'new', audio: 'kept', sha256: 'a'.repeat(64) });
  expect(await store.one(lost)).toMatchObject({ state: 'new', audio: 'awaited' });
  clockAhead = 6 * 60_000;
  await Promise.all([service().look(), service().look()]);
  expect(alarms.filter((id) => id === lost)).toHaveLength(1);
  expect(alarms).not.toContain(spoken);
  expect(await store.one(lost)).toMatchObject({ audio: 'lost' });
});

test('agents see the messages of their queues, masked; clerks none', async () => {
  const messageId = await left('general', '13812345678');
  await service().look();
  const [agent, other, clerk] = await Promise.all([
    web.visitorAs('agent'),
    web.visitorAs('agent', 'p-english'),
    web.visitorAs('unit'),
  ]);
  const seen = await list(agent);
  expect(seen.messages[0]).toMatchObject({ messageId, seconds: 4, hidden: false, state: 'new' });
  expect(JSON.stringify(seen)).not.toContain('13812345678');
  expect((await list(other)).messages.map(({ queue }) => queue)).not.toContain('general');
  expect((await act(other, messageId, 'take')).status).toBe(404);
  expect((await clerk.call('GET', '/api/messages')).status).toBe(403);
});

test('of two agents one gets it; only he may close it, with a result that says something; a supervisor may take it over', async () => {
  const messageId = await left();
  await service().look();
  const [one, two, supervisor] = await Promise.all([
    web.visitorAs('agent', 'p-one'),
    web.visitorAs('agent', 'p-two'),
    web.visitorAs('supervisor'),
  ]);
  const taken = await Promise.all([act(one, messageId, 'take'), act(two, messageId, 'take')]);
  expect(taken.map(({ status }) => status).sort()).toEqual([200, 409]);
  const [winner, loser] = taken[0].status === 200 ? [one, two] : [two, one];
  expect((await list(winner, '?mine=true')).counts.mine).toBe(1);
  expect(await store.isTakenBy(messageId.replace('-message', ''), winner === one ? 'p-one' : 'p-two')).toBe(
    true,
  );
  expect((await act(loser, messageId, 'finish', { result: 'calledBack' })).status).toBe(409);
  expect((await act(winner, messageId, 'finish', { result: 'noAction' })).status).toBe(400);
  expect((await act(winner, messageId, 'finish', { result: 'ticket' })).status).toBe(400);
  const nowhere = { result: 'ticket', ticketNumber: '209999999999' };
  expect((await act(winner, messageId, 'finish', nowhere)).status).toBe(404);
  expect((await act(winner, messageId, 'release')).body).toMatchObject({ state: 'new', takenBy: null });
  expect((await act(loser, messageId, 'take')).status).toBe(200);
  expect((await act(supervisor, messageId, 'take')).body).toMatchObject({ takenBy: 'p-supervisor' });
  const done = await act(supervisor, messageId, 'finish', { result: 'ticket', ticketNumber: '202611240001' });
  expect(done.body).toMatchObject({ state: 'done', ticketId: 't-1', doneByName: '姓名p-supervisor' });
  expect((await act(loser, messageId, 'take')).status).toBe(409);
  const audited = await web.audit.list({ subject: messageId }, 10);
  expect(audited.map(({ action }) => action)).toEqual([
    ...['message.finish', 'message.take', 'message.take', 'message.release', 'message.take'],
  ]);
});
