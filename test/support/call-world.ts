import { randomUUID } from 'node:crypto';
import { legsOf, seatsOf, type Call } from '../../src/calls/call';
import { CallIndexStore } from '../../src/calls/call-index.store';
import { foldRecord, type JournalEvent } from '../../src/calls/call-record';
import { CallService } from '../../src/calls/call.service';
import type { CallPolicy } from '../../src/calls/call-turn';
import { MonitoringService } from '../../src/calls/monitoring.service';
import { ReconcileService } from '../../src/calls/reconcile.service';
import { SwitchListener } from '../../src/calls/switch-listener.service';
import type { HotlineEvent, LineFacts } from '../../src/events';
import { GiveWay } from '../../src/platform/give-way';
import type { RedisClient } from '../../src/platform/redis';
import { DEFAULT_QUEUES } from '../../src/routing/queue';
import { RoutingService } from '../../src/routing/routing.service';
import type { WaitingCall } from '../../src/routing/waiting-line';
import { SeatService } from '../../src/seats/seat.service';
import { SeatStore } from '../../src/seats/seat.store';
import { SimulatedSwitch } from '../../src/telephony/simulated-switch.adapter';
import { SimulatedCallControl } from '../../src/telephony/simulated.adapter';

const LINE: LineFacts = {
  lineId: 'own',
  lineName: '12345',
  mode: 'own',
  matchedNumber: '12345',
  matchedBy: 'called-number',
  queue: 'general',
};
export const POLICY: CallPolicy = {
  notice: true,
  greeting: false,
  menu: false,
  ringWhileGreeting: true,
  offerMs: 10_000,
  remoteOfferMs: 12_000,
  announceMs: 30_000,
  outsideMs: 20_000,
  holdReminderMs: 60_000,
  rescueMs: 15_000,
  ratingMs: 5000,
  waitingChoice: true,
  messageWhenNoSeat: false,
  messageMs: 60_000,
};
export const LEASE_MS = 25_000;
const SOUND_MS = 2000;

/**
 * Calls, seats, queue and reconciler on the simulated switch and a real Redis, with a clock of their own: everything
 * that time would do is done by `pass`.
 */
export class CallWorld {
  readonly journal: JournalEvent[] = [];
  readonly switch: SimulatedSwitch;
  readonly port: SimulatedCallControl;
  readonly calls: CallService;
  readonly seats: SeatService;
  readonly routing: RoutingService;
  readonly reconcile: ReconcileService;
  readonly drifts: string[] = [];
  private readonly listener: SwitchListener;
  private now = Date.UTC(2026, 5, 1);
  private timers: { at: number; action: () => void }[] = [];
  private nextTick = this.now + 1000;

