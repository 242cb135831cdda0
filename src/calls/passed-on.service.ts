import type { HotlineEvent } from '../events';
import type { Clock } from '../platform/clock';

interface Passed {
  callerNumber: string | null;
  lineId: string | null;
  at: number;
}

const REMEMBER_MS = 24 * 3_600_000;
const MOST = 20_000;

/**
 * The citizens' calls that went on to a parallel line's exchange lately, in memory: when that exchange calls back with
 * our call's id, the earlier caller is known. A service that takes over does not know those of before.
 */
export class PassedOn {
  private readonly calls = new Map<string, Passed>();

  constructor(private readonly clock: Clock) {}

  hear(event: HotlineEvent): void {
    if (event.kind === 'callArrived') {
      const { callId, callerNumber } = event;
      this.calls.set(callId, { callerNumber, lineId: null, at: event.at.getTime() });
    } else if (event.kind === 'partyInvited' && event.lineId !== null) {
      const call = this.calls.get(event.callId);
      if (call) call.lineId = event.lineId;
    } else if (event.kind === 'callEnded' && this.calls.get(event.callId)?.lineId === null)
      this.calls.delete(event.callId);
    if (this.calls.size > MOST) this.forget();
  }

  /** The earlier call, when it went to this line. */
  call(callId: string | null | undefined, lineId: string): { callerNumber: string | null } | null {
    const found = this.calls.get(callId ?? '');
    const fresh = found && this.clock.now().getTime() - found.at < REMEMBER_MS;
    return fresh && found.lineId === lineId ? { callerNumber: found.callerNumber } : null;
  }

  private forget(): void {
    const [oldest] = this.calls.keys();
    if (oldest !== undefined) this.calls.delete(oldest);
  }
}
