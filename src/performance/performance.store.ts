import type { Knex } from 'knex';
import { CITY_ZONE } from '../platform/clock';
import type { Database } from '../platform/postgres';
import { FIGURE_CODES, figureOf, type FigureBase, type FigureCode } from './ticket-figures';
import type { ScoreRow } from './unit-score';

/** Where the rows of a figure come from: its tables, what it counts, and whose it is. */
const BASES: Record<FigureBase, { from: string; ref: string; unit: string; standing: string }> = {
  ticket: { from: 'tickets t', ref: 't.ticket_id', unit: 't.lead_unit_id', standing: 'true' },
  part: {
    from: 'ticket_parts p join tickets t on t.ticket_id = p.ticket_id',
    ref: 'p.part_id',
    unit: 'p.unit_id',
    standing: 'true',
  },
  evaluation: {
    from: `evaluations e join tickets t on t.ticket_id = e.ticket_id
           left join unreasonable_demands u on u.ticket_id = t.ticket_id and u.lifted_at is null`,
    ref: 'e.evaluation_id',
    unit: 'e.unit_id',
    standing: 'e.final',
  },
};
/** What takes a result out of the count, beside not being the last one. */
const COUNTED = "e.outcome = 'evaluated' and e.counts and u.demand_id is null";

const KEYS = {
  city: `''`,
  unit: `coalesce(r.unit_id, '')`,
  area: `coalesce(r.area_code, '')`,
  category: 'r.category_code',
} as const;
export type GroupBy = keyof typeof KEYS;

/** What is asked: rows that count in [from, to), at the instant `now`, of one unit or of all. */
export interface Span {
  from: Date;
  to: Date;
  months: readonly string[];
  now: Date;
  unitId: string | null;
}

export interface CountRow {
  figure: FigureCode;
  key: string;
  n: number;
  hits: number;
  n_counted: number;
  hits_counted: number;
}

export interface FigureTicket {
  ref: string;
  ticket_id: string;
  number: string;
  title: string;
  unit_id: string | null;
  at: Date;
  hit: boolean;
  excluded: boolean;
}

export interface ClosedMonth {
  month: string;
  scheme_version: number;
  words: string;
  at: Date;
  by_id: string;
  by_name: string;
}

export interface SchemeRow {
  version: number;
  name: string;
  valid_from: string;
  rows: ScoreRow[];
  at: Date;
  by_name: string;
}

/** Closing a month and correcting a closed one exclude each other. */
const LOCK = 12_345_062;

/** The figures' rows: live from the work orders' tables, or from a closed month as it was frozen and since corrected. */
export class PerformanceStore {
  constructor(private readonly db: Database) {}

  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** How often each figure was due and met, by group; `…counted` without the excluded work orders. */
  async counts(span: Span, by: GroupBy): Promise<CountRow[]> {
    const { sql, bindings } = await this.rows(span, FIGURE_CODES);
    const { rows } = await this.db.raw<{ rows: CountRow[] }>(
      `with r as (${sql})
       select figure, ${KEYS[by]} as key, count(*)::int as n, count(*) filter (where hit)::int as hits,
              count(*) filter (where not excluded)::int as n_counted,
              count(*) filter (where hit and not excluded)::int as hits_counted
         from r where (cast(:unitId as text) is null or unit_id = :unitId) group by 1, 2`,
      bindings,
    );
    return rows;
  }

