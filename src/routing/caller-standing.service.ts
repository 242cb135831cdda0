import type { LateCall } from '../calls/call-record.store';
import type { HotlineEvent } from '../events';
import type { Clock } from '../platform/clock';
import { RepeatedTask } from '../platform/repeated-task';
import { UNKNOWN_CALLER, type Standing } from './standing';

interface Deps {
  /** The calls that ended since a moment, oldest first. */
  endedSince(since: Date): Promise<LateCall[]>;
  /** The numbers with an open urgent work order. */
  urgentNumbers(): Promise<string[]>;
  clock: Clock;
  /** How long a call is remembered. */
  memoryMs: number;
  log: { warn(facts: object, words: string): void };
}

const LOOK_SECONDS = 10;
/** Records are written behind: what ended shortly before the last look may have come after it. */
const OVERLAP_MS = 10 * 60_000;

type Remembered = Pick<Standing, 'lastCallAt' | 'abandoned' | 'agent'>;

/**
 * Who called lately, who talked with him, and who waits for something urgent: in memory, told by what happens here and
 * read back from the records (also those of another service) beside the call path. While PostgreSQL is away the last
 * known stays.
 */
export class CallerStandings {
  private readonly callers = new Map<string, Remembered>();
  private readonly live = new Map<string, { number: string; inbound: boolean; answered: boolean }>();
  private urgent: ReadonlySet<string> = new Set();
  private lookedAt: number | null = null;
  private away = false;
  private readonly task: RepeatedTask;

  constructor(private readonly deps: Deps) {
    this.task = new RepeatedTask(
      LOOK_SECONDS,
      () => this.look(),
      (fault) => deps.log.warn({ err: fault }, 'callers’ standing not read'),
    );
  }

  /** Reads once if PostgreSQL is there, and goes on looking. */
  async start(): Promise<void> {
    await this.look();
    this.task.start();
  }

  stop(): Promise<void> {
    return this.task.stop();
  }

  /** What is known of a normalised number; nothing of a hidden one. */
  of(number: string | null): Standing {
    if (number === null) return UNKNOWN_CALLER;
    return { ...UNKNOWN_CALLER, ...this.callers.get(number), urgent: this.urgent.has(number) };
  }

  hear(event: HotlineEvent): void {
    switch (event.kind) {
      case 'callArrived':
        if (event.callerNumber !== null)
          this.live.set(event.callId, {
            number: event.callerNumber,
            inbound: event.direction === 'inbound',
            answered: false,
          });
        return;
      case 'talkStarted': {
        const call = this.live.get(event.callId);
        if (!call) return;
        call.answered = true;
        return this.talked(call.number, event.seatId, event.at.getTime());
      }
      case 'callEnded': {
        const call = this.live.get(event.callId);
        this.live.delete(event.callId);
        if (call?.inbound) this.called(call.number, event.at.getTime(), !call.answered);
        return;
      }
      case 'ticketOpened':
        void this.readUrgent().catch(() => undefined);
        return;
      default:
    }
  }

  /** Resolves when the records have been read; a database that is away is told once. */
  private async look(): Promise<void> {
    try {
      const now = this.deps.clock.now().getTime();
      const oldest = now - this.deps.memoryMs;
      const since = Math.max(oldest, (this.lookedAt ?? oldest) - OVERLAP_MS);
      for (const { number, endedAt, direction, abandoned, talks } of await this.deps.endedSince(
        new Date(since),
      )) {
        if (direction === 'inbound') this.called(number, endedAt, abandoned);
        for (const { seatId, at } of talks) this.talked(number, seatId, at);
      }
      await this.readUrgent();
      this.lookedAt = now;
      this.forget(oldest);
      this.away = false;
    } catch (fault) {
      if (!this.away) this.deps.log.warn({ err: fault }, 'callers’ standing: going on with the last known');
      this.away = true;
    }
  }

  private async readUrgent(): Promise<void> {
    this.urgent = new Set(await this.deps.urgentNumbers());
  }

  private called(number: string, at: number, abandoned: boolean): void {
    const known = this.remembered(number);
    if (known.lastCallAt !== null && known.lastCallAt > at) return;
    this.callers.set(number, { ...known, lastCallAt: at, abandoned });
  }

  private talked(number: string, seatId: string, at: number): void {
    const known = this.remembered(number);
    if (known.agent && known.agent.at > at) return;
    this.callers.set(number, { ...known, agent: { seatId, at } });
  }

  private remembered(number: string): Remembered {
    return this.callers.get(number) ?? { lastCallAt: null, abandoned: false, agent: null };
  }

  private forget(before: number): void {
    for (const [number, { lastCallAt, agent }] of this.callers)
      if (Math.max(lastCallAt ?? 0, agent?.at ?? 0) < before) this.callers.delete(number);
  }
}
