import type { Caller } from '../platform/http-route';
import { HotlineError } from '../errors';
import { inputOf, type Line, type LineInput } from './line';
import { type LineColumn, readHeader, readRow } from './line-columns';
import type { SheetRow } from './line-sheet.adapter';
import { sameInput } from './line.store';
import type { LineService } from './line.service';

/** What became of one row; `row` is its number in the sheet. */
export interface ImportedRow {
  row: number;
  outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  name: string;
  lineId: string | null;
  /** Why it was refused, in Chinese, with the stable code. */
  reason: string | null;
  code: string | null;
  clause: string | null;
}

export interface ImportReport {
  dryRun: boolean;
  counts: Record<ImportedRow['outcome'], number>;
  rows: ImportedRow[];
}

/**
 * Takes a sheet of lines row by row: each row succeeds or is refused by itself, with its reason. A row with 编号 changes
 * that line (if 版本 is given it must still be that version); a row without changes the line of the same name, owner and
 * days, or makes a new one. A dry run says what would happen, rows that collide with earlier rows included.
 */
export class LineImport {
  constructor(private readonly lines: LineService) {}

  /** Throws `invalid-input` when the header is not one of lines. */
  async take(sheet: readonly SheetRow[], dryRun: boolean, caller: Caller): Promise<ImportReport> {
    const [head, ...rows] = sheet;
    const columns = readHeader(head?.cells ?? []);
    if (typeof columns === 'string') throw new HotlineError('invalid-input', columns, { field: 'header' });
    const planned = new Map(this.lines.list().map((line) => [line.lineId, line]));
    const report: ImportReport = {
      dryRun,
      counts: { created: 0, changed: 0, unchanged: 0, refused: 0 },
      rows: [],
    };
    for (const row of rows) {
      const taken = await this.row(row, columns, planned, dryRun ? null : caller);
      report.counts[taken.outcome] += 1;
      report.rows.push(taken);
    }
    return report;
  }

  private async row(
    row: SheetRow,
    columns: (LineColumn | null)[],
    planned: Map<string, Line>,
    caller: Caller | null,
  ): Promise<ImportedRow> {
    const name = (row.cells[columns.indexOf('name')] ?? '').trim().slice(0, 60);
    const refused = (reason: string, code: string, clause: string | null = null): ImportedRow => ({
      row: row.number,
      outcome: 'refused',
      name,
      lineId: null,
      reason,
      code,
      clause,
    });
    if (row.fault) return refused(row.fault, 'invalid-input');
    const read = readRow(columns, row.cells, (lineId) => planned.get(lineId) ?? null);
    if (typeof read === 'string') return refused(read, 'invalid-input');
    try {
      const before = meant(read.lineId, read.input, planned);
      if (before && read.version !== null && read.version !== before.version)
        return refused(`该热线现在是版本${before.version}，表中是版本${read.version}`, 'stale-version');
      const { line, outcome } = await this.apply(before, read.input, row.number, planned, caller);
      planned.set(line.lineId, line);
      const lineId = outcome === 'created' && !caller ? null : line.lineId;
      return { row: row.number, outcome, name: line.name, lineId, reason: null, code: null, clause: null };
    } catch (fault) {
      if (!(fault instanceof HotlineError) || fault.code === 'store-unavailable') throw fault;
      return refused(
        fault.detail,
        fault.code,
        typeof fault.facts.clause === 'string' ? fault.facts.clause : null,
      );
    }
  }

  private async apply(
    before: Line | null,
    input: LineInput,
    rowNumber: number,
    planned: Map<string, Line>,
    caller: Caller | null,
  ): Promise<{ line: Line; outcome: 'created' | 'changed' | 'unchanged' }> {
    const checked = this.lines.check(input, before?.lineId ?? null, [...planned.values()]);
    if (before && sameInput(checked, inputOf(before))) return { line: before, outcome: 'unchanged' };
    const outcome = before ? 'changed' : 'created';
    if (!caller)
      return {
        line: { ...checked, lineId: before?.lineId ?? `row-${rowNumber}`, version: before?.version ?? 1 },
        outcome,
      };
    const line = before
      ? await this.lines.change(before.lineId, before.version, checked, caller)
      : await this.lines.create(checked, caller);
    return { line, outcome };
  }
}

function meant(lineId: string | null, input: LineInput, planned: ReadonlyMap<string, Line>): Line | null {
  if (lineId) return planned.get(lineId) ?? null;
  const same = (line: Line) =>
    line.name === input.name && line.owner === input.owner && line.firstDay === input.firstDay;
  return [...planned.values()].find(same) ?? null;
}
