import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Caller } from '../platform/http-route';
import {
  CATALOGUE_COLUMNS,
  readCatalogueCells,
  whyNotBelow,
  type CatalogueRow,
  type CategoryChange,
  type CategoryState,
  type NewCategory,
} from './catalogue';
import type { CatalogueState, CatalogueStore } from './catalogue.store';

export interface SheetLine {
  number: number;
  cells: string[];
  fault: string | null;
}

/** What became of one row of a sheet; `row` is its number there. */
export interface ImportedRow {
  row: number;
  outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  name: string;
  reason: string | null;
}

type Place = Pick<CatalogueState, 'categoryCode' | 'areaCode'>;

/** The category tree and the dispatch catalogue (R2), changed with their audit entry in one transaction. */
export class CatalogueService {
  constructor(
    private readonly deps: {
      store: CatalogueStore;
      units(): readonly { unitId: string; name: string }[];
      audit: Pick<AuditStore, 'append'>;
    },
  ) {}

  async tree(): Promise<CategoryState[]> {
    return [...(await this.deps.store.tree()).values()];
  }

  /** Throws `already-exists` (a code is never used again), `invalid-input` (where it is to stand). */
  add(category: NewCategory, by: Caller): Promise<CategoryState> {
    return this.deps.store.command(async (trx) => {
      await this.mustFit(trx, category.code, category.parentCode);
      await this.deps.store.insert(trx, category);
      const made = { ...category, version: 1, active: true };
      await this.audit(trx, 'category.create', `category:${category.code}`, { after: category }, by);
      return made;
    });
  }

  /** Renames, moves, takes out of use or back. Throws `not-found`, `stale-version`, `invalid-input`, `wrong-state`. */
  change(code: string, { version, ...change }: CategoryChange, by: Caller): Promise<CategoryState> {
    return this.deps.store.command(async (trx) => {
      const tree = await this.deps.store.tree(trx);
      const before = tree.get(code);
      if (!before) throw new HotlineError('not-found', '没有这个类别。');
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      const after: CategoryState = { ...before, ...given, version };
      if (after.parentCode !== before.parentCode || (after.active && !before.active))
        await this.mustFit(trx, code, after.parentCode);
      const below = [...tree.values()].filter((each) => each.parentCode === code && each.active);
      if (before.active && !after.active && below.length > 0)
        throw new HotlineError('wrong-state', '其下还有在用的类别，请先停用或移走。', {
          codes: below.map((each) => each.code),
        });
      await this.deps.store.update(trx, after);
      await this.audit(trx, 'category.change', `category:${code}`, { before, after }, by);
      return { ...after, version: version + 1 };
    });
  }

  async rows(): Promise<CatalogueRow[]> {
    const names = new Map(this.deps.units().map(({ unitId, name }) => [unitId, name]));
    return (await this.deps.store.catalogue()).map((row) => ({
      ...row,
      areaCode: row.areaCode || null,
      unitName: names.get(row.unitId) ?? null,
    }));
  }

  /** Puts a row, in the place of the one with `version` (0: a new one). Throws `invalid-input`, `stale-version`. */
  put(row: Place & { unitId: string; version: number }, by: Caller): Promise<void> {
    return this.deps.store.command((trx) => this.putIn(trx, row, by));
  }

  /** Throws `stale-version`, also when there is no such row any more. */
  remove(row: Place & { version: number }, by: Caller): Promise<void> {
    return this.deps.store.command(async (trx) => {
      await this.deps.store.remove(trx, row);
      await this.audit(trx, 'catalogue.remove', subjectOf(row), {}, by);
    });
  }

  /** Takes a sheet row by row; rows it does not name stay. A dry run only says what would become of them. */
  async take(sheet: readonly SheetLine[], dryRun: boolean, by: Caller): Promise<ImportedRow[]> {
    const [head, ...lines] = sheet;
    const columns = (head?.cells ?? []).map((cell) => cell.normalize('NFKC').trim());
    const missing = (['类别编码', '区县代码'] as const).filter((title) => !columns.includes(title));
    const unknown = columns.find((cell) => cell && !(CATALOGUE_COLUMNS as readonly string[]).includes(cell));
    if (missing.length > 0)
      throw new HotlineError('invalid-input', `表头缺少列：${missing.join('、')}`, { field: 'header' });
    if (unknown)
      throw new HotlineError('invalid-input', `表头中有无法识别的列：${unknown.slice(0, 20)}`, {
        field: 'header',
      });
    const report: ImportedRow[] = [];
    const seen = new Set<string>();
    for (const line of lines) report.push(await this.takeLine(columns, line, seen, dryRun, by));
    return report;
  }

