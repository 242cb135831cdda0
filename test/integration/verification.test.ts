import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { Anchoring } from '../../src/oversight/anchoring.service';
import type { Verification } from '../../src/oversight/verification';
import { verificationRoutes } from '../../src/oversight/verification.routes';
import { ChainVerifier } from '../../src/oversight/verification.service';
import { AuditStore } from '../../src/platform/audit.store';
import { FIRST_HASH, chained } from '../../src/platform/hash-chain';
import { PROJECT } from '../../src/runtime/machine.service';
import { TimelineChainStore } from '../../src/tickets/timeline-chain.store';
import type { TimelineRow } from '../../src/tickets/ticket-row';
import { timelineRecord } from '../../src/tickets/timeline-record';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';
import { until } from '../support/until';
import { startWeb, type Web } from '../support/web';

jest.setTimeout(60_000);

const clock = new SetClock(new Date('2026-11-24T02:00:00Z'));
const log = { error: (facts: object) => void faults.push(facts) };
const faults: object[] = [];
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desk: ReturnType<typeof ticketDesk>;
let web: Web;
let folder: string;
let file: string;
const tickets: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anchors-'));
  file = join(folder, 'anchors.jsonl');
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const servers = { postgresUrl: database.url, redisUrl: redis.url };
  desk = ticketDesk({ ...servers, clock });
  await seedDemoCategories(desk.db);
  for (const unitId of ['unit-a', null, 'unit-b'])
    tickets.push((await desk.tickets.open(aTicket({ unitId }), person('agent'))).ticketId);
  tickets.sort();
  const verifier = verifierOf(desk.db);
  web = await startWeb({ ...servers, routes: verificationRoutes({ verifier }) });
  for (const subject of ['a', 'b', 'c']) await web.audit.append({ who: 'p', action: 'x.y', subject });
});
afterAll(async () => {
  await web?.stop();
  await desk?.stop();
  await redis?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const anchoringOf = (db: Knex) =>
  new Anchoring({
    file,
    audit: new AuditStore(db, clock),
    timelines: new TimelineChainStore(db),
    clock,
    log,
  });
const verifierOf = (db: Knex) =>
  new ChainVerifier({
    audit: new AuditStore(db, clock),
    timelines: new TimelineChainStore(db),
    anchors: () => anchoringOf(db).all(),
    clock,
  });

/** What the verification finds after somebody with all rights in the database has been at it; nothing of it stays. */
async function after(tampering: (trx: Knex.Transaction) => Promise<unknown>): Promise<Verification> {
  const trx = await desk.db.transaction();
  try {
    await trx.raw('alter table audit disable trigger all');
    await tampering(trx);
    return await verifierOf(trx).run();
  } finally {
    await trx.rollback();
  }
}

const line = (trx: Knex, ticketId: string | undefined, seq: number) =>
  trx('ticket_timeline').where({ ticket_id: ticketId, seq });

it('finds untouched chains whole, and gives their heads', async () => {
  const found = await verifierOf(desk.db).run();
  expect(found).toMatchObject({
    state: 'whole',
    audit: { rows: 3, brokenAt: null },
    timelines: { tickets: 3, brokenAt: null },
  });
  const { rows } = (await desk.db('ticket_timeline').count('* as rows').first()) as { rows: string };
  expect(found.timelines.rows).toBe(Number(rows));
  expect([found.audit.head, found.timelines.head]).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}$/),
    expect.stringMatching(/^[0-9a-f]{64}$/),
  ]);
});

it.each<[string, (trx: Knex.Transaction) => Promise<unknown>, number, number]>([
  ['a changed word', (trx) => line(trx, tickets[1], 1).update({ words: '改过' }), 1, 1],
  ['a changed fact', (trx) => line(trx, tickets[0], 1).update({ facts: '{"x":1}' }), 0, 1],
  ['a changed instant', (trx) => line(trx, tickets[2], 1).update({ at: new Date() }), 2, 1],
  ['a removed first row', (trx) => line(trx, tickets[2], 1).delete(), 2, 1],
  [
    'a removed last row',
    async (trx) => {
      const [last] = await trx('tickets').where({ ticket_id: tickets[1] }).select('timeline_seq');
      await line(trx, tickets[1], (last as { timeline_seq: number }).timeline_seq).delete();
    },
    1,
    -1,
  ],
  [
    'a whole timeline removed',
    (trx) => trx('ticket_timeline').where({ ticket_id: tickets[2] }).delete(),
    2,
    1,
  ],
  [
    'a row without hashes put in',
    async (trx) => {
      const row = { ticket_id: tickets[0], seq: 99, at: new Date(), kind: 'x', words: 'x', facts: '{}' };
      await trx('ticket_timeline').insert(row);
    },
    0,
    -1,
  ],
])('finds %s in a timeline', async (_words, tampering, ticket, seq) => {
  const found = await after(tampering);
  expect(found.state).toBe('broken');
  expect(found.timelines.brokenAt?.ticketId).toBe(tickets[ticket]);
  if (seq > 0) expect(found.timelines.brokenAt?.seq).toBe(seq);
});

