import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { HotlineEvent, MonitoringEvent } from '../events';
import type { AuditEntry } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Seat } from '../seats/seat';
import type { CallControl, LegSnapshot, ListenMode, SwitchEvent } from '../telephony/call-control';
import type { Call, LegNote } from './call';
import { outcomeOf } from './call-end';
import type { CallService } from './call.service';
import {
  isListening,
  monitoringId,
  legOfSeat,
  mayEnter,
  MONITORING_ENDS,
  monitoringOn,
  moved,
  standing,
  type Monitoring,
  type MonitoringEnd,
  type MonitoringMove,
} from './monitoring';

interface Deps {
  switch: Pick<CallControl, 'dial' | 'listen' | 'hangUp' | 'remember'>;
  calls: Pick<CallService, 'call' | 'live' | 'bargeIn' | 'command'>;
  seats: {
    seat(seatId: string): Seat | null;
    callOut(seatId: string, callId: string, token: string, leaseUntil: number): Promise<boolean>;
    settle(seatId: string, token: string, how: 'answered' | 'release' | 'talkEnded'): Promise<boolean>;
    enterCall(seatId: string, token: string, callId: string): Promise<boolean>;
    wrapUpDone(seatId: string, by: 'system'): Promise<unknown>;
  };
  audit: { append(entry: AuditEntry): Promise<void> };
  announce(event: MonitoringEvent): void;
  /** The number the supervisor's ringing phone shows. */
  ownNumber: string;
  /** How long the phone rings, in ms. */
  ringMs: number;
  clock: Clock;
  log: { warn(facts: object, words: string): void };
}

type HeardLeg = Exclude<SwitchEvent, { kind: 'switchLost' | 'switchBack' }>;

/** What the audit trail calls each step. */
const AUDITED = { listen: 'listen', whisper: 'whisper', barge: 'barge', takeOver: 'take-over' } as const;
const REFUSED: Record<Exclude<MonitoringMove, 'answered'>, string> = {
  listen: '监听',
  whisper: '耳语',
  barge: '强插',
  takeOver: '接管',
  stop: '结束监听',
};

/**
 * Supervisors who listen to seats. Nobody is listened to before the audit trail has it. The states are `monitoring.ts`'s;
 * each change is noted on the supervisor's own leg, so that a service that takes over goes on with it or ends it.
 */
export class MonitoringService {
  private readonly byLeg = new Map<string, Monitoring>();
  private readonly lanes = new Map<string, Promise<unknown>>();
  /** Ends that the audit trail does not have yet. */
  private untold: AuditEntry[] = [];

  constructor(private readonly deps: Deps) {}

  running(): Monitoring[] {
    return [...this.byLeg.values()];
  }

  /** The one of a supervisor; null when there is none. */
  of(supervisorId: string): Monitoring | null {
    return this.running().find((each) => each.supervisorId === supervisorId) ?? null;
  }

  /** Who hears a seat in its call without being in it. */
  listeners(callId: string, seatId: string): { name: string; mode: ListenMode }[] {
    return this.running()
      .filter((each) => each.callId === callId && each.seatId === seatId && isListening(each))
      .map(({ supervisorName: name, mode }) => ({ name, mode }));
  }

  /** Rings the supervisor's phone to listen to a talking seat. Refused `wrong-state` where that cannot be. */
  async start(by: Caller, wish: { seatId: string; mode: ListenMode; reason: string }): Promise<Monitoring> {
    const { seats, audit } = this.deps;
    const own = seats.seat(by.personId);
    if (!own) throw new HotlineError('wrong-state', '请先签入坐席，监听用自己的话机');
    if (own.telephone !== null)
      throw new HotlineError('wrong-state', '普通电话坐席不能监听，请改用网页软电话或SIP话机签入');
    if (this.of(by.personId)) throw new HotlineError('wrong-state', '请先结束当前的监听');
    const call = this.callOf(wish.seatId);
    if (!call || wish.seatId === by.personId) throw new HotlineError('wrong-state', '该坐席当前没有通话');
    const monitoring: Monitoring = {
      ...wish,
      monitoringId: monitoringId(randomUUID()),
      supervisorId: by.personId,
      supervisorName: own.name,
      token: randomUUID(),
      legId: `monitor-${randomUUID()}`,
      callId: call.callId,
      toLegId: null,
      stage: 'ringing',
      askedAt: this.now(),
      spans: [],
    };
    await audit.append(this.entry(monitoring, AUDITED[wish.mode], by.address));
    const { supervisorId, token } = monitoring;
    if (!(await seats.callOut(supervisorId, monitoring.monitoringId, token, this.now() + this.deps.ringMs)))
      throw new HotlineError('wrong-state', '您的坐席正在通话，不能监听');
    this.keep(monitoring);
    if ((await this.dial(monitoring, own.account)) === 'gone') {
      this.end(monitoring, 'unreachable');
      throw new HotlineError('wrong-state', '您的话机离线，不能监听');
    }
    this.look(monitoring.legId);
    return this.byLeg.get(monitoring.legId) ?? monitoring;
  }

