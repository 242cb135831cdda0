import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Redis from 'ioredis';
import { cityInstant } from '../../src/deadlines/city-time';
import { AliyunSms } from '../../src/notifications/aliyun-sms.adapter';
import { FileSms } from '../../src/notifications/file-sms.adapter';
import type { MessageCarrier } from '../../src/notifications/message-carrier';
import type { OutgoingRow } from '../../src/notifications/outgoing.store';
import { systemClock, type Clock } from '../../src/platform/clock';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { freshDatabase, freshRedis, startService, testFolder, type Service } from '../support/servers';
import { outgoingDesk, SIGN_NAME } from '../support/outgoing-desk';
import { ACCESS_KEY, smsProvider, type SmsProvider } from '../support/sms-provider';
import { person, SetClock } from '../support/ticket-desk';
import { until } from '../support/until';

jest.setTimeout(60_000);

const admin = person('administrator');
const at = (time: string) => cityInstant('2026-11-24', time);
const MINUTE = 60_000;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let db: Database;
let provider: SmsProvider;
let clock: SetClock;
let running: ReturnType<typeof outgoingDesk>[] = [];

beforeEach(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openPostgres(database.url, 8);
  clock = new SetClock(at('10:00'));
  provider = await smsProvider(clock);
});
afterEach(async () => {
  await Promise.all(running.map(({ jobs }) => jobs.stop()));
  running = [];
  await provider.stop();
  await db.destroy();
  await redis.stop();
  await database.drop();
});

const aliyun = (own: Clock = clock, url = provider.url) =>
  new AliyunSms(
    { url, accessKeyId: ACCESS_KEY.id, accessKeySecret: ACCESS_KEY.secret, signName: SIGN_NAME },
    own,
  );

/** A service's messages by way of the provider (or another carrier of SMS). */
function service(sms: MessageCarrier = aliyun(), own: Clock = clock) {
  return outgoingDesk({ db, redisUrl: redis.url, clock: own, carriers: { sms } });
}

async function approve(desk: ReturnType<typeof outgoingDesk>, providerCode = 'SMS_1001') {
  const current = (await desk.wording.list()).filter(({ code }) => code.startsWith('ticket'));
  for (const { code, version, words } of current)
    await desk.wording.change(code, { version, words, enabled: true, providerCode }, admin);
}

const started = (desk: ReturnType<typeof outgoingDesk>) => {
  running.push(desk);
  desk.jobs.start();
};

const write = (
  desk: ReturnType<typeof outgoingDesk>,
  change: Partial<{
    number: string | null;
    sourceId: string;
    template: 'ticketAccepted' | 'ticketConcluded';
  }> = {},
) => {
  const { number = '13800138000', sourceId = 'cause-1', template = 'ticketAccepted' } = change;
  const cause = { ticketId: null, sourceId, to: { channel: 'sms', number } as const };
  const params = { number: '20261124-000001' };
  return db.transaction((trx) =>
    template === 'ticketAccepted'
      ? desk.messages.write(trx, { ...cause, template, params: { ...params, code: '738291' } })
      : desk.messages.write(trx, { ...cause, template, params }),
  );
};

const rows = () => db<OutgoingRow>('outgoing_messages').orderBy('seq');
const only = async (): Promise<OutgoingRow> => {
  const found = await rows();
  expect(found).toHaveLength(1);
  return found[0]!;
};
const later = (minutes: number) => clock.set(new Date(clock.now().getTime() + minutes * MINUTE));

