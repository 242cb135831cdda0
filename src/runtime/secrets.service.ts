import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { RuntimeFault } from './machine.service';

const secretsSchema = z.object({
  ari: z.string().min(16),
  redis: z.string().min(16),
  postgres: z.string().min(16),
  /** Passwords of the demo accounts by sign-in name. */
  accounts: z.record(z.string(), z.string()),
});

export type Secrets = z.infer<typeof secretsSchema>;

const secret = (): string => randomBytes(18).toString('hex');

/** Reads the generated secrets, or makes them the first time. The file is for its owner only. */
export function openSecrets(file: string): Secrets {
  if (existsSync(file)) {
    chmodSync(file, 0o600);
    const read = secretsSchema.safeParse(parsed(file));
    if (read.success) return read.data;
    throw new RuntimeFault(`${file} cannot be read: mend it, or remove it together with the data beside it.`);
  }
  const made: Secrets = { ari: secret(), redis: secret(), postgres: secret(), accounts: {} };
  saveSecrets(file, made);
  return made;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

export function saveSecrets(file: string, secrets: Secrets): void {
  writePrivately(file, secrets);
}

/** Writes JSON for its owner only; readers see the old content or the new, never half of it. */
export function writePrivately(file: string, content: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  const half = `${file}.${process.pid}`;
  writeFileSync(half, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(half, file);
}
