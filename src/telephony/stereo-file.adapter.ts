import { open } from 'node:fs/promises';
import {
  durationMsOf,
  interleave,
  SAMPLE_BYTES,
  soundStart,
  wavHeader,
  WAV_HEADER_BYTES,
} from './stereo-wav';

/** Samples written at a time: two seconds. */
const STRETCH_BYTES = 32_000;

/** The sound of a mono WAV file that comes in parts of any length. */
class MonoSound {
  private readonly parts: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);
  private begun = false;

  constructor(wav: AsyncIterable<Buffer>) {
    this.parts = wav[Symbol.asyncIterator]();
  }

  /** The next `bytes` of sound; fewer only at its end. */
  async next(bytes: number): Promise<Buffer> {
    const held = [this.rest];
    let length = this.rest.length;
    while (length < bytes || !this.begun) {
      const { value, done } = await this.parts.next();
      if (done) break;
      held.push(value);
      length += value.length;
      if (this.begun) continue;
      const head = Buffer.concat(held.splice(0));
      const start = soundStart(head);
      this.begun = start !== null;
      held.push(head.subarray(start ?? 0));
      length = head.length - (start ?? 0);
    }
    const whole = Buffer.concat(held);
    if (!this.begun) return Buffer.alloc(0);
    this.rest = whole.subarray(bytes);
    return whole.subarray(0, bytes);
  }
}

async function* nothing(): AsyncGenerator<Buffer> {
  yield* [];
}

/** Writes two mono WAV streams as one stereo WAV file, a stretch at a time; a missing side is silent. */
export async function writeStereo(
  file: string,
  left: AsyncIterable<Buffer> | null,
  right: AsyncIterable<Buffer> | null,
): Promise<{ durationMs: number }> {
  const sounds = [new MonoSound(left ?? nothing()), new MonoSound(right ?? nothing())];
  const out = await open(file, 'w', 0o600);
  try {
    await out.write(wavHeader(2, 0));
    let written = 0;
    for (;;) {
      const [one, other] = await Promise.all(sounds.map((sound) => sound.next(STRETCH_BYTES)));
      if (!one?.length && !other?.length) break;
      const stereo = interleave(one ?? Buffer.alloc(0), other ?? Buffer.alloc(0));
      await out.write(stereo, 0, stereo.length, WAV_HEADER_BYTES + written);
      written += stereo.length;
    }
    await out.write(wavHeader(2, written), 0, WAV_HEADER_BYTES, 0);
    await out.sync();
    return { durationMs: durationMsOf(written / (2 * SAMPLE_BYTES)) };
  } finally {
    await out.close();
  }
}
