import { join } from 'node:path';
import { Counter, Gauge } from 'prom-client';
import { ACCEPT_MS } from './calls/accept-key';
import { isAtLine, isTalking, seatsOf, type Call } from './calls/call';
import { CallIndexStore } from './calls/call-index.store';
import { callbackRoutes } from './calls/callback.routes';
import { Callbacks } from './calls/callback.service';
import { CallbackStore } from './calls/callback.store';
import { CallRecordStore } from './calls/call-record.store';
import { callRoutes, seesRecord } from './calls/call.routes';
import { dialRuleRoutes } from './calls/dial-rule.routes';
import { DialRules } from './calls/dial-rule.service';
import { BUILT_IN_SET, DialRuleStore } from './calls/dial-rule.store';
import { CallService, type MatchedLine } from './calls/call.service';
import { JournalService } from './calls/journal.service';
import { JournalStore } from './calls/journal.store';
import { PlaybackStore } from './calls/recordings/playback.store';
import { Recorder } from './calls/recordings/recorder.service';
import { RecordingKeeping } from './calls/recordings/recording-keeping.service';
import { recordingRoutes } from './calls/recordings/recording.routes';
import { RecordingStore } from './calls/recordings/recording.store';
import { monitoringRoutes } from './calls/monitoring.routes';
import { MonitoringService } from './calls/monitoring.service';
import { messageRoutes } from './calls/message.routes';
import { Messages } from './calls/message.service';
import { MessageStore } from './calls/message.store';
import { OutwardCalls } from './calls/outward.service';
import { parallelCallRoutes } from './calls/parallel-calls.routes';
import { ParallelCalls } from './calls/parallel-calls.service';
import { PassedOn } from './calls/passed-on.service';
import { EMPTY_BOOK, type Protected } from './calls/nuisance';
import { nuisanceRoutes } from './calls/nuisance.routes';
import { NuisanceList } from './calls/nuisance.service';
import { NuisanceStore } from './calls/nuisance.store';
import { ReconcileService } from './calls/reconcile.service';
import { SwitchCommand } from './calls/switch-command.service';
import { SwitchListener } from './calls/switch-listener.service';
import type { Config } from './config';
import { migrate } from './db/migrate';
import { cityClock, cityDay, cityWords, shiftDay } from './deadlines/city-time';
import { CalendarService } from './deadlines/calendar.service';
import { CalendarStore } from './deadlines/calendar.store';
import { calendarRoutes } from './deadlines/calendar.routes';
import { TimerStore } from './deadlines/timer.store';
import { CitizenStore } from './desk/citizen.store';
import { callActionRoutes } from './desk/call-actions.routes';
import { deskRoutes } from './desk/desk.routes';
import { destinationRoutes } from './desk/destination.routes';
import { DeskService } from './desk/desk.service';
import { FeedStore } from './desk/feed.store';
import { StoryService } from './desk/story.service';
import { contactRoutes } from './directory/contact.routes';
import { Contacts } from './directory/contact.service';
import { ContactStore } from './directory/contact.store';
import { directoryRoutes } from './directory/directory.routes';
import { Directory } from './directory/directory.service';
import { DirectoryStore } from './directory/directory.store';
import { People, type OpenWork } from './directory/people.service';
import { signInRoutes } from './directory/sign-in.routes';
import { SignIn } from './directory/sign-in.service';
import { rooms } from './audiences';
import { HotlineError } from './errors';
import type { HotlineEvent } from './events';
import { AudioConverter } from './intake/audio-conversion.adapter';
import { menuRoutes } from './intake/menu.routes';
import { MenuStore } from './intake/menu.store';
import { PromptFolder, ShippedPrompts } from './intake/prompt-folder.adapter';
import { promptRoutes } from './intake/prompt.routes';
import { PromptService } from './intake/prompt.service';
import { PromptStore } from './intake/prompt.store';
import { PROMPTS } from './intake/prompts';
import { dialledEndedNumber, lineFacts } from './lines/line-match';
import { LineNews } from './lines/line-news.store';
import { readSheet, SHEET_LIMITS, writeSheet } from './lines/line-sheet.adapter';
import { servesOn } from './lines/line-index';
import { fromExchange, overflows } from './lines/parallel';
import { parallelRoutes } from './lines/parallel.routes';
import { ParallelLines } from './lines/parallel.service';
import { ParallelStore } from './lines/parallel.store';
import { lineRoutes } from './lines/line.routes';
import { LineService } from './lines/line.service';
import { LineStore } from './lines/line.store';
import type { Line } from './lines/line';
import { maskNumber, normaliseNumber } from './lines/phone-number';
import { UnitInbox } from './notifications/unit-inbox.service';
import { UnitInboxStore } from './notifications/unit-inbox.store';
import { AuditStore } from './platform/audit.store';
import { Bus } from './platform/bus';
import { CITY_ZONE, systemClock } from './platform/clock';
import { GiveWay } from './platform/give-way';
import { HttpServer } from './platform/http-server';
import { Kept } from './platform/kept';
import { Lease } from './platform/lease';
import { Lifecycle } from './platform/lifecycle';
import type { Logger } from './platform/logger';
import { PasswordHasher } from './platform/password-hash';
import { openPostgres, type Database } from './platform/postgres';
import { Realtime } from './platform/realtime';
import { openRedis, type RedisClient } from './platform/redis';
import { RepeatedTask } from './platform/repeated-task';
import { Sessions } from './platform/sessions';
import { SessionStore } from './platform/sessions.store';
import { boardCsv, boardXlsx } from './performance/board-sheet.adapter';
import { boardMetrics } from './performance/board-metrics.adapter';
import { boardRoutes } from './performance/board.routes';
import { BoardService, type LiveCall } from './performance/board.service';
import { BoardStore } from './performance/board.store';
import { may } from './permissions';
import { CallerStandings } from './routing/caller-standing.service';
import { leaderShiftRoutes } from './routing/leader-shift.routes';
import { LeaderShifts } from './routing/leader-shift.service';
import { LeaderShiftStore } from './routing/leader-shift.store';
import { skillFor } from './routing/queue';
import { Overflow } from './routing/overflow.service';
import { QueueStore } from './routing/queue.store';
import { queuesNow, routingRoutes } from './routing/routing.routes';
import { RoutingService } from './routing/routing.service';
import { precedenceOf, type Precedence, type StandingPolicy } from './routing/standing';
import { callAtSeat } from './seats/seat';
import { SeatService } from './seats/seat.service';
import { SeatStore } from './seats/seat.store';
import { supervisionRoutes } from './seats/supervision.routes';
import { SeatSupervision } from './seats/supervision.service';
import { ReminderJobs } from './supervision/reminder.jobs';
import { ReminderService } from './supervision/reminder.service';
import { AsteriskCallControl } from './telephony/asterisk/asterisk.adapter';
import type { ArrivedLeg, CallControl } from './telephony/call-control';
import { SimulatedSwitch } from './telephony/simulated-switch.adapter';
import { SimulatedCallControl } from './telephony/simulated.adapter';
import { calledIn, type CalledIn } from './tickets/called-in';
import { CategoryStore } from './tickets/category.store';
import { DueRecount } from './tickets/due-recount.service';
import { OutboxJobs } from './tickets/outbox.jobs';
import { OutboxStore } from './tickets/outbox.store';
import { TicketDelivery } from './tickets/ticket-delivery.service';
import { TicketReadStore } from './tickets/ticket-read.store';
import { TicketReading } from './tickets/ticket-reading.service';
import { ticketRoutes } from './tickets/ticket.routes';
import { TicketService } from './tickets/ticket.service';
import { TicketStore } from './tickets/ticket.store';

