import { CalendarService } from '../../src/deadlines/calendar.service';
import { CalendarStore } from '../../src/deadlines/calendar.store';
import { TimeLimitService } from '../../src/deadlines/time-limit.service';
import { TimeLimitStore } from '../../src/deadlines/time-limit.store';
import { TimerStore, type DueTimer } from '../../src/deadlines/timer.store';
import { CitizenStore } from '../../src/desk/citizen.store';
import type { TicketEvent } from '../../src/events';
import { UnitInbox } from '../../src/notifications/unit-inbox.service';
import { UnitInboxStore } from '../../src/notifications/unit-inbox.store';
import { AuditStore } from '../../src/platform/audit.store';
import { ChineseWords } from '../../src/platform/chinese-words.adapter';
import type { Clock } from '../../src/platform/clock';
import type { Caller } from '../../src/platform/http-route';
import { openLogger } from '../../src/platform/logger';
import { openPostgres, type Database } from '../../src/platform/postgres';
import type { Role } from '../../src/permissions';
import { ReminderJobs } from '../../src/supervision/reminder.jobs';
import { buildSupervision } from '../../src/hotline/supervision';
import type { CalledIn } from '../../src/tickets/called-in';
import { CatalogueService } from '../../src/tickets/catalogue.service';
import { CatalogueStore } from '../../src/tickets/catalogue.store';
import { CategoryStore } from '../../src/tickets/category.store';
import { DispatchProposals } from '../../src/tickets/dispatch-proposal.service';
import { DispatchProposalStore } from '../../src/tickets/dispatch-proposal.store';
import { DuplicateService } from '../../src/tickets/duplicate.service';
import { DuplicateStore } from '../../src/tickets/duplicate.store';
import { DueRecount } from '../../src/tickets/due-recount.service';
import type { CallFacts } from '../../src/tickets/new-ticket';
import { OutboxJobs } from '../../src/tickets/outbox.jobs';
import { OutboxStore } from '../../src/tickets/outbox.store';
import { ticketInput, type TicketInput } from '../../src/tickets/ticket';
import type { CitizenMessage } from '../../src/tickets/ticket-decision';
import { TicketDelivery } from '../../src/tickets/ticket-delivery.service';
import { TicketListStore } from '../../src/tickets/ticket-list.store';
import { TicketLists } from '../../src/tickets/ticket-lists.service';
import { TicketReadStore } from '../../src/tickets/ticket-read.store';
import { TicketReading } from '../../src/tickets/ticket-reading.service';
import { TicketSearch } from '../../src/tickets/ticket-search.service';
import { TicketSearchStore } from '../../src/tickets/ticket-search.store';
import { TicketService, type TicketParts } from '../../src/tickets/ticket.service';
import { TicketStore } from '../../src/tickets/ticket.store';
import { outgoingDesk } from './outgoing-desk';

/** A clock the test sets. */
export class SetClock implements Clock {
  constructor(private instant: Date) {}
  now(): Date {
    return this.instant;
  }
  set(instant: Date): void {
    this.instant = instant;
  }
}

export const person = (role: Role, changes: Partial<Caller> = {}): Caller => ({
  personId: `${role}-1`,
  name: '王坐席',
  role,
  unitId: null,
  sessionId: 's',
  address: '127.0.0.1',
  ...changes,
});

export const CALLS: Record<string, CallFacts> = {
  'call-1': {
    callerNumber: '13800138000',
    callerHidden: false,
    lineId: 'line-12345',
    lineName: '长治市12345政务服务热线',
    seatId: 'agent-1',
  },
  'call-hidden': {
    callerNumber: null,
    callerHidden: true,
    lineId: 'line-12345',
    lineName: '长治市12345政务服务热线',
    seatId: 'agent-1',
  },
};

export const CALLED_IN: CalledIn[] = [
  {
    at: '2026-11-24T01:00:00.000Z',
    ...{ purpose: 'threeWay', name: '供水公司', emergency: false, outcome: 'answered', seconds: 65 },
  },
];

export const aTicket = (changes: Partial<TicketInput> = {}): TicketInput =>
  ticketInput.parse({
    type: 'help',
    categoryCode: 'GY-01',
    title: '小区停水',
    content: '停水三天，无人回应',
    ...changes,
  });

const WORDS = new ChineseWords();

const aUnit = (unitId: string) =>
  unitId.startsWith('unit-') ? { unitId, name: `单位${unitId.slice(5)}` } : null;

export interface DeskOptions {
  postgresUrl: string;
  redisUrl: string;
  clock: Clock;
  sweepSeconds?: number;
  /** For the PDF of letters. */
  letterFont?: string;
  /** Hears what is announced, besides `announced`. */
  onAnnounce?: (event: TicketEvent) => void;
  /** Hears every command in its transaction. */
  moved?: TicketParts['moved'];
  /** The knowledge base; a stand-in that knows every article otherwise. */
  cite?: TicketParts['cite'];
  /** The people of units, who are messaged. */
  clerks?: NonNullable<Parameters<typeof outgoingDesk>[0]['clerks']>;
}

