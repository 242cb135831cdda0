import { parseArgs } from 'node:util';
import { readConfig } from '../config';
import { loadTickets, type LoadProgress } from '../db/seeds/load/fill';
import type { Plan } from '../db/seeds/load/made-ticket';
import { cityDay, shiftDay } from '../deadlines/city-time';
import { migrate } from '../db/migrate';
import { openPostgres } from '../platform/postgres';
import { databaseAddress } from './database-address.service';

const USAGE = `npm run load:demo -- --tickets 1000000 [--seed 1] [--days 730] [--until YYYY-MM-DD]
  Fills the database of POSTGRES_URL, or of the running "npm start", with work orders and their history.
  Stopped, it goes on where it was when called again with the same arguments; another --seed adds more.`;

/** `npm run load:demo`: an invented city's work orders over the past days, the same for the same arguments. */
export async function main(words: string[]): Promise<void> {
  const plan = planOf(words);
  if (!plan) {
    console.error(USAGE);
    process.exitCode = 1;
    return;
  }
  await load(plan).catch((fault: unknown) => {
    console.error(fault instanceof Error ? fault.message : fault);
    console.error('Stopped. The same command goes on where it was.');
    process.exitCode = 1;
  });
}

async function load(plan: Plan): Promise<void> {
  const url = databaseAddress();
  const { REMIND_WORKING_HOURS_BEFORE: remindHours } = readConfig({
    ...{ REDIS_URL: 'redis://none', ARI_PASSWORD: 'none', ...process.env },
    POSTGRES_URL: url,
  });
  const db = openPostgres(url, 2);
  try {
    await migrate(db);
    await loadTickets(db, plan, { remindHours, tell: everySeconds(5) });
  } finally {
    await db.destroy();
  }
}

function planOf(words: string[]): Plan | null {
  try {
    const text = { type: 'string' } as const;
    const options = { tickets: text, seed: text, days: text, until: text };
    const { values } = parseArgs({ args: words, options });
    const [tickets, seed, days] = [values.tickets, values.seed ?? '1', values.days ?? '730'].map(Number);
    const until = values.until ?? shiftDay(cityDay(new Date()), -1);
    const whole = [tickets, seed, days].every((value) => Number.isInteger(value));
    if (!whole || !tickets || tickets < 1 || !days || days < 1 || !/^\d{4}-\d\d-\d\d$/.test(until))
      return null;
    return { tickets, seed: seed ?? 1, days, until };
  } catch {
    return null;
  }
}

/** Tells how far it is, at most so often, and at the end. */
export function everySeconds(seconds: number): (progress: LoadProgress) => void {
  let last = 0;
  return ({ done, of, rate, secondsLeft }) => {
    if (Date.now() - last < seconds * 1000 && done < of) return;
    last = Date.now();
    const left = secondsLeft > 90 ? `${Math.round(secondsLeft / 60)} min` : `${Math.round(secondsLeft)} s`;
    console.log(`[load] ${done} of ${of} work orders, ${Math.round(rate)} a second, ${left} left`);
  };
}
