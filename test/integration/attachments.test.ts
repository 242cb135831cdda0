import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AttachmentView } from '../../src/attachments/attachment';
import { AttachmentFiles, sha256Of } from '../../src/attachments/attachment-files.adapter';
import { attachmentRoutes } from '../../src/attachments/attachment.routes';
import { Attachments } from '../../src/attachments/attachment.service';
import { AttachmentStore } from '../../src/attachments/attachment.store';
import { AttachmentSweep } from '../../src/attachments/attachment-sweep.service';
import { clamd } from '../../src/attachments/clamd.adapter';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { ticketOwner } from '../../src/hotline/attachments';
import { AuditStore } from '../../src/platform/audit.store';
import { systemClock as clock } from '../../src/platform/clock';
import { TimelineChainStore } from '../../src/tickets/timeline-chain.store';
import { clamdStandIn } from '../support/clamd-stand-in';
import { PNG } from '../support/files';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, person, ticketDesk } from '../support/ticket-desk';
import { until } from '../support/until';
import { startWeb, type Visitor, type Web } from '../support/web';

jest.setTimeout(60_000);

const EICAR = Buffer.from('X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*');
const MAX = 6000;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let scanner: Awaited<ReturnType<typeof clamdStandIn>>;
let desk: ReturnType<typeof ticketDesk>;
let files: AttachmentFiles;
let sweep: AttachmentSweep;
let web: Web;
let folder: string;
let agent: Visitor;
let unit: Visitor;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attachments-'));
  [database, redis, scanner] = await Promise.all([freshDatabase(), freshRedis(), clamdStandIn()]);
  const servers = { postgresUrl: database.url, redisUrl: redis.url };
  desk = ticketDesk({ ...servers, clock });
  await seedDemoCategories(desk.db);
  const store = new AttachmentStore(desk.db);
  files = new AttachmentFiles(folder);
  sweep = new AttachmentSweep({
    ...{ store, files, clock, sweepSeconds: 600, log: { warn: () => undefined } },
    scan: clamd(scanner.address),
  });
  const attachments = new Attachments({
    ...{ store, files, clock, scanning: true, audit: new AuditStore(desk.db, clock) },
    owners: { ticket: ticketOwner(desk.db, desk.reading) },
    limits: { file: { image: 3000, document: MAX, media: MAX }, owner: 10_000 },
    hurry: () => sweep.hurry(),
  });
  web = await startWeb({ ...servers, routes: attachmentRoutes({ attachments, maxBytes: MAX }) });
  sweep.start();
  agent = await web.visitorAs('agent');
  unit = await web.visitorAs('unit', 'clerk-a', 'unit-a');
});
afterAll(async () => {
  await sweep?.stop();
  await web?.stop();
  await desk?.stop();
  await scanner?.stop();
  await redis?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (changes = {}) =>
  (await desk.tickets.open(aTicket({ unitId: 'unit-a', ...changes }), person('agent'))).ticketId;

async function upload(visitor: Visitor, ticketId: string, name: string, content: Buffer, more = '') {
  const response = await fetch(
    `${web.url}/api/attachments?ownerKind=ticket&ownerId=${encodeURIComponent(ticketId)}${more}`,
    {
      method: 'POST',
      headers: {
        ...{ cookie: visitor.cookie, 'x-csrf-token': visitor.csrf },
        ...{ 'content-type': 'text/html', 'x-file-name': encodeURIComponent(name) },
      },
      body: new Uint8Array(content),
    },
  );
  return { status: response.status, body: (await response.json()) as AttachmentView & { code?: string } };
}

const list = async (visitor: Visitor, ticketId: string) => {
  const { status, body } = await visitor.call('GET', `/api/attachments?ownerKind=ticket&ownerId=${ticketId}`);
  return { status, items: body.items as AttachmentView[] };
};
const available = (visitor: Visitor, ticketId: string, id: string) =>
  until('it is scanned', async () => {
    const { items } = await list(visitor, ticketId);
    return items.find(({ attachmentId }) => attachmentId === id)?.available === true;
  });
const timeline = async (ticketId: string) =>
  (await desk.db('ticket_timeline').where({ ticket_id: ticketId, kind: 'attachment' }).orderBy('seq')).map(
    ({ words }: { words: string }) => words,
  );

it('is checked, stored by its hash, scanned, and given back as a download that no browser opens', async () => {
  const ticketId = await open();
  const { status, body } = await upload(agent, ticketId, '现场 照片"1\'.png', PNG);
  expect([status, body]).toMatchObject([201, { mediaType: 'image/png', scan: 'pending', available: false }]);
  expect(existsSync(files.path(sha256Of(PNG)))).toBe(true);
  await available(unit, ticketId, body.attachmentId);
  expect(scanner.scanned).toContain(PNG.length);
  const path = `${web.url}/api/attachments/${body.attachmentId}/content`;
  const got = await fetch(path, { headers: { cookie: unit.cookie } });
  expect(Buffer.from(await got.arrayBuffer()).equals(PNG)).toBe(true);
  expect(Object.fromEntries(got.headers)).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'content-disposition':
      'attachment; filename="______1_.png"; filename*=UTF-8\'\'%E7%8E%B0%E5%9C%BA%20%E7%85%A7%E7%89%87_1%27.png',
  });
  expect(await timeline(ticketId)).toEqual(["上传附件：现场 照片_1'.png"]);
  expect(await new TimelineChainStore(desk.db).verify()).toMatchObject({ brokenAt: null });
});

