import { CalendarService } from '../deadlines/calendar.service';
import { CalendarStore } from '../deadlines/calendar.store';
import { calendarRoutes } from '../deadlines/calendar.routes';
import { timeLimitRoutes } from '../deadlines/time-limit.routes';
import { TimeLimitService } from '../deadlines/time-limit.service';
import { TimeLimitStore } from '../deadlines/time-limit.store';
import { TimerStore } from '../deadlines/timer.store';
import { CitizenStore } from '../desk/citizen.store';
import { Directory } from '../directory/directory.service';
import type { HotlineEvent } from '../events';
import { readSheet, SHEET_LIMITS, writeSheet } from '../lines/line-sheet.adapter';
import { CitizenMessages } from '../notifications/citizen-messages.service';
import { OutgoingMessages } from '../notifications/outgoing.service';
import { Throttle, type ThrottleLimit } from '../platform/throttle';
import { ChineseWords } from '../platform/chinese-words.adapter';
import { RepeatedTask } from '../platform/repeated-task';
import { UnitInbox } from '../notifications/unit-inbox.service';
import { UnitInboxStore } from '../notifications/unit-inbox.store';
import { ReminderJobs } from '../supervision/reminder.jobs';
import { supervisionMatterRoutes } from '../supervision/supervision.routes';
import { type CalledIn } from '../tickets/called-in';
import { citizenQueryRoutes } from '../tickets/citizen-query.routes';
import { CitizenQuery, QUERY_LIMITS } from '../tickets/citizen-query.service';
import { catalogueRoutes } from '../tickets/catalogue.routes';
import { CatalogueService } from '../tickets/catalogue.service';
import { CatalogueStore } from '../tickets/catalogue.store';
import { CategoryStore } from '../tickets/category.store';
import { DispatchProposals } from '../tickets/dispatch-proposal.service';
import { DispatchProposalStore } from '../tickets/dispatch-proposal.store';
import { duplicateRoutes } from '../tickets/duplicate.routes';
import { DuplicateService } from '../tickets/duplicate.service';
import { DuplicateStore } from '../tickets/duplicate.store';
import { DueRecount } from '../tickets/due-recount.service';
import { OutboxJobs } from '../tickets/outbox.jobs';
import { OutboxStore } from '../tickets/outbox.store';
import { TicketDelivery } from '../tickets/ticket-delivery.service';
import { TicketListStore } from '../tickets/ticket-list.store';
import { TicketLists } from '../tickets/ticket-lists.service';
import { TicketReadStore } from '../tickets/ticket-read.store';
import { TicketReading } from '../tickets/ticket-reading.service';
import { TicketSearch } from '../tickets/ticket-search.service';
import { TicketSearchStore } from '../tickets/ticket-search.store';
import { ticketRoutes } from '../tickets/ticket.routes';
import { TicketService, type TicketParts } from '../tickets/ticket.service';
import { TicketStore } from '../tickets/ticket.store';
import type { Escalation } from '../supervision/escalation';
import { clock, type Ground } from './ground';
import { buildSupervision } from './supervision';
import { callFactsFrom } from './calls';

/** How often it is looked for work orders that came in without their words. */
const FILL_SECONDS = 300;

