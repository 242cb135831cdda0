/**
 * The ring in the page, made with Web Audio (no sound files): two warm notes, twice, every three seconds. Browsers
 * stay silent until the person has touched the page once; `blocked` says so.
 */
export class RingTone {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Begins ringing; already ringing changes nothing. */
  start(): void {
    if (this.timer) return;
    this.context ??= new AudioContext();
    void this.context.resume();
    this.ring();
    this.timer = setInterval(() => this.ring(), 3000);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Three short high notes: a citizen has been on hold for long. */
  remind(): void {
    this.context ??= new AudioContext();
    const context = this.context;
    void context.resume().then(() => {
      for (const beat of [0, 0.2, 0.4]) this.note(context, 880, context.currentTime + beat, 0.14);
    });
  }

  /** To be called from a click or key: from then on the browser lets us ring. */
  unlock(): void {
    this.context ??= new AudioContext();
    if (this.context.state === 'suspended') void this.context.resume();
  }

  /** Whether the browser holds the sound back. */
  get blocked(): boolean {
    return this.context?.state === 'suspended';
  }

  private ring(): void {
    const context = this.context;
    if (!context || context.state !== 'running') return;
    for (const beat of [0, 0.55]) {
      this.note(context, 659.3, context.currentTime + beat, 0.22);
      this.note(context, 523.3, context.currentTime + beat + 0.22, 0.26);
    }
  }

  private note(context: AudioContext, frequency: number, at: number, seconds: number): void {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.type = 'triangle';
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.35, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
  }
}
