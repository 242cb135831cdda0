import type { HangupCause } from './hangup-cause';

/**
 * The switch port: everything the hotline asks of a telephone switch, in the hotline's words. One implementation per
 * switch (Asterisk, FreeSWITCH, simulated); vendor names appear nowhere else.
 *
 * - Leg ids of legs we dial are ours, chosen before dialling; an arriving leg brings the switch's id.
 * - "The leg has gone" is a normal result (`gone`), never an exception. A switch that cannot be reached, or a request
 *   that outlives its time limit, throws HotlineError `switch-unavailable`.
 * - Replies may come before or after the events they cause; listeners must not depend on the order.
 * - Every string from a caller is cleaned by the adapter: valid Unicode, no control characters, length-limited.
 */
export type LegId = string;
export type TalkId = string;
export type PromptId = string;
/** Chosen by who asks for the recording; best derived from what is recorded, so that a successor knows it. */
export type RecordingId = string;

export type Outcome = 'done' | 'gone';

/** `listen`: unheard. `whisper`: the leg that is listened to, and it alone, hears the listener. */
export type ListenMode = 'listen' | 'whisper';

/** A phone in a web page (WebRTC), or a SIP phone or softphone of its own. */
export type PhoneKind = 'browser' | 'sip';

/** Where a leg came in: from the carrier (`trunk`), or placed by a seat's phone (`phone`). */
export type LegSide = 'trunk' | 'phone';

/** One diversion the call went through. `number` is as the carrier wrote it, user part only. */
export interface Diversion {
  number: string;
  source: 'diversion' | 'history-info';
  reason: string | null;
}

export interface ArrivedLeg {
  legId: LegId;
  side: LegSide;
  /** The phone account, for `phone`. */
  account: string | null;
  /** As the carrier sent it; null when the citizen hides it or none was sent. */
  callerNumber: string | null;
  callerName: string;
  /** True when the citizen asked for privacy (the call is served all the same). */
  callerHidden: boolean;
  /** The number of the request line (Request-URI user part). */
  dialled: string;
  /** Most recent diversion first, as RFC 5806 orders them. Diversion headers before History-Info entries. */
  diversions: Diversion[];
  /** Our id of an earlier call that this one came of, where the header that we sent along with that one has come back. */
  earlierCallId?: string | null;
}

/** A leg as the switch has it now: for taking over after a restart, and for the reconciler. */
export interface LegSnapshot {
  legId: LegId;
  state: 'ringing' | 'up' | 'down';
  /** What `remember` last stored on it. */
  data: string | null;
  /** The talk it is in, if any. */
  talkId: TalkId | null;
  /** Milliseconds since the epoch, as the switch says. */
  createdAt: number;
}

export interface DialRequest {
  legId: LegId;
  /** A seat's phone account, or a number to be sent out by the trunk. */
  to: { account: string } | { number: string };
  /** Shown on the ringing phone; a party called by the trunk sees it too (From and P-Asserted-Identity): the hotline's number. */
  callerNumber: string;
  callerName: string;
  /** The switch gives up by itself after this time (a safety net: the service has its own timer). */
  timeoutSeconds: number;
  /**
   * For a number: what the other exchange is told of the call, as far as the carrier passes it on (Diversion from the
   * number the citizen dialled, and User-to-User with our call's id).
   */
  context?: { divertedFrom: string; callId: string };
  /** Stored on the leg from its first moment, like `remember`. */
  data: string;
}

export type SwitchEvent =
  | { kind: 'legArrived'; leg: ArrivedLeg; at: Date }
  | { kind: 'legRinging'; legId: LegId; at: Date }
  | { kind: 'legAnswered'; legId: LegId; at: Date }
  | { kind: 'digitPressed'; legId: LegId; digit: string; at: Date }
  | { kind: 'promptEnded'; promptId: PromptId; legId: LegId; completed: boolean; at: Date }
  | { kind: 'legsTalking'; talkId: TalkId; legId: LegId; at: Date }
  | { kind: 'legsApart'; talkId: TalkId; legId: LegId; at: Date }
  | { kind: 'legEnded'; legId: LegId; cause: HangupCause; q850: number; at: Date }
  /** Whole and closed on the switch, to be fetched; comes again after each `switchBack` until it is discarded. */
  | { kind: 'recordingSaved'; recordingId: RecordingId; at: Date }
  /** It has not begun after all, or broke off while the leg lives; what there is of it follows as `recordingSaved`. */
  | { kind: 'recordingFailed'; recordingId: RecordingId; why: string; at: Date }
  | { kind: 'phoneReachable'; account: string; reachable: boolean; at: Date }
  | { kind: 'switchLost'; at: Date }
  /**
   * The link is up (first time too). `legs` is what the switch holds under our control; legs that are missing have ended
   * meanwhile, without a legEnded. Prompts a former service left playing have been stopped.
   */
  | { kind: 'switchBack'; legs: LegSnapshot[]; at: Date };

