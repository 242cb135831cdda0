import { randomUUID } from 'node:crypto';
import { NOTHING_YET, type Call } from '../../src/calls/call';
import { callbackRoutes } from '../../src/calls/callback.routes';
import { Callbacks } from '../../src/calls/callback.service';
import { CallbackStore } from '../../src/calls/callback.store';
import type { CallbackPolicy } from '../../src/calls/callback';
import { JournalService } from '../../src/calls/journal.service';
import { JournalStore } from '../../src/calls/journal.store';
import type { CallEvent } from '../../src/events';
import { writeSheet } from '../../src/lines/line-sheet.adapter';
import { AuditStore } from '../../src/platform/audit.store';
import { systemClock } from '../../src/platform/clock';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import type { Seat } from '../../src/seats/seat';
import { freshRedis, ownPostgres, testServers, type OwnServer } from '../support/servers';
import { startWeb, type Web } from '../support/web';

jest.setTimeout(60_000);

let postgres: OwnServer;
let redisServer: OwnServer;
let database: Database;
let redis: RedisClient;
let store: CallbackStore;
let web: Web;
const log = { warn: () => undefined, info: () => undefined };
const policy: CallbackPolicy = {
  ...{ shortestMs: 5000, afterMs: 0, quiet: null, attempts: 2, retryMs: 60_000 },
  ...{ patienceMs: 3_600_000, expiryMs: 24 * 3_600_000, targetMs: 3_600_000 },
};

/** One service as far as callbacks go: its journal, the live calls it knows, and one ready seat. */
class Here {
  readonly live: Call[] = [];
  readonly journal: JournalService;
  readonly callbacks: Callbacks;

  constructor(prefix: string, ready = true) {
    this.journal = new JournalService(new JournalStore(redis, database, prefix), log);
    this.callbacks = new Callbacks({
      store,
      calls: {
        live: () => this.live,
        callBack: (placed) => {
          const callId = randomUUID();
          const { line, callerNumber, direction, about } = placed;
          this.live.push({
            ...NOTHING_YET,
            ...placed,
            ...{ parties: [], callId, citizen: 'toDial', citizenLeg: `citizen-${callId}`, menu: [] },
            ...{ callerName: '', callerHidden: false, dialled: '', diversions: [], arrivedAt: Date.now() },
          });
          this.tell(callId, {
            ...{ kind: 'callArrived', line, callerNumber, callerName: '', dialled: '', diversions: [] },
            ...{ direction, about },
          });
          return callId;
        },
        withdrawPlaced: (callId) => this.end(callId, 'seat'),
      },
      seats: () =>
        ready ? [{ state: 'ready', phoneReachable: true, skills: ['general'] } as unknown as Seat] : [],
      skillOf: () => 'general',
      linePriority: () => 0,
      decideDial: (number) => ({
        ...{
          allowed: !number.startsWith('00'),
          dial: number,
          number,
          kind: 'mobile',
          rule: '',
          words: '不允许',
        },
      }),
      blacklisted: () => false,
      inCommand: () => true,
      flushJournal: () => this.journal.flush(),
      policy,
      clock: systemClock,
      log,
    });
  }

  tell(
    callId: string,
    ...events: (Record<string, unknown> & { kind: CallEvent['kind']; at?: Date })[]
  ): void {
    for (const event of events) this.journal.append({ callId, at: new Date(), ...event } as CallEvent);
  }

  /** A citizen calls, waits ten seconds and hangs up, `ago` ms before now. */
  abandoned(number: string | null, ago = 1000, callId: string = randomUUID()): string {
    const endedAt = Date.now() - ago;
    const at = (ms: number) => new Date(endedAt - ms);
    this.tell(callId, { ...arrival(number), at: at(10_000) });
    this.tell(callId, { kind: 'callWaiting', queue: 'general', priority: 0, at: at(10_000) });
    this.tell(callId, { kind: 'callEnded', endedBy: 'citizen', cause: 'normal', at: at(0) });
    return callId;
  }

  end(callId: string, endedBy: 'seat' | 'system' = 'system'): void {
    const at = this.live.findIndex((call) => call.callId === callId);
    if (at >= 0) this.live.splice(at, 1);
    this.tell(callId, { kind: 'callEnded', endedBy, cause: 'busy' });
  }

  placed(number: string): Call[] {
    return this.live.filter(
      ({ callerNumber, direction }) => direction === 'callback' && callerNumber === number,
    );
  }
}

