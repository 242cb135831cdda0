import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { Database } from '../platform/postgres';
import { keptName, type Citizen } from './citizen';

interface Row {
  citizen_id: string;
  name: string;
  note: string;
}

/** Citizens by normalised number. A caller who hides the number gets no row here. */
export class CitizenStore {
  constructor(private readonly db: Database) {}

  async byNumber(number: string, trx: Knex = this.db): Promise<Citizen | null> {
    const row = await trx<Row>('citizens as c')
      .join('citizen_numbers as n', 'n.citizen_id', 'c.citizen_id')
      .where('n.number', number)
      .select<Row[]>('c.citizen_id', 'c.name', 'c.note')
      .first();
    return row ? { citizenId: row.citizen_id, name: row.name, note: row.note } : null;
  }

  /**
   * The citizen of a number, made when there is none, inside the caller's transaction. Two who come at once get one
   * citizen: the number's row decides. `name` replaces the known name unless empty.
   */
  async findOrMake(trx: Knex, number: string, name: string, at: Date): Promise<Citizen> {
    const made: Row = { citizen_id: randomUUID(), name: keptName('', name), note: '' };
    await trx('citizens').insert({ ...made, first_seen_at: at, updated_at: at });
    const [won] = await trx('citizen_numbers')
      .insert({ number, citizen_id: made.citizen_id })
      .onConflict('number')
      .ignore()
      .returning('citizen_id');
    if (won) return { citizenId: made.citizen_id, name: made.name, note: '' };
    await trx('citizens').where({ citizen_id: made.citizen_id }).delete();
    const known = await this.byNumber(number, trx);
    if (!known) throw new Error('a citizen number without its citizen');
    const kept = keptName(known.name, name);
    if (kept !== known.name)
      await trx('citizens').where({ citizen_id: known.citizenId }).update({ name: kept, updated_at: at });
    return { ...known, name: kept };
  }
}
