import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Database } from '../platform/postgres';
import type { ComparedTicket, DuplicateWeights } from './duplicate';
import type { TicketState, TicketType } from './ticket';

export interface AlikeRow {
  ticket_id: string;
  number: string;
  title: string;
  state: TicketState;
  type: TicketType;
  category_code: string;
  parent_code: string | null;
  area_code: string | null;
  township: string;
  address: string;
  longitude: number | null;
  latitude: number | null;
  caller_number: string | null;
  contact_number: string | null;
  lead_unit_name: string | null;
  opened_at: Date;
  /** Of title and content. */
  words: string[] | null;
}

export interface WeightsVersion {
  version: number;
  weights: DuplicateWeights;
}

/** Each way of being alike gives so many of the newest at most; every way is one walk along an index. */
const MOST_EACH = 60;
const LEFT_OUT: readonly TicketState[] = ['draft', 'merged', 'discarded'];

/** Work orders that may be the same matter, and the weights by which that is judged (table `duplicate_weights`). */
export class DuplicateStore {
  constructor(private readonly db: Database) {}

  /**
   * Work orders with one of these numbers, of this category in this place, or with these words (a `tsquery`), numbered
   * from `since` on; newest of each.
   */
  async alike(
    asked: Pick<ComparedTicket, 'numbers' | 'categoryCode' | 'areaCode'> & { query: string | null },
    since: string,
  ): Promise<AlikeRow[]> {
    const newest = (narrow: (query: Knex.QueryBuilder) => void) => {
      const query = this.db('tickets as t').where('t.number', '>=', since).whereNotIn('t.state', LEFT_OUT);
      narrow(query);
      return query.orderBy('t.number', 'desc').limit(MOST_EACH).select('t.ticket_id');
    };
    const ways = [
      newest((query) =>
        query.where('t.area_code', asked.areaCode).where('t.category_code', asked.categoryCode),
      ),
      ...asked.numbers.flatMap((number) => [
        newest((query) => query.where('t.caller_number', number)),
        newest((query) => query.where('t.contact_number', number)),
      ]),
    ];
    if (asked.query !== null)
      ways.push(
        this.db('ticket_search as s')
          .where('s.number', '>=', since)
          .whereRaw('s.words @@ ?::tsquery', [asked.query])
          .orderBy('s.number', 'desc')
          .limit(MOST_EACH)
          .select('s.ticket_id'),
      );
    return this.db('tickets as t')
      .join('ticket_categories as c', 'c.category_code', 't.category_code')
      .leftJoin('ticket_search as s', 's.ticket_id', 't.ticket_id')
      .whereIn('t.ticket_id', this.db.union(ways, true))
      .whereNotIn('t.state', LEFT_OUT)
      .select<AlikeRow[]>([
        ...['t.ticket_id', 't.number', 't.title', 't.state', 't.type', 't.category_code', 'c.parent_code'],
        ...['t.area_code', 't.township', 't.address', 't.longitude', 't.latitude', 't.caller_number'],
        ...['t.contact_number', 't.lead_unit_name', 't.opened_at'],
        this.db.raw(`tsvector_to_array(ts_filter(s.words, '{a,b}')) as words`),
      ]);
  }

  /** The city's own weights; null while it has none. */
  async weights(): Promise<WeightsVersion | null> {
    const row = await this.db('duplicate_weights')
      .orderBy('version', 'desc')
      .first<WeightsVersion | undefined>('version', 'weights');
    return row ?? null;
  }

  /** Puts new weights after `version`. Throws `stale-version` when somebody was faster. `beside` (audit) joins in. */
  async replace(
    version: number,
    weights: DuplicateWeights,
    note: { at: Date; id: string; name: string },
    beside: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<void> {
    await this.db.transaction(async (trx) => {
      const made = await trx('duplicate_weights')
        .insert({
          version: version + 1,
          weights: JSON.stringify(weights),
          ...{ at: note.at, by_id: note.id, by_name: note.name },
        })
        .onConflict('version')
        .ignore()
        .returning('version');
      const before = await trx('duplicate_weights').where({ version }).first('version');
      if (made.length === 0 || (version > 0 && !before))
        throw new HotlineError('stale-version', '查重权重已被他人修改，请刷新后再试。');
      await beside(trx);
    });
  }
}