test('thirty causes, each written twice, by two services: the provider gets thirty, each under its own serial number', async () => {
  const desks = [service(), service()];
  await approve(desks[0]!);
  desks.forEach(started);
  const causes = Array.from({ length: 30 }, (_, n) => `cause-${n}`);
  const ids = await Promise.all(
    [...causes, ...causes].map((sourceId, n) => write(desks[n % 2]!, { sourceId })),
  );
  expect(ids.filter((id) => id !== null)).toHaveLength(30);
  await until('all are sent', async () => (await rows()).every(({ state }) => state === 'sent'), 20_000);
  // Every job once more, as BullMQ runs it whose lock has lapsed.
  for (const { message_id } of await rows())
    for (const desk of desks) await desk.delivery.deliver(message_id);
  expect(provider.taken.map(({ OutId }) => OutId).sort()).toEqual(
    (await rows()).map((row) => row.message_id).sort(),
  );
  expect(provider.taken[0]).toMatchObject({
    ...{ PhoneNumbers: '13800138000', SignName: SIGN_NAME, TemplateCode: 'SMS_1001' },
    TemplateParam: '{"code":"738291","number":"20261124-000001"}',
  });
  expect((await rows())[0]).toMatchObject({ attempts: 1, sent_at: at('10:00') });
});

test('one message delivered ten times at once is sent once', async () => {
  const desks = [service(), service()];
  await approve(desks[0]!);
  const id = (await write(desks[0]!)) ?? '';
  await Promise.all(Array.from({ length: 10 }, (_, n) => desks[n % 2]!.delivery.deliver(id)));
  expect(provider.taken).toHaveLength(1);
  expect(await only()).toMatchObject({ state: 'sent', attempts: 1 });
});

test('a service that was only slow takes nothing back from the one that took over', async () => {
  const desk = service();
  const id = (await write(desk)) ?? '';
  const claim = () => desk.store.take(id, clock.now(), new Date(clock.now().getTime() + MINUTE));
  const slow = (await claim())!;
  expect(await claim()).toBeNull();
  later(2);
  const heir = (await claim())!;
  expect([slow.unsure, heir.unsure]).toEqual([false, true]);
  const missed = { again: null, why: 'x', unsure: false, at: clock.now() };
  await desk.store.missed(slow, missed);
  expect(await only()).toMatchObject({ state: 'sending', attempts: 2 });
  await desk.store.taken(id, '9^0', clock.now());
  await desk.store.missed(heir, missed);
  expect(await only()).toMatchObject({ state: 'sent', provider_id: '9^0' });
});

test('a command that is rolled back sends nothing', async () => {
  const desk = service();
  await approve(desk);
  started(desk);
  await expect(
    db.transaction(async (trx) => {
      await desk.citizens.tell(trx, aTicket(), { template: 'ticketConcluded', words: '' }, 'cause-1');
      throw new Error('the command is refused');
    }),
  ).rejects.toThrow('refused');
  expect(await write(desk, { sourceId: 'cause-2' })).not.toBeNull();
  await until('the other one is sent', async () => (await only()).state === 'sent');
  expect(provider.taken).toHaveLength(1);
});

test('a message is handed over when its command commits, not at the next sweep', async () => {
  const desk = outgoingDesk({
    db,
    redisUrl: redis.url,
    clock,
    carriers: { sms: aliyun() },
    sweepSeconds: 600,
  });
  await approve(desk);
  started(desk);
  await write(desk);
  await until(
    'the first is sent, be it by the sweep that comes with the start',
    () => provider.taken.length === 1,
  );
  await write(desk, { sourceId: 'cause-2' });
  await until('so is the next', () => provider.taken.length === 2);
});

test('a message whose services die one after the other is given up', async () => {
  const desk = service();
  await approve(desk);
  const id = (await write(desk)) ?? '';
  for (let death = 0; death < 3; death += 1) {
    await desk.store.take(id, clock.now(), new Date(clock.now().getTime() + MINUTE));
    later(2);
  }
  await desk.delivery.deliver(id);
  expect(await only()).toMatchObject({ state: 'failed', attempts: 4, why: '发送多次中断' });
  expect(provider.requests).toEqual([]);
});