  /** Another mode, into the call, or the call taken over. */
  async move(by: Caller, move: 'listen' | 'whisper' | 'barge' | 'takeOver'): Promise<void> {
    const before = this.allowed(by.personId, move);
    await this.deps.audit.append(this.entry(before, AUDITED[move], by.address));
    const monitoring = this.allowed(by.personId, move);
    if (move === 'listen' || move === 'whisper') {
      this.change(monitoring, move);
      return this.ask(monitoring.legId);
    }
    if (monitoring.stage !== 'barged') await this.enter(monitoring);
    if (move === 'takeOver') this.takeOver(monitoring.legId);
  }

  /** The supervisor hangs up. */
  stop(supervisorId: string): void {
    const monitoring = this.of(supervisorId);
    if (!monitoring) throw notMonitoring();
    this.end(monitoring, 'stopped');
    if (monitoring.stage === 'barged')
      this.deps.calls.command(monitoring.callId, supervisorId, { kind: 'leave' });
  }

  /** Takes what the switch says of a supervisor's leg; false: it is the calls' to hear. */
  hear(event: HeardLeg): boolean {
    const monitoring = 'legId' in event ? this.byLeg.get(event.legId) : undefined;
    if (!monitoring) return false;
    const { stage } = monitoring;
    if (stage === 'barged') return false;
    if (event.kind === 'legAnswered') this.answered(monitoring);
    if (event.kind === 'legEnded') {
      const untaken = outcomeOf(event.cause) === 'unreachable' ? 'unreachable' : 'no-answer';
      this.end(monitoring, stage === 'ringing' ? untaken : 'hung-up');
    }
    return true;
  }

  /** A call that is listened to has changed: who hears whom is looked at anew. */
  heard(event: HotlineEvent): void {
    if (event.kind === 'seatChanged' || event.kind === 'monitoringChanged' || !('callId' in event)) return;
    for (const { legId, callId } of this.running()) if (callId === event.callId) this.look(legId);
  }

  /** Every second: what a change missed, phones nobody picks up, and ends the audit trail has not taken yet. */
  tick(): void {
    for (const monitoring of this.running()) {
      const rung = this.now() - monitoring.askedAt >= this.deps.ringMs;
      if (monitoring.stage === 'ringing' && rung) this.end(monitoring, 'no-answer');
      else this.look(monitoring.legId);
    }
    const untold = this.untold;
    this.untold = [];
    for (const entry of untold) this.tell(entry);
  }

  /** Takes over the monitorings found on the switch; whether they go on, `resync` decides when the calls are known. */
  adopt(legs: readonly LegSnapshot[]): void {
    for (const leg of legs) {
      const found = monitoringOn(leg);
      if (found?.legId === leg.legId && !this.byLeg.has(leg.legId)) this.byLeg.set(leg.legId, found);
    }
  }

  /** After a lost link or a restart: what ended unwatched is ended here, the rest listens as it should. */
  resync(legs: readonly LegSnapshot[]): void {
    const byLeg = new Map(legs.map((leg) => [leg.legId, leg]));
    for (const monitoring of this.running()) {
      const leg = byLeg.get(monitoring.legId);
      if (!leg) this.end(monitoring, 'lost');
      else if (leg.state === 'up' && monitoring.stage === 'ringing') this.answered(monitoring);
      else {
        this.byLeg.set(monitoring.legId, { ...monitoring, toLegId: null });
        this.look(monitoring.legId);
      }
    }
  }

