import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Database } from '../platform/postgres';
import type { CategoryState, NewCategory } from './catalogue';

export interface CatalogueState {
  categoryCode: string;
  categoryName: string;
  /** Empty: the whole city. */
  areaCode: string;
  unitId: string;
  version: number;
}

interface TreeRow {
  category_code: string;
  version: number;
  parent_code: string | null;
  name: string;
  utility: boolean;
  regulation_days: number | null;
  regulation_name: string | null;
  active: boolean;
}

/** The category tree and the dispatch catalogue, written by their administrators. */
export class CatalogueStore {
  constructor(private readonly db: Database) {}

  /** Runs one change: the tree and the catalogue are looked at and written by one at a time. */
  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(async (trx) => {
      await trx.raw(`select pg_advisory_xact_lock(hashtext('dispatch catalogue'))`);
      return work(trx);
    });
  }

  /** Every category there ever was, by its code. */
  async tree(trx: Knex = this.db): Promise<Map<string, CategoryState>> {
    const rows = await trx<TreeRow>('ticket_categories').orderBy('category_code');
    return new Map(rows.map((row) => [row.category_code, toState(row)]));
  }

  /** Throws `already-exists` for a code that was ever used. */
  async insert(trx: Knex, category: NewCategory): Promise<void> {
    const made = await trx('ticket_categories')
      .insert({ category_code: category.code, ...columnsOf(category) })
      .onConflict('category_code')
      .ignore()
      .returning('category_code');
    if (made.length === 0)
      throw new HotlineError('already-exists', '此编码已用过，不能再用。', { field: 'code' });
  }

  /** Throws `stale-version`. */
  async update(trx: Knex, category: CategoryState): Promise<void> {
    const changed = await trx('ticket_categories')
      .where({ category_code: category.code, version: category.version })
      .update({ ...columnsOf(category), active: category.active, version: category.version + 1 });
    if (changed === 0) throw new HotlineError('stale-version', '该类别已被他人修改，请刷新后再试。');
  }

  async catalogue(trx: Knex = this.db): Promise<CatalogueState[]> {
    return trx('dispatch_catalogue as d')
      .join('ticket_categories as c', 'c.category_code', 'd.category_code')
      .orderBy(['d.category_code', 'd.area_code'])
      .select({
        categoryCode: 'd.category_code',
        categoryName: 'c.name',
        areaCode: 'd.area_code',
        unitId: 'd.unit_id',
        version: 'd.version',
      });
  }

  /** Puts a row in the place of the one with `version` (0: there is none). Throws `stale-version`. */
  async put(trx: Knex, row: Omit<CatalogueState, 'categoryName'>): Promise<void> {
    const where = { category_code: row.categoryCode, area_code: row.areaCode };
    const values = { unit_id: row.unitId, version: row.version + 1 };
    const changed =
      row.version === 0
        ? (
            await trx('dispatch_catalogue')
              .insert({ ...where, ...values })
              .onConflict(['category_code', 'area_code'])
              .ignore()
              .returning('unit_id')
          ).length
        : await trx('dispatch_catalogue')
            .where({ ...where, version: row.version })
            .update(values);
    if (changed === 0) throw stale();
  }

  async remove(trx: Knex, row: Pick<CatalogueState, 'categoryCode' | 'areaCode' | 'version'>): Promise<void> {
    const removed = await trx('dispatch_catalogue')
      .where({ category_code: row.categoryCode, area_code: row.areaCode, version: row.version })
      .delete();
    if (removed === 0) throw stale();
  }
}

const stale = () => new HotlineError('stale-version', '派单目录的这一行已被他人修改，请刷新后再试。');

const columnsOf = ({ parentCode, name, utility, regulation }: Omit<NewCategory, 'code'>) => ({
  ...{ parent_code: parentCode, name, utility },
  regulation_days: regulation?.workingDays ?? null,
  regulation_name: regulation?.name ?? null,
});

function toState(row: TreeRow): CategoryState {
  const { regulation_days: workingDays, regulation_name: name } = row;
  return {
    code: row.category_code,
    version: row.version,
    parentCode: row.parent_code,
    name: row.name,
    utility: row.utility,
    regulation: workingDays !== null && name !== null ? { workingDays, name } : null,
    active: row.active,
  };
}
