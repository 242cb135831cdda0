import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { CLOSED_STATES } from '../tickets/ticket';
import { MOST_REQUESTS, type PublishedRow, type RequestsQuery, type Shown } from './open311';

export interface KeyRow {
  key_id: string;
  key_hash: string;
  name: string;
  contact: string;
  created_at: Date;
  created_by: string;
  revoked_at: Date | null;
}

export interface SentRequest {
  ticket_id: string;
  token: string;
  key_id: string;
  at: Date;
  description: string;
  sender: Record<string, string>;
}

/** Tables `open311_keys` and `open311_requests`, and what is published of work orders. */
export class Open311Store {
  constructor(private readonly db: Database) {}

  async keyByHash(hash: string): Promise<KeyRow | null> {
    return (
      (await this.db<KeyRow>('open311_keys').where({ key_hash: hash, revoked_at: null }).first()) ?? null
    );
  }

  keys(): Promise<KeyRow[]> {
    return this.db<KeyRow>('open311_keys').orderBy('created_at');
  }

  /** `beside` (audit) joins in. */
  async addKey(row: KeyRow, beside: (trx: Knex.Transaction) => Promise<void>): Promise<void> {
    await this.db.transaction(async (trx) => {
      await trx('open311_keys').insert(row);
      await beside(trx);
    });
  }

  /** Answers false when there is no such key in use. */
  async revokeKey(
    keyId: string,
    at: Date,
    beside: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      const revoked = await trx('open311_keys')
        .where({ key_id: keyId, revoked_at: null })
        .update({ revoked_at: at });
      if (revoked > 0) await beside(trx);
      return revoked > 0;
    });
  }

  /** Part of the command that opens the work order. */
  async keep(trx: Knex, request: SentRequest): Promise<void> {
    await trx('open311_requests').insert({ ...request, sender: JSON.stringify(request.sender) });
  }

  async numberByToken(token: string): Promise<string | null> {
    const row = await this.db('open311_requests as r')
      .join('tickets as t', 't.ticket_id', 'r.ticket_id')
      .where('r.token', token)
      .first<{ number: string } | undefined>('t.number');
    return row?.number ?? null;
  }

  /** What may be published, newest first: by numbers, or made in [from, to). */
  async published(
    query: Pick<RequestsQuery, 'service_code' | 'status'> & { numbers?: readonly string[] },
    span: { from: Date; to: Date },
    shown: Shown,
  ): Promise<PublishedRow[]> {
    const found = this.db('tickets as t')
      .join('ticket_categories as c', 'c.category_code', 't.category_code')
      .where('t.confidential', false)
      .whereNot('t.type', 'report')
      .whereNotIn('t.state', ['draft', 'discarded']);
    if (shown === 'own') void found.join('open311_requests as r', 'r.ticket_id', 't.ticket_id');
    else void found.leftJoin('open311_requests as r', 'r.ticket_id', 't.ticket_id');
    if (query.numbers) void found.whereIn('t.number', query.numbers);
    else void found.where('t.opened_at', '>=', span.from).where('t.opened_at', '<', span.to);
    if (query.service_code) void found.whereIn('t.category_code', query.service_code);
    const states = new Set(query.status);
    if (states.size === 1)
      void found[states.has('closed') ? 'whereIn' : 'whereNotIn']('t.state', CLOSED_STATES);
    return found
      .orderBy('t.opened_at', 'desc')
      .limit(MOST_REQUESTS)
      .select<PublishedRow[]>(
        ...['t.number', 't.state', 't.title', 'r.description', 't.category_code', 'c.name as category_name'],
        ...[
          't.lead_unit_name',
          't.answer',
          't.refusal_explanation',
          't.address',
          't.longitude',
          't.latitude',
        ],
        ...['t.opened_at', 't.updated_at', 't.due_at'],
      );
  }
}