const clock = systemClock;
/** How long a reservation may stay unconfirmed beyond the ring itself. */
const LEASE_MARGIN_MS = 15_000;
/** Behind everybody: ageing raises a call by one a minute. */
const LAST_PRIORITY = -100;
/** Records without an end are looked for this far back. */
const FORGOTTEN_MS = 24 * 3_600_000;

/** What every part is built on. */
interface Ground {
  config: Config;
  log: Logger;
  bus: Bus;
  database: Database;
  redis: RedisClient;
  audit: AuditStore;
  lifecycle: Lifecycle;
  http: HttpServer;
}

/** Builds every part and joins them by hand, in the order a call travels; resolves when the service listens. */
export async function startHotline(
  config: Config,
  log: Logger,
): Promise<{ url: string; stop(): Promise<void> }> {
  const database = openPostgres(config.POSTGRES_URL);
  const redis = openRedis(config.REDIS_URL, { batch: true });
  // A reservation stands between a citizen and the ring: it waits for nothing else.
  const seatRedis = openRedis(config.REDIS_URL);
  for (const each of [redis, seatRedis])
    each.on('error', (fault) => log.warn({ err: fault }, 'Redis not reachable'));
  const lifecycle = new Lifecycle(log);
  const bus = new Bus((fault, event) => log.error({ err: fault, kind: event.kind }, 'a listener failed'));
  const audit = new AuditStore(database, clock);
  const sessions = new Sessions({
    store: new SessionStore(database),
    clock,
    log,
    sessionHours: config.SESSION_HOURS,
  });
  const http = new HttpServer({ config, log, sessions, database, clock });
  const ground: Ground = { config, log, bus, database, redis, audit, lifecycle, http };
  const prefix = config.REDIS_PREFIX;

  lifecycle.add(
    'PostgreSQL',
    { start: () => migrate(database), stop: () => database.destroy() },
    { startSeconds: 60 },
  );
  lifecycle.add('Redis', {
    start: () => redis.ping(),
    stop: () => Promise.all([redis.quit(), seatRedis.quit()]),
  });
  lifecycle.add('sessions', sessions);
  // From Redis, the one truth: another service may command the seats.
  const directory = buildDirectory(ground, sessions, async (personId) => {
    const known = await seatStore.all().catch(() => seats.seats());
    const seat = known.find(({ seatId }) => seatId === personId);
    const what = seat && callAtSeat(seat);
    return what ? [{ what, count: 1 }] : [];
  });
  const realtime = new Realtime({
    http,
    sessions,
    bus,
    redisUrl: config.REDIS_URL,
    redisPrefix: prefix,
    trustProxy: config.TRUST_PROXY,
    log,
  });

  const port: CallControl = openSwitch(config, log);
  const lines = buildLines(ground, directory, (sound) => prompts.known(sound));
  const dialling = buildDialling(ground, directory, lines);
  const menus = new MenuStore(database);
  const prompts: PromptService = buildPrompts(ground, lines, menus);
  const queues = new QueueStore(database);
  const leaders = buildLeaders(ground, directory, lines, queues);
  const journalStore = new JournalStore(redis, database, prefix);
  const journal = new JournalService(journalStore, log, (events) => {
    if (events.every(({ kind }) => kind !== 'callEnded')) return;
    callbacks.hurry();
    messages.tasks.hurry();
  });
  lifecycle.add('journal', journal);
  const announce = (event: HotlineEvent) => bus.announce(event);
  const seatStore = new SeatStore(seatRedis, prefix);
  const giveWay = new GiveWay(setTimeout);
  const seats = new SeatService({
    store: seatStore,
    switch: port,
    journal,
    announce,
    giveWay,
    clock,
    policy: { wrapUpMs: config.WRAP_UP_SECONDS * 1000, ronaBackMs: config.RONA_BACK_SECONDS * 1000 },
    log,
  });
  const index = new CallIndexStore(redis, prefix);
  const standingPolicy: StandingPolicy = {
    repeatMs: config.REPEAT_HOURS * 3_600_000,
    repeatPoints: config.REPEAT_PRIORITY,
    urgentPoints: config.URGENT_PRIORITY,
  };
  const precedence = (line: Line, number: string | null, at: Date) =>
    precedenceOf(line.priority, line.name, standings.of(number), standingPolicy, at.getTime());
  // As long as any seat may ring, with the key of an ordinary telephone.
  const ringMs = Math.max(config.OFFER_SECONDS * 1000, config.REMOTE_OFFER_SECONDS * 1000 + ACCEPT_MS);
  const leaseMs = ringMs + LEASE_MARGIN_MS;
  const calls: CallService = new CallService({
    switch: port,
    matchLine: (leg, at) =>
      matchLine(leg, at, {
        lines,
        menus,
        nuisance,
        areaCode: config.AREA_CODE,
        precedence,
        parallel,
        earlier: passedOn,
      }),
    seats: {
      dialled: (seatId) => seats.dialled(seatId),
      name: (seatId) => seats.seat(seatId)?.name ?? null,
      reserve: (...reservation) => seats.reserve(...reservation),
      callOut: (...reservation) => seats.callOut(...reservation),
      settle: (seatId, token, how) => seats.settle(seatId, token, how),
      heardPhone: (account, reachable) => seats.heardPhone(account, reachable),
    },
    callerShown: (call) => ({
      number: maskNumber(call.callerHidden ? null : call.callerNumber),
      name: call.line.lineName,
    }),
    ownNumber: config.HOTLINE_NUMBER,
    shownToLine: (call, lineId) => ({
      context: { divertedFrom: call.line.matchedNumber, callId: call.callId },
      callerNumber:
        parallel.settings(lineId).showCitizen && !call.callerHidden
          ? (call.callerNumber ?? config.HOTLINE_NUMBER)
          : config.HOTLINE_NUMBER,
    }),
    leaseMs,
    journal,
    index,
    announce,
    giveWay,
    onWaiting: () => routing.look(),
    clock,
    policy: {
      notice: config.RECORDED_NOTICE,
      greeting: config.GREETING,
      menu: config.INTAKE_MENU,
      ringWhileGreeting: config.RING_WHILE_GREETING,
      offerMs: config.OFFER_SECONDS * 1000,
      remoteOfferMs: config.REMOTE_OFFER_SECONDS * 1000,
      announceMs: config.ANNOUNCE_POSITION_SECONDS * 1000,
      outsideMs: config.OUTSIDE_SECONDS * 1000,
      holdReminderMs: config.HOLD_REMINDER_SECONDS * 1000,
      rescueMs: config.RESCUE_SECONDS * 1000,
      ratingMs: config.RATING_SECONDS * 1000,
      waitingChoice: config.WAITING_CHOICE,
      messageWhenNoSeat: config.MESSAGE_WHEN_NO_SEAT,
      messageMs: config.MESSAGE_SECONDS * 1000,
    },
    log,
  });
  const monitoring = new MonitoringService({
    switch: port,
    calls,
    seats,
    audit,
    announce,
    ownNumber: config.HOTLINE_NUMBER,
    ringMs: config.OFFER_SECONDS * 1000,
    clock,
    log,
  });
  bus.onAny((event) => monitoring.heard(event));
  const parallel = buildParallel(ground, lines);
  const routing = new RoutingService({
    calls,
    seats,
    queues: () => queues.all(),
    leaders: () => leaders.all(),
    estimatedWait: (queue, before) => board.estimatedWait(queue, before),
    clock,
    ageingMs: config.AGEING_SECONDS * 1000,
    lastAgentMs: config.LAST_AGENT_SECONDS * 1000,
    leaseMs,
    log,
  });
  bus.onAny((event) => {
    if (event.kind === 'callWaiting' || event.kind === 'offerEnded' || event.kind === 'seatChanged')
      routing.look();
  });

  const overflow = new Overflow({
    ordered: () => {
      const tell = routing.outlook();
      return routing.line().ordered.flatMap((waiting) => {
        const call = calls.call(waiting.callId);
        if (!call) return [];
        const stays =
          call.overflowed || call.citizen !== 'up' || call.intake !== 'queued' || call.handover !== null;
        return [{ ...waiting, stays, noSeat: tell(call).noSeat }];
      });
    },
    lines: () =>
      parallel
        .inService()
        .filter(({ settings }) => overflows(settings))
        .map(({ line, settings }) => ({
          ...{ lineId: line.lineId, name: line.name, settings },
          underWay: calls.live().filter((call) => isAtLine(call, line.lineId)).length,
        })),
    destination: (lineId) => {
      const line = lines.line(lineId);
      if (!line?.parallelDestination) return null;
      const { allowed, dial } = dialling.rules.decide('supervisor', line.parallelDestination);
      return allowed && dial !== null ? { number: dial, name: line.name, lineId, emergency: false } : null;
    },
    overflow: (callId, outside, words) => calls.overflow(callId, outside, words),
    now: () => clock.now(),
    clockOf: cityClock,
    log,
  });
  const passedOn = new PassedOn(clock);
  bus.onAny((event) => passedOn.hear(event));

  const records = new CallRecordStore(database);
  const citizens = new CitizenStore(database);
  const callFacts = callFactsFrom(calls, records);
  const tickets = buildTickets(ground, directory, citizens, {
    callFacts,
    calledIn: async (callId) => {
      const found = await records.record(callId);
      const seat = (personId: string) => directory.person(personId)?.name ?? null;
      const queue = (id: string) => queues.all().get(id)?.name ?? null;
      return found ? calledIn(found.record, { seat, queue }) : [];
    },
  });
  const standings = buildStandings(ground, records, tickets.reading);
  const nuisance = buildNuisance(ground, { directory, lines, contacts: dialling.contacts, callFacts });
  const story = new StoryService({
    citizens,
    recentCalls: (number, limit) =>
      records.recentCalls(number, limit, (seatId) => directory.person(seatId)?.name ?? null),
    openTickets: (number, limit) => tickets.reading.openByNumber(number, limit),
  });
  const drift = new Counter({
    name: 'hotline_drift_total',
    help: 'Differences between switch, Redis and memory that were repaired',
    labelNames: ['kind'],
    registers: [http.metrics],
  });
  const reconcile = new ReconcileService({
    switch: port,
    calls,
    monitoring,
    seats,
    index,
    openCalls: async () => {
      await journal.flush();
      return records.openSince(new Date(clock.now().getTime() - FORGOTTEN_MS));
    },
    journal,
    clock,
    count: (kind) => drift.inc({ kind }),
    log,
  });
  const { recorder, keeping } = buildRecordings(ground, {
    port,
    calls,
    journal,
    records,
    linked: () => listener.isLinked,
    nameOf: (personId) => directory.person(personId)?.name ?? null,
    requireCommand: () => command.require(),
  });
  const listener: SwitchListener = new SwitchListener({
    calls,
    monitoring,
    recorder,
    reconcile,
    routing,
    afterTakeOver: () => seats.admitPhones(),
    log,
  });
  measure(http, { calls, journal });

  const lease = new Lease(redis, `${prefix}:controller`, () => {
    throw new Error('another service commands the switch now');
  });
  const command = new SwitchCommand({
    lease,
    switch: port,
    index,
    calls,
    monitoring,
    seats,
    routing,
    outlook: () => routing.outlook(),
    overflow: () => overflow.look(),
    reconcile,
    listener,
    inheritJournal: () => journal.start(),
    lastSeatChanges: (since) => journalStore.lastSeatChanges(since),
    personOf: (personId) => sitter(directory, personId),
    clock,
    log,
  });
  const desk = new DeskService({
    feed: new FeedStore(redis, prefix),
    calls,
    seats,
    line: (lineId) => lines.line(lineId) ?? { script: '', defaultCategory: null },
    nameOf: (seatId) => directory.person(seatId)?.name ?? null,
    recording: (callId) => recorder.stateOf(callId) ?? 'none',
    listeners: (callId, seatId) => (config.MONITOR_SHOWN ? monitoring.listeners(callId, seatId) : []),
    story: (number, callId) => story.storyFor(number, callId),
    send: (seatId, event, payload) => realtime.toRoom(rooms.seat(seatId), event, payload),
    epoch: () => command.epoch,
    clock,
    log,
  });
  bus.onAny((event) => desk.hear(event));
  realtime.onDeskHello((caller, hello) => desk.hello(caller.personId, hello));
  command.whenEmptied(() => desk.rewrite());
  bus.onAny((event) => {
    if (event.kind === 'directoryChanged') void clearSeats(directory, seats);
  });
  const board = buildBoard(ground, {
    ...{ calls, seats, queues, journal, directory, realtime },
    counts: () => lease.held,
    callbacksOwed: () => (config.CALLBACKS ? callbacks.figures.owed + callbacks.figures.underWay : null),
  });
  const refresh = new RepeatedTask(
    10,
    () => Promise.all([queues.refresh(), menus.refresh(), clearSeats(directory, seats)]),
    (fault) => log.warn({ err: fault }, 'queues and menus: going on with the last known'),
  );

  const callbacks: Callbacks = buildCallbacks(ground, directory, {
    calls,
    seats: () => seats.seats(),
    skillOf: (queue) => skillFor(queue, queues.all()),
    linePriority: (lineId) => lines.line(lineId)?.priority ?? 0,
    decideDial: (number) => dialling.rules.decide('agent', number),
    blacklisted: (number, lineId) => nuisance.judge(number, lineId, clock.now())?.treatment === 'announce',
    inCommand: () => command.missing() === null,
    flushJournal: () => journal.flush(),
    queuesOf: (personId) => queuesOf(directory, queues, personId),
  });

  const supervision = new SeatSupervision({
    seats,
    stuck: (seatId) => reconcile.stuck(seatId),
    callWords: (seatId) => callWordsOf(seatId, calls, monitoring),
    audit,
    tell: (...told) => desk.supervised(...told),
    clock,
  });
  const messages = buildMessages(ground, directory, {
    alarm: (...failure) => keeping.alarm(...failure),
    queuesOf: (personId) => queuesOf(directory, queues, personId),
    ticketOf: async (number) => {
      const found = await tickets.reading.list({ text: number }, null, null, 10);
      return found.find((ticket) => ticket.number === number)?.ticket_id ?? null;
    },
  });

  const outward = new OutwardCalls({
    calls,
    decideDial: (role, number) => dialling.rules.decide(role, number),
    contact: (contactId) => dialling.contacts.all().find((each) => each.contactId === contactId) ?? null,
    line: (lineId) => lines.line(lineId),
    queueName: (queue) => queues.all().get(queue)?.name ?? null,
    ownLine: (at) => {
      const match = lines.match(config.HOTLINE_NUMBER, [], at);
      return { facts: lineFacts(match), greetingSound: match.line.greetingSound };
    },
    numberOfCall: async (callId, caller) => {
      const found = (await records.record(callId))?.record;
      const theirs =
        found && (seesRecord(caller, found) || (await messages.store.isTakenBy(callId, caller.personId)));
      if (!found || !theirs) throw new HotlineError('not-found', '没有这个通话记录');
      return found.callerNumber;
    },
    numberOfTicket: async (ticketId, caller) => {
      const { number, contactNumber } = await tickets.service.revealNumber(ticketId, caller);
      return contactNumber ?? number;
    },
    now: () => clock.now(),
  });

  http.mount([
    ...callRoutes({
      records,
      audit,
      liveNumber: (callId) => {
        const call = calls.call(callId);
        return call && { callerNumber: call.callerNumber, seats: seatsOf(call).map(({ seatId }) => seatId) };
      },
      ticketNumbers: (callIds) => tickets.reading.numbersByCall(callIds),
      nameOf: (seatId) => directory.person(seatId)?.name ?? null,
    }),
    ...parallelCallRoutes({
      shared: new ParallelCalls({
        records,
        linesOf: (unitId) => parallel.ofUnit(unitId),
        ticketsOfCalls: (callIds) => tickets.reading.sharedByCall(callIds),
        openTickets: (number) => tickets.reading.sharedByNumber(number, 20),
        citizenName: async (number) => (await citizens.byNumber(number))?.name ?? null,
        audit,
        clock,
      }),
    }),
    ...callActionRoutes({ calls, outward, requireCommand: () => command.require() }),
    ...deskRoutes({
      seats,
      sitter: (personId) => sitter(directory, personId),
      decideDial: (role, number) => dialling.rules.decide(role, number),
      requireCommand: () => command.require(),
      phoneDomain: 'hotline.invalid',
    }),
    ...monitoringRoutes({
      monitoring,
      seats: () => seats.seats(),
      calls: () => calls.live(),
      nameOf: (seatId) => directory.person(seatId)?.name ?? null,
      requireCommand: () => command.require(),
    }),
    ...supervisionRoutes({ supervision, requireCommand: () => command.require() }),
    ...routingRoutes({
      queues,
      audit,
      seats: () => seats.seats(),
      line: () => routing.line(),
      now: () => clock.now(),
    }),
    ...menuRoutes({
      menus,
      audit,
      lineKnown: (lineId) => lines.line(lineId) !== null,
      queueKnown: (queue) => queues.all().has(queue),
    }),
    ...destinationRoutes({
      seats: () => seats.seats(),
      queues: () => queuesNow(queues.all(), routing.line().ordered, seats.seats(), clock.now()),
      lines: () => lines.list(),
      contacts: () => dialling.contacts.all(),
      decideDial: (role, number) => dialling.rules.decide(role, number),
      cityTime: () => ({ day: cityDay(clock.now()), time: cityClock(clock.now()) }),
    }),
  ]);
  http.addReadiness('PostgreSQL', async () =>
    database.raw('select 1').then(
      () => null,
      () => '数据库连接不上',
    ),
  );
  http.addReadiness('Redis', async () =>
    redis.ping().then(
      () => null,
      () => 'Redis 连接不上',
    ),
  );
  http.addReadiness('switch', async () => command.missing());

  lifecycle.add('refresh', refresh);
  lifecycle.add('epoch', { start: () => command.readEpoch() });
  let url = '';
  lifecycle.add('http', { start: async () => void ({ url } = await http.start()), stop: () => http.stop() });
  lifecycle.add('realtime', realtime);
  lifecycle.add('switch', command);
  if (config.CALLBACKS) lifecycle.add('callbacks', callbacks);
  await lifecycle.start();
  return { url, stop: () => lifecycle.stop() };
}

