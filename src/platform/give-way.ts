/** At most this long (ms) may work stand back. */
const LONGEST_MS = 8;

/**
 * Work that stands back until a seat is rung: journal, notes and news cost switch, Redis and this process time that the
 * ring would wait for. What is postponed is done in its order: after some milliseconds, or before anything else that is
 * told (`catchUp`), so nothing is ever told out of turn.
 */
export class GiveWay {
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly later: (work: () => void, milliseconds: number) => void) {}

  postpone(work: () => void): void {
    if (this.waiting.length === 0) this.later(() => this.catchUp(), LONGEST_MS);
    this.waiting.push(work);
  }

  /** Does now what was postponed. */
  catchUp(): void {
    for (let work = this.waiting.shift(); work; work = this.waiting.shift()) work();
  }
}
