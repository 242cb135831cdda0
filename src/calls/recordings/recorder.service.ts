import { HotlineError } from '../../errors';
import type { CallEvent, HotlineEvent } from '../../events';
import type { Clock } from '../../platform/clock';
import type { CallControl, SwitchEvent } from '../../telephony/call-control';
import { isTalking, type Call } from '../call';
import type { JournalEvent } from '../call-record';
import { foldRecordings, readRecordingId, talkRecordingId } from './recording';

interface Deps {
  switch: Pick<CallControl, 'record' | 'pauseRecording'>;
  calls: { call(callId: string): Call | null; live(): Call[] };
  /** The call's events that are journaled so far; asked after a restart only. */
  journaled(callId: string): Promise<JournalEvent[]>;
  journal: { append(event: JournalEvent): void };
  announce(event: HotlineEvent): void;
  /** A recording has failed: the alarm is raised. */
  alarm(recordingId: string, callId: string, why: string): void;
  /** A recording is whole on the switch. */
  saved(recordingId: string): void;
  clock: Clock;
  /** Whether calls are recorded at all. */
  on: boolean;
  log: { warn(facts: object, words: string): void };
}

/** What is known of a live call's recording. */
interface Recorded {
  part: number;
  state: 'starting' | 'running' | 'failing';
  paused: boolean;
  /** Its beginning is in the journal. */
  told: boolean;
  /** How often the switch refused to begin. */
  refused: number;
  /** Not tried again before. */
  notBefore: number;
}

/** A talk this young has not been recorded by a service before this one. */
const JUST_NOW_MS = 1000;
/** So often a recording is tried before the alarm is raised; it is tried further all the same, more and more seldom. */
const TRIES_BEFORE_ALARM = 3;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Records every talk, from its first answer until the citizen's leg ends: through holds, consultations and transfers,
 * whoever is at the other end. Level-triggered: besides hearing of talks it looks every second whether each is recorded.
 */
export class Recorder {
  private readonly recorded = new Map<string, Recorded>();
  /** Calls whose earlier recording is being asked for. */
  private readonly asking = new Set<string>();

  constructor(private readonly deps: Deps) {}

  /** Hears the bus. */
  hear(event: HotlineEvent): void {
    if (event.kind === 'talkStarted') return this.ensure(event.callId);
    if (event.kind === 'callEnded') return void this.recorded.delete(event.callId);
    // The next agent knows nothing of this one's pause.
    if (event.kind === 'talkEnded' && this.recorded.get(event.callId)?.paused)
      void this.setPause(event.callId, null, event.seatId).catch((fault: unknown) =>
        this.deps.log.warn({ callId: event.callId, fault: String(fault) }, 'recording not resumed'),
      );
  }

  /** Hears the switch. */
  heardSwitch(event: Extract<SwitchEvent, { kind: 'recordingSaved' | 'recordingFailed' }>): void {
    const { recordingId } = event;
    if (event.kind === 'recordingSaved') return this.deps.saved(recordingId);
    const callId = readRecordingId(recordingId)?.callId ?? recordingId;
    const recorded = this.recorded.get(callId);
    if (recorded && talkRecordingId(callId, recorded.part) === recordingId)
      Object.assign(recorded, { part: recorded.part + 1, state: 'failing', told: false, notBefore: 0 });
    this.fail(callId, recordingId, event.why);
  }

  /** The link is lost or back: what runs must be asked again, which harms nothing. */
  relinked(): void {
    for (const recorded of this.recorded.values())
      Object.assign(recorded, { state: 'failing', notBefore: 0 });
  }

  /** Every second. */
  tick(): void {
    if (!this.deps.on) return;
    for (const call of this.deps.calls.live()) if (shouldBeRecorded(call)) this.ensure(call.callId);
  }

  /** What the agent's screen shows of the recording; null when the call is not recorded. */
  stateOf(callId: string): 'running' | 'paused' | null {
    const recorded = this.recorded.get(callId);
    if (recorded?.state !== 'running') return null;
    return recorded.paused ? 'paused' : 'running';
  }

  /** Refused `wrong-state` when the call is not this seat's, or not recorded. */
  async pause(callId: string, seatId: string, reason: string): Promise<void> {
    this.owned(callId, seatId);
    await this.setPause(callId, reason, seatId);
  }

  async resume(callId: string, seatId: string): Promise<void> {
    this.owned(callId, seatId);
    await this.setPause(callId, null, seatId);
  }

