import { seatsOf, type Call } from '../calls/call';
import type { CallEvent, HotlineEvent, OfferOutcome } from '../events';
import type { Clock } from '../platform/clock';
import type { NotReadyReason, Seat, SupervisorAct } from '../seats/seat';
import { deskCall } from './desk-call';
import type { FeedNews, FeedStore } from './feed.store';
import type { CallStory, DeskCall, DeskHello, DeskSnapshot, RecordingState } from './pop';

interface Deps {
  feed: FeedStore;
  calls: { call(callId: string): Call | null };
  seats: { seat(seatId: string): Seat | null };
  line(lineId: string): { script: string; defaultCategory: string | null };
  nameOf(seatId: string): string | null;
  recording(callId: string): RecordingState;
  listeners(callId: string, seatId: string): DeskCall['monitoredBy'];
  story(callerNumber: string | null, callId: string): Promise<CallStory>;
  /** Sends to the browsers of one seat. */
  send(seatId: string, event: string, payload: unknown): void;
  epoch(): string;
  clock: Clock;
  log: { warn(facts: object, words: string): void };
}

interface Shown {
  call: DeskCall | null;
  story: CallStory | null;
}

/**
 * What each seat's screen shows. Every change is numbered in the seat's feed before it is sent: a browser that was away
 * says its last number and gets what it missed. The story comes from the database beside the ring and never delays it.
 */
export class DeskService {
  private readonly screens = new Map<string, Shown>();
  private readonly lanes = new Map<string, Promise<unknown>>();

  constructor(private readonly deps: Deps) {}

  /** Hears everything on the bus; shows what concerns a seat. */
  hear(event: HotlineEvent): void {
    if (event.kind === 'seatChanged') return this.seatChanged(event.seatId, event.to);
    if (event.kind === 'monitoringChanged') return this.listenersChanged(event.callId, event.seatId);
    if (!isCallEvent(event)) return;
    if (event.kind === 'callEnded') this.callEnded(event.callId, event.at.getTime());
    else this.callChanged(event);
  }

  /** A supervisor has changed the seat's state: its agent is told who. */
  supervised(seatId: string, act: SupervisorAct, byName: string, reason: NotReadyReason | null): void {
    this.say(seatId, { kind: 'supervised', act, byName, reason });
  }

  /** What a connecting browser gets: the state now, and what it missed. */
  async hello(seatId: string, { epoch, lastSeq }: DeskHello): Promise<DeskSnapshot> {
    return this.inLane(seatId, async () => {
      const now = this.deps.epoch();
      const { seq, entries } = await this.deps.feed.since(seatId, epoch === now ? lastSeq : 0);
      const shown = await this.screen(seatId);
      return {
        epoch: now,
        seq,
        seat: this.deps.seats.seat(seatId),
        ...shown,
        missed: epoch === now ? entries : [],
      };
    });
  }

  /** Writes the screens back after Redis was emptied; browsers then take a new snapshot. */
  async rewrite(): Promise<void> {
    await Promise.all([...this.screens].map(([seatId, shown]) => this.deps.feed.show(seatId, shown)));
    for (const seatId of this.screens.keys()) this.refreshSeat(seatId);
  }

  private seatChanged(seatId: string, to: Seat['state']): void {
    this.refreshSeat(seatId);
    if (to === 'wrapUp') return;
    if (to === 'ready' || to === 'notReady' || to === 'rona' || to === 'signedOut') {
      const shown = this.screens.get(seatId);
      if (shown?.call && (shown.call.stage === 'wrapUp' || shown.call.stage === 'over'))
        this.show(seatId, { call: null, story: null });
    }
  }

  private listenersChanged(callId: string, seatId: string): void {
    const call = this.deps.calls.call(callId);
    if (call) this.showCall(seatId, call);
  }

  private refreshSeat(seatId: string): void {
    const seat = this.deps.seats.seat(seatId);
    if (seat) this.say(seatId, { kind: 'seat', seat });
  }

  /** One event may change what several seats see: each gets what is new to it. */
  private callChanged(event: CallEvent): void {
    const { callId } = event;
    const at = event.at.getTime();
    if (event.kind === 'offerEnded' && event.outcome !== 'answered')
      this.takenBack(event.seatId, callId, event.outcome);
    else if (event.kind === 'inviteEnded' && event.seatId)
      this.takenBack(event.seatId, callId, event.outcome);
    else if (event.kind === 'talkEnded') this.wrapUp(event.seatId, callId, at);
    else if (event.kind === 'partyLeft' && event.seatId) this.wrapUp(event.seatId, callId, at);
    if (event.kind === 'holdOverdue') this.say(event.seatId, { kind: 'reminder', callId, reminder: 'hold' });
    const call = this.deps.calls.call(callId);
    if (call)
      for (const seatId of new Set(seatsOf(call).map((seat) => seat.seatId))) this.showCall(seatId, call);
  }