it('adds one content once, and no more than each file, and all of one work order, may have', async () => {
  const ticketId = await open();
  const both = await Promise.all([1, 2].map(() => upload(agent, ticketId, 'a.png', PNG)));
  expect(both[0]?.body.attachmentId).toBe(both[1]?.body.attachmentId);
  expect(await timeline(ticketId)).toHaveLength(1);
  const big = Buffer.concat([PNG, Buffer.alloc(3000)]);
  expect((await upload(agent, ticketId, 'big.png', big)).body.code).toBe('too-large');
  expect((await upload(agent, ticketId, 'big.txt', Buffer.alloc(MAX + 1, 'x'))).status).toBe(413);
  expect((await upload(agent, ticketId, 'a.svg', Buffer.from('<svg/>'))).body.code).toBe(
    'unsupported-media-type',
  );
  expect((await upload(agent, ticketId, 'a.jpg', PNG)).body.code).toBe('unsupported-media-type');
  const texts = await Promise.all(
    ['x', 'y', 'z'].map((one) => upload(agent, ticketId, `${one}.txt`, Buffer.alloc(4500, one))),
  );
  expect(texts.map(({ status }) => status).sort()).toEqual([201, 201, 413]);
});

it('is for who may see the work order only', async () => {
  const ticketId = await open();
  const { body } = await upload(unit, ticketId, 'a.txt', Buffer.from('已修复'));
  expect(body.attachmentId).toBeDefined();
  await available(agent, ticketId, body.attachmentId);
  const other = await web.visitorAs('unit', 'clerk-b', 'unit-b');
  const path = `/api/attachments/${body.attachmentId}`;
  expect((await list(other, ticketId)).status).toBe(404);
  expect((await other.call('GET', `${path}/content`)).status).toBe(404);
  expect((await upload(other, ticketId, 'b.txt', Buffer.from('x'))).status).toBe(404);
  const overseer = await web.visitorAs('overseer');
  expect((await overseer.call('GET', `${path}/content`)).status).toBe(200);
  expect((await upload(overseer, ticketId, 'b.txt', Buffer.from('x'))).status).toBe(403);
  expect((await other.call('DELETE', path)).status).toBe(404);
  expect((await agent.call('DELETE', path)).status).toBe(403);
  expect((await unit.call('DELETE', path)).status).toBe(204);
  expect((await unit.call('GET', `${path}/content`)).status).toBe(404);
  expect(await timeline(ticketId)).toEqual(['上传附件：a.txt', '删除附件：a.txt']);
});