  /** Resolves when everything asked of the switch so far has been carried out. */
  async settled(): Promise<void> {
    await Promise.all(this.lanes.values());
  }

  private callOf(seatId: string): Call | null {
    return this.deps.calls.live().find((call) => legOfSeat(call, seatId) !== null) ?? null;
  }

  private allowed(supervisorId: string, move: Exclude<MonitoringMove, 'answered' | 'stop'>): Monitoring {
    const monitoring = this.of(supervisorId);
    if (!monitoring) throw notMonitoring();
    const entering = move === 'barge' || move === 'takeOver';
    const call = this.deps.calls.call(monitoring.callId);
    const open = !entering || mayEnter(call, monitoring.seatId, move);
    if (!open || !moved(monitoring, move, this.now()))
      throw new HotlineError('wrong-state', `当前状态不能${REFUSED[move]}`, { stage: monitoring.stage });
    return monitoring;
  }

  private async dial({ legId, seatId, ...rest }: Monitoring, account: string): Promise<'done' | 'gone'> {
    const monitoring = { legId, seatId, ...rest };
    try {
      return await this.deps.switch.dial({
        legId,
        to: { account },
        callerNumber: this.deps.ownNumber,
        callerName: `监听 ${this.deps.seats.seat(seatId)?.name ?? ''}`,
        timeoutSeconds: Math.ceil(this.deps.ringMs / 1000),
        data: noteOf(monitoring),
      });
    } catch (fault) {
      this.end(monitoring, 'lost');
      throw fault;
    }
  }

  private answered(monitoring: Monitoring): void {
    if (!this.change(monitoring, 'answered')) return;
    const { supervisorId, token } = monitoring;
    this.quietly(this.deps.seats.settle(supervisorId, token, 'answered'));
    this.look(monitoring.legId);
  }

  /** The supervisor becomes a party of the call; what was asked of the leg before has been done by then. */
  private async enter(monitoring: Monitoring): Promise<void> {
    const { legId, supervisorId, supervisorName: name, token, callId } = monitoring;
    if (!this.change(monitoring, 'barge')) return;
    await this.lanes.get(legId);
    await this.deps.seats.enterCall(supervisorId, token, callId);
    const seat = { seatId: supervisorId, token };
    this.deps.calls.bargeIn(callId, {
      legId,
      name,
      seat,
      outside: null,
      since: this.now(),
      muted: false,
      needsKey: false,
    });
  }

  private takeOver(legId: string): void {
    const monitoring = this.byLeg.get(legId);
    if (!monitoring) throw notMonitoring();
    const { callId, seatId } = monitoring;
    this.deps.calls.command(callId, seatId, { kind: 'leave', to: legId });
    this.look(legId);
  }

  /** Acts on what the call says now. */
  private look(legId: string): void {
    const monitoring = this.byLeg.get(legId);
    if (!monitoring) return;
    const now = standing(monitoring, this.deps.calls.call(monitoring.callId));
    if (now.kind === 'over') return this.end(monitoring, now.why);
    if (now.kind === 'owner') return this.end(monitoring, 'taken-over');
    if (now.kind === 'wait' || now.legId === monitoring.toLegId || !isListening(monitoring)) return;
    this.byLeg.set(legId, { ...monitoring, toLegId: now.legId });
    void this.ask(legId);
  }

  /** Has the switch connect the supervisor's ear, and voice, as is wanted; what it does not do, the next look asks again. */
  private ask(legId: string): Promise<void> {
    return this.inLane(legId, async () => {
      const monitoring = this.byLeg.get(legId);
      if (!monitoring?.toLegId || !isListening(monitoring)) return;
      const again = () => {
        const now = this.byLeg.get(legId);
        if (now?.toLegId === monitoring.toLegId) this.byLeg.set(legId, { ...now, toLegId: null });
      };
      const { toLegId, mode } = monitoring;
      const outcome = await this.deps.switch.listen(legId, toLegId, mode).catch((fault: unknown) => {
        again();
        throw fault;
      });
      if (outcome === 'gone') again();
    });
  }

