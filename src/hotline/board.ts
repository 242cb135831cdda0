import { Gauge } from 'prom-client';
import { isTalking, type Call } from '../calls/call';
import { CallService } from '../calls/call.service';
import { JournalService } from '../calls/journal.service';
import { Directory } from '../directory/directory.service';
import { rooms } from '../audiences';
import { HttpServer } from '../platform/http-server';
import { Realtime } from '../platform/realtime';
import { boardCsv, boardXlsx } from '../performance/board-sheet.adapter';
import { boardMetrics } from '../performance/board-metrics.adapter';
import { boardRoutes } from '../performance/board.routes';
import { BoardService, type LiveCall } from '../performance/board.service';
import { BoardStore } from '../performance/board.store';
import { may } from '../permissions';
import { skillFor } from '../routing/queue';
import { QueueStore } from '../routing/queue.store';
import { SeatService } from '../seats/seat.service';
import { clock, type Ground } from './ground';

/** The wallboard: every figure counted live, pushed, asked for, exported, and told to Prometheus. */
export function buildBoard(
  { config, log, bus, database, redis, lifecycle, http }: Ground,
  parts: {
    calls: CallService;
    seats: SeatService;
    queues: QueueStore;
    journal: JournalService;
    directory: Directory;
    realtime: Realtime;
    counts(): boolean;
    callbacksOwed(): number | null;
  },
): BoardService {
  const { calls, seats, queues, journal, directory, realtime, counts, callbacksOwed } = parts;
  const serves = (seatId: string, queue: string) =>
    directory.person(seatId)?.skills.includes(skillFor(queue, queues.all())) ?? false;
  const board = new BoardService({
    store: new BoardStore(database, redis, config.REDIS_PREFIX),
    rules: { shortMs: config.SHORT_ABANDON_SECONDS * 1000, serves },
    counts,
    live: () => calls.live().flatMap(countedLive),
    seats: () => seats.seats(),
    queues: () => queues.all(),
    callbacksOwed,
    written: () => journal.flush(),
    push: (now) => realtime.toRoom(rooms.wallboard, 'board', now),
    clock,
    log,
  });
  bus.onAny((event) => board.hear(event));
  realtime.onWelcome(async ({ role }) => {
    const found = may(role, 'wallboard.view') ? await board.board() : null;
    return found && { event: 'board', payload: found.board };
  });
  const read = () => board.board();
  boardMetrics(http.metrics, read, () => clock.now().getTime());
  http.mount(boardRoutes({ board: read, sheet: { csv: boardCsv, xlsx: boardXlsx } }));
  lifecycle.add('board', board);
  return board;
}

/** A live call as the board counts it; only citizens who called are counted. */
export function countedLive(call: Call): LiveCall[] {
  const { callId, line, arrivedAt, waitingSince, talk, offer, attempts, ended } = call;
  if (call.direction !== 'inbound') return [];
  const served = talk ?? call.rescue ?? call.closing;
  return [
    {
      callId,
      lineId: line.lineId,
      lineName: line.lineName,
      queue: line.queue,
      arrivedAt,
      waitingSince,
      answeredAt: talk && isTalking(call) ? talk.since : null,
      talkEndedAt: null,
      endedAt: null,
      rung: attempts > 0 || offer !== null,
      handedBack: false,
      diverted: false,
      blocked: call.nuisance?.treatment === 'announce',
      endedBy: null,
      waiting: !ended && waitingSince !== null && served === null && call.parties.length === 0,
    },
  ];
}

/** What the service itself is doing, read when Prometheus asks; the hotline's figures are the board's. */
export function measure(
  http: HttpServer,
  { calls, journal }: { calls: CallService; journal: JournalService },
): void {
  const registers = [http.metrics];
  new Gauge({
    name: 'hotline_calls_live',
    help: 'Calls on the switch',
    registers,
    collect() {
      this.set(calls.live().length);
    },
  });
  new Gauge({
    name: 'hotline_journal_lag',
    help: 'Journal entries PostgreSQL does not have yet',
    registers,
    collect() {
      this.set(journal.lag);
    },
  });
}
