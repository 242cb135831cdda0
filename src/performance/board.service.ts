import { DateTime } from 'luxon';
import type { HotlineEvent } from '../events';
import { CITY_ZONE, type Clock } from '../platform/clock';
import { RepeatedTask } from '../platform/repeated-task';
import { estimatedWaitSeconds } from '../routing/estimated-wait';
import type { Queue } from '../routing/queue';
import type { Seat } from '../seats/seat';
import { buildBoard, DAY_MS, sameBoard, type Board } from './board';
import { BoardLedger, type LedgerRules } from './board-ledger';
import type { BoardStore } from './board.store';
import { endingOf, type CountedCall } from './counted-call';

/** A live call; `waiting`: the citizen has nobody to talk with. */
export type LiveCall = CountedCall & { waiting: boolean };

interface Deps {
  store: BoardStore;
  rules: LedgerRules;
  /** Whether this service commands the switch, and so sees what happens. */
  counts(): boolean;
  /** The citizens' calls that are live. */
  live(): LiveCall[];
  seats(): Seat[];
  queues(): ReadonlyMap<string, Queue>;
  callbacksOwed(): number | null;
  /** Resolves when everything that happened so far is written down; throws when it cannot be now. */
  written(): Promise<void>;
  /** Tells everybody who watches, on all services. */
  push(board: Board): void;
  clock: Clock;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

/** A second, less what timers are early by. */
const PUSH_EVERY_MS = 900;
const REBUILD_EVERY_MS = 5000;
const LOOK_UP_EVERY_MS = 5000;
const LEAVE_EVERY_MS = 10_000;
/** Seats at which a call is being handled or could be. */
const ON_DUTY: readonly Seat['state'][] = ['ready', 'ringing', 'talking', 'wrapUp'];

/**
 * The live board. The service that commands the switch keeps the sums in memory as things happen, and after a start
 * reads the last 24 hours back from the records; while the database is away it goes on with what it has. At most once a
 * second, and only when something changed, the board is pushed. The other services show the same board, left in Redis.
 */
export class BoardService {
  private ledger: BoardLedger | null = null;
  private complete = false;
  /** What happens while the records are read. */
  private meanwhile: HotlineEvent[] | null = null;
  private last: Board | null = null;
  private readonly done = { push: 0, rebuild: 0, lookUp: 0, leave: 0 };
  private readonly beat: RepeatedTask;

  constructor(private readonly deps: Deps) {
    this.beat = new RepeatedTask(
      1,
      () => this.beatOnce(),
      (fault) => deps.log.warn({ err: fault }, 'the board is not counted now'),
    );
  }

  start(): void {
    this.beat.start();
  }

  stop(): Promise<void> {
    return this.beat.stop();
  }

  hear(event: HotlineEvent): void {
    this.meanwhile?.push(event);
    this.ledger?.hear(event);
  }

  /** The board as of now, and whether another service counts it; null when none does. */
  async board(): Promise<{ board: Board; standby: boolean } | null> {
    if (this.deps.counts()) return { board: this.count(), standby: false };
    const board = await this.deps.store.found();
    return board && { board, standby: true };
  }

  /** What to tell a caller of a queue with so many callers before; null when it cannot be known. */
  estimatedWait(queue: string, before: number): number | null {
    const { rules, seats, clock } = this.deps;
    const able = seats().filter((seat) => ON_DUTY.includes(seat.state) && rules.serves(seat.seatId, queue));
    return estimatedWaitSeconds({
      before,
      staffed: able.length,
      free: able.filter((seat) => seat.state === 'ready' && seat.phoneReachable).length,
      handling: this.ledger?.handling.mean(queue, clock.now().getTime()) ?? null,
    });
  }

  private async beatOnce(): Promise<void> {
    if (!this.deps.counts()) {
      this.ledger = this.last = null;
      this.complete = false;
      return;
    }
    const board = this.count();
    // A beat that came late is no reason to push twice within a second.
    if (board.at - this.done.push >= PUSH_EVERY_MS && !sameBoard(this.last, board)) {
      this.last = board;
      this.done.push = board.at;
      this.deps.push(board);
      this.done.leave = 0;
    }
    await this.every('leave', LEAVE_EVERY_MS, () => this.deps.store.leave(board));
    if (!this.complete) await this.every('rebuild', REBUILD_EVERY_MS, () => this.rebuild());
    await this.every('lookUp', LOOK_UP_EVERY_MS, () => this.lookUp());
  }

  private count(): Board {
    const { deps } = this;
    const now = deps.clock.now().getTime();
    const ledger = (this.ledger ??= new BoardLedger(deps.rules));
    const live = deps.live();
    for (const call of live) ledger.track(call);
    ledger.forget(now, midnightBefore(now));
    return buildBoard({
      ...ledger.facts(),
      now,
      complete: this.complete,
      waiting: live
        .filter(({ waiting }) => waiting)
        .map((call) => ({
          queue: call.queue,
          lineId: call.lineId,
          lineName: call.lineName,
          since: ledger.waitsSince(call),
        })),
      seats: deps.seats(),
      queues: deps.queues(),
      callbacksOwed: deps.callbacksOwed(),
    });
  }

  /** Runs work when its time has come; a fault (database or Redis away) is told and the work tried again later. */
  private async every(what: keyof typeof this.done, ms: number, work: () => Promise<unknown>): Promise<void> {
    const now = this.deps.clock.now().getTime();
    if (now - this.done[what] < ms) return;
    this.done[what] = now;
    await work().catch((fault: unknown) =>
      this.deps.log.warn({ fault: String(fault), what }, 'the board goes on with what it has'),
    );
  }

  /** Begins a ledger anew from what was written down, and goes on with what happened while it was read. */
  private async rebuild(): Promise<void> {
    const { store, rules, clock, seats, written, log } = this.deps;
    this.meanwhile = [];
    try {
      await written();
      const since = new Date(clock.now().getTime() - DAY_MS);
      const rona = seats().filter(({ state }) => state === 'rona');
      const [changes, calls, missed] = await Promise.all([
        store.seatChangesSince(since),
        store.callsSince(since),
        store.lastOutcomes(rona.map(({ seatId }) => seatId)),
      ]);
      const ledger = new BoardLedger(rules);
      ledger.takeWritten({ changes, calls, missed });
      for (const { seatId, since: at, state, callId } of seats())
        ledger.hearSeat({ seatId, at, to: state, callId });
      for (const event of this.meanwhile) ledger.hear(event);
      this.ledger = ledger;
      this.complete = true;
      log.info({ calls: calls.length }, 'the board has its last 24 hours');
    } finally {
      this.meanwhile = null;
    }
  }

  /** Calls that ended while nobody told of it: their records know how. */
  private async lookUp(): Promise<void> {
    const live = new Set(this.deps.live().map(({ callId }) => callId));
    const { ledger } = this;
    const gone = ledger?.openCalls().filter((callId) => !live.has(callId)) ?? [];
    if (!ledger || gone.length === 0) return;
    for (const call of await this.deps.store.callsOf(gone)) if (endingOf(call) !== 'open') ledger.track(call);
  }
}

/** The last midnight in the city, in ms since the epoch. */
function midnightBefore(now: number): number {
  return DateTime.fromMillis(now, { zone: CITY_ZONE }).startOf('day').toMillis();
}
