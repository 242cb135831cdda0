import type { HotlineEvent } from '../events';
import type { Clock } from '../platform/clock';
import type { SeatService } from '../seats/seat.service';
import type { CallControl, LegSnapshot } from '../telephony/call-control';
import type { Call } from './call';
import type { CallIndexStore } from './call-index.store';
import type { CallService } from './call.service';
import { compareLegs, compareSeats, driftKey, type Drift } from './reconcile';

interface Deps {
  switch: CallControl;
  calls: CallService;
  seats: SeatService;
  index: CallIndexStore;
  journal: { append(event: Extract<HotlineEvent, { callId: string }>): void };
  clock: Clock;
  /** Counts each repaired drift by its kind. */
  count(kind: Drift['kind']): void;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

/**
 * Keeps switch, Redis and memory telling one story (■ no ghost call, no stuck seat). After a restart or a lost link it
 * acts at once; in the continuous check only on a drift seen twice in a row, since one seen once may be a change under
 * way.
 */
export class ReconcileService {
  private suspects = new Set<string>();

  constructor(private readonly deps: Deps) {}

  /** The link to the switch is up, with what the switch holds: first start, or back after an outage. */
  async takeOver(legs: LegSnapshot[]): Promise<void> {
    const { calls, index } = this.deps;
    const indexed = await index.all().catch(() => [] as Call[]);
    for (const { callId } of calls.live()) calls.resync(callId, legs);
    // A leg without a note may be arriving at this moment: only the continuous check judges it.
    for (const drift of compareLegs(legs, calls.live(), (callId) => calls.hasEnded(callId)))
      if (drift.kind !== 'unheardLeg') this.repair(drift, legs);
    for (const call of indexed) if (!calls.call(call.callId)) await this.bury(call);
    for (const drift of compareSeats(this.deps.seats.seats(), calls.live())) this.repair(drift, legs);
  }

  /** The continuous check. Returns the drifts it repaired. */
  async check(): Promise<Drift[]> {
    const legs = await this.deps.switch.legs();
    const { calls, seats } = this.deps;
    const drifts = [
      ...compareLegs(legs, calls.live(), (callId) => calls.hasEnded(callId)),
      ...compareSeats(seats.seats(), calls.live()),
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

  private repair(drift: Drift, legs: LegSnapshot[]): void {
    const { calls, seats, switch: port } = this.deps;
    const at = this.deps.clock.now();
    const quietly = (work: Promise<unknown>) =>
      work.catch((fault: unknown) => this.deps.log.warn({ fault: String(fault) }, 'repair failed'));
    switch (drift.kind) {
      case 'unknownCall':
        return this.adopt(drift.call, drift.citizen, drift.seat, legs);
      case 'leftoverCitizen':
      case 'leftoverSeatLeg':
        return void quietly(port.hangUp(drift.legId, 'normal'));
      case 'unheardLeg':
        return void quietly(port.handBack(drift.legId));
      case 'goneCitizen':
      case 'goneSeatLeg':
        return calls.hear({
          kind: 'legEnded',
          legId: drift.legId,
          cause: 'normal-unspecified',
          q850: 31,
          at,
        });
      case 'unheardAnswer':
        return calls.hear({ kind: 'legAnswered', legId: drift.legId, at });
      case 'stuckSeat':
        return void quietly(
          seats.settle(drift.seatId, drift.token, drift.state === 'ringing' ? 'release' : 'talkEnded'),
        );
      case 'wrongSeat':
        return void quietly(seats.correct(drift.seatId, drift.state, drift.callId, drift.token));
    }
  }

  private adopt(noted: Call, citizen: LegSnapshot, seat: LegSnapshot | null, legs: LegSnapshot[]): void {
    const { calls } = this.deps;
    const at = this.deps.clock.now();
    calls.adopt(noted, citizen, seat);
    calls.resync(noted.callId, legs);
    const call = calls.call(noted.callId);
    const seatLeg = call?.talk?.legId ?? call?.offer?.legId;
    if (seatLeg && !seat && call?.offer && !call.offer.answeredAt) calls.withdraw(seatLeg);
    else if (seatLeg && !seat)
      calls.hear({ kind: 'legEnded', legId: seatLeg, cause: 'normal-unspecified', q850: 31, at });
    else if (seatLeg && call?.offer && seat?.state === 'up')
      calls.hear({ kind: 'legAnswered', legId: seatLeg, at });
  }

  /** A call that ended while no service watched: its record is closed as well as can be known. */
  private async bury(call: Call): Promise<void> {
    const at = this.deps.clock.now();
    const { callId, talk } = call;
    if (talk) this.deps.journal.append({ kind: 'talkEnded', callId, at, seatId: talk.seatId });
    this.deps.journal.append({
      kind: 'callEnded',
      callId,
      at,
      endedBy: 'system',
      cause: 'normal-unspecified',
    });
    await this.deps.index.remove(callId);
  }
}
