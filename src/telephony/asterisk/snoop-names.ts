import type { LegId, ListenMode, RecordingId } from '../call-control';

/** Argument of our Stasis application for channels that hear a leg and are none themselves. */
export const SNOOP = 'snoop';

export type Side = 'left' | 'right';
export const SIDES: readonly Side[] = ['left', 'right'];
export const MODES: readonly ListenMode[] = ['listen', 'whisper'];

/**
 * What a snoop channel is for. Everything is in its id, so that a successor of this service knows what it has inherited;
 * no leg's id has a `~`.
 */
export type Snoop =
  | { for: 'recording'; recordingId: RecordingId; side: Side }
  | { for: 'listening'; legId: LegId; mode: ListenMode };

export const recordingSnoopId = (recordingId: RecordingId, side: Side) => `${recordingId}~${side}`;
export const listeningSnoopId = (legId: LegId, mode: ListenMode) => `${legId}~${mode}`;
/** The bridge of a listening leg and its snoop channel: no talk. */
export const listeningBridgeId = (legId: LegId) => `${legId}~listening`;
export const isListeningBridge = (bridgeId: string) => bridgeId.endsWith('~listening');

export function snoopOf(channelId: string): Snoop | null {
  const [, id = '', what = ''] = /^(.+)~(left|right|listen|whisper)$/s.exec(channelId) ?? [];
  if (what === 'left' || what === 'right') return { for: 'recording', recordingId: id, side: what };
  if (what === 'listen' || what === 'whisper') return { for: 'listening', legId: id, mode: what };
  return null;
}

/** Which leg a snoop channel hears: `Snoop/1764000000.12-00000003` → `1764000000.12`. */
export function heardLegOf(channelName: string): LegId | null {
  return /^Snoop\/(.+)-[0-9a-f]{8}$/s.exec(channelName)?.[1] ?? null;
}

/** The name of one side's sound file on the switch. */
export const soundName = (recordingId: RecordingId, side: Side) => `${recordingId}-${side}`;

export function recordingOf(sound: string): { recordingId: RecordingId; side: Side } | null {
  const [, recordingId = '', side] = /^(.+)-(left|right)$/s.exec(sound) ?? [];
  return side === 'left' || side === 'right' ? { recordingId, side } : null;
}