  private owned(callId: string, seatId: string): void {
    if (this.deps.calls.call(callId)?.talk?.seatId !== seatId)
      throw new HotlineError('wrong-state', '该通话不在您的坐席上', { callId });
    if (this.stateOf(callId) === null) throw new HotlineError('wrong-state', '该通话没有在录音', { callId });
  }

  private async setPause(callId: string, reason: string | null, seatId: string): Promise<void> {
    const recorded = this.recorded.get(callId);
    if (!recorded || (reason !== null && recorded.paused)) return;
    const recordingId = talkRecordingId(callId, recorded.part);
    if ((await this.deps.switch.pauseRecording(recordingId, reason !== null)) === 'gone')
      throw new HotlineError('wrong-state', '录音已结束', { callId });
    const was = recorded.paused;
    recorded.paused = reason !== null;
    const of = { callId, recordingId, seatId, at: this.deps.clock.now() };
    if (reason !== null) this.say({ ...of, kind: 'recordingPaused', reason });
    else if (was) this.say({ ...of, kind: 'recordingResumed' });
  }

  private ensure(callId: string): void {
    if (!this.deps.on) return;
    const known = this.recorded.get(callId);
    const mayTry = known?.state === 'failing' && this.deps.clock.now().getTime() >= known.notBefore;
    if (known && mayTry) void this.begin(callId, known);
    if (known || this.asking.has(callId)) return;
    this.asking.add(callId);
    void this.remember(callId)
      .then((recorded) => {
        if (!this.deps.calls.call(callId)) return;
        this.recorded.set(callId, recorded);
        return this.begin(callId, recorded);
      })
      .finally(() => this.asking.delete(callId));
  }

  /** A call taken over may be recorded already; when nobody can be asked, the first part is asked for. */
  private async remember(callId: string): Promise<Recorded> {
    const fresh: Recorded = {
      part: 1,
      state: 'starting',
      paused: false,
      told: false,
      refused: 0,
      notBefore: 0,
    };
    const since = this.deps.calls.call(callId)?.talk?.since ?? 0;
    if (this.deps.clock.now().getTime() - since < JUST_NOW_MS) return fresh;
    const events = await this.deps.journaled(callId).catch(() => []);
    const last = foldRecordings(events).findLast(({ kind }) => kind === 'talk');
    if (!last) return fresh;
    const part = Number(/-talk-(\d+)$/.exec(last.recordingId)?.[1] ?? 1);
    if (last.failed !== null) return { ...fresh, part: part + 1 };
    return { ...fresh, part, told: true, paused: last.pauses.some(({ to }) => to === null) };
  }

  /** Asked for one that runs, the switch just goes on with it. */
  private async begin(callId: string, recorded: Recorded): Promise<void> {
    const { switch: port, calls, clock } = this.deps;
    const call = calls.call(callId);
    if (!call) return;
    recorded.state = 'starting';
    const recordingId = talkRecordingId(callId, recorded.part);
    try {
      // When the leg has gone, the call ends in a moment.
      if ((await port.record(call.citizenLeg, recordingId)) === 'gone') return;
      if (recorded.paused) await port.pauseRecording(recordingId, true);
      Object.assign(recorded, { state: 'running', refused: 0 });
      const started = { kind: 'recordingStarted', callId, recordingId, at: clock.now() } as const;
      // One that a service before this one began is in the journal; the desks are told that it goes on.
      if (recorded.told) this.deps.announce(started);
      else this.say(started);
      recorded.told = true;
    } catch (fault) {
      const refused = recorded.refused + 1;
      const notBefore = clock.now().getTime() + Math.min(2 ** refused * 500, LONGEST_PAUSE_MS);
      Object.assign(recorded, { state: 'failing', refused, notBefore });
      if (refused % TRIES_BEFORE_ALARM !== 0) return;
      if (refused === TRIES_BEFORE_ALARM) this.fail(callId, recordingId, wordsOf(fault));
      Object.assign(recorded, { part: recorded.part + 1, told: false });
    }
  }

  private fail(callId: string, recordingId: string, why: string): void {
    this.say({ kind: 'recordingFailed', callId, recordingId, why, at: this.deps.clock.now() });
    this.deps.alarm(recordingId, callId, why);
  }

  private say(event: CallEvent): void {
    this.deps.journal.append(event);
    this.deps.announce(event);
  }
}

const wordsOf = (fault: unknown) => (fault instanceof HotlineError ? fault.detail : String(fault));

/** Once somebody has talked with the citizen, everything is recorded until he has gone. */
function shouldBeRecorded(call: Call): boolean {
  return call.citizen === 'up' && (isTalking(call) || call.parties.length > 0);
}
