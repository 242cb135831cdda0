import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import type { Database } from '../platform/postgres';
import type { TicketRow } from '../tickets/ticket-row';
import type { AttemptRow, FollowUpRow } from './evaluation-row';
import { EVALUABLE, roundOf, type FollowUpState } from './follow-up';
import type { SurveyChannel } from './survey';

const TICKET = [
  'number',
  'title',
  'type',
  'confidential',
  'citizen_name',
  'caller_number',
  'contact_number',
  'lead_unit_name',
  'urgency',
] as const;

/** A task with what its list shows of the work order. */
export type ListedFollowUp = FollowUpRow &
  Pick<TicketRow, (typeof TICKET)[number]> & { ticket_version: number };

export interface FollowUpFilter {
  states: readonly FollowUpState[];
  takenBy?: string | undefined;
  overdueAt?: Date | undefined;
}

/** Tables `follow_ups`, `follow_up_attempts` and `survey_links` (E1). `trx` belongs to the command's transaction. */
export class FollowUpStore {
  constructor(private readonly db: Database) {}

  /** Makes the task of a conclusion; the same conclusion makes it once. */
  async make(trx: Knex, row: FollowUpRow): Promise<boolean> {
    const made = await trx('follow_ups')
      .insert(row)
      .onConflict(['ticket_id', 'round'])
      .ignore()
      .returning('follow_up_id');
    return made.length > 0;
  }

  async find(followUpId: string): Promise<FollowUpRow | null> {
    return (await this.db<FollowUpRow>('follow_ups').where({ follow_up_id: followUpId }).first()) ?? null;
  }

  async ofRound(ticketId: string, round: number): Promise<FollowUpRow | null> {
    return (await this.db<FollowUpRow>('follow_ups').where({ ticket_id: ticketId, round }).first()) ?? null;
  }

  ofTicket(ticketId: string): Promise<FollowUpRow[]> {
    return this.db<FollowUpRow>('follow_ups').where({ ticket_id: ticketId }).orderBy('round');
  }

  attemptsOf(followUpIds: readonly string[]): Promise<AttemptRow[]> {
    return this.db<AttemptRow>('follow_up_attempts').whereIn('follow_up_id', followUpIds).orderBy('number');
  }

  /** Oldest first, after the last one of the page before. */
  list(
    { states, takenBy, overdueAt }: FollowUpFilter,
    after: { at: Date; id: string } | null,
    limit: number,
  ): Promise<ListedFollowUp[]> {
    const query = this.db('follow_ups as f')
      .join('tickets as t', 't.ticket_id', 'f.ticket_id')
      .whereIn('f.state', [...states])
      .orderBy([{ column: 'f.made_at' }, { column: 'f.follow_up_id' }])
      .limit(limit)
      .select<ListedFollowUp[]>(
        'f.*',
        't.version as ticket_version',
        ...TICKET.map((column) => `t.${column}`),
      );
    if (takenBy) void query.where('f.taken_by', takenBy);
    if (overdueAt) void query.where('f.due_at', '<', overdueAt);
    if (after) void query.whereRaw('(f.made_at, f.follow_up_id) > (?, ?)', [after.at, after.id]);
    return query;
  }

  /** Changes a task that is still the version its caller saw; false when it is not. */
  async change(
    trx: Knex,
    followUpId: string,
    version: number,
    changes: Partial<FollowUpRow>,
  ): Promise<boolean> {
    const changed = await trx<FollowUpRow>('follow_ups')
      .where({ follow_up_id: followUpId, version })
      .update({ ...changes, version: version + 1 });
    return changed > 0;
  }

  /** The matter goes on without its follow-up. */
  async cancel(trx: Knex, ticketId: string, at: Date): Promise<void> {
    await trx<FollowUpRow>('follow_ups')
      .where({ ticket_id: ticketId })
      .whereIn('state', ['open', 'taken'])
      .update({ state: 'cancelled', ended_at: at, version: trx.raw('version + 1') });
  }

  /** A result ends the task of its round, whoever has it. */
  async end(
    trx: Knex,
    of: { ticketId: string; round: number; evaluationId: string; at: Date },
  ): Promise<void> {
    await trx<FollowUpRow>('follow_ups')
      .where({ ticket_id: of.ticketId, round: of.round })
      .update({
        state: 'done',
        evaluation_id: of.evaluationId,
        ended_at: of.at,
        version: trx.raw('version + 1'),
      });
  }

  async addAttempt(trx: Knex, attempt: AttemptRow): Promise<void> {
    await trx('follow_up_attempts').insert(attempt);
  }

  /** Keeps a link by the hash of its token, so that nobody who reads the table can answer for a citizen. */
  async addLink(
    trx: Knex,
    token: string,
    link: { ticketId: string; round: number; channel: SurveyChannel; at: Date; expiresAt: Date },
  ): Promise<void> {
    await trx('survey_links').insert({
      token_hash: hashed(token),
      ticket_id: link.ticketId,
      round: link.round,
      channel: link.channel,
      made_at: link.at,
      expires_at: link.expiresAt,
    });
  }

  /** The link of a token, if it has not expired and its matter is still in the round it was made for. */
  async link(
    token: string,
    now: Date,
  ): Promise<{ ticket: TicketRow; round: number; channel: SurveyChannel } | null> {
    const link = await this.db('survey_links')
      .where({ token_hash: hashed(token) })
      .where('expires_at', '>', now)
      .first<{ ticket_id: string; round: number; channel: SurveyChannel }>();
    const ticket =
      link &&
      (await this.db<TicketRow>('tickets')
        .where({ ticket_id: link.ticket_id })
        .whereIn('state', [...EVALUABLE])
        .first());
    return ticket && roundOf(ticket) === link.round
      ? { ticket, round: link.round, channel: link.channel }
      : null;
  }
}

const hashed = (token: string): string => createHash('sha256').update(token).digest('hex');
