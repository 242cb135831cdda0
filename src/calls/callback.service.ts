import type { Clock } from '../platform/clock';
import { RepeatedTask } from '../platform/repeated-task';
import type { Seat } from '../seats/seat';
import { isWaiting, type Call } from './call';
import type { PlacedCall } from './call.service';
import {
  firstDue,
  mayDial,
  planCallbacks,
  settle,
  whyNotOwed,
  type CallbackPolicy,
  type PlacingPicture,
} from './callback';
import type { OPEN_STATES } from './callback-state';
import type { Callback, CallbackFigures, CallbackStore } from './callback.store';
import type { DialVerdict } from './dial-rules';

interface Deps {
  store: CallbackStore;
  calls: {
    live(): Call[];
    callBack(placed: PlacedCall): string;
    withdrawPlaced(callId: string): void;
  };
  seats(): Seat[];
  skillOf(queue: string): string;
  linePriority(lineId: string): number;
  decideDial(number: string): DialVerdict;
  blacklisted(number: string, lineId: string): boolean;
  /** Whether this service commands the switch now and knows every call there. */
  inCommand(): boolean;
  /** Resolves when PostgreSQL has every event so far; throws while it is away. */
  flushJournal(): Promise<void>;
  policy: CallbackPolicy;
  clock: Clock;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

const LOOK_SECONDS = 2;
const FIGURES_SECONDS = 10;
const DAY_MS = 24 * 3_600_000;
const NO_FIGURES: CallbackFigures = {
  owed: 0,
  retrying: 0,
  underWay: 0,
  nextAt: null,
  done: 0,
  inTime: 0,
  unreached: 0,
  cancelled: 0,
};

/**
 * Keeps what is owed (漏接回拨) and places it. Everything follows from the written call records and from the live calls,
 * looked at as a whole every two seconds by the one service that commands the switch: a death at any moment, an emptied
 * Redis or PostgreSQL away for an hour only make it later. It is never on the path of a call.
 */
export class Callbacks {
  private known = NO_FIGURES;
  private readonly task: RepeatedTask;
  private readonly counting: RepeatedTask;

  constructor(private readonly deps: Deps) {
    const away = (fault: unknown) =>
      deps.log.warn({ fault: String(fault) }, 'callbacks cannot be looked at now');
    this.task = new RepeatedTask(LOOK_SECONDS, () => this.look(), away);
    this.counting = new RepeatedTask(FIGURES_SECONDS, () => this.count(), away);
  }

  start(): void {
    this.task.start();
    this.counting.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.task.stop(), this.counting.stop()]);
  }

  /** Something has ended, or a seat is free: looks at once. */
  hurry(): void {
    this.task.hurry();
  }

  /** Figures of now and of the last 24 hours, some seconds old. */
  get figures(): CallbackFigures {
    return this.known;
  }

  /** One look at everything: what is owed, what became of what was placed, who is placed now. */
  async look(): Promise<void> {
    const { inCommand, flushJournal, store } = this.deps;
    if (!inCommand()) return;
    await flushJournal();
    await this.sweep();
    const open = await store.open();
    // Another may command by now; then its live calls are not known here.
    if (inCommand()) await this.place(open);
  }

  /** The figures as they are at this moment. */
  async count(): Promise<CallbackFigures> {
    const { store, policy, clock } = this.deps;
    this.known = await store.figures(new Date(clock.now().getTime() - DAY_MS), policy.targetMs);
    return this.known;
  }

  private async sweep(): Promise<void> {
    const { store, policy, blacklisted, clock } = this.deps;
    const now = clock.now();
    const expired = new Date(now.getTime() - policy.expiryMs);
    for (const missed of await store.undecided(expired)) {
      const whyNot = whyNotOwed(missed.record, policy, blacklisted);
      await store.decide(missed, whyNot, firstDue(missed.record, policy));
    }
    await store.settleServed();
    await store.expire(expired, now);
    const open = await store.open();
    if (!open.length) return;
    const placed = await store.placedFor(open.map(({ callbackId }) => callbackId));
    for (const callback of open) {
      const settled = settle(callback, placed.get(callback.callbackId) ?? [], policy);
      if (settled) await store.settle(callback.callbackId, settled, now);
    }
  }

  private async place(open: Callback[]): Promise<void> {
    const { calls, store, policy, clock } = this.deps;
    const now = clock.now().getTime();
    const byId = new Map(open.map((callback) => [callback.callbackId, callback]));
    const live = calls.live();
    const placed = new Map(
      live.flatMap((call) => (call.about.callbackId ? [[call.about.callbackId, call] as const] : [])),
    );
    const busy = new Set(
      live.flatMap((call) => (call.direction === 'callback' ? [] : [call.callerNumber ?? ''])),
    );
    for (const [callbackId, call] of placed) {
      const callback = byId.get(callbackId);
      if (callback && !busy.has(callback.number) && mayDial(callback, policy, now)) continue;
      calls.withdrawPlaced(call.callId);
      if (calls.live().every(({ callId }) => callId !== call.callId)) placed.delete(callbackId);
    }
    for (const { callbackId, state } of open) {
      const stands = standing(placed.get(callbackId));
      if (state !== stands) await store.move(callbackId, stands);
    }
    const due = open.filter(
      (callback) =>
        !placed.has(callback.callbackId) && !busy.has(callback.number) && mayDial(callback, policy, now),
    );
    for (const { callbackId, waitingSince } of planCallbacks(due, this.picture(), policy, now)) {
      const callback = byId.get(callbackId);
      if (callback) await this.placeOne(callback, waitingSince);
    }
  }

  /** In the queue first, then written: placed without its row it is known by its live call, or by its record. */
  private async placeOne(callback: Callback, waitingSince: number): Promise<void> {
    const { calls, store, decideDial, linePriority, clock, log } = this.deps;
    const { callbackId, number, line, queue } = callback;
    const { allowed, dial, words } = decideDial(number);
    if (!allowed || dial === null) return store.giveUp(callbackId, words, clock.now());
    const callId = calls.callBack({
      direction: 'callback',
      dialTo: dial,
      callerNumber: number,
      line: { ...line, queue },
      priority: linePriority(line.lineId),
      about: { ticketId: null, callbackId },
      waitingSince,
    });
    log.info({ callId, callbackId }, 'callback placed');
    await store.move(callbackId, 'queued');
  }

  private picture(): PlacingPicture {
    const { calls, seats, skillOf } = this.deps;
    const live = calls.live();
    return {
      waiting: live.filter(isWaiting).map(({ callId, line, priority, waitingSince, direction }) => ({
        ...{ callId, queue: line.queue, priority, waitingSince: waitingSince ?? 0 },
        callback: direction === 'callback',
      })),
      served: live
        .filter((call) => call.direction === 'callback' && !isWaiting(call))
        .map(({ line }) => line.queue),
      ready: seats()
        .filter(({ state, phoneReachable }) => state === 'ready' && phoneReachable)
        .map(({ skills }) => skills),
      skillOf,
    };
  }
}

function standing(call: Call | undefined): (typeof OPEN_STATES)[number] {
  if (!call) return 'owed';
  return call.talk === null ? 'queued' : 'dialling';
}
