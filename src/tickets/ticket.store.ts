import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { cityDay } from '../deadlines/city-time';
import { chained, FIRST_HASH } from '../platform/hash-chain';
import { ticketNumber } from './ticket-number';
import type { TicketFile } from './ticket-decision';
import type { MeetingRow, PartRow, RequestRow, TicketRow, TimelineRow, UrgeRow } from './ticket-row';
import type { TicketState } from './ticket';
import { timelineRecord } from './timeline-record';

export interface TimelineEntry {
  at: Date;
  kind: string;
  words: string;
  by: { id: string; name: string } | null;
  facts?: Record<string, unknown>;
}

/** Columns that hold JSON: arrays must be written as text, else they would become PostgreSQL arrays. */
const JSON_COLUMNS = ['skipped', 'pauses', 'due_limit'] as const;
const OPEN_PARTS = ['dispatched', 'acknowledged'] as const;

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

  /** The ticket that another platform's number has made in a channel, with the number taken for this transaction. */
  async findByExternal(trx: Knex, channel: TicketRow['channel'], number: string): Promise<TicketRow | null> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 1))', [`${channel}:${number}`]);
    return (await trx<TicketRow>('tickets').where({ channel, external_number: number }).first()) ?? null;
  }

  async insert(trx: Knex, row: TicketRow): Promise<void> {
    await trx('tickets').insert(row);
  }

  async find(ticketId: string, trx: Knex = this.db): Promise<TicketRow | null> {
    return (await trx<TicketRow>('tickets').where({ ticket_id: ticketId }).first()) ?? null;
  }

  /** Locks tickets (in one order, so that two commands never wait for each other) and reads the first with its parts. */
  async lockFile(trx: Knex, ticketId: string, alsoLock: readonly string[] = []): Promise<TicketFile | null> {
    const rows = await trx<TicketRow>('tickets')
      .whereIn('ticket_id', [ticketId, ...alsoLock])
      .orderBy('ticket_id')
      .forUpdate();
    const ticket = rows.find(({ ticket_id }) => ticket_id === ticketId);
    if (!ticket) return null;
    const parts = await trx<PartRow>('ticket_parts')
      .where({ ticket_id: ticketId, current: true })
      .orderBy([{ column: 'role', order: 'desc' }, 'part_id']);
    const requests = await trx<RequestRow>('ticket_requests')
      .whereIn(
        'part_id',
        parts.map(({ part_id }) => part_id),
      )
      .orderBy('asked_at');
    const last = await trx('ticket_parts').where({ ticket_id: ticketId }).max('round as round').first();
    return {
      ticket,
      parts,
      requests,
      rounds: Number((last as { round: number | null } | undefined)?.round ?? 0),
    };
  }

  async findByNumber(number: string): Promise<TicketRow | null> {
    return (await this.db<TicketRow>('tickets').where({ number }).first()) ?? null;
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

  /**
   * Adds the timeline row of a command; its number and the hash before it come from the ticket, whose row this locks
   * (G1: the chain breaks where a row is changed, removed or put in). Answers the row's number.
   */
  async writeTimeline(trx: Knex, ticketId: string, entry: TimelineEntry): Promise<number> {
    const [head] = await trx<TicketRow>('tickets')
      .where({ ticket_id: ticketId })
      .update({ timeline_seq: trx.raw('timeline_seq + 1'), updated_at: entry.at })
      .returning(['timeline_seq', 'timeline_hash']);
    if (!head) throw new Error(`no ticket ${ticketId} for a timeline row`);
    const row = {
      ticket_id: ticketId,
      seq: head.timeline_seq,
      at: entry.at,
      kind: entry.kind,
      words: entry.words,
      by_id: entry.by?.id ?? null,
      by_name: entry.by?.name ?? null,
      // As it will be read back.
      facts: JSON.parse(JSON.stringify(entry.facts ?? {})) as Record<string, unknown>,
    };
    const previous = head.timeline_hash ?? FIRST_HASH;
    const hash = chained(previous, timelineRecord(row));
    await trx('ticket_timeline').insert({
      ...row,
      facts: JSON.stringify(row.facts),
      previous_hash: previous,
      hash,
    });
    await trx<TicketRow>('tickets').where({ ticket_id: ticketId }).update({ timeline_hash: hash });
    return row.seq;
  }

  async insertPart(trx: Knex, part: PartRow): Promise<void> {
    await trx('ticket_parts').insert(asColumns(part));
  }

  async updatePart(trx: Knex, partId: string, changes: Partial<PartRow>): Promise<void> {
    await trx('ticket_parts').where({ part_id: partId }).update(asColumns(changes));
  }

  async insertRequest(trx: Knex, request: RequestRow): Promise<void> {
    await trx('ticket_requests').insert(request);
  }

  async updateRequest(trx: Knex, requestId: string, changes: Partial<RequestRow>): Promise<void> {
    await trx('ticket_requests').where({ request_id: requestId }).update(changes);
  }

  async insertUrge(trx: Knex, urge: UrgeRow): Promise<void> {
    await trx('ticket_urges').insert(urge);
  }

  async insertMeeting(trx: Knex, meeting: MeetingRow): Promise<void> {
    await trx('joint_meetings').insert(meeting);
  }

  /** Open parts whose due dates were counted on an older calendar than this. */
  async staleParts(version: number, limit: number): Promise<PartRow[]> {
    return this.db<PartRow>('ticket_parts')
      .whereIn('state', [...OPEN_PARTS])
      .where('calendar_version', '<', version)
      .orderBy('calendar_version')
      .limit(limit);
  }

  /** Locks one part that a unit still works on, together with its ticket; null when it is no longer so. */
  async lockOpenPart(trx: Knex, partId: string): Promise<{ ticket: TicketRow; part: PartRow } | null> {
    const found = await trx<PartRow>('ticket_parts').where({ part_id: partId }).first();
    if (!found) return null;
    const ticket = await trx<TicketRow>('tickets').where({ ticket_id: found.ticket_id }).forUpdate().first();
    const part = await trx<PartRow>('ticket_parts')
      .where({ part_id: partId, current: true })
      .whereIn('state', [...OPEN_PARTS])
      .forUpdate()
      .first();
    return ticket && part ? { ticket, part } : null;
  }

  /** Locks one part with its ticket, whatever its state. */
  async lockPart(trx: Knex, partId: string): Promise<{ ticket: TicketRow; part: PartRow } | null> {
    const part = await trx<PartRow>('ticket_parts').where({ part_id: partId }).first();
    if (!part) return null;
    const ticket = await trx<TicketRow>('tickets').where({ ticket_id: part.ticket_id }).forUpdate().first();
    return ticket ? { ticket, part } : null;
  }

  timeline(ticketId: string): Promise<TimelineRow[]> {
    return this.db<TimelineRow>('ticket_timeline').where({ ticket_id: ticketId }).orderBy('seq');
  }
}

function asColumns(part: Partial<PartRow>): Record<string, unknown> {
  const columns: Record<string, unknown> = { ...part };
  for (const name of JSON_COLUMNS)
    if (columns[name] !== undefined && columns[name] !== null) columns[name] = JSON.stringify(columns[name]);
  return columns;
}