  constructor(private readonly redis: RedisClient) {
    const clock = { now: () => new Date(this.now) };
    const log = { warn: () => undefined, info: () => undefined };
    const journal = { append: (event: JournalEvent) => void this.journal.push(event) };
    const giveWay = new GiveWay((work) => void setImmediate(work));
    const prefix = `model-${randomUUID()}`;
    this.switch = new SimulatedSwitch({
      now: clock.now,
      soundMs: SOUND_MS,
      phones: { registered: true, onRing: 'ignore', afterMs: 0 },
      schedule: (milliseconds, action) => {
        const timer = { at: this.now + milliseconds, action };
        this.timers.push(timer);
        return () => void (this.timers = this.timers.filter((each) => each !== timer));
      },
    });
    this.port = new SimulatedCallControl(this.switch);
    const announce = (event: HotlineEvent) => {
      if (event.kind === 'callWaiting' || event.kind === 'offerEnded' || event.kind === 'seatChanged')
        this.routing.look();
    };
    this.seats = new SeatService({
      store: new SeatStore(redis, prefix),
      switch: this.port,
      journal: { append: (event) => void this.journal.push(event as JournalEvent) },
      announce,
      giveWay,
      clock,
      policy: { wrapUpMs: 5000, ronaBackMs: 3000 },
      log,
    });
    const index = new CallIndexStore(redis, prefix);
    const seats = this.seats;
    this.calls = new CallService({
      switch: this.port,
      matchLine: (leg) => ({
        facts: LINE,
        greeting: ['greeting-12345'],
        priority: 0,
        nuisance: null,
        priorityWhy: '',
        lastAgent: null,
        handover: null,
        menu: [],
        callerNumber: leg.callerNumber,
        dialled: leg.dialled,
        diversions: [],
      }),
      seats: {
        dialled: (seatId) => seats.dialled(seatId),
        name: (seatId) => seats.seat(seatId)?.name ?? null,
        reserve: (...reservation) => seats.reserve(...reservation),
        callOut: (...reservation) => seats.callOut(...reservation),
        settle: (...settlement) => seats.settle(...settlement),
        heardPhone: (...heard) => seats.heardPhone(...heard),
      },
      callerShown: () => ({ number: '138****0000', name: '12345' }),
      ownNumber: '12345',
      shownToLine: () => ({ callerNumber: '12345' }),
      leaseMs: LEASE_MS,
      journal,
      index,
      announce,
      giveWay,
      onWaiting: () => this.routing.look(),
      clock,
      policy: POLICY,
      log,
    });
    this.routing = new RoutingService({
      calls: this.calls,
      seats,
      queues: () => new Map(DEFAULT_QUEUES.map((queue) => [queue.queue, queue])),
      leaders: () => [],
      estimatedWait: () => null,
      lastAgentMs: 0,
      clock,
      ageingMs: 3_600_000,
      leaseMs: LEASE_MS,
      log,
    });
    const monitoring = new MonitoringService({
      switch: this.port,
      calls: this.calls,
      seats,
      audit: { append: async () => undefined },
      announce: () => undefined,
      ownNumber: '12345',
      ringMs: POLICY.offerMs,
      clock,
      log,
    });
    this.reconcile = new ReconcileService({
      switch: this.port,
      calls: this.calls,
      monitoring,
      seats,
      index,
      openCalls: async () => [],
      journal,
      clock,
      count: (kind) => void this.drifts.push(kind),
      log,
    });
    this.listener = new SwitchListener({
      calls: this.calls,
      monitoring,
      reconcile: this.reconcile,
      recorder: { heardSwitch: () => undefined, relinked: () => undefined },
      routing: this.routing,
      afterTakeOver: () => seats.admitPhones(),
      log,
    });
  }

  async start(agents: number): Promise<void> {
    await this.port.start((event) => this.listener.hear(event));
    for (let number = 1; number <= agents; number++) {
      const account = `seat-800${number}`;
      await this.seats.signIn(
        { personId: `agent${number}`, name: `坐席${number}`, account, skills: ['general'] },
        // The second sits at an ordinary telephone.
        number === 2 ? { number: '13900000777' } : 'sip',
      );
    }
    await this.settle();
  }

  /** A call an agent places; null when it is refused. */
  async callOut(seatId: string): Promise<string | null> {
    const placed = {
      direction: 'outbound',
      dialTo: '13900000000',
      callerNumber: '13900000000',
      line: LINE,
      priority: 0,
      about: { ticketId: null, callbackId: null },
      waitingSince: null,
    } as const;
    return this.calls.callOut(seatId, placed).catch(() => null);
  }

  callBack(): string {
    return this.calls.callBack({
      direction: 'callback',
      dialTo: '13900000001',
      callerNumber: '13900000001',
      line: LINE,
      priority: 0,
      about: { ticketId: null, callbackId: null },
      waitingSince: this.now - 60_000,
    });
  }

  get time(): number {
    return this.now;
  }

  /** Lets time pass: timers of the switch, a tick each second, the reconciler every five. */
  async pass(milliseconds: number): Promise<void> {
    await this.settle();
    const end = this.now + milliseconds;
    for (;;) {
      const timer = this.timers.reduce<{ at: number; action: () => void } | null>(
        (first, each) => (first === null || each.at < first.at ? each : first),
        null,
      );
      const next = Math.min(timer?.at ?? Infinity, this.nextTick);
      if (next > end) break;
      this.now = Math.max(this.now, next);
      if (timer && timer.at === next) {
        this.timers = this.timers.filter((each) => each !== timer);
        timer.action();
      } else await this.tick();
      await this.settle();
    }
    this.now = end;
  }

  /** As in the service, where a beat that fails is followed by the next. */
  private async tick(): Promise<void> {
    this.nextTick += 1000;
    if (this.listener.isLinked) this.calls.tick(this.routing.outlook());
    await this.seats.tick();
    this.routing.look();
    await this.settle();
    if (this.listener.isLinked && (this.nextTick / 1000) % 5 === 0)
      await this.reconcile.check().catch(() => undefined);
  }

  /** Resolves when nothing is under way any more. */
  async settle(): Promise<void> {
    let before = '';
    for (let calm = 0; calm < 2;) {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      await this.redis.ping();
      await this.calls.settled();
      const now = JSON.stringify([
        this.calls.live(),
        this.seats.seats(),
        this.journal.length,
        this.timers.length,
        this.switch.snapshots(),
      ]);
      calm = now === before ? calm + 1 : 0;
      before = now;
    }
  }

