import { cityInstant } from '../../src/deadlines/city-time';
import { FileSms } from '../../src/notifications/file-sms.adapter';
import type { OutgoingRow } from '../../src/notifications/outgoing.store';
import { SmtpMail } from '../../src/notifications/smtp.adapter';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { mailServer, type MailServer } from '../support/mail-server';
import { outgoingDesk } from '../support/outgoing-desk';
import { freshDatabase, testFolder, testServers } from '../support/servers';
import { SetClock } from '../support/ticket-desk';

jest.setTimeout(60_000);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let mail: MailServer;
let clock: SetClock;

beforeEach(async () => {
  [database, mail] = await Promise.all([freshDatabase(), mailServer()]);
  db = openPostgres(database.url, 4);
  clock = new SetClock(cityInstant('2026-11-24', '10:00'));
});
afterEach(async () => {
  await mail.stop();
  await db.destroy();
  await database.drop();
});

const CLERKS = {
  'unit-a': [
    { mobile: '13900139000', email: 'clerk@changzhi.gov.cn' },
    { mobile: null, email: 'second@changzhi.gov.cn' },
    { mobile: null, email: null },
  ],
};

const service = (url = mail.url) =>
  outgoingDesk({
    ...{ db, redisUrl: testServers().redisUrl, clock, clerks: CLERKS },
    carriers: {
      sms: new FileSms(testFolder('sms'), clock),
      email: new SmtpMail({ url, from: 'hotline@changzhi.gov.cn' }),
    },
  });

const tell = (desk: ReturnType<typeof service>, reason = '不属于本单位职责', inbox = true) =>
  db.transaction((trx) =>
    desk.messages.writeToUnit(trx, {
      template: 'unitReturnDecided',
      params: { number: '20261124-000001', decision: '未同意', reason },
      ...{ ticketId: 't-1', sourceId: 'cause-1', unitId: 'unit-a', inbox },
    }),
  );
const rows = () => db<OutgoingRow>('outgoing_messages').orderBy('seq');
const mails = async () => (await rows()).filter(({ channel }) => channel === 'email');

test('a unit is told in its inbox and its people where messages reach them, once for each', async () => {
  const desk = service();
  expect(await tell(desk)).toBe(4);
  expect(await tell(desk)).toBe(0);
  expect(await rows()).toMatchObject([
    { channel: 'inApp', address: 'unit-a', state: 'delivered', unit_id: 'unit-a' },
    { channel: 'sms', address: '13900139000', state: 'waiting', unit_id: 'unit-a' },
    { channel: 'email', address: 'clerk@changzhi.gov.cn', state: 'waiting' },
    { channel: 'email', address: 'second@changzhi.gov.cn', state: 'waiting' },
  ]);
  expect(await db('unit_inbox')).toMatchObject([
    {
      ...{ unit_id: 'unit-a', kind: 'message', ticket_id: 't-1' },
      words: '工单20261124-000001的退单申请未同意。不属于本单位职责',
    },
  ]);
  for (const { message_id } of await rows()) await desk.delivery.deliver(message_id);
  expect((await rows()).map(({ state }) => state)).toEqual(['delivered', 'sent', 'sent', 'sent']);
  expect(mail.mails.map(({ to }) => to)).toEqual([['clerk@changzhi.gov.cn'], ['second@changzhi.gov.cn']]);
});

test('an e-mail has our id as its Message-ID, and nothing a caller wrote gets into its head or names him', async () => {
  const desk = service();
  await tell(desk, 'x\r\nBcc: v@x.cn\r\n\r\n电话13800138000', false);
  const [row] = await mails();
  await desk.delivery.deliver(row!.message_id);
  const [{ raw } = { raw: '' }] = mail.mails;
  const [head = '', body = ''] = raw.split('\r\n\r\n', 2);
  expect(head).toContain(`Message-ID: <${row!.message_id}@changzhi.gov.cn>`);
  expect(head).not.toContain('v@x.cn');
  expect(head).toContain(Buffer.from('退单审核结果').toString('base64'));
  const text = Buffer.from(body, 'base64').toString('utf8');
  expect(text).toContain('x Bcc: v@x.cn 电话138****8000');
  expect(await mails()).toMatchObject([{ provider_id: `<${row!.message_id}@changzhi.gov.cn>` }, {}]);
});

test('an e-mail refused for a while is tried again, one refused for good is not', async () => {
  const desk = service();
  await tell(desk, '无', false);
  const [first, second] = (await mails()).map(({ message_id }) => message_id);
  mail.refuse(450, 550);
  await desk.delivery.deliver(first!);
  await desk.delivery.deliver(second!);
  expect(await mails()).toMatchObject([
    { state: 'waiting', unsure: false, why: '邮件服务器拒收（450）' },
    { state: 'failed', why: '邮件服务器拒收（550）' },
  ]);
  clock.set(cityInstant('2026-11-24', '10:01'));
  await desk.delivery.deliver(first!);
  expect((await mails())[0]).toMatchObject({ state: 'sent', attempts: 2 });
});

test('a mail server that is away, or whose password is another, keeps the message waiting', async () => {
  await tell(service(), '无', false);
  const [row] = await mails();
  await service('smtp://127.0.0.1:9').delivery.deliver(row!.message_id);
  expect((await mails())[0]).toMatchObject({ state: 'waiting', unsure: true });
  clock.set(cityInstant('2026-11-24', '10:10'));
  await service(mail.url.replace('secret', 'wrong')).delivery.deliver(row!.message_id);
  expect((await mails())[0]).toMatchObject({ state: 'waiting', attempts: 2, why: '邮件服务器拒收（535）' });
  clock.set(cityInstant('2026-11-24', '11:10'));
  await service().delivery.deliver(row!.message_id);
  expect((await mails())[0]).toMatchObject({ state: 'sent', attempts: 3 });
  expect(mail.mails).toHaveLength(1);
});

test('without settings e-mail is off, and says so', async () => {
  const desk = outgoingDesk({ db, redisUrl: testServers().redisUrl, clock, clerks: CLERKS });
  await tell(desk, '无', false);
  expect(await mails()).toMatchObject([
    { state: 'skipped', why: '电子邮件未启用' },
    { state: 'skipped', why: '电子邮件未启用' },
  ]);
});