const arrival = (callerNumber: string | null) =>
  ({
    kind: 'callArrived',
    line: {
      ...{ lineId: 'line-12345', lineName: '12345', mode: 'own', matchedNumber: '12345' },
      ...{ matchedBy: 'called-number', queue: 'general' },
    },
    ...{ callerNumber, callerName: '', dialled: '12345', diversions: [], direction: 'inbound' },
    about: { ticketId: null, callbackId: null },
  }) as const;

let numbers = 0;
const aNumber = (): string => `138${String(++numbers).padStart(8, '0')}`;
const rows = (number: string) => database('callbacks').where({ number }).orderBy('owed_at');
const stateOf = async (number: string): Promise<string> => (await rows(number).pluck('state')).join();

beforeAll(async () => {
  [postgres, redisServer] = await Promise.all([ownPostgres(), freshRedis()]);
  database = openPostgres(postgres.url, 4);
  redis = openRedis(redisServer.url);
  store = new CallbackStore(database);
  web = await startWeb({
    postgresUrl: postgres.url,
    redisUrl: testServers().redisUrl,
    routes: callbackRoutes({
      store,
      figures: () => new Here('web').callbacks.count(),
      queuesOf: (personId) => (personId === 'p-english' ? ['english'] : ['general']),
      nameOf: (personId) => `姓名${personId}`,
      targetMs: policy.targetMs,
      audit: new AuditStore(database, systemClock),
      write: writeSheet,
      hurry: () => undefined,
      now: () => new Date(),
    }),
  });
});
afterEach(async () => {
  await database('callbacks').update({ state: 'expired' });
});
afterAll(async () => {
  await web.stop();
  await database.destroy();
  redis.disconnect();
  await Promise.all([postgres.stop(), redisServer.stop()]);
});

describe('owed exactly once', () => {
  test('by however many services look, however often', async () => {
    const [one, two] = [new Here('a', false), new Here('b', false)];
    const number = aNumber();
    one.abandoned(number);
    await one.journal.flush();
    await Promise.all([one, two, one, two].map(({ callbacks }) => callbacks.look()));
    expect(await rows(number)).toMatchObject([
      { state: 'owed', missed: 1, queue: 'general', asked_at: null },
    ]);
  });

  test('by a number that called three times; its place is the first one’s', async () => {
    const here = new Here('c', false);
    const number = aNumber();
    for (const ago of [60_000, 40_000, 20_000]) here.abandoned(number, ago);
    await here.callbacks.look();
    const [row] = await rows(number);
    expect(row).toMatchObject({ state: 'owed', missed: 3 });
    expect(Date.now() - row.waiting_since.getTime()).toBeGreaterThan(69_000);
    expect(await store.causes(row.callback_id)).toHaveLength(3);
  });

  test('when the service died with the event in Redis only', async () => {
    const died = new JournalStore(redis, database, 'd');
    const number = aNumber();
    const callId = randomUUID();
    const past = (ms: number) => new Date(Date.now() - ms);
    await died.push({ entryId: '1', event: { ...arrival(number), callId, at: past(20_000) } as CallEvent });
    await died.push({
      entryId: '2',
      event: { kind: 'callEnded', callId, endedBy: 'citizen', cause: 'normal', at: past(5000) },
    });
    const here = new Here('d', false);
    await here.journal.start();
    await here.callbacks.look();
    expect(await stateOf(number)).toBe('owed');
  });

  test('when PostgreSQL was away as it happened', async () => {
    const here = new Here('e', false);
    const number = aNumber();
    await postgres.stop();
    here.abandoned(number);
    await expect(here.callbacks.look()).rejects.toThrow();
    await postgres.restart();
    await here.callbacks.look();
    expect(await stateOf(number)).toBe('owed');
  });

  test('not after too short a call, nor by a hidden number; decided once, it is not asked again', async () => {
    const here = new Here('f', false);
    const number = aNumber();
    const callId = randomUUID();
    here.tell(callId, { ...arrival(number) }, { kind: 'callEnded', endedBy: 'citizen', cause: 'normal' });
    const hidden = here.abandoned(null);
    await here.callbacks.look();
    expect(await rows(number)).toEqual([]);
    const causes = await database('callback_causes').whereIn('call_id', [callId, hidden]).orderBy('why_not');
    expect(causes.map(({ why_not }) => why_not)).toEqual(['noNumber', 'short']);
    expect(await store.undecided(new Date(0))).toEqual([]);
  });
});

