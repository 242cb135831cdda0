import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { cityDay } from '../deadlines/city-time';
import { ticketNumber } from './ticket-number';
import type { PartRow, TicketRow, TimelineRow } from './ticket-row';
import type { TicketState } from './ticket';

export interface TimelineEntry {
  at: Date;
  kind: string;
  words: string;
  by: { id: string; name: string } | null;
  facts?: Record<string, unknown>;
}

/** The ticket's own tables, written. Every method that takes `trx` belongs to the one transaction of a command. */
export class TicketStore {
  constructor(private readonly db: Database) {}

  /** Runs one command: all of it or nothing. */
  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** The next number of the day, unique in the city: the counter's row is locked until the command ends. */
  async nextNumber(trx: Knex, at: Date): Promise<string> {
    const day = cityDay(at);
    const { rows } = await trx.raw<{ rows: { last: number }[] }>(
      `insert into ticket_counters as c (day, last) values (?, 1)
       on conflict (day) do update set last = c.last + 1 returning last`,
      [day],
    );
    return ticketNumber(day, rows[0]?.last ?? 1);
  }

  /**
   * The ticket that a request key has made. Takes the key for this transaction first, so that a repeated request waits
   * for the one before it instead of failing on the unique column.
   */
  async findByRequest(trx: Knex, key: string): Promise<TicketRow | null> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [key]);
    return (await trx<TicketRow>('tickets').where({ request_key: key }).first()) ?? null;
  }

  async insert(trx: Knex, row: TicketRow): Promise<void> {
    await trx('tickets').insert(row);
  }

  async find(ticketId: string, trx: Knex = this.db): Promise<TicketRow | null> {
    return (await trx<TicketRow>('tickets').where({ ticket_id: ticketId }).first()) ?? null;
  }

  /**
   * Moves a ticket on, if it is still what the caller saw: one statement decides between two who act at once. Answers
   * null, and changes nothing, when the version or the state is another.
   */
  async move(
    trx: Knex,
    expected: { ticketId: string; version: number; from: readonly TicketState[] },
    changes: Partial<TicketRow>,
  ): Promise<TicketRow | null> {
    const [row] = await trx<TicketRow>('tickets')
      .where({ ticket_id: expected.ticketId, version: expected.version })
      .whereIn('state', [...expected.from])
      .update({ ...changes, version: expected.version + 1 })
      .returning('*');
    return row ?? null;
  }

  /** Changes a ticket that is locked by this transaction already, without a new version (the system's own doing). */
  async amend(trx: Knex, ticketId: string, changes: Partial<TicketRow>): Promise<void> {
    await trx<TicketRow>('tickets').where({ ticket_id: ticketId }).update(changes);
  }

  /** Adds the timeline row of a command; its number comes from the ticket, whose row this locks. */
  async writeTimeline(trx: Knex, ticketId: string, entry: TimelineEntry): Promise<void> {
    const [row] = await trx<TicketRow>('tickets')
      .where({ ticket_id: ticketId })
      .update({ timeline_seq: trx.raw('timeline_seq + 1'), updated_at: entry.at })
      .returning('timeline_seq');
    if (!row) throw new Error(`no ticket ${ticketId} for a timeline row`);
    await trx('ticket_timeline').insert({
      ticket_id: ticketId,
      seq: row.timeline_seq,
      at: entry.at,
      kind: entry.kind,
      words: entry.words,
      by_id: entry.by?.id ?? null,
      by_name: entry.by?.name ?? null,
      facts: JSON.stringify(entry.facts ?? {}),
    });
  }

  async insertPart(trx: Knex, part: PartRow): Promise<void> {
    await trx('ticket_parts').insert({ ...part, skipped: JSON.stringify(part.skipped) });
  }

  async updatePart(
    trx: Knex,
    partId: string,
    changes: Partial<Omit<PartRow, 'skipped'>> & { skipped?: PartRow['skipped'] },
  ) {
    const { skipped, ...rest } = changes;
    await trx('ticket_parts')
      .where({ part_id: partId })
      .update({ ...rest, ...(skipped ? { skipped: JSON.stringify(skipped) } : {}) });
  }

  /** Open parts whose due dates were counted on an older calendar than this. */
  async staleParts(version: number, limit: number): Promise<PartRow[]> {
    return this.db<PartRow>('ticket_parts')
      .where({ state: 'dispatched' })
      .where('calendar_version', '<', version)
      .orderBy('calendar_version')
      .limit(limit);
  }

  /** Locks one part of an open ticket, together with its ticket; null when it is no longer open. */
  async lockOpenPart(trx: Knex, partId: string): Promise<{ ticket: TicketRow; part: PartRow } | null> {
    const found = await trx<PartRow>('ticket_parts').where({ part_id: partId }).first();
    if (!found) return null;
    const ticket = await trx<TicketRow>('tickets').where({ ticket_id: found.ticket_id }).forUpdate().first();
    const part = await trx<PartRow>('ticket_parts')
      .where({ part_id: partId, state: 'dispatched' })
      .forUpdate()
      .first();
    return ticket && part && ticket.state === 'dispatched' ? { ticket, part } : null;
  }

  timeline(ticketId: string): Promise<TimelineRow[]> {
    return this.db<TimelineRow>('ticket_timeline').where({ ticket_id: ticketId }).orderBy('seq');
  }
}
