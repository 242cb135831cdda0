/**
 * Runs one task every so many seconds and whenever asked to hurry, never twice at once: asked while it runs, it runs
 * once more afterwards. A fault is reported and does not end the repetition.
 */
export class RepeatedTask {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly seconds: number,
    private readonly task: () => Promise<unknown>,
    private readonly onFault: (fault: unknown) => void,
  ) {}

  /** Begins; the first run is at once. */
  start(): void {
    this.timer ??= setInterval(() => void this.run(), this.seconds * 1000);
    void this.run();
  }

  /** Runs soon; does nothing when not started or stopped. */
  hurry(): void {
    if (this.timer) void this.run();
  }

  /** Ends the repetition and waits for a run under way. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.again = false;
    await this.running;
  }

  private async run(): Promise<void> {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = this.loop();
    await this.running;
    this.running = null;
    // Asked between the loop's end and here.
    if (this.again && this.timer) void this.run();
  }

  private async loop(): Promise<void> {
    do {
      this.again = false;
      try {
        await this.task();
      } catch (fault) {
        this.onFault(fault);
      }
    } while (this.again && this.timer);
  }
}
