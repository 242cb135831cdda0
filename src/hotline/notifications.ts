import { join } from 'node:path';
import { Gauge } from 'prom-client';
import { quietHours } from '../calls/callback';
import type { Config } from '../config';
import { Directory } from '../directory/directory.service';
import { writeSheet } from '../lines/line-sheet.adapter';
import { AliyunSms } from '../notifications/aliyun-sms.adapter';
import { FileSms } from '../notifications/file-sms.adapter';
import type { MessageCarrier } from '../notifications/message-carrier';
import { messageTemplateRoutes } from '../notifications/message-template.routes';
import { MessageTemplateStore } from '../notifications/message-template.store';
import { MessageTemplates } from '../notifications/message-templates.service';
import type { MessageChannel, OutgoingPolicy } from '../notifications/outgoing';
import { OutgoingDelivery } from '../notifications/outgoing-delivery.service';
import { OutgoingDesk } from '../notifications/outgoing-desk.service';
import { OutgoingReadStore } from '../notifications/outgoing-read.store';
import { OutgoingJobs } from '../notifications/outgoing.jobs';
import { outgoingRoutes } from '../notifications/outgoing.routes';
import { OutgoingMessages } from '../notifications/outgoing.service';
import { OutgoingStore } from '../notifications/outgoing.store';
import { SmtpMail } from '../notifications/smtp.adapter';
import { UnitInboxStore } from '../notifications/unit-inbox.store';
import { HttpServer } from '../platform/http-server';
import { clock, type Ground } from './ground';

/** Longer than any carrier takes for an attempt, with asking it first. */
const CLAIM_MS = 60_000;

/** Messages to citizens and units: written with their cause, carried by SMS and e-mail, looked after by supervisors. */
export function buildOutgoing(
  { config, log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
): OutgoingMessages {
  const store = new OutgoingStore(database);
  const templates = new MessageTemplateStore(database);
  const carriers = carriersOf(config);
  const policy: OutgoingPolicy = {
    claimMs: CLAIM_MS,
    retryMs: config.MESSAGE_RETRY_SECONDS * 1000,
    attempts: config.MESSAGE_ATTEMPTS,
    quiet: quietHours(config.SMS_QUIET_HOURS),
    areaCode: config.AREA_CODE,
    open: { sms: carriers.sms !== undefined, email: carriers.email !== undefined },
  };
  const delivery = new OutgoingDelivery({ store, templates, carriers, policy, clock, log });
  const jobs = new OutgoingJobs({
    store,
    deliver: (messageId) => delivery.deliver(messageId),
    clock,
    log,
    redisUrl: config.REDIS_URL,
    prefix: config.REDIS_PREFIX,
    sweepSeconds: config.SWEEP_SECONDS,
  });
  const hurry = () => jobs.hurry();
  const messages = new OutgoingMessages({
    store,
    templates,
    inbox: new UnitInboxStore(database),
    clerks: (unitId) =>
      directory
        .people()
        .filter((person) => person.active && person.role === 'unit' && person.unitId === unitId),
    policy,
    clock,
    hurry,
  });
  const desk = new OutgoingDesk({
    store,
    reading: new OutgoingReadStore(database),
    audit,
    clock,
    write: writeSheet,
    hurry,
    areaCode: config.AREA_CODE,
    receiptSecret: config.SMS_RECEIPT_SECRET ?? null,
  });
  const wording = new MessageTemplates({
    ...{ templates, store, messages, policy, audit, clock },
    signName: config.SMS_SIGN_NAME,
  });
  http.mount([...outgoingRoutes(desk), ...messageTemplateRoutes(wording)]);
  measureOutgoing(http, store);
  lifecycle.add('messages', jobs, { stopSeconds: 10 });
  const off = Object.entries(policy.open).flatMap(([channel, open]) => (open ? [] : [channel]));
  if (off.length > 0) log.info({ off }, 'messages: channels that are not set up');
  return messages;
}

function carriersOf(config: Config): Partial<Record<MessageChannel, MessageCarrier>> {
  const carriers: Partial<Record<MessageChannel, MessageCarrier>> = {};
  if (config.SMS === 'file') carriers.sms = new FileSms(join(config.VAR_DIR, 'sms'), clock);
  if (config.SMS === 'aliyun')
    carriers.sms = new AliyunSms(
      {
        url: config.SMS_URL,
        accessKeyId: config.SMS_ACCESS_KEY_ID,
        accessKeySecret: config.SMS_ACCESS_KEY_SECRET,
        signName: config.SMS_SIGN_NAME,
      },
      clock,
    );
  if (config.SMTP_URL && config.MAIL_FROM)
    carriers.email = new SmtpMail({ url: config.SMTP_URL, from: config.MAIL_FROM });
  return carriers;
}

function measureOutgoing({ metrics }: HttpServer, store: OutgoingStore): void {
  const gauge = (name: string, help: string, of: keyof Awaited<ReturnType<OutgoingStore['backlog']>>) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      async collect() {
        // While PostgreSQL is away, the other metrics go on.
        const backlog = await store.backlog(clock.now()).catch(() => null);
        if (backlog) this.set(backlog[of]);
      },
    });
  gauge('hotline_messages_waiting', 'Messages to citizens and units whose time has come', 'waiting');
  gauge('hotline_messages_oldest_seconds', 'How long the first of them has waited', 'oldestSeconds');
  gauge('hotline_messages_failed', 'Messages that were given up', 'failed');
}
