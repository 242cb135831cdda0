import { HotlineError } from '../errors';
import type { SeatEvent } from '../events';
import type { Clock } from '../platform/clock';
import type { Lease } from '../platform/lease';
import type { Logger } from '../platform/logger';
import { RepeatedTask } from '../platform/repeated-task';
import type { RoutingService } from '../routing/routing.service';
import { seatsFromJournal, type KnownPerson } from '../seats/seat-restore';
import type { SeatService } from '../seats/seat.service';
import type { CallControl } from '../telephony/call-control';
import type { Call } from './call';
import type { CallIndexStore } from './call-index.store';
import type { CallService } from './call.service';
import type { MonitoringService } from './monitoring.service';
import type { ReconcileService } from './reconcile.service';
import type { SwitchListener } from './switch-listener.service';

interface Deps {
  lease: Lease;
  switch: CallControl;
  index: CallIndexStore;
  calls: CallService;
  monitoring: Pick<MonitoringService, 'tick'>;
  seats: SeatService;
  routing: RoutingService;
  /** What waiting calls may be told now, and whether somebody could answer them. */
  outlook(): (call: Call) => { before: number; estimateMs: number | null; noSeat: boolean };
  /** Sends waiting calls on to parallel lines, before anybody is asked for a message. */
  overflow(): void;
  reconcile: ReconcileService;
  listener: SwitchListener;
  /** What the service that commanded before has left unwritten of the journal is written by this one. */
  inheritJournal(): Promise<void>;
  /** The seats' last changes since a moment, from the written journal. */
  lastSeatChanges(since: Date): Promise<SeatEvent[]>;
  personOf(personId: string): KnownPerson | null;
  clock: Clock;
  log: Logger;
}

const RECONCILE_SECONDS = 5;
/** Seats older than this in the journal are not brought back. */
const RESTORE_MS = 16 * 3_600_000;

/**
 * One of several services commands the switch: the holder of the lease. It takes over what is there, then beats once a
 * second. The others wait for the lease and refuse what only the commanding one can do.
 */
export class SwitchCommand {
  /** Changes when Redis was emptied: browsers then take a new snapshot. */
  epoch = '';
  private wasEmptied = false;
  private readonly beat: RepeatedTask;
  private readonly check: RepeatedTask;
  private onEmptied: () => Promise<void> = async () => undefined;

  constructor(private readonly deps: Deps) {
    const { listener, reconcile, log } = deps;
    this.beat = new RepeatedTask(
      1,
      () => this.beatOnce(),
      (fault) => log.warn({ err: fault }, 'beat failed'),
    );
    this.check = new RepeatedTask(
      RECONCILE_SECONDS,
      async () => listener.isLinked && reconcile.check(),
      (fault) => log.warn({ err: fault }, 'reconciling not possible now'),
    );
  }

  /** Who else must write its live state back after Redis was emptied. */
  whenEmptied(write: () => Promise<void>): void {
    this.onEmptied = write;
  }

  /** Reads the epoch, before any browser says hello: with an unknown one it would be told that it missed nothing. */
  async readEpoch(): Promise<void> {
    const { epoch, fresh } = await this.deps.index.epoch();
    this.epoch = epoch;
    this.wasEmptied = fresh;
  }

  start(): void {
    void this.take();
  }

  async stop(): Promise<void> {
    await Promise.all([this.beat.stop(), this.check.stop()]);
    await this.deps.switch.stop();
    await this.deps.lease.stop();
  }

  /** What is missing before calls can be served, in Chinese; null when nothing is. */
  missing(): string | null {
    if (!this.deps.lease.held) return '备用：另一实例正在控制交换机';
    return this.deps.listener.isLinked ? null : '交换机未连接';
  }

  /** Refuses (`not-ready`) on a service that does not command the switch. */
  require(): void {
    if (!this.deps.lease.held) throw new HotlineError('not-ready', '本实例为备用，请稍后重试');
  }

  private async take(): Promise<void> {
    const { lease, index, seats, listener } = this.deps;
    if (!(await lease.acquire())) return;
    const { epoch } = await index.epoch();
    if (epoch !== this.epoch) this.wasEmptied = true;
    this.epoch = epoch;
    await this.deps
      .inheritJournal()
      .catch((fault: unknown) =>
        this.deps.log.warn({ err: fault }, 'the journal’s stream cannot be read now'),
      );
    if ((await seats.load()) === 0 && this.wasEmptied) await this.restoreSeats();
    this.beat.start();
    await this.deps.switch.start((event) => listener.hear(event));
    this.check.start();
  }

  private async restoreSeats(): Promise<void> {
    const { lastSeatChanges, personOf, seats, clock, log } = this.deps;
    const changes = await lastSeatChanges(new Date(clock.now().getTime() - RESTORE_MS));
    const known = seatsFromJournal(changes, personOf);
    if (known.length) log.warn({ seats: known.length }, 'Redis is empty: seats come back from the journal');
    await seats.adopt(known);
  }

  /** Time limits, a look at the whole picture (level-triggered), and whether Redis still has what we wrote. */
  private async beatOnce(): Promise<void> {
    const { calls, monitoring, seats, routing, outlook, overflow, listener, index, log } = this.deps;
    if (listener.isLinked) {
      overflow();
      calls.tick(outlook());
      monitoring.tick();
    }
    await seats.tick();
    routing.look();
    const { epoch } = await index.epoch();
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    log.warn({}, 'Redis was emptied: writing live state back');
    await Promise.all([seats.rewrite(), calls.rewriteIndex()]);
    await this.onEmptied();
  }
}
