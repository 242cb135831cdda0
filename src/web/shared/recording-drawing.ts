/** A stretch in which the recording was paused; seconds from its beginning. */
export interface Mark {
  from: number;
  to: number;
  who: string;
  reason: string;
}

interface Picture {
  waveform: { left: number[]; right: number[] };
  marks: Mark[];
  seconds: number;
  at: number;
}

const COLOURS = {
  citizen: '#1554ad',
  seat: '#16884a',
  unheard: 0.35,
  mark: '#fbe3c4',
  line: '#d5dbe3',
  now: '#c8282d',
};
/** The loudest speech of telephones fills the height. */
const FULL = 70;

/** Draws both sides of a recording, the paused stretches and the place that is heard now. */
export function draw(canvas: HTMLCanvasElement, { waveform, marks, seconds, at }: Picture): void {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const sharp = window.devicePixelRatio || 1;
  canvas.width = width * sharp;
  canvas.height = height * sharp;
  const pen = canvas.getContext('2d');
  if (!pen || width === 0) return;
  pen.scale(sharp, sharp);
  const place = (second: number) => (seconds > 0 ? (second / seconds) * width : 0);
  pen.fillStyle = COLOURS.mark;
  for (const { from, to } of marks)
    pen.fillRect(place(from), 0, Math.max(2, place(to) - place(from)), height);
  for (const [side, strokes] of [waveform.left, waveform.right].entries()) {
    const middle = (height * (1 + 2 * side)) / 4;
    pen.fillStyle = COLOURS.line;
    pen.fillRect(0, middle, width, 1);
    pen.fillStyle = side === 0 ? COLOURS.citizen : COLOURS.seat;
    const step = width / (strokes.length || 1);
    for (const [index, loud] of strokes.entries()) {
      const size = (Math.min(loud, FULL) / FULL) * (height / 4 - 2);
      pen.globalAlpha = index * step < place(at) ? 1 : COLOURS.unheard;
      pen.fillRect(index * step, middle - size, Math.max(1, step - 0.5), 2 * size);
    }
    pen.globalAlpha = 1;
  }
  pen.fillStyle = COLOURS.now;
  pen.fillRect(Math.min(place(at), width - 2), 0, 2, height);
}
