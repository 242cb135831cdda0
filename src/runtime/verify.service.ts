import { existsSync } from 'node:fs';
import { Anchoring } from '../oversight/anchoring.service';
import type { Verification } from '../oversight/verification';
import { ChainVerifier } from '../oversight/verification.service';
import { AuditStore } from '../platform/audit.store';
import { systemClock as clock } from '../platform/clock';
import { openPostgres } from '../platform/postgres';
import { TimelineChainStore } from '../tickets/timeline-chain.store';
import { databaseAddress } from './database-address.service';

const TELL_MS = 1000;
const say = (line: string): void => console.log(line);

/**
 * `npm run verify`: walks the audit trail and every work order's timeline, and compares them with ANCHOR_FILE. The database
 * is POSTGRES_URL, or that of a running `npm start`. Exit code 0: whole; 1: broken; 2: could not be verified.
 */
export async function main(): Promise<void> {
  process.exitCode = await verify().catch((fault: unknown) => {
    console.error(fault instanceof Error ? fault.message : fault);
    return 2;
  });
}

async function verify(): Promise<number> {
  const database = openPostgres(databaseAddress(), 2);
  try {
    const audit = new AuditStore(database, clock);
    const timelines = new TimelineChainStore(database);
    const file = process.env.ANCHOR_FILE;
    const anchoring = file ? new Anchoring({ file, audit, timelines, clock, log: console }) : null;
    if (file && !existsSync(file)) throw new Error(`ANCHOR_FILE ${file} is not there`);
    const verifier = new ChainVerifier({
      audit,
      timelines,
      anchors: async () => (await anchoring?.all()) ?? [],
      clock,
    });
    let told = Date.now();
    const found = await verifier.run((so) => {
      if (Date.now() - told < TELL_MS) return;
      told = Date.now();
      say(`… audit ${so.audit.rows} rows, timelines ${so.timelines.rows} rows`);
    });
    tell(found);
    return found.state === 'whole' ? 0 : 1;
  } finally {
    await database.destroy();
  }
}

function tell({ state, audit, timelines, anchors }: Verification): void {
  say(`audit trail: ${audit.rows} rows fit, head ${audit.head}`);
  if (audit.brokenAt !== null) say(`  BROKEN at row ${audit.brokenAt}`);
  say(`timelines: ${timelines.rows} rows of ${timelines.tickets} work orders fit, head ${timelines.head}`);
  if (timelines.brokenAt)
    say(`  BROKEN at work order ${timelines.brokenAt.number}, row ${timelines.brokenAt.seq}`);
  say(`anchors: ${anchors.checked} days compared`);
  if (anchors.brokenAt)
    say(`  BROKEN: the ${anchors.brokenAt.chain} chain is not what was noted for ${anchors.brokenAt.day}`);
  say(state);
}
