import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface ChildOptions {
  /** Everything it prints is added here. */
  logFile: string;
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** How it is asked to stop. */
  stopSignal?: NodeJS.Signals;
}

const living = new Set<Child>();

/** The programs we started that have not ended, those that are still starting among them. */
export function livingChildren(): Child[] {
  return [...living];
}

/** A program we started. It is in a session of its own, so that Ctrl-C reaches only us and we stop things in order. */
export class Child {
  private readonly process: ChildProcess;
  private ended = false;
  /** Settles when the program has ended. */
  readonly exit: Promise<{ code: number | null; signal: string | null }>;

  constructor(
    command: string,
    args: string[],
    private readonly options: ChildOptions,
  ) {
    mkdirSync(dirname(options.logFile), { recursive: true });
    const log = openSync(options.logFile, 'a', 0o600);
    this.process = spawn(command, args, {
      stdio: ['ignore', log, log],
      detached: true,
      env: options.env ?? process.env,
      cwd: options.cwd,
    });
    closeSync(log);
    living.add(this);
    this.exit = new Promise((resolve) => {
      const over = (code: number | null, signal: string | null): void => {
        this.ended = true;
        living.delete(this);
        resolve({ code, signal });
      };
      this.process.once('error', () => over(null, 'not started'));
      this.process.once('exit', over);
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get running(): boolean {
    return !this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.ended) this.process.kill(signal);
  }

  /** Asks it to stop; after `graceMs` it is killed with everything it started. Resolves when it has ended. */
  async stop(graceMs = 5000): Promise<void> {
    if (this.ended) return;
    this.signal(this.options.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.killGroup(), graceMs);
    await this.exit;
    clearTimeout(timer);
  }

  /** Kills it as a power cut would. Resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.ended) return;
    this.killGroup();
    await this.exit;
  }

  /** Why it ended, with the last lines it printed; null while it runs. */
  obituary(): string | null {
    if (!this.ended) return null;
    return `it ended; last lines of ${this.options.logFile}:\n${this.lastLines()}`;
  }

  lastLines(count = 12): string {
    try {
      return readFileSync(this.options.logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
    } catch {
      return '';
    }
  }

  private killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      this.process.kill('SIGKILL');
    }
  }
}