test('a message that BullMQ lost is handed over again', async () => {
  const desk = service();
  await approve(desk);
  await write(desk);
  expect(await desk.store.handOver(clock.now(), 10)).toHaveLength(1);
  expect(await desk.store.handOver(clock.now(), 10)).toEqual([]);
  const cli = new Redis(redis.url);
  await cli.flushall();
  cli.disconnect();
  later(1);
  started(desk);
  await until('it is sent', async () => (await only()).state === 'sent');
  expect(provider.taken).toHaveLength(1);
});

test('a service killed between sending and marking: the claim lapses, the provider is asked, nothing is sent twice', async () => {
  const real = await smsProvider(systemClock);
  let doomed: Service | undefined;
  try {
    const now = service(aliyun(systemClock, real.url), systemClock);
    await approve(now);
    real.befall('no answer');
    doomed = await startService({
      ...{ POSTGRES_URL: database.url, REDIS_URL: redis.url, SWITCH: 'simulated', SMS: 'aliyun' },
      ...{ SMS_URL: real.url, SMS_ACCESS_KEY_ID: ACCESS_KEY.id, SMS_ACCESS_KEY_SECRET: ACCESS_KEY.secret },
      ...{ SMS_SIGN_NAME: SIGN_NAME, SWEEP_SECONDS: '1' },
    });
    await write(now);
    await until('the provider has it', () => real.taken.length === 1, 20_000);
    await doomed.kill9();
    expect(await only()).toMatchObject({ state: 'sending', attempts: 1, unsure: false });
    const ahead: Clock = { now: () => new Date(Date.now() + 2 * MINUTE) };
    started(service(aliyun(systemClock, real.url), ahead));
    await until('the heir has marked it', async () => (await only()).state === 'sent', 20_000);
    expect(real.requests).toEqual(['SendSms', 'QuerySendDetails']);
    expect(real.taken).toHaveLength(1);
  } finally {
    await doomed?.kill9();
    await real.stop();
  }
});

test.each([
  ['answer lost', 1, ['SendSms', 'QuerySendDetails']],
  ['lost on the way', 1, ['SendSms', 'QuerySendDetails', 'SendSms']],
] as const)(
  'unsure (%s): looked for under the same serial number before it is sent again',
  async (mishap, taken, requests) => {
    const desk = service();
    await approve(desk);
    provider.befall(mishap);
    const id = (await write(desk)) ?? '';
    await desk.delivery.deliver(id);
    expect(await only()).toMatchObject({ state: 'waiting', unsure: true, why: '发送中断，结果未知' });
    await desk.delivery.deliver(id);
    expect(provider.requests).toHaveLength(1);
    later(1);
    await desk.delivery.deliver(id);
    expect(await only()).toMatchObject({ state: 'sent', unsure: false, why: '' });
    expect(provider.requests).toEqual(requests);
    expect(provider.taken.map(({ OutId }) => OutId)).toEqual(Array.from({ length: taken }, () => id));
  },
);

test('refused for a while: tried with growing gaps, then failed with the fault; sent again by hand', async () => {
  const desk = service();
  await approve(desk);
  const busy = {
    status: 200,
    body: { Code: 'isv.BUSINESS_LIMIT_CONTROL', Message: '触发小时级流控Permits:5' },
  };
  provider.befall(busy, busy, busy);
  const id = (await write(desk)) ?? '';
  for (const wait of [0, 0.5, 2, 60, 600]) {
    later(wait);
    await desk.delivery.deliver(id);
  }
  expect(provider.requests).toHaveLength(3);
  expect(await only()).toMatchObject({
    ...{ state: 'failed', attempts: 3 },
    why: '该号码短时间内短信过多（isv.BUSINESS_LIMIT_CONTROL）',
  });
  expect(await desk.store.backlog(clock.now())).toMatchObject({ waiting: 0, failed: 1 });
  const again = await desk.desk.act(id, 'retry', '', admin);
  expect(again).toMatchObject({ state: 'waiting', to: '138****8000', actions: ['cancel'] });
  expect(await desk.store.backlog(new Date(clock.now().getTime() + 90_000))).toEqual({
    ...{ waiting: 1, failed: 0, oldestSeconds: 90 },
  });
  await desk.delivery.deliver(id);
  expect(await only()).toMatchObject({ state: 'sent', attempts: 4 });
  await expect(desk.desk.act(id, 'retry', '', admin)).rejects.toMatchObject({ code: 'wrong-state' });
  expect(await desk.audit.list({ subject: id }, 5)).toMatchObject([
    { action: 'message.retry', facts: { to: '138****8000' } },
  ]);
});