describe('on its way', () => {
  test('it is placed once with the time it has waited since, also when the row was never written', async () => {
    const here = new Here('g');
    const number = aNumber();
    here.abandoned(number);
    await here.callbacks.look();
    const [row] = await rows(number);
    expect(here.placed(number)).toMatchObject([
      { waitingSince: row.waiting_since.getTime(), dialTo: number },
    ]);
    // As if the service had died between placing and writing it.
    await database('callbacks').where({ number }).update({ state: 'owed' });
    await here.callbacks.look();
    expect(here.placed(number)).toHaveLength(1);
    expect(await stateOf(number)).toBe('queued');
  });

  test('a service that takes over places it again, Redis emptied or not: no attempt is lost or counted', async () => {
    const before = new Here('h');
    const number = aNumber();
    before.abandoned(number);
    await before.callbacks.look();
    await redis.flushall();
    const after = new Here('h');
    await after.callbacks.look();
    expect(after.placed(number)).toMatchObject([{ waitingSince: before.placed(number)[0]?.waitingSince }]);
    expect(await rows(number)).toMatchObject([{ state: 'queued', attempts: 0 }]);
  });

  test('a citizen who is not reached is dialled again later, and given up after the last time', async () => {
    const here = new Here('i');
    const number = aNumber();
    here.abandoned(number);
    for (const attempts of [1, 2]) {
      await here.callbacks.look();
      const { callId } = here.placed(number)[0]!;
      here.tell(callId, { kind: 'citizenDialled', seatId: 's' });
      here.end(callId);
      await here.callbacks.look();
      const [row] = await rows(number);
      expect(row).toMatchObject({ attempts, state: attempts === 1 ? 'owed' : 'givenUp' });
      expect(here.placed(number)).toEqual([]);
      if (attempts === 1) expect(row.due_at.getTime() - Date.now()).toBeGreaterThan(55_000);
      await database('callbacks').where({ number, state: 'owed' }).update({ due_at: new Date() });
    }
    const [{ callback_id: callbackId }] = await rows(number);
    expect(await store.attempts(callbackId)).toHaveLength(2);
  });

  test('with the talk it is done, though PostgreSQL was away meanwhile', async () => {
    const here = new Here('j');
    const number = aNumber();
    here.abandoned(number);
    await here.callbacks.look();
    const { callId } = here.placed(number)[0]!;
    await postgres.stop();
    here.tell(
      callId,
      { kind: 'citizenDialled', seatId: 's' },
      { kind: 'talkStarted', seatId: 's', legId: 'x' },
    );
    here.end(callId, 'seat');
    await expect(here.callbacks.look()).rejects.toThrow();
    await postgres.restart();
    await here.callbacks.look();
    expect(await rows(number)).toMatchObject([{ state: 'done', seat_id: 's', done_call_id: callId }]);
    expect(here.placed(number)).toEqual([]);
  });

  test('a citizen on the line with us is not dialled; once served, it is cancelled', async () => {
    const here = new Here('k');
    const number = aNumber();
    here.abandoned(number);
    await here.callbacks.look();
    const placed = here.placed(number)[0]!;
    const again: Call = {
      ...placed,
      callId: randomUUID(),
      direction: 'inbound',
      citizen: 'up',
      waitingSince: null,
    };
    again.about = { ticketId: null, callbackId: null };
    here.live.push(again);
    await here.callbacks.look();
    expect(here.placed(number)).toEqual([]);
    expect(await stateOf(number)).toBe('owed');
    here.tell(again.callId, arrival(number), { kind: 'talkStarted', seatId: 's2', legId: 'x' });
    here.end(again.callId);
    await here.callbacks.look();
    expect(await rows(number)).toMatchObject([
      { state: 'cancelled', seat_id: 's2', done_call_id: again.callId },
    ]);
  });

  test('a number that may not be dialled is given up with the rule’s words; one owed too long expires', async () => {
    const here = new Here('l');
    const old = aNumber();
    here.abandoned('0044123456');
    here.abandoned(old);
    await here.callbacks.look();
    expect(await rows('0044123456')).toMatchObject([{ state: 'givenUp', why: '不允许' }]);
    await database('callbacks')
      .where({ number: old })
      .update({ owed_at: new Date(0) });
    await here.callbacks.look();
    expect(await stateOf(old)).toBe('expired');
    expect(here.placed(old)).toEqual([]);
  });
});