  /** The rows behind a figure, by work order number, newest first, after the last one of the page before. */
  async tickets(
    span: Span,
    figure: FigureCode,
    only: { areaCode?: string | undefined; categoryCode?: string | undefined; hit?: boolean | undefined },
    before: { number: string; ref: string } | null,
    limit: number,
  ): Promise<FigureTicket[]> {
    const { sql, bindings } = await this.rows(span, [figure]);
    const { rows } = await this.db.raw<{ rows: FigureTicket[] }>(
      `with r as (${sql})
       select r.ref, r.ticket_id, r.number, t.title, r.unit_id, r.at, r.hit, r.excluded
         from r join tickets t on t.ticket_id = r.ticket_id
        where (cast(:unitId as text) is null or r.unit_id = :unitId)
          and (cast(:areaCode as text) is null or coalesce(r.area_code, '') = :areaCode)
          and (cast(:categoryCode as text) is null or r.category_code = :categoryCode)
          and (cast(:hit as boolean) is null or r.hit = :hit)
          and (cast(:number as text) is null or (r.number, r.ref) < (:number, :ref))
        order by r.number desc, r.ref desc limit :limit`,
      {
        ...bindings,
        ...{
          areaCode: only.areaCode ?? null,
          categoryCode: only.categoryCode ?? null,
          hit: only.hit ?? null,
        },
        ...{ number: before?.number ?? null, ref: before?.ref ?? null, limit },
      },
    );
    return rows;
  }

  /** Closed months, newest first. */
  closedMonths(): Promise<ClosedMonth[]> {
    return this.db<ClosedMonth>('performance_months').orderBy('month', 'desc');
  }

  /** Freezes a month: its rows as they are now. False when it is closed already. */
  async close(trx: Knex, span: Span, closed: ClosedMonth): Promise<boolean> {
    await trx.raw('select pg_advisory_xact_lock(?)', [LOCK]);
    const made = await trx('performance_months')
      .insert(closed)
      .onConflict('month')
      .ignore()
      .returning('month');
    if (made.length === 0) return false;
    await trx.raw(
      `insert into performance_rows
         (month, figure, ref, ticket_id, number, unit_id, at, area_code, category_code, hit, excluded)
       ${live(FIGURE_CODES, ':month, ')}`,
      { ...bind(span, []), month: closed.month },
    );
    return true;
  }

  /**
   * Brings the closed months' rows of a work order to what an appeal, a ruling or an exclusion has made of it, each change
   * as a correction beside it. What else has happened since leaves a closed month as it is.
   */
  async correct(
    trx: Knex,
    {
      ticketId,
      cause,
      words,
      at,
      by,
    }: {
      ticketId: string;
      cause: 'appeal' | 'exclusion' | 'demand';
      words: string;
      at: Date;
      by: { id: string; name: string };
    },
  ): Promise<void> {
    await trx.raw('select pg_advisory_xact_lock_shared(?)', [LOCK]);
    await trx.raw(
      `with now as (${cause === 'exclusion' ? EXCLUDED_NOW : RATED_NOW}),
            changed as (
              select w.month, w.figure, w.ref, w.ticket_id, w.unit_id, n.counts, n.hit, n.excluded,
                     jsonb_build_object('counts', w.counts, 'hit', w.hit, 'excluded', w.excluded) as before
                from performance_rows w join now n on n.month = w.month and n.figure = w.figure and n.ref = w.ref
               where (w.counts, w.hit, w.excluded) is distinct from (n.counts, n.hit, n.excluded)),
            updated as (
              update performance_rows w set counts = c.counts, hit = c.hit, excluded = c.excluded
                from changed c where w.month = c.month and w.figure = c.figure and w.ref = c.ref)
       insert into performance_corrections
         (month, figure, ref, ticket_id, unit_id, before, after, cause, words, at, by_id, by_name)
       select month, figure, ref, ticket_id, unit_id, before,
              jsonb_build_object('counts', counts, 'hit', hit, 'excluded', excluded),
              :cause, :words, cast(:at as timestamptz), :byId, :byName from changed`,
      { ticketId, cause, words, at, byId: by.id, byName: by.name },
    );
  }

  /** Newest first, of one unit or of all. */
  corrections(
    month: string,
    { unitId, before }: { unitId: string | null; before: string | null },
    limit: number,
  ): Promise<CorrectionRow[]> {
    const query = this.db<CorrectionRow>('performance_corrections')
      .where({ month })
      .orderBy('correction_seq', 'desc')
      .limit(limit);
    if (unitId !== null) void query.where({ unit_id: unitId });
    if (before !== null) void query.where('correction_seq', '<', before);
    return query;
  }