test('refused for good: no second attempt; what cannot be sent is kept with its reason', async () => {
  const desk = service();
  const first = (await write(desk)) ?? '';
  await desk.delivery.deliver(first);
  expect(await only()).toMatchObject({ state: 'failed', why: '尚未填写服务商的短信模板编号' });
  expect(provider.requests).toEqual([]);
  await approve(desk, 'SMS_9999');
  await desk.desk.act(first, 'retry', '', admin);
  await desk.delivery.deliver(first);
  expect(await only()).toMatchObject({
    state: 'failed',
    attempts: 2,
    why: expect.stringContaining('SMS_TEMPLATE_ILLEGAL'),
  });
  await write(desk, { number: '0355-2012319', sourceId: 'cause-2' });
  await write(desk, { number: null, sourceId: 'cause-3' });
  expect((await rows()).slice(1)).toMatchObject([
    { state: 'skipped', address: '03552012319', why: '不是手机号码，不能接收短信' },
    { state: 'skipped', address: '', why: '诉求人隐藏号码' },
  ]);
  const off = outgoingDesk({ db, redisUrl: redis.url, clock });
  await write(off, { sourceId: 'cause-4' });
  expect((await rows()).at(-1)).toMatchObject({ state: 'skipped', why: '短信未启用' });
});

test('the provider’s clock, key and signature are checked by the stand-in: a wrong secret is refused', async () => {
  const wrong = new AliyunSms(
    { url: provider.url, accessKeyId: ACCESS_KEY.id, accessKeySecret: 'another', signName: SIGN_NAME },
    clock,
  );
  const desk = service(wrong);
  await approve(desk);
  await desk.delivery.deliver((await write(desk)) ?? '');
  expect(await only()).toMatchObject({ state: 'failed', why: '访问密钥有误（SignatureDoesNotMatch）' });
  expect(provider.taken).toEqual([]);
});

test('citizens sleep from 21:00 to 08:00: what is written or retried then waits; urgent messages go', async () => {
  const desk = service();
  await approve(desk);
  clock.set(at('20:59'));
  const late = (await write(desk, { template: 'ticketConcluded' })) ?? '';
  clock.set(at('22:00'));
  const night = (await write(desk, { template: 'ticketConcluded', sourceId: 'cause-2' })) ?? '';
  const urgent = (await write(desk, { sourceId: 'cause-3' })) ?? '';
  for (const id of [late, night, urgent]) await desk.delivery.deliver(id);
  expect(provider.taken.map(({ OutId }) => OutId)).toEqual([urgent]);
  const morning = cityInstant('2026-11-25', '08:00');
  expect(await rows()).toMatchObject([
    { state: 'waiting', attempts: 0, next_at: morning },
    { state: 'waiting', attempts: 0, next_at: morning },
    { state: 'sent' },
  ]);
  expect(await desk.store.handOver(clock.now(), 10)).toEqual([]);
  expect((await desk.store.backlog(clock.now())).waiting).toBe(0);
  clock.set(morning);
  for (const id of [late, night]) await desk.delivery.deliver(id);
  expect(provider.taken).toHaveLength(3);
});

test('cancelled while it waits, with a reason; nothing is sent', async () => {
  const desk = service();
  await approve(desk);
  clock.set(at('22:00'));
  const id = (await write(desk, { template: 'ticketConcluded' })) ?? '';
  const view = await desk.desk.act(id, 'cancel', '工单已重办', admin);
  expect(view).toMatchObject({ state: 'cancelled', why: '工单已重办', actions: [] });
  clock.set(at('23:59'));
  later(600);
  await desk.delivery.deliver(id);
  expect(provider.requests).toEqual([]);
});