export interface CallControl {
  /** Connects and keeps connected for ever (back-off up to some seconds); events go to `listener`. Resolves once connected the first time. */
  start(listener: (event: SwitchEvent) => void): Promise<void>;
  stop(): Promise<void>;

  /** Picks up the arrived leg; a prompt that plays to it is stopped. Resolves when the switch has taken the command, not when media flows. */
  answer(legId: LegId): Promise<Outcome>;
  /** Rings a phone or a number. legRinging, legAnswered, legEnded tell the rest. `gone`: refused at once (no such phone). */
  dial(request: DialRequest): Promise<Outcome>;
  /**
   * Puts legs into one talk, made when missing. Each leg leaves any other talk it was in; its music and prompts stop.
   * `gone` when one of them has gone: the others are in the talk all the same.
   */
  join(talkId: TalkId, legIds: LegId[]): Promise<Outcome>;
  /** Takes one leg out of its talk; it stays up and under control, in silence (prompts stop). An empty talk is removed. */
  part(talkId: TalkId, legId: LegId): Promise<Outcome>;
  /** Plays sounds one after another to one leg; `promptEnded` follows once, also when stopped or failed; not when `gone`. */
  play(legId: LegId, promptId: PromptId, sounds: string[]): Promise<Outcome>;
  stopPrompt(promptId: PromptId): Promise<Outcome>;
  /** Waiting or hold music for a leg that is in no talk. */
  music(legId: LegId, on: boolean): Promise<Outcome>;
  /** Whether the others can hear this leg. */
  mute(legId: LegId, on: boolean): Promise<Outcome>;
  /** Sends key presses (0-9 * # A-D) to the far end of a leg: an outside menu. */
  sendDigits(legId: LegId, digits: string): Promise<Outcome>;
  hangUp(legId: LegId, cause: HangupCause): Promise<Outcome>;
  /** Stores our note on the leg itself, so that it outlives the service. */
  remember(legId: LegId, data: string): Promise<Outcome>;
  /** Lets the leg go on in the dialplan's fallback (apology, native queue of the phones). For us it has ended: legEnded follows. */
  handBack(legId: LegId): Promise<Outcome>;
  /** Everything the switch holds under our control. */
  legs(): Promise<LegSnapshot[]>;

  /**
   * Records one leg in stereo: left what it says, right what it hears (not what is whispered to others). The switch goes on
   * with it through talks, music and prompts, and without the service, until the leg ends or `endRecording`;
   * `recordingSaved` follows. Asking again for one that runs is harmless.
   */
  record(legId: LegId, recordingId: RecordingId): Promise<Outcome>;
  /** Silence on both sides while paused: the recording keeps its time. */
  pauseRecording(recordingId: RecordingId, on: boolean): Promise<Outcome>;
  endRecording(recordingId: RecordingId): Promise<Outcome>;
  /**
   * Writes a saved recording into `file`: WAV, 8 kHz, 16 bit, stereo. Null when the switch has none. The switch keeps it
   * until `discardRecording`.
   */
  fetchRecording(recordingId: RecordingId, file: string): Promise<{ durationMs: number } | null>;
  discardRecording(recordingId: RecordingId): Promise<void>;

  /**
   * Lets a supervisor's leg hear all that another leg says and hears. It leaves its talk for that; asking again changes
   * the mode. Over when it joins a talk (barging in is an ordinary `join`), at `unlisten`, or when one of the two ends.
   */
  listen(legId: LegId, toLegId: LegId, mode: ListenMode): Promise<Outcome>;
  /** `gone` when it listens to nobody. It stays up, in silence. */
  unlisten(legId: LegId): Promise<Outcome>;

  /** Makes a phone account with this secret (idempotent); the phone may register from now on. */
  admitPhone(account: string, secret: string, kind: PhoneKind): Promise<void>;
  /** Removes the account; a registered phone is cut off. */
  dismissPhone(account: string): Promise<void>;
  /** Whether the account has a registered, reachable phone now. */
  phoneReachable(account: string): Promise<boolean>;
}