  /** Newest first. */
  schemes(): Promise<SchemeRow[]> {
    return this.db<SchemeRow>('score_schemes').orderBy('version', 'desc');
  }

  async addScheme(
    trx: Knex,
    scheme: {
      name: string;
      validFrom: string;
      rows: readonly ScoreRow[];
      at: Date;
      by: { id: string; name: string };
    },
  ): Promise<number> {
    const [made] = await trx('score_schemes')
      .insert({
        ...{
          name: scheme.name,
          valid_from: scheme.validFrom,
          rows: JSON.stringify(scheme.rows),
          at: scheme.at,
        },
        ...{ by_id: scheme.by.id, by_name: scheme.by.name },
      })
      .returning<{ version: number }[]>('version');
    return made?.version ?? 0;
  }

  /** Live rows of the months that are open, frozen ones of those that are closed. */
  private async rows(span: Span, codes: readonly FigureCode[]) {
    const months = await this.closedMonths();
    const closed = months.map(({ month }) => month).filter((month) => span.months.includes(month));
    const frozen = `select figure, ref, ticket_id, number, unit_id, at, area_code, category_code, hit, excluded
                      from performance_rows where counts and month = any(:closed)`;
    const sql = `${live(codes)} union all ${codes.length === 1 ? `${frozen} and figure = '${codes[0]}'` : frozen}`;
    return { sql, bindings: bind(span, closed) };
  }
}

export interface CorrectionRow {
  correction_seq: string;
  month: string;
  figure: FigureCode;
  ref: string;
  ticket_id: string;
  unit_id: string | null;
  before: { counts: boolean; hit: boolean; excluded: boolean };
  after: { counts: boolean; hit: boolean; excluded: boolean };
  cause: 'appeal' | 'exclusion' | 'demand';
  words: string;
  at: Date;
  by_name: string;
}

const bind = ({ from, to, now, unitId }: Span, closed: readonly string[]) => ({
  ...{ from, to, now, unitId, zone: CITY_ZONE },
  closed: [...closed],
});

/** One query over all figures: a row for each thing that counts, in months that are not closed. */
function live(codes: readonly FigureCode[], first = ''): string {
  const inOpenMonth = (at: string) =>
    first ? 'true' : `to_char(${at} at time zone :zone, 'YYYY-MM') <> all(:closed)`;
  return codes
    .map((code) => {
      const { base, at, of, hit, unit } = figureOf(code);
      const { from, ref, unit: whose, standing } = BASES[base];
      return `select ${first}'${code}' as figure, ${ref} as ref, t.ticket_id, t.number,
                     ${unit === 'city' ? 'cast(null as text)' : whose} as unit_id, ${at} as at, t.area_code,
                     t.category_code, coalesce(${hit ?? 'false'}, false) as hit,
                     t.excluded_reason is not null as excluded
                from ${from}
               where ${at} >= :from and ${at} < :to and ${standing}
                 and ${base === 'evaluation' ? COUNTED : 'true'} and (${of}) and ${inOpenMonth(at)}`;
    })
    .join(' union all ');
}

/** The rows of one work order as an exclusion or its revocation leaves them. */
const EXCLUDED_NOW = `select w.month, w.figure, w.ref, w.counts, w.hit, t.excluded_reason is not null as excluded
                        from performance_rows w join tickets t on t.ticket_id = w.ticket_id
                       where w.ticket_id = :ticketId`;

/** The rows of one work order's results as an appeal or a ruling leaves them, superseded since or not. */
const RATED_NOW = FIGURE_CODES.filter((code) => figureOf(code).base === 'evaluation')
  .map((code) => {
    const { of, hit } = figureOf(code);
    return `select w.month, w.figure, w.ref, (${COUNTED} and (${of})) as counts, coalesce(${hit}, false) as hit, w.excluded
              from performance_rows w join (${BASES.evaluation.from}) on e.evaluation_id = w.ref
             where w.ticket_id = :ticketId and w.figure = '${code}'`;
  })
  .join(' union all ');
