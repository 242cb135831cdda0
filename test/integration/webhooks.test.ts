import type { Webhook, WebhookDelivery } from '../../src/channels/webhook';
import { WebhookDeliveries } from '../../src/channels/webhook-delivery.service';
import { WebhookDeliveryStore } from '../../src/channels/webhook-delivery.store';
import { isPrivateAddress, WebhookSender } from '../../src/channels/webhook-sender.adapter';
import { WebhookJobs } from '../../src/channels/webhook.jobs';
import { webhookRoutes } from '../../src/channels/webhook.routes';
import { Webhooks } from '../../src/channels/webhook.service';
import { WebhookStore } from '../../src/channels/webhook.store';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import type { WebhookDisabled } from '../../src/events';
import { AuditStore } from '../../src/platform/audit.store';
import { openLogger } from '../../src/platform/logger';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';
import { until } from '../support/until';
import { startWeb, type Visitor, type Web } from '../support/web';
import { webhookReceiver } from '../support/webhook-receiver';

jest.setTimeout(60_000);

const HOUR = 3_600_000;
const clock = new SetClock(new Date('2026-11-24T02:00:00Z'));
const disabled: WebhookDisabled[] = [];
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let receiver: Awaited<ReturnType<typeof webhookReceiver>>;
let desk: ReturnType<typeof ticketDesk>;
let web: Web;
let jobs: WebhookJobs;
let rows: WebhookDeliveryStore;
let deliveries: WebhookDeliveries;
let admin: Visitor;
let hook: Webhook;

const after = (ms: number) => {
  clock.set(new Date(clock.now().getTime() + ms));
  jobs.hurry();
};

beforeAll(async () => {
  [database, redis, receiver] = await Promise.all([freshDatabase(), freshRedis(), webhookReceiver()]);
  const servers = { postgresUrl: database.url, redisUrl: redis.url };
  desk = ticketDesk({ ...servers, clock });
  await seedDemoCategories(desk.db);
  const store = new WebhookStore(desk.db);
  rows = new WebhookDeliveryStore(desk.db);
  const audit = new AuditStore(desk.db, clock);
  const sender = new WebhookSender({ allowPrivate: true, timeoutMs: 4000 });
  deliveries = new WebhookDeliveries({
    ...{ store, deliveries: rows, sender, audit, clock, giveUpDays: 3 },
    announce: (event) => void disabled.push(event),
  });
  const log = openLogger('silent');
  jobs = new WebhookJobs({
    ...{ rows, deliveries, clock, log, redisUrl: redis.url },
    ...{ prefix: 'test', sweepSeconds: 600, keepDays: 30 },
  });
  const hurry = () => jobs.hurry();
  const webhooks = new Webhooks({ store, deliveries: rows, sender, audit, clock, hurry });
  web = await startWeb({ ...servers, routes: webhookRoutes({ webhooks }) });
  jobs.start();
  admin = await web.visitorAs('administrator');
});
afterAll(async () => {
  await receiver?.stop();
  await jobs?.stop();
  await web?.stop();
  await desk?.stop();
  await redis?.stop();
  await database?.drop();
});

/** A new subscription, alone, and a receiver that has heard nothing. */
async function subscribe(events = ['ticketOpened']) {
  await desk.db('webhooks').delete();
  await desk.db('webhook_events').delete();
  receiver.received.length = 0;
  receiver.state.answers = [];
  const { status, body } = await admin.call('POST', '/api/webhooks', { url: receiver.url, events });
  expect(status).toBe(201);
  hook = body as unknown as Webhook;
  receiver.state.secret = String(body.secret);
}
const open = async (changes = {}) => {
  const opened = await desk.tickets.open(aTicket(changes), person('agent'));
  jobs.hurry();
  return opened;
};
const log = async () =>
  (await admin.call('GET', `/api/webhooks/${hook.webhookId}/deliveries`)).body.items as WebhookDelivery[];
const state = async () =>
  ((await admin.call('GET', '/api/webhooks')).body.items as Webhook[]).find(
    ({ webhookId }) => webhookId === hook.webhookId,
  );
const attempts = (count: number) =>
  until(`${count} attempts are noted`, async () => (await log())[0]?.log.length === count, 20_000);

