/** How many strokes a waveform has. */
export const STROKES = 800;

/** The loudest moment of each stroke, 0 to 100, for each side. */
export interface Waveform {
  left: number[];
  right: number[];
}

const FRAME_BYTES = 4;
const LOUDEST = 32_768;

/** Draws the waveform of a stereo recording (16 bit) while its bytes come, in parts of any length. */
export class WaveformPen {
  private readonly peaks: [number[], number[]] = [[], []];
  private readonly framesPerStroke: number;
  private frame = 0;
  private rest = Buffer.alloc(0);

  /** @param bytes how many bytes of sound will come */
  constructor(bytes: number) {
    this.framesPerStroke = Math.max(1, Math.ceil(bytes / FRAME_BYTES / STROKES));
  }

  draw(part: Buffer): void {
    const sound = this.rest.length ? Buffer.concat([this.rest, part]) : part;
    let at = 0;
    for (; at + FRAME_BYTES <= sound.length; at += FRAME_BYTES, this.frame++) {
      const stroke = Math.floor(this.frame / this.framesPerStroke);
      for (const [side, peaks] of this.peaks.entries()) {
        const loud = Math.abs(sound.readInt16LE(at + 2 * side));
        if (loud > (peaks[stroke] ?? -1)) peaks[stroke] = loud;
      }
    }
    this.rest = Buffer.from(sound.subarray(at));
  }

  get waveform(): Waveform {
    const [left, right] = this.peaks.map((peaks) =>
      peaks.map((peak) => Math.round((100 * Math.min(peak, LOUDEST)) / LOUDEST)),
    ) as [number[], number[]];
    return { left, right };
  }
}