function openSwitch(config: Config, log: Logger): CallControl {
  if (config.SWITCH === 'simulated') return new SimulatedCallControl(new SimulatedSwitch());
  return new AsteriskCallControl({
    url: config.ARI_URL,
    username: config.ARI_USERNAME,
    password: config.ARI_PASSWORD,
    app: config.ARI_APP,
    timeoutMs: config.SWITCH_TIMEOUT_MS,
    link: config.ARI_LINK,
    log,
  });
}

/** People and units, who may sign in, and the audit of both. */
function buildDirectory(
  { config, log, bus, database, redis, audit, lifecycle, http }: Ground,
  sessions: Sessions,
  openWork: (personId: string) => Promise<OpenWork[]>,
): Directory {
  const store = new DirectoryStore(database);
  const directory = new Directory({ store, bus, clock, log });
  lifecycle.add('directory', directory);
  const passwords = new PasswordHasher();
  const people = new People({
    store,
    directory,
    sessions,
    audit,
    passwords,
    clock,
    openWork,
  });
  const signIn = new SignIn({ store, sessions, passwords, audit, redis, redisPrefix: config.REDIS_PREFIX });
  http.mount([
    ...signInRoutes({ signIn, sessions, directory }),
    ...directoryRoutes({ directory, people, audit }),
  ]);
  return directory;
}

