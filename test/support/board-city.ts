import type { JournalEvent } from '../../src/calls/call-record';
import { JournalService } from '../../src/calls/journal.service';
import { JournalStore } from '../../src/calls/journal.store';
import type { LineFacts, OfferOutcome } from '../../src/events';
import type { Board } from '../../src/performance/board';
import { BoardService } from '../../src/performance/board.service';
import { BoardStore } from '../../src/performance/board.store';
import type { CountedCall } from '../../src/performance/counted-call';
import type { Clock } from '../../src/platform/clock';
import type { Database } from '../../src/platform/postgres';
import type { RedisClient } from '../../src/platform/redis';
import type { NotReadyReason, Seat, SeatState } from '../../src/seats/seat';

const log = { warn: () => undefined, info: () => undefined };
const QUEUES = new Map([
  ['general', { queue: 'general', name: '综合', skill: 'general' }],
  ['english', { queue: 'english', name: '英语', skill: 'english' }],
]);

function lineOf(lineId: string): LineFacts {
  return {
    lineId,
    lineName: lineId === 'own' ? '12345' : '12319 城管热线',
    mode: 'own',
    matchedNumber: '12345',
    matchedBy: 'called-number',
    queue: 'general',
  };
}

interface SeatFacts {
  callId?: string | null;
  reason?: NotReadyReason | null;
  name?: string;
}

/** Calls and seats that happen as a test says, with the journal and the board's service beside them. */
export class BoardCity {
  readonly live = new Map<string, CountedCall & { waiting: boolean }>();
  readonly seats = new Map<string, Seat>();
  readonly pushed: Board[] = [];
  readonly journal: JournalService;
  counts = true;
  private readonly running: BoardService[] = [];
  private count = 0;

  constructor(
    readonly prefix: string,
    private readonly on: { database: Database; redis: RedisClient; clock: Clock },
    private readonly push: (board: Board) => void = () => undefined,
  ) {
    this.journal = new JournalService(new JournalStore(on.redis, on.database, prefix), log);
  }