/** Work orders with their legal clock, their way to the units, and the reminder before a due date. */
export function buildTickets(
  { config, log, bus, database, redis, audit, lifecycle, http }: Ground,
  directory: Directory,
  citizens: CitizenStore,
  messages: OutgoingMessages,
  ofCall: {
    callFacts: ReturnType<typeof callFactsFrom>;
    calledIn(callId: string): Promise<CalledIn[]>;
  },
  others: Pick<TicketParts, 'cite' | 'moved'>,
): {
  reading: TicketReadStore;
  service: TicketReading;
  tickets: TicketService;
  calendar: CalendarService;
  query: CitizenQuery;
  citizenMessages: CitizenMessages;
  escalation: Escalation;
} {
  const announce = (event: HotlineEvent) => bus.announce(event);
  const store = new TicketStore(database);
  const categories = new CategoryStore(database);
  const outbox = new OutboxStore(database);
  const inbox = new UnitInboxStore(database);
  const reading = new TicketReadStore(database);
  const calendar: CalendarService = new CalendarService(new CalendarStore(database), clock, audit, () =>
    recount.run(),
  );
  const limits = new TimeLimitService(new TimeLimitStore(database), clock, audit);
  const timers = new TimerStore(database);
  const hurry = {
    outbox: () => outboxJobs.hurry(),
    timer: (timer: Parameters<ReminderJobs['setAlarm']>[0]) => reminderJobs.setAlarm(timer),
  };
  const tellUnit: TicketParts['tellUnit'] = async (trx, ticketId, message, sourceId) => {
    await messages.writeToUnit(trx, { ...message, ticketId, sourceId, inbox: false });
  };
  const supervision = buildSupervision(
    { config, database, audit },
    {
      ...{ timers, tickets: store, inbox, tellUnit, calendar, hurry, clock, announce },
      unit: async (unitId) => directory.unit(unitId),
      onFault: (fault, timerId) => log.error({ err: fault, timerId }, 'rung not raised'),
    },
  );
  const reminders = supervision.escalation;
  const recount: DueRecount = new DueRecount({
    store,
    categories,
    calendar,
    limits,
    reminders,
    inbox,
    clock,
    hurry,
    onFault: (fault, partId) => log.error({ err: fault, partId }, 'due date not recounted'),
  });
  const jobs = {
    clock,
    log,
    redisUrl: config.REDIS_URL,
    prefix: config.REDIS_PREFIX,
    sweepSeconds: config.SWEEP_SECONDS,
  };
  const citizenMessages = new CitizenMessages(messages, config.AREA_CODE);
  const delivery = new TicketDelivery({
    command: (work) => store.command(work),
    outbox,
    inbox,
    messages,
    clock,
    announce,
  });
  const outboxJobs: OutboxJobs = new OutboxJobs({
    ...jobs,
    outbox,
    deliver: (outboxId) => delivery.deliver(outboxId),
  });
  const reminderJobs: ReminderJobs = new ReminderJobs({
    ...jobs,
    sweep: () => reminders.sweep(),
    recount: () => recount.run(),
  });
  lifecycle.add('outbox', outboxJobs);
  lifecycle.add('reminders', reminderJobs);
  const words = new ChineseWords();
  const search = new TicketSearch({ store: new TicketSearchStore(database), words });
  const filling = new RepeatedTask(
    FILL_SECONDS,
    () => search.fill(),
    (fault) => log.warn({ err: fault }, 'work orders not filled into the full text'),
  );
  lifecycle.add('ticket search', filling);
  const tickets = new TicketService({
    store,
    search,
    categories,
    outbox,
    citizens,
    calendar,
    limits,
    timers: reminders,
    inbox,
    ...others,
    tellCitizen: (...what) => citizenMessages.tell(...what),
    tellUnit,
    mostReopened: config.MOST_REOPENED,
    unit: async (unitId) => directory.unit(unitId),
    callFacts: ofCall.callFacts,
    clock,
    announce,
    hurry,
    areaCode: config.AREA_CODE,
  });
  const service = new TicketReading({
    reading,
    store,
    categories,
    calledIn: ofCall.calledIn,
    audit,
  });
  const counter = (limit: ThrottleLimit) => new Throttle(redis, config.REDIS_PREFIX, limit);
  const query = new CitizenQuery({
    byNumber: (number) => store.findByNumber(number),
    byId: (ticketId) => store.find(ticketId),
    tickets,
    guesses: { number: counter(QUERY_LIMITS.number), address: counter(QUERY_LIMITS.address) },
  });
  const lists = new TicketLists({
    lists: new TicketListStore(database),
    ...{ reading, categories, search, clock, audit },
    areaCode: config.AREA_CODE,
  });
  const duplicates = new DuplicateService({
    store: new DuplicateStore(database),
    ticket: (ticketId) => store.find(ticketId),
    category: (code) => categories.find(code),
    numberOfCall: async (callId) => (await ofCall.callFacts(callId))?.callerNumber ?? null,
    ...{ words, clock, audit },
    areaCode: config.AREA_CODE,
  });
  const units = () =>
    directory.units().map(({ unitId, name, kind, areaCode }) => ({
      unitId,
      name,
      county: kind === 'county' ? areaCode : null,
    }));
  http.mount([
    ...catalogueRoutes({
      catalogue: new CatalogueService({ store: new CatalogueStore(database), units, audit }),
      proposals: new DispatchProposals({
        store: new DispatchProposalStore(database),
        ticket: (ticketId) => store.find(ticketId),
        ...{ categories, units, clock },
      }),
      sheets: { read: readSheet, write: writeSheet, bytes: SHEET_LIMITS.bytes },
    }),
    ...duplicateRoutes({ duplicates }),
    ...citizenQueryRoutes({ query }),
    ...ticketRoutes({ tickets, reading: service, lists, inbox: new UnitInbox(inbox, clock) }),
    ...timeLimitRoutes({ limits }),
    ...supervisionMatterRoutes({ ...supervision, timers, reading: service }),
    ...calendarRoutes({
      calendar,
      limits,
      regulationOf: async (code) => (await categories.find(code))?.regulation ?? null,
    }),
  ]);
  const { escalation } = supervision;
  return { reading, service, tickets, calendar, query, citizenMessages, escalation };
}
