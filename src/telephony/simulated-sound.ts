import type { SimulatedRecording } from './simulated-switch.adapter';
import { interleave, SAMPLE_BYTES, SAMPLE_RATE, wavHeader } from './stereo-wav';

/** What a simulated recording sounds like: one level for what the leg says, another for what it hears, none while paused. */
const LEVELS = { says: 4000, hears: -4000 };

export function simulatedSound(
  { from, to, pauses }: SimulatedRecording,
  now: number,
): { wav: Buffer; durationMs: number } {
  const end = to ?? now;
  const place = (at: number) => Math.floor(((at - from) * SAMPLE_RATE) / 1000);
  const side = (level: number) => {
    const sound = Buffer.alloc(place(end) * SAMPLE_BYTES);
    for (let at = 0; at < sound.length; at += SAMPLE_BYTES) sound.writeInt16LE(level, at);
    for (const pause of pauses)
      sound.fill(0, place(pause.from) * SAMPLE_BYTES, place(pause.to ?? end) * SAMPLE_BYTES);
    return sound;
  };
  const stereo = interleave(side(LEVELS.says), side(LEVELS.hears));
  return { wav: Buffer.concat([wavHeader(2, stereo.length), stereo]), durationMs: end - from };
}
