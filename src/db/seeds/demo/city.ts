import { randomBytes } from 'node:crypto';
import type { Role } from '../../../permissions';
import { PasswordHasher } from '../../../platform/password-hash';
import type { Database } from '../../../platform/postgres';
import { seedDemoArticles } from './articles';
import { seedDemoCalendar } from './calendar';
import { seedDemoCategories } from './categories';
import { seedDemoContacts } from './contacts';
import { seedDemoLines } from './lines';
import { DEMO_PEOPLE, type DemoPerson } from './people';
import { seedDemoQueues } from './queues';
import { DEMO_UNITS } from './units';

export interface DemoAccount {
  role: Role;
  /** Sign-in name. */
  name: string;
  password: string;
}

/**
 * Puts a demonstration city into the database: units, people, lines and categories. Whatever is there already is left
 * as it is, but for the passwords of the demo people, which are set to those given by sign-in name (a new random one
 * for whoever has none). Returns who can sign in with what.
 */
export async function seedDemoCity(
  db: Database,
  options: { passwords: Record<string, string> },
): Promise<{ accounts: DemoAccount[] }> {
  await db('units').insert(DEMO_UNITS.map(unitColumns)).onConflict().ignore();
  const hasher = new PasswordHasher();
  const accounts: DemoAccount[] = [];
  for (const person of DEMO_PEOPLE) {
    const password = options.passwords[person.signInName] ?? randomBytes(9).toString('base64url');
    await putPerson(db, hasher, person, password);
    accounts.push({ role: person.role, name: person.signInName, password });
  }
  await seedDemoCategories(db);
  await seedDemoArticles(db);
  await seedDemoCalendar(db, new Date());
  await seedDemoQueues(db);
  await seedDemoLines(db);
  await seedDemoContacts(db);
  return { accounts };
}

async function putPerson(
  db: Database,
  hasher: PasswordHasher,
  person: DemoPerson,
  password: string,
): Promise<void> {
  const found = (await db('people').where({ sign_in_name: person.signInName }).first('password_hash')) as
    { password_hash: string } | undefined;
  if (found && (await hasher.matches(found.password_hash, password))) return;
  const password_hash = await hasher.hash(password);
  const {
    personId: person_id,
    signInName: sign_in_name,
    name,
    role,
    unitId: unit_id,
    skills,
    account,
  } = person;
  await db('people')
    .insert({
      person_id,
      sign_in_name,
      name,
      role,
      unit_id,
      skills,
      account,
      password_hash,
      created_at: new Date(),
    })
    .onConflict('sign_in_name')
    .merge({ password_hash, version: db.raw('people.version + 1') });
}

function unitColumns(unit: (typeof DEMO_UNITS)[number]) {
  return {
    unit_id: unit.unitId,
    name: unit.name,
    kind: unit.kind,
    area_code: unit.areaCode,
    contact_person: unit.contactPerson,
    contact_phone: unit.contactPhone,
  };
}