  /** Does a move of the table; false when it does not have it any more. */
  private change(before: Monitoring, move: MonitoringMove): boolean {
    const after = moved(this.byLeg.get(before.legId) ?? before, move, this.now());
    if (!after || !this.byLeg.has(before.legId)) return false;
    this.keep(after);
    void this.inLane(after.legId, () => this.deps.switch.remember(after.legId, noteOf(after)));
    return true;
  }

  private keep(monitoring: Monitoring): void {
    this.byLeg.set(monitoring.legId, monitoring);
    this.announce(monitoring);
  }

  /** Over: the leg is hung up and the seat is what it was before, unless both are in the call. */
  private end({ legId }: Monitoring, why: MonitoringEnd): void {
    const monitoring = this.byLeg.get(legId);
    if (!monitoring) return;
    this.byLeg.delete(legId);
    if (monitoring.stage !== 'barged') {
      this.quietly(this.freeSeat(monitoring));
      if (why !== 'hung-up') void this.inLane(legId, () => this.deps.switch.hangUp(legId, 'normal'));
    }
    this.announce({ ...monitoring, stage: why === 'taken-over' ? 'takenOver' : 'ended' });
    this.tell(this.ending(monitoring, why));
  }

  private async freeSeat({ stage, supervisorId, token }: Monitoring): Promise<void> {
    const { seats } = this.deps;
    const rung = stage === 'ringing';
    const freed = await seats.settle(supervisorId, token, rung ? 'release' : 'talkEnded');
    // There is nothing to wrap up after listening.
    if (freed && !rung && seats.seat(supervisorId)?.state === 'wrapUp')
      await seats.wrapUpDone(supervisorId, 'system');
  }

  private announce({ monitoringId, callId, seatId, supervisorId, stage }: Monitoring): void {
    const at = this.deps.clock.now();
    this.deps.announce({ kind: 'monitoringChanged', at, monitoringId, callId, seatId, supervisorId, stage });
  }

  private entry(of: Monitoring, action: string, address: string, more: object = {}): AuditEntry {
    const { supervisorId, monitoringId, callId, seatId, reason } = of;
    const facts = { monitoringId, seatId, reason, ...more };
    return { who: supervisorId, action: `monitor.${action}`, subject: callId, facts, address };
  }

  private ending(monitoring: Monitoring, why: MonitoringEnd): AuditEntry {
    const now = this.now();
    const iso = (at: number) => new Date(at).toISOString();
    const spans = monitoring.spans.map(({ stage, from, to }) => ({
      stage,
      from: iso(from),
      to: iso(to ?? now),
    }));
    const more = { askedAt: iso(monitoring.askedAt), spans, why, words: MONITORING_ENDS[why] };
    return this.entry(monitoring, 'end', '', more);
  }

  private tell(entry: AuditEntry): void {
    this.deps.audit.append(entry).catch((fault: unknown) => {
      this.untold.push(entry);
      this.deps.log.warn({ fault: String(fault) }, 'end of a monitoring not in the audit trail yet');
    });
  }

  private inLane(legId: string, work: () => Promise<unknown>): Promise<void> {
    const done = (this.lanes.get(legId) ?? Promise.resolve())
      .then(work)
      .catch((fault: unknown) =>
        this.deps.log.warn({ legId, fault: String(fault) }, 'monitoring step failed'),
      )
      .then(() => undefined);
    this.lanes.set(legId, done);
    void done.then(() => this.lanes.get(legId) === done && this.lanes.delete(legId));
    return done;
  }

  private quietly(work: Promise<unknown>): void {
    work.catch((fault: unknown) =>
      this.deps.log.warn({ fault: String(fault) }, 'supervisor’s seat not settled; the reconciler will'),
    );
  }

  private now(): number {
    return this.deps.clock.now().getTime();
  }
}

function noteOf(monitoring: Monitoring): string {
  const note: LegNote = { role: 'monitor', monitoring };
  return JSON.stringify(note);
}

function notMonitoring(): HotlineError {
  return new HotlineError('wrong-state', '当前没有在监听');
}