/** 热线整合: which line a call is for. */
function buildLines(
  { config, log, bus, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  soundKnown: (name: string) => boolean,
): LineService {
  const settings = { hotlineNumber: config.HOTLINE_NUMBER, areaCode: config.AREA_CODE, cityZone: CITY_ZONE };
  const lines = new LineService({
    store: new LineStore(database),
    news: (onNews) => new LineNews(config.POSTGRES_URL, onNews, log),
    settings,
    audit,
    findUnit: (unitId) => directory.unit(unitId),
    soundKnown,
    bus,
    clock,
    log,
  });
  lifecycle.add('lines', lines);
  http.mount(lineRoutes({ lines, settings, clock }));
  return lines;
}

/** What may be dialled, and the outside contacts that calls are brought to. */
function buildDialling(
  { config, log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  lines: LineService,
): { rules: DialRules; contacts: Contacts } {
  const ruleStore = new DialRuleStore(database);
  const ruleSet = new Kept({ name: 'dial rules', source: ruleStore, first: BUILT_IN_SET, log });
  const rules = new DialRules({
    store: ruleStore,
    kept: ruleSet,
    areaCode: config.AREA_CODE,
    leadsHere: (number) => lines.match(number, [], clock.now()).matchedBy === 'called-number',
    audit,
    clock,
  });
  const contactStore = new ContactStore(database);
  const contactList = new Kept({ name: 'contacts', source: contactStore, first: [], log });
  const contacts = new Contacts({
    store: contactStore,
    kept: contactList,
    audit,
    unitKnown: (unitId) => directory.unit(unitId) !== null,
    areaCode: config.AREA_CODE,
  });
  lifecycle.add('dial rules', ruleSet);
  lifecycle.add('contacts', contactList);
  const sheets = { read: readSheet, write: writeSheet, bytes: SHEET_LIMITS.bytes };
  http.mount([...dialRuleRoutes({ rules }), ...contactRoutes({ contacts, sheets })]);
  return { rules, contacts };
}

/** The recordings callers hear, and their replacement. */
function buildPrompts(
  { config, log, database, audit, lifecycle, http }: Ground,
  lines: LineService,
  menus: MenuStore,
): PromptService {
  const prompts = new PromptService({
    store: new PromptStore(database),
    folder: new PromptFolder(config.PROMPTS_DIR ?? join(config.VAR_DIR, 'prompts')),
    shipped: new ShippedPrompts('asterisk-config'),
    converter: new AudioConverter(config.FFMPEG, log),
    audit,
    clock,
    log,
    lines: () => lines.list(),
    linesWithMenu: () =>
      lines
        .list()
        .map(({ lineId }) => lineId)
        .filter((lineId) => menus.menuOf(lineId).length > 0),
  });
  lifecycle.add('prompts', prompts);
  http.mount(promptRoutes({ prompts }));
  return prompts;
}

/** 领导接听日: which leader answers when, and whose calls. */
function buildLeaders(
  { log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  lines: LineService,
  queues: QueueStore,
): LeaderShifts {
  const store = new LeaderShiftStore(database);
  const kept = new Kept({ name: 'leader shifts', source: store, first: [], log });
  const shifts = new LeaderShifts({
    store,
    kept,
    audit,
    clock,
    sitter: (personId) => sitter(directory, personId),
    lineKnown: (lineId) => lines.line(lineId) !== null,
    queueKnown: (queue) => queues.all().has(queue),
  });
  lifecycle.add('leader shifts', kept);
  const choices = () => ({
    people: directory
      .people()
      .flatMap(({ personId, name }) => (sitter(directory, personId) ? [{ personId, name }] : [])),
    queues: [...queues.all().values()].map(({ queue, name }) => ({ queue, name })),
  });
  http.mount(leaderShiftRoutes({ shifts, choices }));
  return shifts;
}

/** Who called lately and with whom, and who waits for something urgent: beside the call path. */
function buildStandings(
  { config, log, bus, lifecycle }: Ground,
  records: CallRecordStore,
  tickets: TicketReadStore,
): CallerStandings {
  const standings = new CallerStandings({
    endedSince: (since) => records.endedSince(since),
    urgentNumbers: () => tickets.urgentNumbers(),
    clock,
    memoryMs: config.REPEAT_HOURS * 3_600_000,
    log,
  });
  bus.onAny((event) => standings.hear(event));
  lifecycle.add('callers’ standing', standings);
  return standings;
}

/** M3 并行接听: when calls overflow to a line's own seats, and how its exchange is known. */
function buildParallel(
  { config, log, database, audit, lifecycle, http }: Ground,
  lines: LineService,
): ParallelLines {
  const store = new ParallelStore(database);
  const kept = new Kept({ name: 'parallel lines', source: store, first: [], log });
  const parallel = new ParallelLines({
    store,
    kept,
    audit,
    lines: () => lines.list(),
    serves: (line) => servesOn(line, cityDay(clock.now())),
    normal: (number) => normaliseNumber(number, config.AREA_CODE) ?? number,
  });
  lifecycle.add('parallel lines', kept);
  http.mount(parallelRoutes({ parallel }));
  return parallel;
}

/** Nuisance callers: who is on the list, and who never can be. */
function buildNuisance(
  { config, log, database, audit, lifecycle, http }: Ground,
  parts: {
    directory: Directory;
    lines: LineService;
    contacts: Contacts;
    callFacts: ReturnType<typeof callFactsFrom>;
  },
): NuisanceList {
  const { directory, lines, contacts, callFacts } = parts;
  const store = new NuisanceStore(database);
  const kept = new Kept({ name: 'nuisance list', source: store, first: EMPTY_BOOK, log });
  const normal = (number: string) => normaliseNumber(number, config.AREA_CODE) ?? number;
  const nuisance = new NuisanceList({
    store,
    kept,
    audit,
    clock,
    areaCode: config.AREA_CODE,
    policy: {
      maxDays: config.NUISANCE_MAX_DAYS,
      repeatCalls: config.NUISANCE_REPEAT_CALLS,
      repeatMs: config.NUISANCE_REPEAT_MINUTES * 60_000,
    },
    day: cityDay,
    shiftDay,
    guarded: (): Protected[] => [
      { number: config.HOTLINE_NUMBER, words: '本热线' },
      ...lines.list().flatMap(({ name, numbers, parallelDestination }) =>
        [...numbers, ...(parallelDestination === null ? [] : [normal(parallelDestination)])].map(
          (number) => ({
            number,
            words: `热线“${name}”`,
          }),
        ),
      ),
      ...directory.units().map(({ name, contactPhone }) => ({ number: normal(contactPhone), words: name })),
      ...contacts.all().map(({ name, number }) => ({ number, words: `转接目标“${name}”` })),
    ],
    callFacts,
    lineKnown: (lineId) => lines.line(lineId) !== null,
  });
  lifecycle.add('nuisance list', kept);
  const maxDays = config.NUISANCE_MAX_DAYS;
  http.mount(nuisanceRoutes({ nuisance, areaCode: config.AREA_CODE, maxDays, writeSheet, cityWords }));
  return nuisance;
}

type CallbackJoints = Omit<ConstructorParameters<typeof Callbacks>[0], 'store' | 'policy' | 'clock' | 'log'>;

/** 漏接回拨: what is owed to whoever was not served, placed by the service that commands the switch. */
function buildCallbacks(
  { config, log, bus, database, audit, http }: Ground,
  directory: Directory,
  { queuesOf, ...joints }: CallbackJoints & { queuesOf(personId: string): string[] },
): Callbacks {
  const store = new CallbackStore(database);
  const [from = '', to = ''] = config.CALLBACK_QUIET_HOURS.split('-');
  const policy = {
    shortestMs: config.CALLBACK_SHORTEST_SECONDS * 1000,
    afterMs: config.CALLBACK_AFTER_SECONDS * 1000,
    quiet: config.CALLBACK_QUIET_HOURS === 'none' ? null : { from, to },
    attempts: config.CALLBACK_ATTEMPTS,
    retryMs: config.CALLBACK_RETRY_SECONDS * 1000,
    patienceMs: config.CALLBACK_PATIENCE_SECONDS * 1000,
    expiryMs: config.CALLBACK_HOURS * 3_600_000,
    targetMs: config.CALLBACK_TARGET_MINUTES * 60_000,
  };
  const callbacks = new Callbacks({ ...joints, store, policy, clock, log });
  bus.onAny((event) => {
    if (event.kind === 'seatChanged' && event.to === 'ready') callbacks.hurry();
  });
  http.mount(
    callbackRoutes({
      store,
      figures: () => callbacks.count(),
      queuesOf,
      nameOf: (personId) => directory.person(personId)?.name ?? null,
      targetMs: policy.targetMs,
      audit,
      write: writeSheet,
      hurry: () => callbacks.hurry(),
      now: () => clock.now(),
    }),
  );
  measureCallbacks(http, callbacks);
  return callbacks;
}

/** 语音留言: each becomes a task for those who serve its queue. */
function buildMessages(
  { log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  joints: {
    alarm(recordingId: string, callId: string, why: string): void;
    queuesOf(personId: string): string[];
    ticketOf(number: string): Promise<string | null>;
  },
): { tasks: Messages; store: MessageStore } {
  const { alarm, queuesOf, ticketOf } = joints;
  const store = new MessageStore(database);
  const tasks = new Messages({ store, alarm, clock, log });
  const nameOf = (personId: string) => directory.person(personId)?.name ?? null;
  http.mount(messageRoutes({ store, queuesOf, nameOf, ticketOf, audit, now: () => clock.now() }));
  lifecycle.add('messages', tasks);
  return { tasks, store };
}

/** The queues that somebody's skills serve. */
function queuesOf(directory: Directory, queues: QueueStore, personId: string): string[] {
  const skills = directory.person(personId)?.skills ?? [];
  return [...queues.all().values()].filter(({ skill }) => skills.includes(skill)).map(({ queue }) => queue);
}

/** Work orders with their legal clock, their way to the units, and the reminder before a due date. */
function buildTickets(
  { config, log, bus, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  citizens: CitizenStore,
  ofCall: {
    callFacts: ReturnType<typeof callFactsFrom>;
    calledIn(callId: string): Promise<CalledIn[]>;
  },
): { reading: TicketReadStore; service: TicketReading } {
  const announce = (event: HotlineEvent) => bus.announce(event);
  const store = new TicketStore(database);
  const categories = new CategoryStore(database);
  const outbox = new OutboxStore(database);
  const inbox = new UnitInboxStore(database);
  const reading = new TicketReadStore(database);
  const calendar: CalendarService = new CalendarService(new CalendarStore(database), clock, audit, () =>
    recount.run(),
  );
  const reminders = new ReminderService({
    timers: new TimerStore(database),
    tickets: store,
    inbox,
    calendar,
    clock,
    announce,
    workingHoursBefore: config.REMIND_WORKING_HOURS_BEFORE,
    onFault: (fault, timerId) => log.error({ err: fault, timerId }, 'reminder not given'),
  });
  const hurry = {
    outbox: () => outboxJobs.hurry(),
    timer: (timer: Parameters<ReminderJobs['setAlarm']>[0]) => reminderJobs.setAlarm(timer),
  };
  const recount: DueRecount = new DueRecount({
    store,
    categories,
    calendar,
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
  const delivery = new TicketDelivery({
    command: (work) => store.command(work),
    outbox,
    inbox,
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
  const tickets = new TicketService({
    store,
    categories,
    outbox,
    citizens,
    calendar,
    reminders,
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
    clock,
    audit,
  });
  http.mount([
    ...ticketRoutes({ tickets, reading: service, inbox: new UnitInbox(inbox, clock) }),
    ...calendarRoutes({ calendar }),
  ]);
  return { reading, service };
}

/** Every talk is recorded, kept with its hash, and heard by whom it is for. */
function buildRecordings(
  { config, log, bus, database, redis, audit, lifecycle, http }: Ground,
  deps: {
    port: CallControl;
    calls: CallService;
    journal: JournalService;
    records: CallRecordStore;
    linked(): boolean;
    nameOf(personId: string): string | null;
    requireCommand(): void;
  },
): { recorder: Recorder; keeping: RecordingKeeping } {
  const { port, calls, journal, records } = deps;
  const store = new RecordingStore(database);
  const failures = new Counter({
    name: 'hotline_recording_failures_total',
    help: 'Recordings that failed, in part or whole',
    registers: [http.metrics],
  });
  const keeping = new RecordingKeeping({
    switch: port,
    store,
    audit,
    folder: config.RECORDINGS_DIR ?? join(config.VAR_DIR, 'recordings'),
    keepDays: config.RECORDING_KEEP_DAYS,
    sweepSeconds: config.SWEEP_SECONDS,
    clock,
    failed: () => failures.inc(),
    log,
  });
  new Gauge({
    name: 'hotline_recordings_waiting',
    help: 'Recordings still to be brought from the switch',
    registers: [http.metrics],
    collect() {
      this.set(keeping.lag);
    },
  });
  const recorder = new Recorder({
    switch: port,
    calls,
    journaled: async (callId) => {
      await journal.flush();
      return (await records.record(callId))?.events ?? [];
    },
    journal,
    announce: (event) => bus.announce(event),
    alarm: (recordingId, callId, why) => keeping.alarm(recordingId, callId, why),
    saved: (recordingId) => keeping.saved(recordingId),
    clock,
    on: config.RECORD_CALLS,
    log,
  });
  bus.onAny((event) => recorder.hear(event));
  const look = new RepeatedTask(
    1,
    async () => deps.linked() && recorder.tick(),
    (fault) => log.warn({ err: fault }, 'recordings not looked after'),
  );
  lifecycle.add('recordings', {
    start: () => {
      keeping.start();
      look.start();
    },
    stop: () => Promise.all([keeping.stop(), look.stop()]),
  });
  http.mount(
    recordingRoutes({
      ...{ store, keeping, recorder, audit, clock },
      playbacks: new PlaybackStore(redis, config.REDIS_PREFIX),
      record: (callId) => records.record(callId),
      sees: seesRecord,
      nameOf: deps.nameOf,
      agentsHearOwn: config.AGENTS_HEAR_OWN_CALLS,
      requireCommand: deps.requireCommand,
    }),
  );
  return { recorder, keeping };
}

/** What a seat is busy with, to a supervisor who thinks it is stuck; null: nothing. */
function callWordsOf(seatId: string, calls: CallService, monitoring: MonitoringService): string | null {
  const call = calls.live().find((each) => seatsOf(each).some((seat) => seat.seatId === seatId));
  if (call)
    return `正在处理「${call.line.lineName}」的通话（${maskNumber(call.callerHidden ? null : call.callerNumber)}）`;
  return monitoring.of(seatId) ? '正在监听' : null;
}

/** What a call itself says to a work order: from the live call, else from its record. */
function callFactsFrom(calls: CallService, records: CallRecordStore) {
  return async (callId: string) => {
    const call = calls.call(callId);
    const found = call ?? (await records.record(callId))?.record;
    if (!found) return null;
    const { line, callerNumber } = found;
    const seatId = call
      ? (call.talk?.seatId ?? call.offer?.seatId ?? null)
      : 'seatId' in found
        ? found.seatId
        : null;
    return {
      callerNumber,
      callerHidden: callerNumber === null,
      lineId: line.lineId,
      lineName: line.lineName,
      seatId,
    };
  };
}

/** The line of an arriving leg, with everything the call needs of it: no database on this path. */
function matchLine(
  leg: ArrivedLeg,
  at: Date,
  parts: {
    lines: LineService;
    menus: MenuStore;
    nuisance: NuisanceList;
    areaCode: string;
    precedence(line: Line, number: string | null, at: Date): Precedence;
    parallel: ParallelLines;
    earlier: PassedOn;
  },
): MatchedLine {
  const { lines, menus, nuisance, areaCode, precedence } = parts;
  const match = lines.match(leg.dialled, leg.diversions, at);
  const normal = (number: string) => normaliseNumber(number, areaCode) ?? number;
  const diversions = leg.diversions.map(({ number }) => normal(number));
  const written = leg.callerNumber === null ? null : normal(leg.callerNumber);
  // A citizen who dialled another old number is that line's, whichever exchange he came through.
  const passed =
    match.line.mode === 'own' || match.line.mode === 'parallel'
      ? fromExchange(parts.parallel.inService(), written, diversions)
      : null;
  const { lineId, greetingSound } = passed?.line.line ?? match.line;
  const earlier = passed && parts.earlier.call(leg.earlierCallId, lineId);
  const callerNumber = passed?.ownNumber && earlier?.callerNumber ? earlier.callerNumber : written;
  const { priority, why, lastAgent } = precedence(
    passed?.line.line ?? match.line,
    leg.callerHidden ? null : callerNumber,
    at,
  );
  const found = nuisance.nuisanceOf(callerNumber, lineId, at);
  return {
    facts: passed
      ? lineFacts({ line: passed.line.line, matchedNumber: passed.number, matchedBy: 'exchange' })
      : lineFacts(match),
    handover: passed && {
      from: null,
      words: passedWords(passed.line.line, passed.ownNumber, earlier !== null),
    },
    greetingSound: !passed && dialledEndedNumber(match) ? PROMPTS.lineEnded : greetingSound,
    ...(found?.treatment === 'last'
      ? { priority: LAST_PRIORITY, priorityWhy: '骚扰名单：最后接听', lastAgent: null }
      : { priority, priorityWhy: why, lastAgent }),
    menu: menus.menuOf(lineId),
    nuisance: found,
    callerNumber,
    dialled: normal(leg.dialled),
    diversions,
  };
}

/** What the pop says of a call that a parallel line's exchange passed on. */
function passedWords({ name }: Line, ownNumber: boolean, earlierKnown: boolean): string {
  if (earlierKnown) return `由“${name}”转回，是本热线转去的同一诉求人`;
  return ownNumber ? `由“${name}”转来，主叫为该热线总机，请核实诉求人号码` : `由“${name}”转来`;
}

/**
 * The agent at his extension. The switch's account is `seat-<extension>`: a citizen's number can never be taken for one.
 */
function sitter(directory: Directory, personId: string) {
  const person = directory.person(personId);
  return person?.active && person.account !== null ? { ...person, account: `seat-${person.account}` } : null;
}

/**
 * Takes the seats of those who may sit no longer: their session has ended, but a phone of its own would go on ringing.
 * A seat in a call keeps it; the next look finds it free.
 */
async function clearSeats(directory: Directory, seats: SeatService): Promise<void> {
  const gone = seats.seats().filter(({ seatId }) => {
    const person = directory.person(seatId);
    return person !== null && (!person.active || person.account === null);
  });
  await Promise.all(gone.map(({ seatId }) => seats.signOut(seatId, 'system').catch(() => undefined)));
}

/** The wallboard: every figure counted live, pushed, asked for, exported, and told to Prometheus. */
function buildBoard(
  { config, log, bus, database, redis, lifecycle, http }: Ground,
  parts: {
    calls: CallService;
    seats: SeatService;
    queues: QueueStore;
    journal: JournalService;
    directory: Directory;
    realtime: Realtime;
    counts(): boolean;
    callbacksOwed(): number | null;
  },
): BoardService {
  const { calls, seats, queues, journal, directory, realtime, counts, callbacksOwed } = parts;
  const serves = (seatId: string, queue: string) =>
    directory.person(seatId)?.skills.includes(skillFor(queue, queues.all())) ?? false;
  const board = new BoardService({
    store: new BoardStore(database, redis, config.REDIS_PREFIX),
    rules: { shortMs: config.SHORT_ABANDON_SECONDS * 1000, serves },
    counts,
    live: () => calls.live().flatMap(countedLive),
    seats: () => seats.seats(),
    queues: () => queues.all(),
    callbacksOwed,
    written: () => journal.flush(),
    push: (now) => realtime.toRoom(rooms.wallboard, 'board', now),
    clock,
    log,
  });
  bus.onAny((event) => board.hear(event));
  realtime.onWelcome(async ({ role }) => {
    const found = may(role, 'wallboard.view') ? await board.board() : null;
    return found && { event: 'board', payload: found.board };
  });
  const read = () => board.board();
  boardMetrics(http.metrics, read, () => clock.now().getTime());
  http.mount(boardRoutes({ board: read, sheet: { csv: boardCsv, xlsx: boardXlsx } }));
  lifecycle.add('board', board);
  return board;
}

/** A live call as the board counts it; only citizens who called are counted. */
function countedLive(call: Call): LiveCall[] {
  const { callId, line, arrivedAt, waitingSince, talk, offer, attempts, ended } = call;
  if (call.direction !== 'inbound') return [];
  const served = talk ?? call.rescue ?? call.closing;
  return [
    {
      callId,
      lineId: line.lineId,
      lineName: line.lineName,
      queue: line.queue,
      arrivedAt,
      waitingSince,
      answeredAt: talk && isTalking(call) ? talk.since : null,
      talkEndedAt: null,
      endedAt: null,
      rung: attempts > 0 || offer !== null,
      handedBack: false,
      diverted: false,
      blocked: call.nuisance?.treatment === 'announce',
      endedBy: null,
      waiting: !ended && waitingSince !== null && served === null && call.parties.length === 0,
    },
  ];
}

/** Callbacks open now, and those of the last 24 hours by their end. */
function measureCallbacks(http: HttpServer, callbacks: Callbacks): void {
  const registers = [http.metrics];
  new Gauge({
    name: 'hotline_callbacks_open',
    help: 'Callbacks owed, of these tried before, and under way',
    labelNames: ['state'],
    registers,
    collect() {
      const { owed, retrying, underWay } = callbacks.figures;
      for (const [state, count] of Object.entries({ owed, retrying, underWay })) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'hotline_callbacks_settled_24h',
    help: 'Callbacks of the last 24 hours: done, of these in time, not reached, cancelled',
    labelNames: ['result'],
    registers,
    collect() {
      const { done, inTime, unreached, cancelled } = callbacks.figures;
      const results = { done, inTime, unreached, cancelled };
      for (const [result, count] of Object.entries(results)) this.set({ result }, count);
    },
  });
}

/** What the service itself is doing, read when Prometheus asks; the hotline's figures are the board's. */
function measure(
  http: HttpServer,
  { calls, journal }: { calls: CallService; journal: JournalService },
): void {
  const registers = [http.metrics];
  new Gauge({
    name: 'hotline_calls_live',
    help: 'Calls on the switch',
    registers,
    collect() {
      this.set(calls.live().length);
    },
  });
  new Gauge({
    name: 'hotline_journal_lag',
    help: 'Journal entries PostgreSQL does not have yet',
    registers,
    collect() {
      this.set(journal.lag);
    },
  });
}
