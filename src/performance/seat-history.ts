import type { SeatState } from '../seats/seat';

export interface SeatChange {
  seatId: string;
  at: number;
  to: SeatState;
  callId: string | null;
}

interface Span {
  from: number;
  /** Null: it lasts. */
  to: number | null;
  state: SeatState;
}

const AT_WORK: readonly SeatState[] = ['ringing', 'talking', 'wrapUp'];
/** A seat between two calls is ready for a moment: that is no free seat. */
const BETWEEN_CALLS_MS = 3000;

/**
 * What state each seat was in and when, as far back as anybody asks. Answers one question: were all seats at work while
 * a call waited? A seat that rests or did not answer its phone counts as capacity that was there.
 */
export class SeatHistory {
  private readonly spans = new Map<string, Span[]>();

  /** Changes of a seat come in their order. */
  hear({ seatId, at, to }: SeatChange): void {
    const known = this.spans.get(seatId) ?? [];
    const last = known.at(-1);
    if (last?.state === to) return;
    if (last) last.to = Math.max(at, last.from);
    known.push({ from: at, to: null, state: to });
    this.spans.set(seatId, known);
  }

  /**
   * Whether, from one moment to another, somebody able was on duty and everybody able was at work on calls.
   *
   * @param able whether a seat has the skill
   */
  allAtWork(able: (seatId: string) => boolean, from: number, to: number): boolean {
    let working = false;
    for (const [seatId, spans] of this.spans) {
      if (!able(seatId)) continue;
      for (const span of spans) {
        const end = span.to ?? Math.max(to, span.from);
        if (span.state === 'signedOut' || span.from > to || end < from) continue;
        if (AT_WORK.includes(span.state)) working = true;
        else if (end - span.from > BETWEEN_CALLS_MS) return false;
      }
    }
    return working;
  }

  /** Forgets what ended before a moment. */
  forgetBefore(moment: number): void {
    for (const [seatId, spans] of this.spans) {
      const kept = spans.filter((span) => span.to === null || span.to >= moment);
      if (kept.every((span) => span.state === 'signedOut')) this.spans.delete(seatId);
      else if (kept.length < spans.length) this.spans.set(seatId, kept);
    }
  }
}