describe('people', () => {
  const owe = async (here = new Here(randomUUID().slice(0, 8), false)) => {
    const number = aNumber();
    here.abandoned(number);
    await here.callbacks.look();
    const [{ callback_id: callbackId }] = await rows(number);
    return { here, number, callbackId: callbackId as string };
  };

  test('an agent sees those of the own queues, masked, and may not cancel', async () => {
    const { callbackId, number } = await owe();
    const [agent, other, clerk] = await Promise.all([
      web.visitorAs('agent'),
      web.visitorAs('agent', 'p-english'),
      web.visitorAs('unit'),
    ]);
    const { body } = await agent.call('GET', '/api/callbacks?state=owed');
    expect(body.figures).toMatchObject({ owed: 1, retrying: 0, underWay: 0 });
    expect(body.callbacks).toMatchObject([
      { callbackId, state: 'owed', masked: expect.stringContaining('*') },
    ]);
    expect(JSON.stringify(body)).not.toContain(number);
    expect((await other.call('GET', '/api/callbacks')).body.callbacks).toEqual([]);
    expect((await other.call('GET', `/api/callbacks/${callbackId}`)).status).toBe(404);
    expect(
      (await agent.call('POST', `/api/callbacks/${callbackId}/cancel`, { reason: '不需要' })).status,
    ).toBe(403);
    expect((await clerk.call('GET', '/api/callbacks')).status).toBe(403);
  });

  test('a supervisor cancels with a reason, once, and it is in the audit trail; the virtual caller leaves the queue', async () => {
    const { here, callbackId, number } = await owe(new Here('m'));
    expect(here.placed(number)).toHaveLength(1);
    const supervisor = await web.visitorAs('supervisor');
    const path = `/api/callbacks/${callbackId}`;
    expect((await supervisor.call('POST', `${path}/cancel`, { reason: ' ' })).status).toBe(400);
    const done = await supervisor.call('POST', `${path}/cancel`, { reason: '诉求人已在现场解决' });
    expect(done.body).toMatchObject({
      state: 'cancelled',
      why: '诉求人已在现场解决',
      whoName: '姓名p-supervisor',
    });
    expect((await supervisor.call('POST', `${path}/cancel`, { reason: '再次取消' })).status).toBe(409);
    await here.callbacks.look();
    expect(here.placed(number)).toEqual([]);
    const [audited] = await web.audit.list({ subject: callbackId }, 5);
    expect(audited).toMatchObject({ action: 'callback.cancel', who: 'p-supervisor' });
  });

  test('a supervisor has one dialled at once; the one page tells of calls and attempts; the export has no number', async () => {
    const { here, callbackId, number } = await owe();
    await database('callbacks')
      .where({ number })
      .update({ due_at: new Date(Date.now() + 3_600_000) });
    const supervisor = await web.visitorAs('supervisor');
    expect((await supervisor.call('POST', `/api/callbacks/${callbackId}/call-now`)).status).toBe(200);
    await here.callbacks.look();
    expect(here.placed(number)).toHaveLength(1);
    expect((await supervisor.call('POST', `/api/callbacks/${callbackId}/call-now`)).status).toBe(409);
    await here.journal.flush();
    const one = await supervisor.call('GET', `/api/callbacks/${callbackId}`);
    expect(one.body).toMatchObject({
      callback: { state: 'queued', attempts: 0 },
      missed: [{ outcome: 'abandoned', waitMs: 10_000 }],
      attempts: [{ dialledAt: null, result: '等待坐席' }],
    });
    const csv = await supervisor.call('GET', '/api/callbacks-export?format=csv');
    expect(csv.text).toContain('排队中');
    expect(csv.text).not.toContain(number);
  });

  test('pages go on where the last ended', async () => {
    const made = [await owe(), await owe(), await owe()];
    const supervisor = await web.visitorAs('supervisor');
    const first = await supervisor.call('GET', '/api/callbacks?state=owed&limit=2');
    const rest = await supervisor.call(
      'GET',
      `/api/callbacks?state=owed&limit=2&after=${String(first.body.next)}`,
    );
    const seen = [first, rest].flatMap(({ body }) => body.callbacks as { callbackId: string }[]);
    expect(new Set(seen.map(({ callbackId }) => callbackId))).toEqual(
      new Set(made.map(({ callbackId }) => callbackId)),
    );
    expect(seen).toHaveLength(3);
  });
});
