import type { CallEvent, HotlineEvent, OfferOutcome } from '../events';
import { DAY_MS, halfHourOf, TREND_MS, type BoardFacts } from './board';
import { endingOf, sumsOf, type CountedCall } from './counted-call';
import { NO_SUMS, type Sums } from './definitions';
import { HandlingTimes } from './handling-times';
import { SeatHistory, type SeatChange } from './seat-history';
import { plus, SlidingSums } from './sliding-sums';

export interface LedgerRules {
  /** Who hangs up this soon after arriving counts as a short abandoned call. */
  shortMs: number;
  /** Whether a seat has the skill of a queue. */
  serves(seatId: string, queue: string): boolean;
}

/**
 * The sums of the last 24 hours and of the day, from events as they come or from what was written down: both ways lead
 * to the same sums, and a call told of twice counts once. Takes the time as an argument.
 */
export class BoardLedger {
  readonly windows = { last24h: new SlidingSums(), today: new SlidingSums() };
  readonly halfHours = new Map<number, Sums>();
  readonly lineNames = new Map<string, string>();
  /** How each seat's last offer ended. */
  readonly missed = new Map<string, OfferOutcome>();
  readonly handling = new HandlingTimes();
  private readonly seats = new SeatHistory();
  private readonly lastChange = new Map<string, SeatChange>();
  private readonly open = new Map<string, CountedCall>();
  /** Since when calls that were answered have had nobody: they may wait again. */
  private readonly alone = new Map<string, number>();
  /** Decided calls by their arrival and queue, for a day. */
  private readonly decided = new Map<string, { arrivedAt: number; queue: string }>();

  constructor(private readonly rules: LedgerRules) {}

  hear(event: HotlineEvent): void {
    if (event.kind === 'seatChanged') {
      if (event.from !== event.to)
        this.hearSeat({
          seatId: event.seatId,
          at: event.at.getTime(),
          to: event.to,
          callId: event.callId,
        });
      return;
    }
    if (event.kind === 'callArrived' && event.direction === 'inbound') this.track(arrived(event));
    if (event.kind === 'offerEnded') this.missed.set(event.seatId, event.outcome);
    if (event.kind === 'talkEnded') this.alone.set(event.callId, event.at.getTime());
    if (event.kind === 'talkStarted' || event.kind === 'callEnded') this.alone.delete(event.callId);
    const call = 'callId' in event && event.callId !== null ? this.open.get(event.callId) : undefined;
    if (!call) return;
    applyTo(call, event as CallEvent);
    this.decide(call);
  }

  /** Takes what was written down: seat changes and calls in their order. What follows may have been among it already. */
  takeWritten(written: {
    changes: readonly SeatChange[];
    calls: readonly CountedCall[];
    missed: ReadonlyMap<string, OfferOutcome>;
  }): void {
    for (const change of written.changes) this.seats.hear(change);
    for (const call of written.calls) this.track(call);
    for (const change of written.changes) this.hearHandling(change);
    for (const [seatId, outcome] of written.missed) this.missed.set(seatId, outcome);
  }

  /** A seat's change; an older one than the last known says nothing new. */
  hearSeat(change: SeatChange): void {
    const last = this.lastChange.get(change.seatId);
    if (last && (change.at < last.at || (change.at === last.at && change.to === last.to))) return;
    this.seats.hear(change);
    this.hearHandling(change);
  }

  private hearHandling(change: SeatChange): void {
    this.lastChange.set(change.seatId, change);
    const { callId } = change;
    const queue = callId === null ? null : (this.open.get(callId) ?? this.decided.get(callId))?.queue;
    this.handling.hear(change, queue ?? null);
  }

  /** Takes a call as it is known elsewhere; one known already stays as it is, unless it has come to its end. */
  track(call: CountedCall): void {
    if (call.talkEndedAt !== null && call.endedAt === null) this.alone.set(call.callId, call.talkEndedAt);
    if (this.decided.has(call.callId)) return;
    if (!this.open.has(call.callId) || endingOf(call) !== 'open') this.open.set(call.callId, { ...call });
    this.decide(call);
  }