  service(counts = () => this.counts): BoardService {
    const made = new BoardService({
      store: new BoardStore(this.on.database, this.on.redis, this.prefix),
      rules: { shortMs: 5000, serves: (seatId, queue) => seatId.startsWith(queue) },
      counts,
      live: () => [...this.live.values()],
      seats: () => [...this.seats.values()],
      queues: () => QUEUES,
      callbacksOwed: () => null,
      written: () => this.journal.flush(),
      push: (board) => {
        this.pushed.push(board);
        this.push(board);
      },
      clock: this.on.clock,
      log,
    });
    made.start();
    this.running.push(made);
    return made;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((each) => each.stop()));
    await this.journal.stop();
  }

  happen(event: JournalEvent): void {
    this.journal.append(event);
    for (const service of this.running) service.hear(event);
  }

  arrive(at: number, queue = 'general', lineId = 'own'): string {
    const callId = `${this.prefix}-${(this.count += 1)}`;
    const line = lineOf(lineId);
    const about = { ticketId: null, callbackId: null };
    const direction = 'inbound' as const;
    const facts = {
      callerNumber: '13900000001',
      callerName: '',
      dialled: '12345',
      diversions: [],
      direction,
      about,
    };
    this.happen({ kind: 'callArrived', callId, at: new Date(at), line, ...facts });
    // As by a digit of the menu: the queue is not the line's.
    this.happen({ kind: 'callWaiting', callId, at: new Date(at), queue, priority: 0, why: '' });
    this.live.set(callId, {
      callId,
      lineId,
      lineName: line.lineName,
      queue,
      arrivedAt: at,
      waitingSince: at,
      answeredAt: null,
      talkEndedAt: null,
      endedAt: null,
      rung: false,
      handedBack: false,
      diverted: false,
      blocked: false,
      endedBy: null,
      waiting: true,
    });
    return callId;
  }

  seat(
    seatId: string,
    at: number,
    to: SeatState,
    { callId = null, reason = null, name = seatId }: SeatFacts = {},
  ): void {
    const before = this.seats.get(seatId);
    const from = before?.state ?? 'signedOut';
    this.happen({ kind: 'seatChanged', at: new Date(at), seatId, from, to, reason, callId, by: 'call' });
    const seat = { seatId, name: before?.name ?? name, account: seatId, skills: [], state: to, since: at };
    const rest = { callId, token: null, leaseUntil: null, idleSince: at, wrapUpUntil: null };
    this.seats.set(seatId, {
      ...seat,
      ...rest,
      notReadyReason: reason,
      notReadyNext: null,
      phoneReachable: true,
      telephone: null,
    });
  }

  ring(callId: string, seatId: string, at: number): void {
    const reason = { rule: 'only-one', words: '', idleSeconds: 0, waitingRank: 1, passedOver: [] } as const;
    this.happen({
      kind: 'seatOffered',
      callId,
      at: new Date(at),
      seatId,
      legId: 'leg',
      attempt: 1,
      reason: { ...reason, passedOver: [] },
    });
    const call = this.live.get(callId);
    if (call) call.rung = true;
    this.seat(seatId, at, 'ringing', { callId });
  }

  answer(callId: string, seatId: string, at: number, rings = 500): void {
    this.ring(callId, seatId, at - rings);
    this.offerEnds(callId, seatId, at, 'answered');
    this.talk(callId, seatId, at);
    this.seat(seatId, at, 'talking', { callId });
  }

  /** The talk alone, without what the seat does. */
  talk(callId: string, seatId: string, at: number): void {
    this.happen({ kind: 'talkStarted', callId, at: new Date(at), seatId, legId: 'leg' });
    const call = this.live.get(callId);
    if (call) Object.assign(call, { answeredAt: at, waiting: false });
  }

  /** The seat does not take the ring. */
  miss(callId: string, seatId: string, at: number, outcome: 'no-answer' | 'rejected' = 'no-answer'): void {
    this.offerEnds(callId, seatId, at, outcome);
    this.seat(seatId, at, 'rona');
  }

  private offerEnds(callId: string, seatId: string, at: number, outcome: OfferOutcome): void {
    const event = { callId, at: new Date(at), seatId, legId: 'leg', outcome, cause: null };
    this.happen({ kind: 'offerEnded', ...event });
  }

  /** The seat has passed the call on: the citizen has nobody for now. */
  passOn(callId: string, seatId: string, at: number): void {
    this.happen({ kind: 'talkEnded', callId, at: new Date(at), seatId });
    const call = this.live.get(callId);
    if (call) Object.assign(call, { answeredAt: null, waiting: true });
    this.seat(seatId, at, 'wrapUp', { callId });
  }

  leaveMessage(callId: string, at: number): void {
    this.happen({
      kind: 'messageLeft',
      callId,
      at: new Date(at),
      recordingId: `of-${callId}`,
      durationMs: 4000,
    });
    this.end(callId, at, 'system');
  }

  /** A call that the hotline makes: no figure of the board's. */
  callOut(seatId: string, at: number): void {
    const callId = `${this.prefix}-out-${(this.count += 1)}`;
    const facts = { callerNumber: '13900000001', callerName: '', dialled: '', diversions: [] };
    const about = { ticketId: null, callbackId: null };
    const line = lineOf('own');
    this.happen({
      kind: 'callArrived',
      callId,
      at: new Date(at),
      line,
      ...facts,
      direction: 'outbound',
      about,
    });
    this.talk(callId, seatId, at + 1000);
    this.end(callId, at + 9000);
  }

  end(callId: string, at: number, endedBy: 'citizen' | 'system' = 'citizen'): void {
    this.live.delete(callId);
    this.happen({ kind: 'callEnded', callId, at: new Date(at), endedBy, cause: 'normal' });
  }
}
