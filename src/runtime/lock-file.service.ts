import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

/** When a process began, as the kernel counts it: together with the pid it names one process for ever. Null when it is gone. */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** The process that holds a lock file, if it still lives. */
export function lockHolder(file: string): number | null {
  try {
    const [pid, start] = readFileSync(file, 'utf8').trim().split(' ');
    return pid && processStart(Number(pid)) === start ? Number(pid) : null;
  } catch {
    return null;
  }
}

/** Takes the lock file; false when a living process holds it. One left by a dead process is taken over. */
export function takeLock(file: string): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, `${process.pid} ${processStart(process.pid) ?? ''}\n`);
      closeSync(handle);
      return true;
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
      if (lockHolder(file) !== null) return false;
      rmSync(file, { force: true });
    }
  }
  return false;
}

/** Waits for the lock file; returns the function that gives it back. */
export async function holdLock(file: string, onWait: () => void): Promise<() => void> {
  let told = false;
  while (!takeLock(file)) {
    if (!told) onWait();
    told = true;
    await new Promise((done) => setTimeout(done, 500));
  }
  return () => rmSync(file, { force: true });
}
