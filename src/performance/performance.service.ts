import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { CountRow, GroupBy, PerformanceStore, Span } from './performance.store';
import { FIGURE_CODES, periodOf, rateOf, type Count, type FigureCode } from './ticket-figures';
import { ranked, scoreOf, type Counts, type Scheme, type ScoreRow } from './unit-score';

export interface PerformanceParts {
  store: PerformanceStore;
  audit: Pick<AuditStore, 'append'>;
  clock: Clock;
  /** What a group is called; null for one unknown here. */
  nameOf(by: GroupBy, key: string): Promise<string | null>;
}

/** A figure of a group: over everything, and without the excluded work orders (剔除). */
export interface FigureView {
  figure: FigureCode;
  of: number;
  hit: number;
  rate: number | null;
  withoutExcluded: { of: number; hit: number; rate: number | null };
}

export interface UnitScore {
  unitId: string;
  name: string;
  /** Without the excluded work orders: the one that is ranked. */
  score: number | null;
  /** Over everything. */
  scoreOfAll: number | null;
  points: { figure: FigureCode; points: number | null }[];
  figures: FigureView[];
}

/** 绩效考核 (P1): figures, scores and ranks of a month or year; a unit sees its own only. */
export class Performance {
  constructor(private readonly parts: PerformanceParts) {}

  /** The figures of a period by group. Throws nothing of its own. */
  async figures(period: string, by: GroupBy, caller: Caller) {
    const rows = await this.parts.store.counts(this.span(period, scopeOf(caller)), by);
    const keys = [...new Set(rows.map(({ key }) => key))].sort();
    const groups = keys.map(async (key) => ({
      key,
      name: by === 'city' ? '全市' : ((await this.parts.nameOf(by, key)) ?? key),
      figures: viewsOf(rows.filter((row) => row.key === key)),
    }));
    return { period, by, groups: await Promise.all(groups) };
  }

  /** Every unit's score by the scheme in force, ranked; units with nothing due apart. */
  async scores(period: string, caller: Caller) {
    const { store, nameOf } = this.parts;
    // All of them, so that a unit's own rank is its rank among all.
    const rows = await store.counts(this.span(period, null), 'unit');
    const { scheme, closed } = await this.schemeOf(period);
    const keys = [...new Set(rows.map(({ key }) => key))].filter((key) => key !== '').sort();
    const units = keys.map(async (unitId): Promise<UnitScore> => {
      const own = rows.filter(({ key }) => key === unitId);
      const { score, points } = scoreOf(scheme.rows, countsOf(own, true));
      return {
        ...{ unitId, name: (await nameOf('unit', unitId)) ?? unitId, score, points },
        scoreOfAll: scoreOf(scheme.rows, countsOf(own, false)).score,
        figures: viewsOf(own),
      };
    });
    const { ranked: all, apart } = ranked(await Promise.all(units));
    const scope = scopeOf(caller);
    const shown = <T extends { unitId: string }>(list: T[]) =>
      list.filter(({ unitId }) => scope === null || unitId === scope);
    return { period, closed, scheme, unitsRanked: all.length, ranked: shown(all), apart: shown(apart) };
  }

  /** The work orders behind a figure, newest first. */
  async tickets(
    period: string,
    figure: FigureCode,
    only: {
      unitId?: string | undefined;
      areaCode?: string | undefined;
      categoryCode?: string | undefined;
      hit?: boolean | undefined;
    },
    page: { before: { number: string; ref: string } | null; limit: number },
    caller: Caller,
  ) {
    const span = this.span(period, scopeOf(caller) ?? only.unitId ?? null);
    const rows = await this.parts.store.tickets(span, figure, only, page.before, page.limit + 1);
    const last = rows.length > page.limit ? rows[page.limit - 1] : undefined;
    return {
      items: rows.slice(0, page.limit).map((row) => ({
        ref: row.ref,
        ticketId: row.ticket_id,
        number: row.number,
        title: row.title,
        unitId: row.unit_id,
        at: row.at.toISOString(),
        hit: row.hit,
        excluded: row.excluded,
      })),
      nextCursor: last ? `${last.number}_${last.ref}` : null,
    };
  }

