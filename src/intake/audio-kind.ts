/** A kind of sound file that may be uploaded, known by its first bytes; never by its name, which anybody may give. */
export interface AudioKind {
  /** As people call it. */
  name: string;
  /** What the converter (ffmpeg) calls its container. */
  demuxer: string;
}

const text = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

const KINDS: { kind: AudioKind; is(bytes: Uint8Array): boolean }[] = [
  {
    kind: { name: 'WAV', demuxer: 'wav' },
    is: (bytes) => /^(RIFF|RF64)$/.test(text(bytes, 0, 4)) && text(bytes, 8, 4) === 'WAVE',
  },
  { kind: { name: 'FLAC', demuxer: 'flac' }, is: (bytes) => text(bytes, 0, 4) === 'fLaC' },
  { kind: { name: 'OGG/OPUS', demuxer: 'ogg' }, is: (bytes) => text(bytes, 0, 4) === 'OggS' },
  { kind: { name: 'M4A/MP4', demuxer: 'mov' }, is: (bytes) => text(bytes, 4, 4) === 'ftyp' },
  { kind: { name: 'AMR', demuxer: 'amr' }, is: (bytes) => /^#!AMR(-WB)?\n/.test(text(bytes, 0, 9)) },
  {
    kind: { name: 'AIFF', demuxer: 'aiff' },
    is: (bytes) => text(bytes, 0, 4) === 'FORM' && /^AIF[FC]$/.test(text(bytes, 8, 4)),
  },
  { kind: { name: 'WEBM', demuxer: 'matroska' }, is: (bytes) => text(bytes, 0, 4) === '\x1aE\xdf\xa3' },
  { kind: { name: 'WMA', demuxer: 'asf' }, is: (bytes) => text(bytes, 0, 4) === '0&\xb2u' },
  { kind: { name: 'CAF', demuxer: 'caf' }, is: (bytes) => text(bytes, 0, 4) === 'caff' },
  // The two bits before the last of the second byte are the layer: none for AAC, one of three for MP3.
  {
    kind: { name: 'AAC', demuxer: 'aac' },
    is: (bytes) => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0,
  },
  {
    kind: { name: 'MP3', demuxer: 'mp3' },
    is: (bytes) =>
      text(bytes, 0, 3) === 'ID3' ||
      (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0 && ((bytes[1] ?? 0) & 0x06) !== 0),
  },
];

/** What kind of sound file this is; null when none that is taken. */
export function audioKind(bytes: Uint8Array): AudioKind | null {
  return KINDS.find(({ is }) => is(bytes))?.kind ?? null;
}