  /** The waiting calls in the order they must be served: written here anew, to check what routing does. */
  line(): WaitingCall[] {
    return this.calls.waiting().sort((a, b) => b.priority - a.priority || a.waitingSince - b.waitingSince);
  }

  /** What is wrong now; nothing should be. */
  faults(): string[] {
    const live = this.calls.live();
    return [
      ...live.flatMap((call) => (hasOwner(call) ? [] : [`call ${call.callId} has no owner`])),
      ...this.seatFaults(live),
      ...this.legFaults(live),
      ...this.lineFaults(),
    ];
  }

  private seatFaults(live: Call[]): string[] {
    const held = live.flatMap((call) => seatsOf(call).map((seat) => ({ ...seat, callId: call.callId })));
    const twice = held.filter(
      (seat, index) => held.findIndex(({ seatId }) => seatId === seat.seatId) !== index,
    );
    const faults = twice.map(({ seatId }) => `seat ${seatId} is in two calls`);
    for (const seat of this.seats.seats()) {
      const busy = seat.state === 'ringing' || seat.state === 'talking';
      const holder = held.find(({ seatId }) => seatId === seat.seatId);
      if (busy && !holder) faults.push(`seat ${seat.seatId} is ${seat.state} for no call`);
      if (holder && (holder.state !== seat.state || holder.token !== seat.token))
        faults.push(`seat ${seat.seatId} is ${seat.state}, its call says ${holder.state}`);
      if (seat.state === 'ringing' && seat.leaseUntil !== null && seat.leaseUntil < this.now)
        faults.push(`the reservation of ${seat.seatId} outlives its lease`);
    }
    return faults;
  }

  /** Every leg on the switch belongs to a call, and is where it belongs. */
  private legFaults(live: Call[]): string[] {
    const wanted = new Map(
      live.flatMap((call) => legsOf(call).map((leg) => [leg.legId, { leg, call }] as const)),
    );
    const faults: string[] = [];
    for (const found of this.switch.snapshots()) {
      const known = wanted.get(found.legId);
      if (!known) {
        faults.push(`leg ${found.legId} belongs to no call`);
        continue;
      }
      const { leg, call } = known;
      if (leg.place === 'talk' && found.talkId !== call.callId)
        faults.push(`leg ${found.legId} is not in its talk`);
      if (leg.place === 'apart' && found.talkId === call.callId)
        faults.push(`leg ${found.legId} is in the talk`);
    }
    for (const [legId] of wanted)
      if (!this.switch.legs.has(legId)) faults.push(`leg ${legId} is not on the switch`);
    return faults;
  }

  /** Nobody waits while a seat is free for him. */
  private lineFaults(): string[] {
    const free = this.seats.seats().filter((seat) => seat.state === 'ready' && seat.phoneReachable);
    const [first] = this.line();
    return first && free.length ? [`call ${first.callId} waits while ${free[0]?.seatId} is free`] : [];
  }

  /** Each call there has been has exactly one record, closed when it is over. */
  recordFaults(): string[] {
    const byCall = new Map<string, JournalEvent[]>();
    for (const event of this.journal)
      if (event.callId) byCall.set(event.callId, [...(byCall.get(event.callId) ?? []), event]);
    const faults: string[] = [];
    for (const [callId, events] of byCall) {
      const count = (kind: JournalEvent['kind']) => events.filter((event) => event.kind === kind).length;
      if (count('callArrived') !== 1) faults.push(`call ${callId} arrived ${count('callArrived')} times`);
      if (count('callEnded') !== (this.calls.call(callId) ? 0 : 1))
        faults.push(`call ${callId} ended ${count('callEnded')} times`);
      const record = foldRecord(events);
      if (!record) faults.push(`call ${callId} has no record`);
      else if (!this.calls.call(callId) && (record.outcome === 'open' || record.endedAt === null))
        faults.push(`the record of ${callId} is open`);
    }
    return faults;
  }
}

/** Somebody is with the citizen, comes to him, or the hotline itself is doing something for him. */
function hasOwner(call: Call): boolean {
  const { offer, talk, invite, rescue, closing, parties, waitingSince, intake } = call;
  return (
    (offer ?? talk ?? invite ?? rescue ?? closing) !== null ||
    parties.length > 0 ||
    waitingSince !== null ||
    intake !== 'queued'
  );
}
