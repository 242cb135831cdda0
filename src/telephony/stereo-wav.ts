/** 8 kHz, 16 bit: what telephones have. */
export const SAMPLE_RATE = 8000;
export const SAMPLE_BYTES = 2;
export const WAV_HEADER_BYTES = 44;

/** The header of a WAV file of 16-bit samples at 8 kHz. */
export function wavHeader(channels: 1 | 2, soundBytes: number): Buffer {
  const frame = channels * SAMPLE_BYTES;
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + soundBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * frame, 28);
  header.writeUInt16LE(frame, 32);
  header.writeUInt16LE(8 * SAMPLE_BYTES, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(soundBytes, 40);
  return header;
}

/**
 * Where the sound begins in the first bytes of a mono WAV file at 8 kHz; null when there are too few bytes yet. The
 * length the header tells is not believed: a switch that died has not written it.
 */
export function soundStart(head: Buffer): number | null {
  if (head.length < 12) return null;
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('the switch gave something that is no WAV file');
  for (let at = 12; at + 8 <= head.length; at += 8 + head.readUInt32LE(at + 4))
    if (head.toString('latin1', at, at + 4) === 'data') return at + 8;
  return null;
}

/** Two mono stretches as one stereo stretch; silence where one is shorter. */
export function interleave(left: Buffer, right: Buffer): Buffer {
  const samples = Math.floor(Math.max(left.length, right.length) / SAMPLE_BYTES);
  const stereo = Buffer.alloc(samples * 2 * SAMPLE_BYTES);
  for (const [channel, sound] of [left, right].entries())
    for (let at = 0; at + SAMPLE_BYTES <= sound.length; at += SAMPLE_BYTES)
      stereo.writeInt16LE(sound.readInt16LE(at), at * 2 + channel * SAMPLE_BYTES);
  return stereo;
}

export const durationMsOf = (samples: number) => Math.round((samples * 1000) / SAMPLE_RATE);