  /** Since when a call waits: since its last talk ended, else since it joined the queue. */
  waitsSince({ callId, waitingSince, arrivedAt }: CountedCall): number {
    return this.alone.get(callId) ?? waitingSince ?? arrivedAt;
  }

  openCalls(): string[] {
    return [...this.open.keys()];
  }

  /** Lets go of what is older than a day, and of the day before midnight. */
  forget(now: number, midnight: number): void {
    const since = now - DAY_MS;
    this.windows.last24h.forgetBefore(since);
    this.windows.today.forgetBefore(midnight);
    for (const from of this.halfHours.keys()) if (from + TREND_MS <= since) this.halfHours.delete(from);
    for (const [callId, { arrivedAt }] of this.decided) {
      if (arrivedAt >= since) break;
      this.decided.delete(callId);
    }
    for (const [callId, at] of this.alone) if (at < since) this.alone.delete(callId);
    for (const [callId, { arrivedAt }] of this.open) if (arrivedAt < since) this.open.delete(callId);
    this.seats.forgetBefore(Math.min(now, ...[...this.open.values()].map(({ arrivedAt }) => arrivedAt)));
  }

  /** What the board needs of the ledger. */
  facts(): Pick<BoardFacts, 'windows' | 'halfHours' | 'lineNames' | 'missed'> {
    const { windows, halfHours, lineNames, missed } = this;
    return { windows, halfHours, lineNames, missed };
  }

  private decide(call: CountedCall): void {
    const sums = sumsOf(call, this.aboveCapacity(call), this.rules.shortMs);
    if (!sums) return;
    this.open.delete(call.callId);
    const { callId, arrivedAt, queue, lineId, lineName } = call;
    this.decided.set(callId, { arrivedAt, queue });
    this.lineNames.set(lineId, lineName);
    const share = { arrivedAt, queue, lineId, sums };
    this.windows.last24h.add(share);
    this.windows.today.add(share);
    const half = halfHourOf(arrivedAt);
    this.halfHours.set(half, plus(this.halfHours.get(half) ?? NO_SUMS, sums));
  }

  private aboveCapacity(call: CountedCall): boolean {
    const { waitingSince, endedAt, queue, rung } = call;
    if (endingOf(call) !== 'abandoned' || rung || waitingSince === null || endedAt === null) return false;
    return this.seats.allAtWork((seatId) => this.rules.serves(seatId, queue), waitingSince, endedAt);
  }
}

function arrived(event: Extract<CallEvent, { kind: 'callArrived' }>): CountedCall {
  const { callId, at, line } = event;
  return {
    callId,
    lineId: line.lineId,
    lineName: line.lineName,
    queue: line.queue,
    arrivedAt: at.getTime(),
    waitingSince: null,
    answeredAt: null,
    talkEndedAt: null,
    endedAt: null,
    rung: false,
    handedBack: false,
    diverted: false,
    blocked: false,
    endedBy: null,
  };
}

function applyTo(call: CountedCall, event: CallEvent): void {
  const at = event.at.getTime();
  switch (event.kind) {
    case 'callWaiting':
      if (call.waitingSince === null) Object.assign(call, { waitingSince: at, queue: event.queue });
      break;
    case 'seatOffered':
      call.rung = true;
      break;
    case 'talkStarted':
    case 'partyJoined':
      // Who joins before any talk is somebody outside that took the call.
      call.answeredAt ??= at;
      break;
    case 'callbackAsked':
    case 'messageLeft':
      call.diverted = true;
      break;
    case 'callBlocked':
      call.blocked = event.treatment === 'announce';
      break;
    case 'callHandedBack':
      call.handedBack = true;
      break;
    case 'callEnded':
      call.endedAt ??= at;
      call.endedBy ??= event.endedBy;
      break;
  }
}
