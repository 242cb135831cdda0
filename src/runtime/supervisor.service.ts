import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { livingChildren, type Child } from './child.service';
import { RuntimeFault } from './machine.service';
import { processStart } from './lock-file.service';

type Say = (line: string) => void;

interface Kept {
  name: string;
  child: Child;
  start: () => Promise<Child>;
}

/**
 * Keeps programs running: whichever ends by itself is started again, the sooner the longer it had run. Notes their
 * process numbers in a file, so that the next start finds those that a killed runtime may have left.
 */
export class Supervisor {
  private readonly kept: Kept[] = [];
  private stopping = false;

  constructor(
    private readonly pidFile: string,
    private readonly say: Say,
  ) {}

  /** Starts a program and keeps it running. Rejects when it cannot be started the first time. */
  async keep(name: string, start: () => Promise<Child>): Promise<Child> {
    if (this.stopping) throw new RuntimeFault(`${name} is not started: everything stops`);
    const child = await start();
    const kept: Kept = { name, child, start };
    this.kept.push(kept);
    this.note();
    void this.watch(kept);
    if (this.stopping) await child.stop();
    return child;
  }

  private async watch(kept: Kept): Promise<void> {
    let pause = 500;
    for (;;) {
      const began = Date.now();
      await kept.child.exit;
      if (this.stopping) return;
      if (Date.now() - began > 60_000) pause = 500;
      this.say(`${kept.name} ended unexpectedly; it is started again in ${pause / 1000} s`);
      for (;;) {
        await new Promise((done) => setTimeout(done, pause));
        pause = Math.min(pause * 2, 15_000);
        if (this.stopping) return;
        try {
          kept.child = await kept.start();
          this.note();
          this.say(`${kept.name} is back`);
          break;
        } catch (fault) {
          this.say(`${kept.name} cannot be started: ${(fault as Error).message}`);
        }
      }
      if (this.stopping) return kept.child.stop();
    }
  }

  /** Stops everything: what was kept last first, then all others together, those that are still starting too. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.kept.at(-1)?.child.stop(5000);
    await Promise.all(livingChildren().map((child) => child.stop(3500)));
    rmSync(this.pidFile, { force: true });
  }

  private note(): void {
    const lines = this.kept.map(({ child }) => `${child.pid} ${processStart(child.pid) ?? ''}`);
    writeFileSync(this.pidFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  }
}

/** Ends programs that a killed runtime has left. They are known by process number and start time, never by name. */
export function endLeftovers(pidFile: string, say: Say): void {
  let text: string;
  try {
    text = readFileSync(pidFile, 'utf8');
  } catch {
    return;
  }
  for (const line of text.trim().split('\n')) {
    const [pid, start] = line.split(' ');
    if (!pid || !start || processStart(Number(pid)) !== start) continue;
    say(`ending process ${pid} that an earlier start has left`);
    try {
      process.kill(-Number(pid), 'SIGKILL');
    } catch {
      continue;
    }
  }
  rmSync(pidFile, { force: true });
}
