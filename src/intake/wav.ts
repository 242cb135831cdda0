import { SAMPLE_RATE } from './loudness';

const HEADER = 44;

/** A telephone recording as a WAV file: 8 kHz, mono, 16 bit, as the switch plays it. */
export function writeWav(samples: Int16Array): Uint8Array {
  const file = new Uint8Array(HEADER + samples.length * 2);
  const view = new DataView(file.buffer);
  const text = (at: number, word: string) =>
    [...word].forEach((sign, index) => (file[at + index] = sign.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, index) => view.setInt16(HEADER + index * 2, sample, true));
  return file;
}

/** How long a file of `writeWav` plays. */
export function wavSeconds(bytes: number): number {
  return Math.max(0, bytes - HEADER) / 2 / SAMPLE_RATE;
}
