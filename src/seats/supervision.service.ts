import { HotlineError } from '../errors';
import type { AuditEntry } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { SUPERVISOR_ACTS, supervisorActs, type NotReadyReason, type Seat, type SupervisorAct } from './seat';
import type { SeatService } from './seat.service';

interface Deps {
  seats: Pick<SeatService, 'seat' | 'ready' | 'notReady' | 'wrapUpDone' | 'signOut' | 'settle'>;
  /** What it takes to free the seat, when it rings or talks for no live call. */
  stuck(seatId: string): { token: string; state: 'ringing' | 'talking' } | null;
  /** The call a seat rings for or talks in, in words; null when there is none. */
  callWords(seatId: string): string | null;
  audit: { append(entry: AuditEntry): Promise<void> };
  /** Tells the agent who did what to the seat. */
  tell(seatId: string, act: SupervisorAct, byName: string, reason: NotReadyReason | null): void;
  clock: Clock;
}

/** A seat this new to its call may not be in the call yet. */
const SETTLING_MS = 3000;

/** What a supervisor does to other people's seats: in the audit trail first, then done, and told to the agent. */
export class SeatSupervision {
  constructor(private readonly deps: Deps) {}

  async ready(by: Caller, seatId: string): Promise<void> {
    await this.act(by, seatId, 'ready', () => this.deps.seats.ready(seatId, 'supervisor'));
  }

  /** During a call it takes effect after it. */
  async notReady(by: Caller, seatId: string, reason: NotReadyReason): Promise<void> {
    const work = () => this.deps.seats.notReady(seatId, reason, 'supervisor');
    await this.act(by, seatId, 'notReady', work, reason);
  }

  async endWrapUp(by: Caller, seatId: string): Promise<void> {
    await this.act(by, seatId, 'endWrapUp', () => this.deps.seats.wrapUpDone(seatId, 'supervisor'));
  }

  /** A seat in a call is signed out after it, and only when that was confirmed. */
  async signOut(by: Caller, seatId: string, afterCall: boolean): Promise<void> {
    const { state } = this.known(seatId);
    const inCall = state === 'ringing' || state === 'talking';
    if (inCall && !afterCall)
      throw new HotlineError('wrong-state', '该坐席正在通话：请确认在通话结束后签出', {
        state,
        confirm: true,
      });
    const work = () =>
      inCall
        ? this.deps.seats.notReady(seatId, 'signingOut', 'supervisor')
        : this.deps.seats.signOut(seatId, 'supervisor');
    await this.act(by, seatId, 'signOut', work, inCall ? 'signingOut' : null);
  }

  /** Frees a seat that rings or talks for no live call; refused when the call lives. */
  async free(by: Caller, seatId: string): Promise<void> {
    const { since } = this.known(seatId);
    const found = this.stuckNow(seatId, since);
    await this.act(by, seatId, 'free', async () => {
      const how = found.state === 'ringing' ? 'release' : 'talkEnded';
      if (!(await this.deps.seats.settle(seatId, found.token, how, 'supervisor')))
        throw new HotlineError('wrong-state', '坐席状态刚刚已变化，请刷新后再看');
    });
  }

  private stuckNow(seatId: string, since: number): { token: string; state: 'ringing' | 'talking' } {
    const found = this.deps.stuck(seatId);
    if (found && this.deps.clock.now().getTime() - since >= SETTLING_MS) return found;
    const words = this.deps.callWords(seatId);
    if (words !== null) throw new HotlineError('wrong-state', `坐席没有卡死：${words}`);
    throw new HotlineError('wrong-state', found ? '坐席刚进入该状态，请稍候再试' : '坐席没有卡死');
  }

  private known(seatId: string): Seat {
    const seat = this.deps.seats.seat(seatId);
    if (!seat || seat.state === 'signedOut') throw new HotlineError('not-found', '该坐席没有签入');
    return seat;
  }

  private async act(
    by: Caller,
    seatId: string,
    act: SupervisorAct,
    work: () => Promise<unknown>,
    reason: NotReadyReason | null = null,
  ): Promise<void> {
    const seat = this.known(seatId);
    const { state, callId } = seat;
    if (!supervisorActs(seat).includes(act))
      throw new HotlineError('wrong-state', `坐席当前状态不能${SUPERVISOR_ACTS[act]}`, { state });
    const facts = { state, callId, ...(reason === null ? {} : { reason }) };
    const { personId: who, address } = by;
    await this.deps.audit.append({ who, action: `seat.${act}`, subject: seatId, facts, address });
    await work();
    this.deps.tell(seatId, act, by.name, reason);
  }
}
