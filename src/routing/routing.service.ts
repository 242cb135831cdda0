import { randomUUID } from 'node:crypto';
import type { OfferReason } from '../events';
import type { Clock } from '../platform/clock';
import type { Seat } from '../seats/seat';
import { isOn, takes, type LeaderShift } from './leader-shift';
import { skillsEver, type Queue } from './queue';
import { planOffers, type PlannedOffer } from './route-decision';
import { callersBefore, inOrder, type WaitingCall } from './waiting-line';

interface Deps {
  calls: {
    waiting(): WaitingCall[];
    offer(callId: string, seatId: string, token: string, reason: OfferReason): void;
  };
  seats: {
    seats(): Seat[];
    reserve(seatId: string, callId: string, token: string, leaseUntil: number): Promise<boolean>;
  };
  queues(): ReadonlyMap<string, Queue>;
  leaders(): readonly LeaderShift[];
  /** The wait to tell a caller of a queue with so many before him, in seconds; null when it cannot be known. */
  estimatedWait(queue: string, before: number): number | null;
  clock: Clock;
  ageingMs: number;
  lastAgentMs: number;
  /** How long a reservation lives without being confirmed or renewed by its call. */
  leaseMs: number;
  log: { warn(facts: object, words: string): void };
}

/**
 * Brings waiting calls and ready seats together. Level-triggered: `look` plans anew from the whole picture, on every
 * change and every second, so that nothing waits because one change was missed. The reservation in Redis settles races;
 * who loses it simply looks again.
 */
export class RoutingService {
  /** Calls and seats of reservations under way: they are in no second plan. */
  private readonly underWay = new Set<string>();
  private open = false;

  constructor(private readonly deps: Deps) {}

  /** Routing rests while the switch is out of reach: an offer could not be rung. */
  setOpen(open: boolean): void {
    this.open = open;
    this.look();
  }

  look(): void {
    if (!this.open) return;
    const now = this.deps.clock.now().getTime();
    const waiting = this.deps.calls.waiting().filter((call) => !this.underWay.has(call.callId));
    if (!waiting.length) return;
    // A seat being reserved is at work already, as far as this plan goes.
    const seats = this.deps.seats
      .seats()
      .map((seat) => (this.underWay.has(seat.seatId) ? { ...seat, state: 'ringing' as const } : seat));
    const { ageingMs, lastAgentMs } = this.deps;
    const known = { queues: this.deps.queues(), leaders: this.deps.leaders() };
    for (const planned of planOffers({ waiting, seats, ...known, now, ageingMs, lastAgentMs }))
      void this.make(planned, now);
  }

  /** The waiting calls in the order they will be served, and how many callers are before each. */
  line(): { ordered: WaitingCall[]; before: Map<string, number> } {
    const ordered = inOrder(this.deps.calls.waiting(), this.deps.clock.now().getTime(), this.deps.ageingMs);
    return { ordered, before: callersBefore(ordered) };
  }

  /** What each waiting call may be told: who is before it, the wait where it is known, and whether anybody could answer. */
  outlook(): (call: { callId: string; line: { lineId: string; queue: string } }) => {
    before: number;
    estimateMs: number | null;
    noSeat: boolean;
  } {
    const { before } = this.line();
    const seats = this.deps.seats.seats();
    const now = this.deps.clock.now().getTime();
    const leaders = this.deps.leaders().filter((shift) => isOn(shift, now));
    return ({ callId, line }) => {
      const skills = skillsEver(line.queue, this.deps.queues());
      const noSeat = seats.every(
        ({ seatId, skills: own }) =>
          !own.some((skill) => skills.includes(skill)) &&
          !leaders.some((shift) => shift.personId === seatId && takes(shift, line)),
      );
      const ahead = before.get(callId);
      const seconds = ahead === undefined ? null : this.deps.estimatedWait(line.queue, ahead);
      return { before: ahead ?? 0, estimateMs: seconds === null ? null : seconds * 1000, noSeat };
    };
  }

  private async make({ call, seat, reason }: PlannedOffer, now: number): Promise<void> {
    const token = randomUUID();
    this.underWay.add(call.callId).add(seat.seatId);
    try {
      const reserved = await this.deps.seats.reserve(
        seat.seatId,
        call.callId,
        token,
        now + this.deps.leaseMs,
      );
      if (reserved) this.deps.calls.offer(call.callId, seat.seatId, token, reason);
    } catch (fault) {
      this.deps.log.warn({ seatId: seat.seatId, fault: String(fault) }, 'seat cannot be reserved now');
    } finally {
      this.underWay.delete(call.callId);
      this.underWay.delete(seat.seatId);
    }
  }
}