it('tells a subscriber what happened, signed, without the citizen, and its secret only once', async () => {
  await subscribe(['ticketOpened', 'ticketDispatched', 'ticketMoved']);
  const { ticketId, number } = await open({ callId: 'call-1', citizenName: '张三', unitId: 'unit-a' });
  await until('both have come', () => receiver.received.length === 2);
  expect(receiver.received.map(({ event }) => event).sort()).toEqual(['ticketDispatched', 'ticketOpened']);
  const opened = receiver.received.find(({ event }) => event === 'ticketOpened');
  expect(opened).toMatchObject({ id: `${ticketId}-1`, signed: true });
  expect(JSON.parse(opened?.body ?? '')).toEqual({
    id: `${ticketId}-1`,
    ...{ event: 'ticketOpened', what: 'opened', at: '2026-11-24T02:00:00.000Z' },
    ticket: { number, state: 'accepted', openedAt: '2026-11-24T02:00:00.000Z', dueAt: null },
  });
  expect(opened?.body).not.toMatch(/张三|138|停水/);
  expect((await admin.call('GET', '/api/webhooks')).text).not.toContain(receiver.state.secret);
  await until('it is noted', async () => (await log()).every((one) => one.state === 'delivered'));
});

it('tells only what was subscribed to, nothing of drafts, and nothing that was rolled back', async () => {
  await subscribe(['ticketDueSoon']);
  await open();
  await until('the events were looked at', async () => (await desk.db('webhook_events')).length === 0);
  expect(await log()).toEqual([]);
  const [ticket] = await desk.db('tickets').limit(1).select('ticket_id');
  const row = { ...(ticket as object), seq: 900, at: clock.now(), kind: 'dueSoon', words: '', facts: '{}' };
  const trx = await desk.db.transaction();
  await trx('ticket_timeline').insert(row);
  expect(await trx('webhook_events')).toHaveLength(1);
  await trx('tickets')
    .where(ticket as object)
    .update({ state: 'draft' });
  await trx('ticket_timeline').insert({ ...row, seq: 901 });
  expect(await trx('webhook_events')).toHaveLength(1);
  await trx.rollback();
  expect(await desk.db('webhook_events')).toEqual([]);
});

it('tries again after a fault and after a silence, always under the same id', async () => {
  await subscribe();
  receiver.state.answers = [500, 'hang', 404];
  await open();
  await attempts(1);
  jobs.hurry();
  expect(receiver.received).toHaveLength(1);
  after(10_000);
  await attempts(2);
  expect((await state())?.failingSince).toBe('2026-11-24T02:00:00.000Z');
  after(30_000);
  await attempts(3);
  after(120_000);
  await until('it has come through', async () => (await log())[0]?.state === 'delivered');
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  expect(receiver.received.every(({ signed }) => signed)).toBe(true);
  expect((await log())[0]?.log.map(({ status }) => status)).toEqual([500, null, 404, 204]);
  expect((await log())[0]?.log[1]?.fault).toBe('no answer in time');
  expect((await state())?.failingSince).toBeNull();
});

it('follows no redirect', async () => {
  await subscribe();
  receiver.state.answers = [{ redirect: `http://127.0.0.1:${receiver.port}/elsewhere` }];
  await open();
  await attempts(1);
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  expect((await log())[0]).toMatchObject({ state: 'waiting', log: [{ status: 302 }] });
});

it('sends what a killed worker left, once more under the same id, and not by its old job', async () => {
  await subscribe();
  await jobs.stop();
  const { ticketId } = await open();
  await deliveries.fanOut();
  const [left] = await rows.claim(clock.now(), 10);
  expect(left?.attempt).toBe(1);
  expect(await rows.claim(clock.now(), 10)).toEqual([]);
  clock.set(new Date(clock.now().getTime() + 61_000));
  jobs.start();
  await until('it has come', async () => (await log())[0]?.state === 'delivered');
  await deliveries.deliver(left!);
  expect(receiver.received.map(({ id }) => id)).toEqual([`${ticketId}-1`]);
});

it('sends again what was handed to a Redis that forgot it', async () => {
  await subscribe();
  await jobs.stop();
  await open();
  await deliveries.fanOut();
  await rows.claim(clock.now(), 10);
  await web.redis.flushall();
  jobs.start();
  after(61_000);
  await until('it has come', () => receiver.received.length === 1);
});