test('receipts: arrived, not arrived, and a late one of an earlier sending changes nothing', async () => {
  const desk = service();
  await approve(desk);
  const id = (await write(desk)) ?? '';
  await desk.delivery.deliver(id);
  const sent = (await only()).provider_id ?? '';
  expect(
    await desk.store.receive({ messageId: id, providerId: 'of another', fault: '停机' }, clock.now()),
  ).toBe(false);
  expect(
    await desk.store.receive({ messageId: id, providerId: sent, fault: '未送达：停机' }, clock.now()),
  ).toBe(true);
  expect(await only()).toMatchObject({ state: 'failed', why: '未送达：停机' });
  await desk.desk.act(id, 'retry', '', admin);
  await desk.delivery.deliver(id);
  expect(provider.taken).toHaveLength(2);
  expect(
    await desk.store.receive({ messageId: id, providerId: sent, fault: '未送达：停机' }, clock.now()),
  ).toBe(false);
  const second = (await only()).provider_id ?? '';
  expect(second).not.toBe(sent);
  await desk.store.receive({ messageId: id, providerId: second, fault: null }, clock.now());
  expect(await desk.store.receive({ messageId: id, providerId: second, fault: '迟到' }, clock.now())).toBe(
    false,
  );
  expect(await only()).toMatchObject({ state: 'delivered', why: '', ended_at: clock.now() });
});

test('a receipt that is faster than the answer stays', async () => {
  const desk = service();
  await approve(desk);
  const id = (await write(desk)) ?? '';
  await desk.store.take(id, clock.now(), new Date(clock.now().getTime() + MINUTE));
  await desk.store.receive({ messageId: id, providerId: '9^0', fault: null }, clock.now());
  await desk.store.taken(id, '9^0', clock.now());
  expect((await only()).state).toBe('delivered');
});

test('in files: one line of JSON each, also when the service died before marking', async () => {
  const folder = join(testFolder('sms'), 'sms');
  const desk = service(new FileSms(folder, clock));
  const id = (await write(desk)) ?? '';
  await desk.delivery.deliver(id);
  // As if it had died before the mark: the claim has lapsed.
  await db('outgoing_messages').update({ state: 'sending' });
  later(2);
  await desk.delivery.deliver(id);
  expect(await only()).toMatchObject({ state: 'sent', attempts: 2 });
  expect(readdirSync(folder)).toEqual(['2026-11-24.jsonl']);
  const lines = readFileSync(join(folder, '2026-11-24.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { id, to: '13800138000', template: 'ticketAccepted', text: expect.stringContaining('738291') },
  ]);
});

test('a folder that cannot be written is no reason to lose a message', async () => {
  const folder = join(testFolder('sms'), 'sms');
  mkdirSync(join(folder, '2026-11-24.jsonl'), { recursive: true });
  const desk = service(new FileSms(folder, clock));
  const id = (await write(desk)) ?? '';
  await desk.delivery.deliver(id);
  expect(await only()).toMatchObject({ state: 'waiting', unsure: true });
});

/** A work order as far as a message needs it. */
function aTicket() {
  return {
    ...{ ticket_id: 't-1', number: '20261124-000001', query_code: '738291' },
    ...{ caller_number: '03552012319', contact_number: '13800138000' },
  } as unknown as Parameters<ReturnType<typeof outgoingDesk>['citizens']['tell']>[1];
}

test('the citizen of a work order gets number and query code at the mobile number he has', async () => {
  const desk = service();
  await db.transaction((trx) =>
    desk.citizens.tell(trx, aTicket(), { template: 'ticketAccepted', words: '' }, 't-1-opened'),
  );
  expect(await only()).toMatchObject({
    ...{ address: '13800138000', template: 'ticketAccepted', ticket_id: 't-1', state: 'waiting' },
    params: { number: '20261124-000001', code: '738291' },
  });
});