it('hides what leads to the citizen of a report from units and overseers until the hotline releases it', async () => {
  const ticketId = await open({ type: 'report' });
  const { body } = await upload(agent, ticketId, '李四身份证.txt', Buffer.from('李四'));
  const shown = await upload(agent, ticketId, '井盖.txt', Buffer.from('井盖'), '&identifying=false');
  expect([body.identifying, shown.body.identifying]).toEqual([true, false]);
  await available(agent, ticketId, body.attachmentId);
  const overseer = await web.visitorAs('overseer');
  for (const visitor of [unit, overseer]) {
    expect((await list(visitor, ticketId)).items.map(({ name }) => name)).toEqual(['井盖.txt']);
    expect((await visitor.call('GET', `/api/attachments/${body.attachmentId}/content`)).status).toBe(404);
  }
  expect((await unit.call('POST', `/api/attachments/${body.attachmentId}/release`)).status).toBe(403);
  expect((await timeline(ticketId)).join()).not.toContain('李四');
  expect((await agent.call('GET', `/api/attachments/${body.attachmentId}/content`)).status).toBe(200);
  expect(await desk.db('audit').where({ action: 'attachment.read' })).toHaveLength(1);
  expect((await agent.call('POST', `/api/attachments/${body.attachmentId}/release`)).status).toBe(200);
  expect((await agent.call('POST', `/api/attachments/${body.attachmentId}/release`)).status).toBe(409);
  expect((await unit.call('GET', `/api/attachments/${body.attachmentId}/content`)).status).toBe(200);
});

it('is never given when infected, also not another time; a scanner that fails leaves it waiting', async () => {
  const ticketId = await open();
  const { body } = await upload(agent, ticketId, 'a.txt', EICAR);
  await until('the scanner has found it', async () => {
    const { items } = await list(agent, ticketId);
    return items[0]?.scan === 'infected';
  });
  const content = `/api/attachments/${body.attachmentId}/content`;
  expect((await agent.call('GET', content)).body.code).toBe('wrong-state');
  expect((await upload(agent, await open(), 'b.txt', EICAR)).body).toMatchObject({ scan: 'infected' });
  scanner.state.mode = 'error';
  const later = await upload(agent, ticketId, 'c.txt', Buffer.from('以后再扫'));
  expect((await agent.call('GET', `/api/attachments/${later.body.attachmentId}/content`)).status).toBe(409);
  scanner.state.mode = 'scan';
  sweep.hurry();
  await available(agent, ticketId, later.body.attachmentId);
});

it('sweeps files without a row, and what an upload left half written, but nothing that is used or new', async () => {
  const ticketId = await open();
  const { body } = await upload(agent, ticketId, 'used.txt', Buffer.from('仍在使用'));
  const used = files.path(body.sha256);
  const [orphan, fresh] = ['无人使用', '刚刚写入'].map((words) => Buffer.from(words));
  await files.keep(sha256Of(orphan!), orphan!);
  await files.keep(sha256Of(fresh!), fresh!);
  const part = `${used}.x.part`;
  mkdirSync(dirname(part), { recursive: true });
  writeFileSync(part, 'half');
  const long = new Date(Date.now() - 7_200_000);
  for (const path of [used, files.path(sha256Of(orphan!)), part]) utimesSync(path, long, long);
  await sweep.tidy();
  expect([used, files.path(sha256Of(fresh!))].map(existsSync)).toEqual([true, true]);
  expect([files.path(sha256Of(orphan!)), part].map(existsSync)).toEqual([false, false]);
  expect(readdirSync(folder).length).toBeGreaterThan(0);
});
