import type {
  ArrivedLeg,
  Diversion,
  LegId,
  LegSnapshot,
  ListenMode,
  PromptId,
  RecordingId,
  SwitchEvent,
  TalkId,
} from './call-control';
import { HANGUP_CAUSES, type HangupCause } from './hangup-cause';

/** What a simulated phone does when it is rung. `ignore` rings until somebody gives up. */
export interface PhoneBehaviour {
  registered: boolean;
  onRing: 'answer' | 'reject' | 'busy' | 'ignore';
  afterMs: number;
}

export interface SimulatedCall {
  callerNumber?: string | null;
  callerName?: string;
  callerHidden?: boolean;
  dialled?: string;
  diversions?: Diversion[];
}

/** Runs an action later; returns what cancels it. Real timers by default; tests may give their own. */
export type Schedule = (milliseconds: number, action: () => void) => () => void;

export interface SimulatedLeg {
  id: LegId;
  state: 'ringing' | 'up';
  dialled: boolean;
  account: string | null;
  data: string | null;
  talkId: TalkId | null;
  music: boolean;
  muted: boolean;
  quiet: boolean;
  inControl: boolean;
  createdAt: number;
  prompt: { id: PromptId; sounds: string[]; cancel: () => void } | null;
  waitingPrompts: { id: PromptId; sounds: string[] }[];
  cancelTimers: (() => void)[];
  listening: { to: LegId; mode: ListenMode } | null;
}

/** A recording and the stretches of it that are silent because it was paused, milliseconds since the epoch. */
export interface SimulatedRecording {
  legId: LegId;
  from: number;
  to: number | null;
  pauses: { from: number; to: number | null }[];
}

export interface SimulatedSwitchOptions {
  schedule?: Schedule;
  now?: () => Date;
  /** How long every sound plays, milliseconds. */
  soundMs?: number;
  /** What a phone does that nobody has described with `phone()`. */
  phones?: PhoneBehaviour;
}

const realSchedule: Schedule = (milliseconds, action) => {
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
};

/**
 * A telephone switch in memory: legs, talks, phones and citizens. It outlives the services that control it, as a real
 * one does. Tests and desk work act on it from the citizens' and phones' side; the port is SimulatedCallControl.
 */
export class SimulatedSwitch {
  readonly legs = new Map<LegId, SimulatedLeg>();
  readonly accounts = new Map<string, string>();
  /** Everything that was played, in order. */
  readonly played: { legId: LegId; sounds: string[] }[] = [];
  /** Key presses sent to far ends, in order. */
  readonly sentDigits: { legId: LegId; digits: string }[] = [];
  readonly recordings = new Map<RecordingId, SimulatedRecording>();
  private readonly behaviours = new Map<string, PhoneBehaviour>();
  private listener: ((event: SwitchEvent) => void) | null = null;
  private queue: SwitchEvent[] = [];
  private nextId = 1;
  /** What every number outside does when it is rung. */
  outside: PhoneBehaviour = { registered: true, onRing: 'answer', afterMs: 10 };
  readonly schedule: Schedule;
  readonly now: () => Date;

  constructor(private readonly options: SimulatedSwitchOptions = {}) {
    this.schedule = options.schedule ?? realSchedule;
    this.now = options.now ?? (() => new Date());
  }

  /** A controller takes the switch over; the former one (if any) hears no more. */
  attach(listener: ((event: SwitchEvent) => void) | null): void {
    this.listener = listener;
    this.queue = [];
  }

  get controlled(): boolean {
    return this.listener !== null;
  }

  /** A citizen calls. Returns the leg's id. When no service is there, the dialplan's fallback has the call. */
  citizenCalls(call: SimulatedCall = {}): LegId {
    return this.arrive('trunk', null, call);
  }

  /** A seat's phone dials. */
  phoneCalls(account: string, dialled: string): LegId {
    return this.arrive('phone', account, { callerNumber: account, dialled });
  }

  /** The far end of a leg (citizen or phone) hangs up. */
  hangsUp(legId: LegId, cause: HangupCause = 'normal'): void {
    this.end(legId, cause);
  }

