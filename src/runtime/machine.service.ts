import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** A fault the person at the keyboard can do something about: printed as one sentence, without a stack. */
export class RuntimeFault extends Error {}

/** The checkout. */
export const PROJECT = resolve(__dirname, '../..');

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The full path of a program on the PATH (and the folders where Debian keeps servers), or null. */
export function onPath(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders.filter(Boolean)) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  return null;
}

/** What a program prints, both streams; empty when it cannot be run. */
export function printed(command: string, args: string[]): string {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 });
  return `${result.stdout ?? ''}${result.stderr ?? ''}`;
}

/** Waits until `probe` gives true, asking every `everyMs`; throws after `limitMs` or when `given` up. */
export async function waitUntil(
  what: string,
  probe: () => Promise<boolean>,
  limitMs: number,
  options: { everyMs?: number; gaveUp?: () => string | null } = {},
): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    if (await probe().catch(() => false)) return;
    const reason = options.gaveUp?.();
    if (reason) throw new RuntimeFault(`${what}: ${reason}`);
    if (Date.now() > end) throw new RuntimeFault(`${what} within ${limitMs / 1000} s`);
    await new Promise((done) => setTimeout(done, options.everyMs ?? 100));
  }
}