/** The tickets' part of one service, wired as hotline.ts does; several on one database are several services. */
export function ticketDesk({
  postgresUrl,
  redisUrl,
  clock,
  sweepSeconds = 1,
  letterFont,
  onAnnounce,
  moved,
  cite,
  clerks = {},
}: DeskOptions) {
  const db: Database = openPostgres(postgresUrl, 6);
  const log = openLogger('silent');
  const announced: TicketEvent[] = [];
  const faults: unknown[] = [];
  const told: ({ number: string } & CitizenMessage)[] = [];
  const announce = (event: TicketEvent) => {
    announced.push(event);
    onAnnounce?.(event);
  };
  const onFault = (fault: unknown) => void faults.push(fault);
  const store = new TicketStore(db);
  const outbox = new OutboxStore(db);
  const timers = new TimerStore(db);
  const inboxStore = new UnitInboxStore(db);
  const categories = new CategoryStore(db);
  const audit = new AuditStore(db, clock);
  const calendar: CalendarService = new CalendarService(new CalendarStore(db), clock, audit, () =>
    recount.run(),
  );
  const limits = new TimeLimitService(new TimeLimitStore(db), clock, audit);
  const hurry = {
    outbox: () => outboxJobs.hurry(),
    timer: (timer: DueTimer) => reminderJobs.setAlarm(timer),
  };
  const { messages } = outgoingDesk({ db, redisUrl, clock, clerks });
  const tellUnit: TicketParts['tellUnit'] = async (trx, ticketId, message, sourceId) => {
    await messages.writeToUnit(trx, { ...message, ticketId, sourceId, inbox: false });
  };
  const supervision = buildSupervision(
    {
      config: {
        LETTER_FONT: letterFont,
        LETTER_ISSUER: '长治市12345政务服务热线',
        REMIND_WORKING_HOURS_BEFORE: 8,
      },
      ...{ database: db, audit },
    },
    {
      ...{ timers, tickets: store, inbox: inboxStore, tellUnit, calendar, hurry, clock, announce, onFault },
      unit: async (unitId) => aUnit(unitId),
    },
  );
  const reminders = supervision.escalation;
  const recount = new DueRecount({
    store,
    categories,
    calendar,
    limits,
    reminders,
    inbox: inboxStore,
    clock,
    hurry,
    onFault,
  });
  const delivery = new TicketDelivery({
    command: (work) => store.command(work),
    outbox,
    inbox: inboxStore,
    messages,
    clock,
    announce,
  });
  const redis = { clock, log, redisUrl, prefix: 'test', sweepSeconds };
  const outboxJobs = new OutboxJobs({ ...redis, outbox, deliver: (id) => delivery.deliver(id) });
  const reminderJobs = new ReminderJobs({
    ...redis,
    sweep: () => reminders.sweep(),
    recount: () => recount.run(),
  });
  const search = new TicketSearch({ store: new TicketSearchStore(db), words: WORDS });
  const tickets = new TicketService({
    store,
    search,
    categories,
    outbox,
    citizens: new CitizenStore(db),
    calendar,
    limits,
    timers: reminders,
    inbox: inboxStore,
    cite: cite ?? (async (_trx, articleId) => ({ articleId, version: 3, title: '停水怎么办' })),
    tellUnit,
    tellCitizen: async (_trx, ticket, message) => void told.push({ number: ticket.number, ...message }),
    moved: moved ?? (async () => undefined),
    mostReopened: 2,
    unit: async (unitId) => aUnit(unitId),
    callFacts: async (callId) => CALLS[callId] ?? null,
    clock,
    announce,
    hurry,
    areaCode: '0355',
  });
  const read = new TicketReadStore(db);
  const reading = new TicketReading({
    ...{ reading: read, store, categories, audit },
    calledIn: async (callId) => (callId === 'call-1' ? CALLED_IN : []),
  });
  const lists = new TicketLists({
    lists: new TicketListStore(db),
    ...{ reading: read, categories, search, clock, audit },
    areaCode: '0355',
  });
  const duplicates = new DuplicateService({
    store: new DuplicateStore(db),
    ticket: (ticketId) => store.find(ticketId),
    category: (code) => categories.find(code),
    numberOfCall: async (callId) => CALLS[callId]?.callerNumber ?? null,
    ...{ words: WORDS, clock, audit, areaCode: '0355' },
  });
  const UNITS = [
    ...['a', 'b', 'c'].map((id) => ({ unitId: `unit-${id}`, name: `单位${id}`, county: null })),
    { unitId: 'util-gongshui', name: '市供水公司', county: null },
    { unitId: 'dept-chengguan', name: '市城管局', county: null },
    { unitId: 'county-xiangyuan', name: '襄垣县政府', county: '140423' },
  ];
  const proposals = new DispatchProposals({
    store: new DispatchProposalStore(db),
    ticket: (ticketId) => store.find(ticketId),
    units: () => UNITS,
    ...{ categories, clock },
  });
  const catalogue = new CatalogueService({ store: new CatalogueStore(db), units: () => UNITS, audit });
  return {
    db,
    proposals,
    catalogue,
    duplicates,
    announced,
    faults,
    told,
    store,
    limits,
    regulationOf: async (code: string) => (await categories.find(code))?.regulation ?? null,
    calendar,
    reminders,
    timers,
    ...supervision,
    recount,
    delivery,
    outbox,
    outboxJobs,
    reminderJobs,
    tickets,
    read,
    reading,
    lists,
    search,
    inbox: new UnitInbox(inboxStore, clock),
    citizens: new CitizenStore(db),
    start() {
      outboxJobs.start();
      reminderJobs.start();
    },
    async stop() {
      await Promise.all([outboxJobs.stop(), reminderJobs.stop()]);
      await db.destroy();
    },
  };
}

/** A clock that starts at an instant of the test's choice and runs on. */
export class RunningClock implements Clock {
  private readonly began = Date.now();
  constructor(private readonly start: Date) {}
  now(): Date {
    return new Date(this.start.getTime() + Date.now() - this.began);
  }
}

/** Waits until something is so, looking every 50 ms; fails after `seconds`. */
export async function eventually(check: () => Promise<boolean> | boolean, seconds = 10): Promise<void> {
  for (const until = Date.now() + seconds * 1000; ;) {
    if (await check()) return;
    if (Date.now() > until) throw new Error(`not so within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
