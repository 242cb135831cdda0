import { randomUUID } from 'node:crypto';
import type { OfferReason } from '../events';
import type { Clock } from '../platform/clock';
import type { Seat } from '../seats/seat';
import { skillFor, type Queue } from './queue';
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
  clock: Clock;
  ageingMs: number;
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
    const seats = this.deps.seats.seats().filter((seat) => !this.underWay.has(seat.seatId));
    for (const planned of planOffers(waiting, seats, this.deps.queues(), now, this.deps.ageingMs))
      void this.make(planned, now);
  }

  /** The waiting calls in the order they will be served, and how many callers are before each. */
  line(): { ordered: WaitingCall[]; before: Map<string, number> } {
    const ordered = inOrder(this.deps.calls.waiting(), this.deps.clock.now().getTime(), this.deps.ageingMs);
    return { ordered, before: callersBefore(ordered) };
  }

  /** What each waiting call may be told: who is before it, the wait where it is known, and whether anybody could answer. */
  outlook(): (call: { callId: string; line: { queue: string } }) => {
    before: number;
    estimateMs: number | null;
    noSeat: boolean;
  } {
    const { before } = this.line();
    const seats = this.deps.seats.seats();
    return ({ callId, line }) => {
      const skill = skillFor(line.queue, this.deps.queues());
      const able = seats.filter((seat) => seat.skills.includes(skill));
      return { before: before.get(callId) ?? 0, estimateMs: null, noSeat: able.length === 0 };
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
