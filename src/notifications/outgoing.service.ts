import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import {
  cleanParams,
  renderMessage,
  type ParamsOf,
  type TemplateCode,
  type TemplateFor,
} from './message-template';
import type { MessageTemplateStore } from './message-template.store';
import type { InboxNotice } from './notice';
import { addressOf, mayLeaveAt, type Addressee, type OutgoingPolicy } from './outgoing';
import type { OutgoingStore } from './outgoing.store';

/** What one message says, and why it is sent. */
interface Cause<T extends TemplateCode> {
  template: T;
  params: ParamsOf<T>;
  ticketId: string | null;
  /** Id of what causes it (a timeline row, a timer, an outbox row): told once for each addressee. */
  sourceId: string;
}

/** A person of a unit whom messages may reach. */
export interface Clerk {
  mobile: string | null;
  email: string | null;
}

export interface OutgoingParts {
  store: OutgoingStore;
  templates: MessageTemplateStore;
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  /** The active people of a unit. */
  clerks(unitId: string): Clerk[];
  policy: OutgoingPolicy;
  clock: Clock;
  /** Told after the commit, to hurry; the sweep finds the row without it. */
  hurry(): void;
}

/**
 * Messages to citizens and units, written inside the transaction of the command that causes them: they are sent exactly
 * when it commits. A cause is told once for each channel and addressee, however often it is written.
 */
export class OutgoingMessages {
  constructor(private readonly parts: OutgoingParts) {}

  /**
   * Writes one message; answers its id, or null when its cause was told before. What cannot be sent (no mobile number, a
   * channel that is off) is kept with its reason and stops nobody. Throws an Error for parameters the template has not.
   */
  async write<T extends TemplateCode>(
    trx: Knex.Transaction,
    message: Cause<T> & { to: Addressee; unitId?: string },
  ): Promise<string | null> {
    const { template: code, to, ticketId, sourceId } = message;
    const now = this.parts.clock.now();
    const template = await this.parts.templates.current(code, trx);
    const params = cleanParams(code, message.params);
    const text = renderMessage(template.words, params);
    const { address, why } = addressOf(to, this.parts.policy);
    const fault = template.enabled ? why : '该类消息已停用';
    const messageId = await this.parts.store.insert(trx, {
      source_id: sourceId,
      channel: to.channel,
      address,
      unit_id: to.channel === 'inApp' ? to.unitId : (message.unitId ?? null),
      template: code,
      text,
      params,
      ticket_id: ticketId,
      state: fault ? 'skipped' : to.channel === 'inApp' ? 'delivered' : 'waiting',
      next_at: mayLeaveAt(now, { channel: to.channel, template: code }, this.parts.policy.quiet),
      why: fault ?? '',
      created_at: now,
    });
    if (messageId === null || fault) return messageId;
    if (to.channel === 'inApp') await this.putInInbox(trx, to.unitId, text, ticketId, messageId, now);
    else void trx.executionPromise.then(this.parts.hurry, () => undefined);
    return messageId;
  }

  /**
   * Tells a unit: its inbox (unless `inbox` is false, where the cause has its own notice there), and each of its people by
   * SMS and e-mail as far as they have them. Answers how many messages were written.
   */
  async writeToUnit<T extends TemplateFor<'unit'>>(
    trx: Knex.Transaction,
    { unitId, inbox, ...cause }: Cause<T> & { unitId: string; inbox: boolean },
  ): Promise<number> {
    const targets: Addressee[] = inbox ? [{ channel: 'inApp', unitId }] : [];
    for (const { mobile, email } of this.parts.clerks(unitId)) {
      if (mobile) targets.push({ channel: 'sms', number: mobile });
      if (email) targets.push({ channel: 'email', address: email });
    }
    let written = 0;
    for (const to of targets) if (await this.write(trx, { ...cause, to, unitId })) written += 1;
    return written;
  }

  private async putInInbox(
    trx: Knex,
    unitId: string,
    words: string,
    ticketId: string | null,
    sourceId: string,
    at: Date,
  ): Promise<void> {
    if (ticketId === null) throw new Error('a notice in the inbox belongs to a work order');
    await this.parts.inbox.add(trx, { unitId, kind: 'message', ticketId, words, sourceId, at });
  }
}
