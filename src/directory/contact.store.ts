import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Source } from '../platform/kept';
import type { Database } from '../platform/postgres';
import type { Contact, ContactInput } from './contact';

interface Row {
  contact_id: string;
  version: number;
  kind: Contact['kind'];
  name: string;
  number: string;
  unit_id: string | null;
  language: Contact['language'];
  hours: string | null;
  note: string;
  active: boolean;
}

/** What is written in the same transaction as the change: the audit trail. */
type Beside = (transaction: Knex.Transaction) => Promise<void>;

/** Table `contacts`; a removed contact stays as a row that is not active. */
export class ContactStore implements Source<Contact[]> {
  constructor(private readonly db: Database) {}

  async revision(): Promise<string> {
    const { rows } = await this.db.raw<{ rows: { revision: string }[] }>(
      `select concat_ws('.', count(*), sum(version), count(*) filter (where active)) as revision from contacts`,
    );
    return rows[0]?.revision ?? '';
  }

  async read(): Promise<Contact[]> {
    const rows = await this.db<Row>('contacts').where({ active: true }).orderBy('contact_id');
    return rows.map(toContact);
  }

  /** Throws `already-exists` when another contact has the name. */
  async insert(contact: Contact, beside: Beside): Promise<void> {
    await this.db.transaction(async (trx) => {
      const row = { ...toColumns(contact), contact_id: contact.contactId, version: 1 };
      await named(trx('contacts').insert(row));
      await beside(trx);
    });
  }

  /** Replaces a contact, or takes it out of use (`input` null), if it still has this version. */
  async replace(
    contactId: string,
    version: number,
    input: ContactInput | null,
    beside: Beside,
  ): Promise<void> {
    await this.db.transaction(async (trx) => {
      const change = input ? toColumns(input) : { active: false };
      const changed = await named(
        trx('contacts')
          .where({ contact_id: contactId, version, active: true })
          .update({ ...change, version: version + 1 }),
      );
      if (changed === 0)
        throw new HotlineError('stale-version', '该转接目标已被他人修改或移除，请刷新后再试', { contactId });
      await beside(trx);
    });
  }
}

function toContact(row: Row): Contact {
  const { contact_id: contactId, version, kind, name, number, unit_id: unitId, language, hours, note } = row;
  return { contactId, version, kind, name, number, unitId, language, hours, note };
}

function toColumns({ kind, name, number, unitId, language, hours, note }: ContactInput) {
  return { kind, name, number, unit_id: unitId, language, hours, note };
}

async function named<T>(statement: PromiseLike<T>): Promise<T> {
  try {
    return await statement;
  } catch (fault) {
    if ((fault as { code?: string }).code === '23505')
      throw new HotlineError('already-exists', '已有同名的转接目标', { field: 'name' });
    throw fault;
  }
}
