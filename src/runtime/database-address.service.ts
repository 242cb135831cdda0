import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PROJECT } from './machine.service';

/** The database a command works on: POSTGRES_URL, or that of a running `npm start`. Throws when there is neither. */
export function databaseAddress(): string {
  if (process.env.POSTGRES_URL) return process.env.POSTGRES_URL;
  const run = join(resolve(PROJECT, process.env.VAR_DIR || 'var'), 'run.json');
  if (!existsSync(run))
    throw new Error('Which database? Give POSTGRES_URL, or let `npm start` run meanwhile.');
  return (JSON.parse(readFileSync(run, 'utf8')) as { postgres: { url: string } }).postgres.url;
}