  pressDigit(legId: LegId, digit: string): void {
    if (this.legs.has(legId)) this.tell({ kind: 'digitPressed', legId, digit, at: this.now() });
  }

  /** Describes a phone; when its registration changes, the controller hears of it. */
  phone(account: string, behaviour: Partial<PhoneBehaviour>): void {
    const before = this.behaviourOf(account);
    const after = { ...before, ...behaviour };
    this.behaviours.set(account, after);
    if (before.registered !== after.registered && this.accounts.has(account))
      this.tell({ kind: 'phoneReachable', account, reachable: after.registered, at: this.now() });
  }

  behaviourOf(account: string): PhoneBehaviour {
    return (
      this.behaviours.get(account) ??
      this.options.phones ?? { registered: false, onRing: 'ignore', afterMs: 0 }
    );
  }

  /** The rung phone is picked up by hand. */
  picksUp(legId: LegId): void {
    const leg = this.legs.get(legId);
    if (!leg || leg.state === 'up') return;
    leg.state = 'up';
    this.tell({ kind: 'legAnswered', legId, at: this.now() });
  }

  /** The person at a leg says something, as at first, or nothing. */
  speaks(legId: LegId, on: boolean): void {
    const leg = this.legs.get(legId);
    if (leg) leg.quiet = !on;
  }

  snapshots(): LegSnapshot[] {
    return [...this.legs.values()]
      .filter((leg) => leg.inControl)
      .map(({ id, state, data, talkId, createdAt }) => ({ legId: id, state, data, talkId, createdAt }));
  }

  /** Who can hear each other in a talk, for tests: the legs in it that are not muted. */
  audible(talkId: TalkId): LegId[] {
    return [...this.legs.values()].filter((leg) => leg.talkId === talkId && !leg.muted).map(({ id }) => id);
  }

  /** Whether the person at a leg hears anybody, for tests: in a talk, or by listening or being whispered to. */
  hears(legId: LegId): boolean {
    const leg = this.legs.get(legId);
    const heard = this.legs.get(leg?.listening?.to ?? '');
    const whispered = [...this.legs.values()].some(
      ({ listening }) => listening?.to === legId && listening.mode === 'whisper',
    );
    return whispered || this.hearsTalk(leg) || this.isHeard(heard) || this.hearsTalk(heard);
  }

  private hearsTalk(leg: SimulatedLeg | undefined): boolean {
    if (!leg?.talkId) return false;
    return this.audible(leg.talkId).some((legId) => legId !== leg.id && this.isHeard(this.legs.get(legId)));
  }

  private isHeard(leg: SimulatedLeg | undefined): boolean {
    return leg !== undefined && !leg.muted && !leg.quiet;
  }

  endRecording(recordingId: RecordingId): void {
    const recording = this.recordings.get(recordingId);
    if (!recording || recording.to !== null) return;
    recording.to = this.now().getTime();
    this.tell({ kind: 'recordingSaved', recordingId, at: this.now() });
  }

  addDialled(id: LegId, account: string | null, data: string, timeoutSeconds: number): void {
    const leg = this.add(id, account, true, data);
    const behaviour: PhoneBehaviour = account ? this.behaviourOf(account) : this.outside;
    this.tell({ kind: 'legRinging', legId: id, at: this.now() });
    leg.cancelTimers.push(
      this.schedule(timeoutSeconds * 1000, () => leg.state === 'ringing' && this.end(id, 'no-answer')),
    );
    if (behaviour.onRing === 'ignore') return;
    const act = () => {
      if (leg.state !== 'ringing') return;
      if (behaviour.onRing === 'answer') this.picksUp(id);
      else this.end(id, behaviour.onRing === 'reject' ? 'rejected' : 'busy');
    };
    leg.cancelTimers.push(this.schedule(behaviour.afterMs, act));
  }

  /** Starts the next waiting prompt of a leg that plays none. */
  playNext(leg: SimulatedLeg): void {
    const next = leg.prompt ? undefined : leg.waitingPrompts.shift();
    if (!next) return;
    this.played.push({ legId: leg.id, sounds: next.sounds });
    const length = (this.options.soundMs ?? 20) * next.sounds.length;
    leg.prompt = { ...next, cancel: this.schedule(length, () => this.endPrompt(leg, true)) };
  }

