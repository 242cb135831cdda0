import type { CallEvent } from '../events';
import type { Clock } from '../platform/clock';
import type { SeatService } from '../seats/seat.service';
import type { CallControl, LegSnapshot, SwitchEvent } from '../telephony/call-control';
import type { Call } from './call';
import type { CallIndexStore } from './call-index.store';
import type { CallService } from './call.service';
import type { MonitoringService } from './monitoring.service';
import { compareCall, compareLegs, compareSeats, driftKey, withNewestNotes, type Drift } from './reconcile';

interface Deps {
  switch: CallControl;
  calls: CallService;
  monitoring: MonitoringService;
  seats: SeatService;
  index: CallIndexStore;
  /** The calls whose written records have no end yet. */
  openCalls(): Promise<string[]>;
  journal: { append(event: CallEvent): void };
  clock: Clock;
  /** Counts each repaired drift by its kind. */
  count(kind: Drift['kind']): void;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

/** What ended a leg that vanished unwatched is not known (Q.850: normal, unspecified). */
const UNKNOWN_CAUSE = { cause: 'normal-unspecified', q850: 31 } as const;
/** Right after the link is back these may be changes under way, or are being repaired already. */
const NOT_AT_ONCE: ReadonlySet<Drift['kind']> = new Set(['unheardLeg', 'unansweredCitizen', 'wrongTalk']);

/**
 * Keeps switch, Redis and memory telling one story (■ no ghost call, no stuck seat). After a restart or a lost link it
 * acts at once; in the continuous check only on a drift seen twice in a row, since one seen once may be a change under
 * way.
 */
export class ReconcileService {
  private suspects = new Set<string>();
  private lookedForForgotten = false;

  constructor(private readonly deps: Deps) {}

  /** The link to the switch is up, with what the switch holds: first start, or back after an outage. */
  async takeOver(found: LegSnapshot[]): Promise<void> {
    const { calls, index, monitoring } = this.deps;
    const indexed = await index.all().catch(() => [] as Call[]);
    const legs = withNewestNotes(found, indexed);
    for (const { callId } of calls.live()) calls.resync(callId, legs);
    monitoring.adopt(legs);
    this.repairAtOnce(
      compareLegs(legs, calls.live(), (callId) => calls.hasEnded(callId), monitoring.running()),
      legs,
    );
    monitoring.resync(legs);
    for (const { callId } of indexed)
      if (!calls.call(callId) && !calls.hasEnded(callId)) await this.bury(callId);
    for (const drift of this.seatDrifts()) this.repair(drift, legs);
    // Beside the calls, which do not wait for the database.
    if (!this.lookedForForgotten) this.quietly(this.buryForgotten());
  }

  /** The continuous check. Returns the drifts it repaired. */
  async check(): Promise<Drift[]> {
    const legs = await this.deps.switch.legs();
    const { calls, monitoring } = this.deps;
    const drifts = [
      ...compareLegs(legs, calls.live(), (callId) => calls.hasEnded(callId), monitoring.running()),
      ...this.seatDrifts(),
    ];
    const confirmed = drifts.filter((drift) => this.suspects.has(driftKey(drift)));
    this.suspects = new Set(drifts.map(driftKey));
    for (const drift of confirmed) {
      this.deps.log.warn({ drift: driftKey(drift) }, 'drift repaired');
      this.deps.count(drift.kind);
      this.repair(drift, legs);
    }
    return confirmed;
  }

  /** Whether a seat rings or talks for no live call: then what it takes to free it. */
  stuck(seatId: string): Extract<Drift, { kind: 'stuckSeat' }> | null {
    const drift = this.seatDrifts().find((each) => each.seatId === seatId);
    return drift?.kind === 'stuckSeat' ? drift : null;
  }

  private seatDrifts(): Extract<Drift, { seatId: string }>[] {
    const { calls, monitoring, seats } = this.deps;
    return compareSeats(seats.seats(), calls.live(), monitoring.running());
  }

  /** A monitoring's own leg is heard of there, as when the switch tells. */
  private hear(event: Extract<SwitchEvent, { kind: 'legEnded' | 'legAnswered' }>): void {
    if (!this.deps.monitoring.hear(event)) this.deps.calls.hear(event);
  }

  private repair(drift: Drift, legs: LegSnapshot[]): void {
    const { calls, seats, switch: port } = this.deps;
    const at = this.deps.clock.now();
    switch (drift.kind) {
      case 'unknownCall':
        return this.adopt(drift, legs);
      case 'leftoverLeg':
        return this.quietly(port.hangUp(drift.legId, 'normal'));
      case 'unheardLeg':
        return this.quietly(port.handBack(drift.legId));
      case 'unansweredCitizen':
        return this.quietly(port.answer(drift.legId));
      case 'wrongTalk':
        return calls.resync(drift.callId, legs);
      case 'goneLeg':
        if (drift.ringing) return calls.withdraw(drift.legId);
        return this.hear({ kind: 'legEnded', legId: drift.legId, ...UNKNOWN_CAUSE, at });
      case 'unheardAnswer':
        return this.hear({ kind: 'legAnswered', legId: drift.legId, at });
      case 'stuckSeat':
        return this.quietly(
          seats.settle(drift.seatId, drift.token, drift.state === 'ringing' ? 'release' : 'talkEnded'),
        );
      case 'wrongSeat':
        return this.quietly(seats.correct(drift.seatId, drift.state, drift.callId, drift.token));
    }
  }

  private quietly(work: Promise<unknown>): void {
    work.catch((fault: unknown) => this.deps.log.warn({ fault: String(fault) }, 'repair failed'));
  }

  private repairAtOnce(drifts: Drift[], legs: LegSnapshot[]): void {
    for (const drift of drifts) if (!NOT_AT_ONCE.has(drift.kind)) this.repair(drift, legs);
  }

  /** Takes a call over; its seat's leg may have gone, or have been answered, while nobody watched. */
  private adopt({ call, found, seat }: Extract<Drift, { kind: 'unknownCall' }>, legs: LegSnapshot[]): void {
    const { calls } = this.deps;
    calls.adopt(call, found, seat);
    calls.resync(call.callId, legs);
    const adopted = calls.call(call.callId);
    const byLeg = new Map(legs.map((leg) => [leg.legId, leg]));
    if (adopted) this.repairAtOnce(compareCall(adopted, byLeg), legs);
  }

  /** A call that ended while no service watched: its record is closed as well as can be known. */
  private async bury(callId: string): Promise<void> {
    const ended = { kind: 'callEnded', callId, endedBy: 'system', cause: UNKNOWN_CAUSE.cause } as const;
    this.deps.journal.append({ ...ended, at: this.deps.clock.now() });
    await this.deps.index.remove(callId);
  }

  /** Calls that only their written records know: they ended, and Redis was emptied, while no service watched. */
  private async buryForgotten(): Promise<void> {
    const { calls, openCalls } = this.deps;
    for (const callId of await openCalls()) {
      if (!calls.call(callId) && !calls.hasEnded(callId)) await this.bury(callId);
    }
    this.lookedForForgotten = true;
  }
}
