import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../config';
import { migrate } from '../db/migrate';
import { openPostgres } from '../platform/postgres';
import { demoCity } from './demo';
import { openSecrets, saveSecrets } from './secrets.service';

/** Puts the demonstration city into the database of the environment and prints who can sign in: for containers. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const db = openPostgres(config.POSTGRES_URL, 2);
  try {
    await migrate(db);
    mkdirSync(config.VAR_DIR, { recursive: true });
    const file = join(config.VAR_DIR, 'secrets.json');
    const accounts = await demoCity(db, openSecrets(file), (kept) => saveSecrets(file, kept));
    for (const { name, password, role } of accounts) console.log(`${name}\t${password}\t${role}`);
  } finally {
    await db.destroy();
  }
}

main().catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exit(1);
});