  /** Each offer is a pop of its own, the same call's next one too; otherwise only what is new is told. */
  private showCall(seatId: string, call: Call): void {
    const { nameOf, recording, listeners } = this.deps;
    const view = deskCall(call, seatId, {
      ...this.deps.line(call.line.lineId),
      ...{ nameOf, recording, listeners },
    });
    if (!view) return;
    const before = this.screens.get(seatId);
    const same =
      before?.call?.callId === call.callId &&
      before.call.stage !== 'wrapUp' &&
      before.call.stage !== 'over' &&
      (view.stage !== 'ringing' || before.call.offeredAt === view.offeredAt);
    if (!same) {
      this.show(seatId, { call: view, story: null });
      this.say(seatId, { kind: 'call', call: view });
      return void this.tellStory(seatId, call);
    }
    // What is known of this seat's part stays so: a talk has begun even while the phone is lost or the citizen gone.
    const { offeredAt, offerReason, answeredAt, invited } = before.call as DeskCall;
    const shown = {
      ...view,
      offeredAt,
      offerReason,
      answeredAt: answeredAt ?? view.answeredAt,
      invited: invited ?? view.invited,
    };
    if (JSON.stringify(shown) === JSON.stringify(before.call)) return;
    this.show(seatId, { call: shown, story: before.story });
    this.say(seatId, { kind: 'call', call: shown });
  }

  private takenBack(seatId: string, callId: string, outcome: OfferOutcome): void {
    if (this.screens.get(seatId)?.call?.callId === callId) this.show(seatId, { call: null, story: null });
    this.say(seatId, { kind: 'callOver', callId, outcome });
  }

  /** A call that ends between the seat's answer and the talk (the notice still plays) has no talk whose end is told. */
  private callEnded(callId: string, at: number): void {
    for (const [seatId, { call }] of this.screens)
      if (call?.callId === callId && call.stage !== 'wrapUp' && call.stage !== 'over')
        this.wrapUp(seatId, callId, at);
  }

  private wrapUp(seatId: string, callId: string, at: number): void {
    const before = this.screens.get(seatId);
    if (before?.call?.callId === callId) {
      const call: DeskCall = { ...before.call, stage: 'wrapUp', endedAt: at };
      this.show(seatId, { call, story: before.story });
      this.say(seatId, { kind: 'call', call });
    }
    this.say(seatId, { kind: 'callOver', callId, outcome: 'ended' });
  }

  private async tellStory(seatId: string, call: Call): Promise<void> {
    try {
      const story = await this.deps.story(call.callerHidden ? null : call.callerNumber, call.callId);
      const shown = this.screens.get(seatId);
      if (shown?.call?.callId !== call.callId) return;
      this.show(seatId, { call: shown.call, story });
      this.say(seatId, { kind: 'story', story });
    } catch (fault) {
      this.deps.log.warn(
        { callId: call.callId, fault: String(fault) },
        'the caller’s story cannot be read now',
      );
    }
  }

  private async screen(seatId: string): Promise<Shown> {
    const known = this.screens.get(seatId);
    if (known) return known;
    const stored = await this.deps.feed.shown(seatId);
    // What has been shown meanwhile is newer.
    const shown = this.screens.get(seatId) ?? stored;
    this.screens.set(seatId, shown);
    return shown;
  }

  private show(seatId: string, shown: Shown): void {
    this.screens.set(seatId, shown);
    void this.inLane(seatId, () => this.deps.feed.show(seatId, shown)).catch(() => undefined);
  }

  private say(seatId: string, news: FeedNews): void {
    void this.inLane(seatId, async () => {
      const entry = await this.deps.feed.append(seatId, news, this.deps.clock.now().getTime());
      this.deps.send(seatId, 'feed', entry);
    }).catch((fault: unknown) => this.deps.log.warn({ seatId, fault: String(fault) }, 'feed entry not sent'));
  }

  private inLane<T>(seatId: string, work: () => Promise<T>): Promise<T> {
    const result = (this.lanes.get(seatId) ?? Promise.resolve()).then(work);
    this.lanes.set(
      seatId,
      result.catch(() => undefined),
    );
    return result;
  }
}

function isCallEvent(event: HotlineEvent): event is CallEvent {
  if (event.kind === 'seatChanged' || event.kind === 'monitoringChanged') return false;
  return 'callId' in event && !('ticketId' in event);
}
