import type { Database } from '../platform/postgres';

export interface Category {
  code: string;
  parentCode: string | null;
  name: string;
  utility: boolean;
  /** T4: the matter's own regulation for complaints and reports. */
  regulation: { workingDays: number; name: string } | null;
  /** A leaf can be chosen for a ticket. */
  leaf: boolean;
}

interface CategoryRow {
  category_code: string;
  parent_code: string | null;
  name: string;
  utility: boolean;
  regulation_days: number | null;
  regulation_name: string | null;
  leaf: boolean;
}

export interface CatalogueEntry {
  categoryCode: string;
  /** Empty: the whole city. */
  areaCode: string;
  unitId: string;
}

/** The category tree and the dispatch catalogue (派单目录: category × place → unit, R2). */
export class CategoryStore {
  constructor(private readonly db: Database) {}

  async all(): Promise<Category[]> {
    return (await this.read().orderBy('category_code')).map(toCategory);
  }

  async find(code: string): Promise<Category | null> {
    const row = await this.read().where({ category_code: code }).first();
    return row ? toCategory(row) : null;
  }

  /** A category with everything below it, what is no longer in use too: old work orders have it. */
  async below(code: string): Promise<string[]> {
    const { rows } = await this.db.raw<{ rows: { category_code: string }[] }>(
      `with recursive tree as (
         select category_code from ticket_categories where category_code = ?
         union select c.category_code from ticket_categories c join tree on c.parent_code = tree.category_code)
       select category_code from tree`,
      [code],
    );
    return rows.map(({ category_code }) => category_code);
  }

  catalogue(): Promise<CatalogueEntry[]> {
    return this.db('dispatch_catalogue')
      .select({ categoryCode: 'category_code', areaCode: 'area_code', unitId: 'unit_id' })
      .orderBy(['category_code', 'area_code']);
  }

  /** The catalogue's rows for a matter in a place: the place's own row first, then the city's. */
  candidates(categoryCode: string, areaCode: string | null): Promise<CatalogueEntry[]> {
    return this.db('dispatch_catalogue')
      .select({ categoryCode: 'category_code', areaCode: 'area_code', unitId: 'unit_id' })
      .where({ category_code: categoryCode })
      .whereIn('area_code', areaCode ? [areaCode, ''] : [''])
      .orderBy('area_code', 'desc');
  }

  private read() {
    return this.db('ticket_categories as c')
      .select<CategoryRow[]>(
        'c.*',
        this.db.raw(
          'not exists (select 1 from ticket_categories k where k.parent_code = c.category_code) as leaf',
        ),
      )
      .where({ active: true });
  }
}

function toCategory(row: CategoryRow): Category {
  return {
    code: row.category_code,
    parentCode: row.parent_code,
    name: row.name,
    utility: row.utility,
    regulation:
      row.regulation_days && row.regulation_name
        ? { workingDays: row.regulation_days, name: row.regulation_name }
        : null,
    leaf: row.leaf,
  };
}