it('finds a changed row of the audit trail by its number', async () => {
  const found = await after((trx) => trx('audit').where({ subject: 'b' }).update({ who: 'other' }));
  expect(found).toMatchObject({ state: 'broken', audit: { rows: 1, brokenAt: 2 } });
});

it('notes each day that is over once, outside the database, and finds rewritten chains by it', async () => {
  clock.set(new Date('2026-11-24T16:05:00Z'));
  await anchoringOf(desk.db).note();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ day: '2026-11-23', timelines: { rows: 0 } });
  clock.set(new Date('2026-11-26T17:00:00Z'));
  await anchoringOf(desk.db).note();
  await anchoringOf(desk.db).note();
  const noted = await anchoringOf(desk.db).all();
  expect(noted.map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26']);
  expect((await verifierOf(desk.db).run()).anchors).toEqual({ checked: 4, brokenAt: null });

  const cut = await after((trx) => trx('audit').where({ subject: 'c' }).delete());
  expect(cut).toMatchObject({ state: 'broken', audit: { brokenAt: null } });
  expect(cut.anchors.brokenAt).toEqual({ day: '2026-11-23', chain: 'audit' });

  const rewritten = await after(async (trx) => {
    await line(trx, tickets[0], 1).update({ words: '改过' });
    let previous = FIRST_HASH;
    for (const row of await trx<TimelineRow>('ticket_timeline')
      .where({ ticket_id: tickets[0] })
      .orderBy('seq')) {
      const hash = chained(previous, timelineRecord(row));
      await line(trx, tickets[0], row.seq).update({ previous_hash: previous, hash });
      previous = hash;
    }
    await trx('tickets').where({ ticket_id: tickets[0] }).update({ timeline_hash: previous });
  });
  expect(rewritten.timelines.brokenAt).toBeNull();
  expect(rewritten.anchors.brokenAt).toEqual({ day: '2026-11-24', chain: 'timelines' });
  expect(faults).toEqual([]);
});

it('is asked for over HTTP by an overseer and an administrator only', async () => {
  const path = '/api/audit/verification';
  expect((await (await web.visitorAs('supervisor')).call('GET', path)).status).toBe(403);
  for (const role of ['overseer', 'administrator'] as const) {
    const visitor = await web.visitorAs(role);
    expect((await visitor.call('GET', `${path}?anew=true`)).body).toMatchObject({ state: 'running' });
    await until('it has finished', async () => {
      const { body } = await visitor.call('GET', path);
      return body.state === 'whole';
    });
  }
});

it('npm run verify ends with 0 when all fits, 1 when something is broken, 2 when it cannot say', async () => {
  const whole = await command({ POSTGRES_URL: database.url, ANCHOR_FILE: file });
  expect(whole.text).toMatch(/audit trail: 3 rows fit, head [0-9a-f]{64}[\s\S]*anchors: 4 days[\s\S]*whole/);
  expect(whole.code).toBe(0);
  await line(desk.db, tickets[1], 1).update({ words: '改过' });
  const broken = await command({ POSTGRES_URL: database.url });
  expect(broken.text).toMatch(/BROKEN at work order \d{8}-\d{6}, row 1/);
  expect(broken.code).toBe(1);
  expect((await command({ POSTGRES_URL: database.url, ANCHOR_FILE: join(folder, 'none') })).code).toBe(2);
  expect(await command({ VAR_DIR: folder })).toMatchObject({
    code: 2,
    text: expect.stringContaining('POSTGRES_URL'),
  });
});

function command(env: Record<string, string>): Promise<{ code: number | null; text: string }> {
  const { POSTGRES_URL: _, ...rest } = process.env;
  const child = spawn(process.execPath, ['src/runtime/bootstrap.mjs', 'verify'], {
    cwd: PROJECT,
    env: { ...rest, ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (text += data.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })));
}