  private async takeLine(
    columns: readonly string[],
    { number, cells, fault }: SheetLine,
    seen: Set<string>,
    dryRun: boolean,
    by: Caller,
  ): Promise<ImportedRow> {
    const read = fault ?? readCatalogueCells(columns, cells);
    if (typeof read === 'string') return { row: number, outcome: 'refused', name: '', reason: read };
    const name = `${read.categoryCode} ${read.areaCode || '全市'}`;
    if (seen.has(name)) return { row: number, outcome: 'refused', name, reason: '表中重复' };
    seen.add(name);
    try {
      const outcome = await this.deps.store.command(async (trx) => {
        const unitId = this.deps
          .units()
          .find(({ unitId: id, name: of }) => id === read.unit || of === read.unit)?.unitId;
        if (!unitId) throw new HotlineError('invalid-input', '没有这个单位');
        const before = (await this.deps.store.catalogue(trx)).find(
          (row) => row.categoryCode === read.categoryCode && row.areaCode === read.areaCode,
        );
        if (before?.unitId === unitId) return 'unchanged';
        const row = { ...read, unitId, version: before?.version ?? 0 };
        await this.mustBeUsable(trx, row);
        if (!dryRun) await this.putIn(trx, row, by);
        return before ? 'changed' : 'created';
      });
      return { row: number, outcome, name, reason: null };
    } catch (refused) {
      if (!(refused instanceof HotlineError) || refused.code === 'store-unavailable') throw refused;
      return { row: number, outcome: 'refused', name, reason: refused.detail };
    }
  }

  private async putIn(
    trx: Knex.Transaction,
    row: Place & { unitId: string; version: number },
    by: Caller,
  ): Promise<void> {
    await this.mustBeUsable(trx, row);
    const { categoryCode, areaCode, unitId, version } = row;
    const before = (await this.deps.store.catalogue(trx)).find(
      (each) => each.categoryCode === categoryCode && each.areaCode === areaCode,
    );
    await this.deps.store.put(trx, { categoryCode, areaCode, unitId, version });
    const facts = { before: before?.unitId ?? null, after: unitId };
    await this.audit(trx, 'catalogue.put', subjectOf(row), facts, by);
  }

  private async mustBeUsable(trx: Knex, { categoryCode, unitId }: Place & { unitId: string }): Promise<void> {
    const tree = await this.deps.store.tree(trx);
    const branch = [...tree.values()].some(({ parentCode, active }) => parentCode === categoryCode && active);
    if (!tree.get(categoryCode)?.active || branch)
      throw new HotlineError('invalid-input', '请选择在用的末级诉求类别。', { field: 'categoryCode' });
    if (!this.deps.units().some((unit) => unit.unitId === unitId))
      throw new HotlineError('invalid-input', '没有这个单位。', { field: 'unitId' });
  }

  private async mustFit(trx: Knex, code: string, parentCode: string | null): Promise<void> {
    const rows = await this.deps.store.catalogue(trx);
    const withUnits = new Set(rows.map((row) => row.categoryCode));
    const why = whyNotBelow(code, parentCode, await this.deps.store.tree(trx), withUnits);
    if (why) throw new HotlineError('invalid-input', why, { field: 'parentCode' });
  }

  private audit(
    trx: Knex.Transaction,
    action: string,
    subject: string,
    facts: Record<string, unknown>,
    by: Caller,
  ): Promise<void> {
    return this.deps.audit.append({ who: by.personId, action, subject, facts, address: by.address }, trx);
  }
}

const subjectOf = ({ categoryCode, areaCode }: Place): string =>
  `catalogue:${categoryCode}/${areaCode || 'city'}`;
