import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { PROJECT } from '../../src/runtime/machine.service';
import type { SipAudio } from './sip-audio';

const FRAME = 160;
const WAV_HEADER = 44;

/** The A-law frames in which Asterisk sends a recording of asterisk-config/sounds/zh, or another file (whole path). */
function framesOf(sound: string): string[] {
  const file = isAbsolute(sound) ? sound : join(PROJECT, 'asterisk-config/sounds/zh', `${sound}.wav`);
  const wav = readFileSync(file).subarray(WAV_HEADER);
  const frames: string[] = [];
  for (let start = 0; start + FRAME * 2 <= wav.length; start += FRAME * 2) {
    const frame = Buffer.alloc(FRAME);
    for (let index = 0; index < FRAME; index++) frame[index] = aLaw(wav.readInt16LE(start + index * 2));
    frames.push(frame.toString('latin1'));
  }
  return frames;
}

/** G.711 A-law of a 16-bit sample, of which Asterisk's table uses the upper 13 bits. */
function aLaw(sample: number): number {
  const linear = (sample >> 3) * 8 + 7;
  const magnitude = linear >= 0 ? linear : -linear;
  const segment = [0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff, 0x1fff, 0x3fff, 0x7fff].findIndex(
    (end) => magnitude <= end,
  );
  const part = (magnitude >> (segment > 0 ? segment + 3 : 4)) & 0x0f;
  return ((segment << 4) | part) ^ (linear >= 0 ? 0xd5 : 0x55);
}

/**
 * How much of a recording was heard, from 0 to 1, within the frames from `from` to `to`. Frames are compared with a
 * tolerance for rounding; silent ones are left out.
 */
export function heardOf(audio: SipAudio, sound: string, from = 0, to = Infinity): number {
  const heard = new Set(audio.frames.slice(from, to).map(signs));
  const loud = framesOf(sound).filter((frame) => new Set(frame).size > 20);
  return loud.filter((frame) => heard.has(signs(frame))).length / loud.length;
}

/** Sign and segment of every fourth sample: enough to tell a frame, too coarse for rounding to matter. */
function signs(frame: string): string {
  let text = '';
  for (let index = 0; index < frame.length; index += 2)
    text += (frame.charCodeAt(index) ^ 0x55) & 0x80 ? '+' : '-';
  return text;
}
