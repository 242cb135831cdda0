import { seedDemoCity, type DemoAccount } from '../db/seeds/demo/city';
import type { Database } from '../platform/postgres';
import type { Secrets } from './secrets.service';

/**
 * Puts the demonstration city into a migrated database. The passwords of its accounts are generated once and kept.
 *
 * @param keep called with the secrets when new passwords are among them
 * @returns who can sign in with what
 */
export async function demoCity(
  db: Database,
  secrets: Secrets,
  keep: (secrets: Secrets) => void,
): Promise<DemoAccount[]> {
  const { accounts } = await seedDemoCity(db, { passwords: secrets.accounts });
  keep({
    ...secrets,
    accounts: Object.fromEntries(accounts.map((account) => [account.name, account.password])),
  });
  return accounts;
}
