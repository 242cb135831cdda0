import type { Database } from '../platform/postgres';
import type { MessageChannel, OutgoingState } from './outgoing';
import type { OutgoingRow } from './outgoing.store';
import type { TemplateCode } from './message-template';

export interface OutgoingFilter {
  state?: OutgoingState | undefined;
  channel?: MessageChannel | undefined;
  template?: TemplateCode | undefined;
  ticketId?: string | undefined;
  unitId?: string | undefined;
  /** As it is kept: a canonical number or an e-mail address. */
  address?: string | undefined;
  /** Written in [from, to). */
  from?: Date | undefined;
  to?: Date | undefined;
  /** Leaves out citizens of confidential work orders: a search by number must not find them. */
  identityShown?: boolean;
}

/** A message, and whether its work order hides who the citizen is. */
export type ReadMessage = OutgoingRow & { ticket_type: string | null; ticket_confidential: boolean | null };

/** Table `outgoing_messages`, read; looks into `tickets` for what must stay hidden. */
export class OutgoingReadStore {
  constructor(private readonly db: Database) {}

  /** Written before the one of sequence number `before`, newest first. */
  list(filter: OutgoingFilter, before: string | null, limit: number): Promise<ReadMessage[]> {
    const query = this.read().orderBy('m.seq', 'desc').limit(limit);
    const { state, channel, template, ticketId, unitId, address, from, to } = filter;
    const equal = {
      'm.state': state,
      'm.channel': channel,
      'm.template': template,
      'm.ticket_id': ticketId,
      'm.unit_id': unitId,
      'm.address': address,
    };
    for (const [column, value] of Object.entries(equal)) if (value !== undefined) query.where(column, value);
    if (from) query.where('m.created_at', '>=', from);
    if (to) query.where('m.created_at', '<', to);
    if (before) query.where('m.seq', '<', before);
    if (filter.identityShown)
      query.whereRaw(`(t.ticket_id is null or not (t.confidential or t.type = 'report'))`);
    return query;
  }

  async find(messageId: string): Promise<ReadMessage | null> {
    return (await this.read().where('m.message_id', messageId).first()) ?? null;
  }

  private read() {
    return this.db<OutgoingRow>('outgoing_messages as m')
      .leftJoin('tickets as t', 't.ticket_id', 'm.ticket_id')
      .select<ReadMessage[]>('m.*', { ticket_type: 't.type', ticket_confidential: 't.confidential' });
  }
}