it('keeps nobody waiting for one that fails', async () => {
  await subscribe();
  receiver.state.answers = Array.from({ length: 6 }, () => 500);
  for (let count = 0; count < 6; count += 1) await open();
  await until('all were tried', async () => (await log()).every(({ log }) => log.length === 1));
  after(HOUR);
  // The first that comes through ends the caution.
  await until('all have come through', async () => {
    jobs.hurry();
    return (await log()).every((one) => one.state === 'delivered');
  });
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(6);
});

it('is disabled after days of failure, tells it, and is enabled and sent again by hand', async () => {
  await subscribe();
  receiver.state.answers = Array.from({ length: 30 }, () => 503);
  await open();
  await attempts(1);
  for (let hours = 0; (await state())?.active && hours < 90; hours += 5) {
    const [{ log: before }] = (await log()) as [WebhookDelivery];
    after(5 * HOUR);
    await until('it was tried', async () => (await log())[0]?.log.at(-1)?.at !== before.at(-1)?.at);
  }
  expect(await state()).toMatchObject({ active: false, disabledWhy: '连续 3 天投递失败：HTTP 503' });
  expect(disabled).toEqual([{ kind: 'webhookDisabled', at: expect.any(Date), webhookId: hook.webhookId }]);
  const trail = await desk.db('audit').where({ action: 'webhook.disable', subject: hook.webhookId });
  expect(trail).toHaveLength(1);
  const [failed] = (await log()) as [WebhookDelivery];
  expect([failed.state, failed.log.length]).toEqual(['failed', 10]);
  await open();
  expect(await desk.db('webhook_events')).toEqual([]);

  receiver.state.answers = [];
  const path = `/api/webhooks/${hook.webhookId}`;
  const enable = { active: true, version: (await state())?.version };
  expect((await admin.call('PATCH', path, { ...enable, version: 1 })).body.code).toBe('stale-version');
  expect((await admin.call('PATCH', path, enable)).status).toBe(200);
  const again = `${path}/deliveries/${failed.deliveryId}/redeliver`;
  expect((await admin.call('POST', again)).status).toBe(204);
  await until('it has come through', async () => (await log())[0]?.state === 'delivered');
  expect(receiver.received.at(-1)?.id).toBe(failed.eventId);
  expect(await log()).toHaveLength(1);
});

it('changes its secret at once, and is forgotten with its log', async () => {
  await subscribe();
  const path = `/api/webhooks/${hook.webhookId}`;
  const renewed = await admin.call('POST', `${path}/secret`, { version: 1 });
  expect(renewed.body.secret).not.toBe(receiver.state.secret);
  receiver.state.secret = String(renewed.body.secret);
  await open();
  await until('it has come', () => receiver.received.length === 1);
  expect(receiver.received[0]?.signed).toBe(true);
  expect((await admin.call('DELETE', path)).status).toBe(204);
  expect((await admin.call('GET', `${path}/deliveries`)).status).toBe(404);
  expect(await desk.db('webhook_deliveries')).toEqual([]);
});

describe('addresses', () => {
  const strict = new WebhookSender({ allowPrivate: false });
  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://user:pass@example.com/',
  ])('%s is refused', (url) => expect(strict.faultOf(url)).not.toBeNull());

  it('a name that leads into the house is not connected to', async () => {
    receiver.received.length = 0;
    const url = `https://localhost:${receiver.port}/hook`;
    expect(strict.faultOf(url)).toBeNull();
    const message = { url, secret: 's', id: 'x', body: '{}' };
    expect(await strict.send(message, clock.now())).toEqual({
      status: null,
      fault: 'an address that is not allowed',
    });
    expect(receiver.received).toEqual([]);
  });

  it('plain HTTP stays in the house', () => {
    const lenient = new WebhookSender({ allowPrivate: true });
    expect(lenient.faultOf('http://127.0.0.1:9/')).toBeNull();
    expect(lenient.faultOf('http://8.8.8.8/')).not.toBeNull();
    expect(lenient.faultOf('https://8.8.8.8/')).toBeNull();
  });

  it.each([
    ['8.8.8.8', false],
    ['172.32.0.1', false],
    ['172.31.0.1', true],
    ['100.64.0.1', true],
    ['0.0.0.0', true],
    ['255.255.255.255', true],
    ['2400:3200::1', false],
    ['::ffff:8.8.8.8', true],
    ['2002:7f00:1::', true],
    ['64:ff9b::7f00:1', true],
    ['fe80::1', true],
  ])('%s is private: %s', (address, expected) => expect(isPrivateAddress(address)).toBe(expected));
});
