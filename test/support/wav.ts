import { readFileSync } from 'node:fs';

/** A stereo WAV file of 8 kHz and 16 bit, taken apart; anything else throws. */
export class StereoWav {
  readonly left: Int16Array;
  readonly right: Int16Array;

  constructor(bytes: Buffer) {
    const told = {
      riff: bytes.toString('latin1', 0, 4),
      kind: bytes.toString('latin1', 8, 16),
      format: bytes.readUInt16LE(20),
      channels: bytes.readUInt16LE(22),
      rate: bytes.readUInt32LE(24),
      bits: bytes.readUInt16LE(34),
      whole: bytes.readUInt32LE(4) === bytes.length - 8 && bytes.readUInt32LE(40) === bytes.length - 44,
    };
    const wanted = {
      riff: 'RIFF',
      kind: 'WAVEfmt ',
      format: 1,
      channels: 2,
      rate: 8000,
      bits: 16,
      whole: true,
    };
    expect(told).toEqual(wanted);
    const frames = (bytes.length - 44) / 4;
    const side = (offset: number) =>
      Int16Array.from({ length: frames }, (_, at) => bytes.readInt16LE(44 + at * 4 + offset));
    this.left = side(0);
    this.right = side(2);
  }

  static read(file: string): StereoWav {
    return new StereoWav(readFileSync(file));
  }

  get durationMs(): number {
    return this.left.length / 8;
  }
}

/** The sample that an A-law byte stands for (G.711). */
export function linearOfALaw(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = ((code & 15) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return code & 0x80 ? size : -size;
}

/** How much of it is this voice (see sip-audio.ts), 0 to 1. */
export function shareOf(voice: number, samples: Int16Array): number {
  const wanted = linearOfALaw(voice);
  return samples.reduce((sum, sample) => sum + (sample === wanted ? 1 : 0), 0) / (samples.length || 1);
}

/** The longest stretch of silence, milliseconds. */
export function longestSilenceMs(samples: Int16Array): number {
  let [longest, length] = [0, 0];
  for (const sample of samples) {
    length = Math.abs(sample) < 50 ? length + 1 : 0;
    longest = Math.max(longest, length);
  }
  return longest / 8;
}

/** How much of it is not silence, 0 to 1. */
export function loudness(samples: Int16Array): number {
  return samples.reduce((loud, sample) => loud + (Math.abs(sample) < 50 ? 0 : 1), 0) / (samples.length || 1);
}
