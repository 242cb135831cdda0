import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Role } from '../permissions';
import type { Database } from '../platform/postgres';
import type { Person } from './person';
import type { Unit, UnitKind } from './unit';

interface StoredUnit {
  unit_id: string;
  name: string;
  kind: string;
  area_code: string;
  contact_person: string;
  contact_phone: string;
  active: boolean;
  version: number;
}

interface StoredPerson {
  person_id: string;
  sign_in_name: string;
  name: string;
  role: string;
  unit_id: string | null;
  skills: string[];
  account: string | null;
  mobile: string | null;
  email: string | null;
  password_hash: string;
  active: boolean;
  version: number;
  created_at: Date;
  ended_at: Date | null;
}

/** Tables `units` and `people`. */
export class DirectoryStore {
  constructor(private readonly db: Database) {}

  transaction<T>(work: (transaction: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  async units(): Promise<Unit[]> {
    const rows = await this.db<StoredUnit>('units').where({ active: true }).orderBy('unit_id');
    return rows.map((row) => ({
      unitId: row.unit_id,
      name: row.name,
      kind: row.kind as UnitKind,
      areaCode: row.area_code,
      contactPerson: row.contact_person,
      contactPhone: row.contact_phone,
    }));
  }

  async people(): Promise<Person[]> {
    const rows = await this.db<StoredPerson>('people').orderBy('sign_in_name');
    return rows.map(personOf);
  }

  /** A number that changes with every change of a person or unit, whoever made it. */
  async fingerprint(): Promise<string> {
    const result = await this.db.raw<{ rows: { mark: string }[] }>(
      `select concat_ws('/', (select concat_ws('.', count(*), sum(version)) from people),
                             (select concat_ws('.', count(*), sum(version), count(*) filter (where active)) from units)) as mark`,
    );
    return result.rows[0]?.mark ?? '';
  }

  /** The person and password hash of a sign-in name, ended ones too. */
  async credentials(signInName: string): Promise<{ person: Person; passwordHash: string } | null> {
    const row = await this.db<StoredPerson>('people').where({ sign_in_name: signInName }).first();
    return row ? { person: personOf(row), passwordHash: row.password_hash } : null;
  }

  /** Adds a person. Throws `already-exists` when the sign-in name or the account is taken. */
  async insert(within: Knex.Transaction, person: Person, passwordHash: string, at: Date): Promise<void> {
    const row = { ...columnsOf(person), person_id: person.personId, sign_in_name: person.signInName };
    await taken(
      within<StoredPerson>('people').insert({
        ...row,
        password_hash: passwordHash,
        active: true,
        version: 1,
        created_at: at,
      }),
    );
  }

  /** Writes a person's facts over the version they were read at. Throws `stale-version` when someone was faster. */
  async update(
    within: Knex.Transaction,
    person: Person,
    passwordHash?: string,
    endedAt?: Date,
  ): Promise<Person> {
    const changed = await taken(
      within<StoredPerson>('people')
        .where({ person_id: person.personId, version: person.version })
        .update({
          ...columnsOf(person),
          active: person.active,
          version: person.version + 1,
          ...(passwordHash ? { password_hash: passwordHash } : {}),
          ...(endedAt ? { ended_at: endedAt } : {}),
        }),
    );
    if (changed === 0) throw new HotlineError('stale-version', '此人资料已被他人修改，请刷新后重试');
    return { ...person, version: person.version + 1 };
  }
}

function columnsOf(person: Person) {
  const { name, role, unitId, skills, account, mobile, email } = person;
  return { name, role, unit_id: unitId, skills, account, mobile, email };
}

function personOf(row: StoredPerson): Person {
  return {
    personId: row.person_id,
    signInName: row.sign_in_name,
    name: row.name,
    role: row.role as Role,
    unitId: row.unit_id,
    skills: row.skills,
    account: row.account,
    mobile: row.mobile,
    email: row.email,
    active: row.active,
    version: row.version,
  };
}

async function taken<T>(statement: PromiseLike<T>): Promise<T> {
  try {
    return await statement;
  } catch (fault) {
    const { code, constraint } = fault as { code?: string; constraint?: string };
    if (code === '23505')
      throw new HotlineError(
        'already-exists',
        constraint?.includes('account') ? '分机号已被使用' : '登录名已被使用',
      );
    if (code === '23503') throw new HotlineError('invalid-input', '没有这个单位');
    throw fault;
  }
}
