import { writeSheet } from '../../src/lines/line-sheet.adapter';
import { CitizenMessages } from '../../src/notifications/citizen-messages.service';
import type { MessageCarrier } from '../../src/notifications/message-carrier';
import { MessageTemplateStore } from '../../src/notifications/message-template.store';
import { MessageTemplates } from '../../src/notifications/message-templates.service';
import type { MessageChannel, OutgoingPolicy } from '../../src/notifications/outgoing';
import { OutgoingDelivery } from '../../src/notifications/outgoing-delivery.service';
import { OutgoingDesk } from '../../src/notifications/outgoing-desk.service';
import { OutgoingReadStore } from '../../src/notifications/outgoing-read.store';
import { OutgoingJobs } from '../../src/notifications/outgoing.jobs';
import { OutgoingMessages, type Clerk } from '../../src/notifications/outgoing.service';
import { OutgoingStore } from '../../src/notifications/outgoing.store';
import { UnitInboxStore } from '../../src/notifications/unit-inbox.store';
import { AuditStore } from '../../src/platform/audit.store';
import type { Clock } from '../../src/platform/clock';
import { openLogger } from '../../src/platform/logger';
import type { Database } from '../../src/platform/postgres';

export const RECEIPT_SECRET = 'receipts-of-the-test';
export const SIGN_NAME = '长治12345';

export interface OutgoingOptions {
  db: Database;
  redisUrl: string;
  clock: Clock;
  carriers?: Partial<Record<MessageChannel, MessageCarrier>>;
  policy?: Partial<OutgoingPolicy>;
  clerks?: Record<string, Clerk[]>;
  sweepSeconds?: number;
}

/** The messages' part of one service, wired as hotline/notifications.ts does; several on one database are several services. */
export function outgoingDesk(options: OutgoingOptions) {
  const { db, redisUrl, clock, carriers = {}, policy, clerks = {}, sweepSeconds = 1 } = options;
  const log = openLogger('silent');
  const store = new OutgoingStore(db);
  const templates = new MessageTemplateStore(db);
  const audit = new AuditStore(db, clock);
  const whole: OutgoingPolicy = {
    claimMs: 60_000,
    retryMs: 30_000,
    attempts: 3,
    quiet: { from: '21:00', to: '08:00' },
    areaCode: '0355',
    open: { sms: carriers.sms !== undefined, email: carriers.email !== undefined },
    ...policy,
  };
  const delivery = new OutgoingDelivery({ store, templates, carriers, policy: whole, clock, log });
  const jobs = new OutgoingJobs({
    ...{ store, clock, log, redisUrl, prefix: 'test', sweepSeconds },
    deliver: (messageId) => delivery.deliver(messageId),
  });
  const hurry = () => jobs.hurry();
  const messages = new OutgoingMessages({
    ...{ store, templates, clock, hurry, policy: whole },
    inbox: new UnitInboxStore(db),
    clerks: (unitId) => clerks[unitId] ?? [],
  });
  const desk = new OutgoingDesk({
    ...{ store, audit, clock, hurry, areaCode: '0355', write: writeSheet, receiptSecret: RECEIPT_SECRET },
    reading: new OutgoingReadStore(db),
  });
  const wording = new MessageTemplates({
    ...{ templates, store, messages, policy: whole, audit, clock, signName: SIGN_NAME },
  });
  return {
    ...{ db, store, messages, delivery, jobs, desk, wording, audit },
    citizens: new CitizenMessages(messages, '0355'),
  };
}
