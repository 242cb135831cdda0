import type { JournalEvent } from '../call-record';

export type RecordingKind = 'talk' | 'message';

/**
 * A call's recordings have ids that are derived from the call's, so that a service started anew knows them: the talk from
 * its answer to the citizen's end; a further part where one broke off; the voice message (made by the call itself).
 */
export function talkRecordingId(callId: string, part: number): string {
  return part === 1 ? `${callId}-talk` : `${callId}-talk-${part}`;
}

/** What a recording is of; null for an id that is none of ours. */
export function readRecordingId(recordingId: string): { callId: string; kind: RecordingKind } | null {
  const [, callId = '', talk] = /^(.+)-(?:(talk(?:-\d{1,3})?)|message)$/.exec(recordingId) ?? [];
  return callId ? { callId, kind: talk === undefined ? 'message' : 'talk' } : null;
}

/** A stretch that is silent because the agent paused; instants in ms since the epoch. */
export interface RecordingPause {
  from: number;
  to: number | null;
  seatId: string;
  reason: string;
}

/** A recording as the journal tells it. */
export interface RecordingStory {
  recordingId: string;
  kind: RecordingKind;
  startedAt: number;
  pauses: RecordingPause[];
  /** Why it failed, when it did. */
  failed: string | null;
}

/** A call's recordings from its events, in the order they were journaled; events told twice change nothing. */
export function foldRecordings(events: readonly JournalEvent[]): RecordingStory[] {
  const stories = new Map<string, RecordingStory>();
  for (const event of events) {
    if (!('recordingId' in event)) continue;
    const { recordingId } = event;
    const at = event.at.getTime();
    const kind = readRecordingId(recordingId)?.kind ?? 'talk';
    const story = stories.get(recordingId) ?? { recordingId, kind, startedAt: at, pauses: [], failed: null };
    stories.set(recordingId, story);
    if (event.kind === 'recordingFailed') story.failed ??= event.why;
    const open = story.pauses.find(({ to }) => to === null);
    if (event.kind === 'recordingPaused' && !open && story.pauses.every(({ from }) => from !== at))
      story.pauses.push({ from: at, to: null, seatId: event.seatId, reason: event.reason });
    if (event.kind === 'recordingResumed' && open) open.to = at;
  }
  return [...stories.values()];
}

/** Pauses as marks on the player's time line, seconds from the recording's beginning. */
export function pauseMarks(
  story: Pick<RecordingStory, 'startedAt' | 'pauses'>,
  durationMs: number,
): { from: number; to: number; seatId: string; reason: string }[] {
  const seconds = (at: number) => Math.min(Math.max(0, at - story.startedAt), durationMs) / 1000;
  return story.pauses.map(({ from, to, seatId, reason }) => ({
    from: seconds(from),
    to: to === null ? durationMs / 1000 : seconds(to),
    seatId,
    reason,
  }));
}

/** Below which folder and under which name a recording is kept. `day`: `YYYY-MM-DD` of the city. */
export function keptAs(recordingId: string, day: string): string {
  return `${day.replaceAll('-', '/')}/${recordingId}.wav`;
}