  endPrompt(leg: SimulatedLeg, completed: boolean): void {
    const { prompt } = leg;
    if (!prompt) return;
    prompt.cancel();
    leg.prompt = null;
    this.tell({ kind: 'promptEnded', promptId: prompt.id, legId: leg.id, completed, at: this.now() });
    this.playNext(leg);
  }

  endWaitingPrompts(leg: SimulatedLeg): void {
    for (const { id } of leg.waitingPrompts.splice(0))
      this.tell({ kind: 'promptEnded', promptId: id, legId: leg.id, completed: false, at: this.now() });
  }

  enterTalk(leg: SimulatedLeg, talkId: TalkId): void {
    leg.listening = null;
    if (leg.talkId === talkId) return;
    this.leaveTalk(leg);
    leg.talkId = talkId;
    this.tell({ kind: 'legsTalking', talkId, legId: leg.id, at: this.now() });
  }

  leaveTalk(leg: SimulatedLeg): void {
    if (!leg.talkId) return;
    const { talkId } = leg;
    leg.talkId = null;
    this.tell({ kind: 'legsApart', talkId, legId: leg.id, at: this.now() });
  }

  end(legId: LegId, cause: HangupCause): void {
    const leg = this.legs.get(legId);
    if (!leg) return;
    this.letGo(leg);
    this.legs.delete(legId);
    if (leg.inControl)
      this.tell({ kind: 'legEnded', legId, cause, q850: HANGUP_CAUSES[cause], at: this.now() });
  }

  /** The dialplan's fallback takes the leg: for the controller it has ended. */
  toFallback(leg: SimulatedLeg): void {
    this.letGo(leg);
    leg.inControl = false;
    this.tell({
      kind: 'legEnded',
      legId: leg.id,
      cause: 'normal',
      q850: HANGUP_CAUSES.normal,
      at: this.now(),
    });
  }

  /** Events go out one after another, never inside the request or act that caused them. */
  tell(event: SwitchEvent): void {
    if (!this.listener) return;
    this.queue.push(event);
    if (this.queue.length === 1) queueMicrotask(() => this.deliver());
  }

  private deliver(): void {
    const next = this.queue.shift();
    if (!next) return;
    if (this.queue.length > 0) queueMicrotask(() => this.deliver());
    this.listener?.(next);
  }

  private letGo(leg: SimulatedLeg): void {
    for (const cancel of leg.cancelTimers.splice(0)) cancel();
    const waiting = leg.waitingPrompts.splice(0);
    this.endPrompt(leg, false);
    leg.waitingPrompts.push(...waiting);
    this.endWaitingPrompts(leg);
    this.leaveTalk(leg);
    leg.music = false;
    leg.listening = null;
    for (const other of this.legs.values()) if (other.listening?.to === leg.id) other.listening = null;
    for (const [recordingId, { legId }] of this.recordings)
      if (legId === leg.id) this.endRecording(recordingId);
  }

  private arrive(side: ArrivedLeg['side'], account: string | null, call: SimulatedCall): LegId {
    const legId = `sim-${this.nextId++}`;
    const leg = this.add(legId, account, false, null);
    leg.inControl = this.controlled;
    const hidden = call.callerHidden ?? false;
    const arrived: ArrivedLeg = {
      legId,
      side,
      account,
      callerNumber: hidden ? null : (call.callerNumber ?? null),
      callerName: hidden ? '' : (call.callerName ?? ''),
      callerHidden: hidden,
      dialled: call.dialled ?? '12345',
      diversions: call.diversions ?? [],
    };
    this.tell({ kind: 'legArrived', leg: arrived, at: this.now() });
    return legId;
  }

  private add(id: LegId, account: string | null, dialled: boolean, data: string | null): SimulatedLeg {
    const leg: SimulatedLeg = {
      id,
      state: 'ringing',
      dialled,
      account,
      data,
      talkId: null,
      music: false,
      muted: false,
      quiet: false,
      inControl: true,
      createdAt: this.now().getTime(),
      prompt: null,
      waitingPrompts: [],
      cancelTimers: [],
      listening: null,
    };
    this.legs.set(id, leg);
    return leg;
  }
}