  /**
   * Closes a month that is over: its rows stay as they are, with the scheme in force; appeals and exclusions decided later
   * change them by recorded corrections only. Throws `wrong-state`.
   */
  async close(month: string, words: string, caller: Caller): Promise<void> {
    const { store, audit, clock } = this.parts;
    const at = clock.now();
    const span = this.span(month, null);
    if (span.to > at) throw new HotlineError('wrong-state', '当月尚未结束，不能结账。', { month });
    const { scheme } = await this.schemeOf(month);
    const { personId: who, name, address } = caller;
    const closed = {
      ...{ month, scheme_version: scheme.version, words, at, by_id: who, by_name: name },
    };
    await store.command(async (trx) => {
      if (!(await store.close(trx, span, closed)))
        throw new HotlineError('wrong-state', '当月已经结账。', { month });
      const facts = { schemeVersion: scheme.version, words };
      await audit.append({ who, action: 'performance.close', subject: month, facts, address }, trx);
    });
  }

  /** A new version; closed months keep theirs. */
  async addScheme(
    given: { name: string; validFrom: string; rows: readonly ScoreRow[] },
    caller: Caller,
  ): Promise<{ version: number }> {
    const { store, audit, clock } = this.parts;
    const by = { id: caller.personId, name: caller.name };
    return store.command(async (trx) => {
      const version = await store.addScheme(trx, { ...given, at: clock.now(), by });
      const entry = { who: by.id, action: 'performance.scheme', subject: String(version) };
      await audit.append({ ...entry, facts: { ...given }, address: caller.address }, trx);
      return { version };
    });
  }

  /** A closed month's own; for a year, that of its last month that has begun. */
  private async schemeOf(period: string): Promise<{ scheme: Scheme; closed: boolean }> {
    const { store, clock } = this.parts;
    const [closed, schemes] = await Promise.all([store.closedMonths(), store.schemes()]);
    const { months } = periodOf(period);
    const begun = months.filter((month) => periodOf(month).from <= clock.now());
    const last = begun.at(-1) ?? months[0] ?? period;
    const frozen = closed.find(({ month }) => month === last);
    const inForce = [...schemes]
      .filter(({ valid_from }) => valid_from <= last)
      .sort((one, other) =>
        one.valid_from === other.valid_from
          ? other.version - one.version
          : other.valid_from < one.valid_from
            ? -1
            : 1,
      );
    const row = frozen
      ? schemes.find(({ version }) => version === frozen.scheme_version)
      : (inForce[0] ?? schemes.at(-1));
    if (!row) throw new HotlineError('not-found', '没有适用的考核方案。', { period });
    const { version, name, valid_from: validFrom, rows } = row;
    return {
      scheme: { version, name, validFrom, rows },
      closed: months.every((month) => closed.some((each) => each.month === month)),
    };
  }

  private span(period: string, unitId: string | null): Span {
    return { ...periodOf(period), now: this.parts.clock.now(), unitId };
  }
}

/** Which unit's a caller is kept to; null for everybody else. A clerk without a unit sees none. */
export const scopeOf = (caller: Caller): string | null =>
  caller.role === 'unit' ? (caller.unitId ?? '') : null;

function viewsOf(rows: readonly CountRow[]): FigureView[] {
  return FIGURE_CODES.map((figure) => {
    const row = rows.find((each) => each.figure === figure);
    const all: Count = { of: row?.n ?? 0, hit: row?.hits ?? 0 };
    const counted: Count = { of: row?.n_counted ?? 0, hit: row?.hits_counted ?? 0 };
    return {
      figure,
      ...all,
      rate: rateOf(figure, all),
      withoutExcluded: { ...counted, rate: rateOf(figure, counted) },
    };
  });
}

function countsOf(rows: readonly CountRow[], withoutExcluded: boolean): Counts {
  return Object.fromEntries(
    rows.map(({ figure, n, hits, n_counted, hits_counted }) => [
      figure,
      withoutExcluded ? { of: n_counted, hit: hits_counted } : { of: n, hit: hits },
    ]),
  );
}
