import { Counter } from 'prom-client';
import { ACCEPT_MS } from './calls/accept-key';
import { isAtLine, seatsOf } from './calls/call';
import { CallIndexStore } from './calls/call-index.store';
import { Callbacks } from './calls/callback.service';
import { CallRecordStore } from './calls/call-record.store';
import { callRoutes, seesRecord } from './calls/call.routes';
import { CallService } from './calls/call.service';
import { JournalService } from './calls/journal.service';
import { JournalStore } from './calls/journal.store';
import { monitoringRoutes } from './calls/monitoring.routes';
import { MonitoringService } from './calls/monitoring.service';
import { OutwardCalls } from './calls/outward.service';
import { parallelCallRoutes } from './calls/parallel-calls.routes';
import { ParallelCalls } from './calls/parallel-calls.service';
import { PassedOn } from './calls/passed-on.service';
import { ReconcileService } from './calls/reconcile.service';
import { SwitchCommand } from './calls/switch-command.service';
import { SwitchListener } from './calls/switch-listener.service';
import type { Config } from './config';
import { migrate } from './db/migrate';
import { cityClock, cityDay } from './deadlines/city-time';
import { CitizenStore } from './desk/citizen.store';
import { callActionRoutes } from './desk/call-actions.routes';
import { deskRoutes } from './desk/desk.routes';
import { destinationRoutes } from './desk/destination.routes';
import { DeskService } from './desk/desk.service';
import { FeedStore } from './desk/feed.store';
import { StoryService } from './desk/story.service';
import { rooms } from './audiences';
import { HotlineError } from './errors';
import type { HotlineEvent } from './events';
import { menuRoutes } from './intake/menu.routes';
import { MenuStore } from './intake/menu.store';
import { PromptService } from './intake/prompt.service';
import { lineFacts } from './lines/line-match';
import { overflows } from './lines/parallel';
import type { Line } from './lines/line';
import { maskNumber } from './lines/phone-number';
import { AuditStore } from './platform/audit.store';
import { Bus } from './platform/bus';
import { GiveWay } from './platform/give-way';
import { HttpServer } from './platform/http-server';
import { Lease } from './platform/lease';
import { Lifecycle } from './platform/lifecycle';
import type { Logger } from './platform/logger';
import { openPostgres } from './platform/postgres';
import { Realtime } from './platform/realtime';
import { openRedis } from './platform/redis';
import { RepeatedTask } from './platform/repeated-task';
import { Sessions } from './platform/sessions';
import { SessionStore } from './platform/sessions.store';
import { skillFor } from './routing/queue';
import { Overflow } from './routing/overflow.service';
import { QueueStore } from './routing/queue.store';
import { queuesNow, routingRoutes } from './routing/routing.routes';
import { RoutingService } from './routing/routing.service';
import { precedenceOf, type StandingPolicy } from './routing/standing';
import { callAtSeat } from './seats/seat';
import { SeatService } from './seats/seat.service';
import { SeatStore } from './seats/seat.store';
import { supervisionRoutes } from './seats/supervision.routes';
import { SeatSupervision } from './seats/supervision.service';
import type { CallControl } from './telephony/call-control';
import type { FollowUps } from './evaluation/follow-up.service';
import { calledIn } from './tickets/called-in';
import { clock, type Ground } from './hotline/ground';
import { buildDirectory, sitter, clearSeats } from './hotline/directory';
import { buildLines, buildDialling, buildParallel, matchLine } from './hotline/lines';
import { buildPrompts, buildNuisance } from './hotline/intake';
import { buildLeaders, buildStandings, queuesOf } from './hotline/routing';
import {
  openSwitch,
  buildRecordings,
  callWordsOf,
  callFactsFrom,
  buildCallbacks,
  buildMessages,
} from './hotline/calls';
import { buildKnowledge } from './hotline/knowledge';
import { buildOutgoing } from './hotline/notifications';
import { buildAttachments } from './hotline/attachments';
import { buildChannels } from './hotline/channels';
import { buildEvaluation } from './hotline/evaluation';
import { buildOversight } from './hotline/oversight';
import { buildPerformance } from './hotline/performance';
import { buildWebhooks } from './hotline/webhooks';
import { buildTickets } from './hotline/tickets';
import { buildBoard, measure } from './hotline/board';

/** How long a reservation may stay unconfirmed beyond the ring itself. */
const LEASE_MARGIN_MS = 15_000;

/** Records without an end are looked for this far back. */
const FORGOTTEN_MS = 24 * 3_600_000;

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
        lineEndsDays: config.LINE_ENDS_DAYS,
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
  const { knowledge, owner: article } = buildKnowledge(ground, directory, lines);
  const outgoing = buildOutgoing(ground, directory);
  const tickets = buildTickets(
    ground,
    directory,
    citizens,
    outgoing,
    {
      callFacts,
      calledIn: async (callId) => {
        const found = await records.record(callId);
        const seat = (personId: string) => directory.person(personId)?.name ?? null;
        const queue = (id: string) => queues.all().get(id)?.name ?? null;
        return found ? calledIn(found.record, { seat, queue }) : [];
      },
    },
    {
      cite: (...cited) => knowledge.cited(...cited),
      moved: (...move) => followUps.moved(...move),
    },
  );
  const assessed = buildPerformance(ground, directory);
  const followUps: FollowUps = buildEvaluation(ground, tickets, {
    escalation: tickets.escalation,
    correct: (...change) => assessed.correct(...change),
    tellUnit: async (trx, { number, result, ...told }) => {
      const params = { number, result };
      await outgoing.writeToUnit(trx, { ...told, template: 'unitEvaluated', params, inbox: false });
    },
    callRating: async (callId) => (await records.record(callId))?.record.rating?.level ?? null,
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
  buildChannels(ground, tickets.tickets);
  buildOversight(ground);
  buildWebhooks(ground);
  buildAttachments(ground, tickets.service, { article });
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
    ticketOf: (number) => tickets.reading.idOf(number),
  });

  const outward = new OutwardCalls({
    calls,
    decideDial: (role, number) => dialling.rules.decide(role, number),
    contact: (contactId) => dialling.contacts.all().find((each) => each.contactId === contactId) ?? null,
    line: (lineId) => lines.line(lineId),
    queueName: (queue) => queues.all().get(queue)?.name ?? null,
    ownLine: (at) => lineFacts(lines.match(config.HOTLINE_NUMBER, [], at)),
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
      ofHiddenCitizens: async (callIds) => {
        const found = await tickets.reading.sharedByCall(callIds);
        return new Set(found.filter(({ hidden }) => hidden).map(({ callId }) => callId));
      },
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
