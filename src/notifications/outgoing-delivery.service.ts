import type { Clock } from '../platform/clock';
import type { Logger } from '../platform/logger';
import { templateOf } from './message-template';
import type { MessageTemplateStore } from './message-template.store';
import type { MessageCarrier, CarriedMessage, Outcome } from './message-carrier';
import { mayLeaveAt, nextAttempt, type MessageChannel, type OutgoingPolicy } from './outgoing';
import type { OutgoingRow, OutgoingStore } from './outgoing.store';

/**
 * Brings a message to its carrier, exactly once as far as the carrier allows. It is taken under a claim first, sent with
 * the message's id as serial number, and marked after. A service that dies between sending and marking leaves a claim
 * that lapses; whoever takes the message then asks the carrier whether it has it already (a carrier that cannot say gets
 * it again under the same serial number).
 */
export class OutgoingDelivery {
  constructor(
    private readonly parts: {
      store: OutgoingStore;
      templates: MessageTemplateStore;
      carriers: Partial<Record<MessageChannel, MessageCarrier>>;
      policy: OutgoingPolicy;
      clock: Clock;
      log: Logger;
    },
  ) {}

  /** Harmless when repeated: what is not to be sent now is left alone. */
  async deliver(messageId: string): Promise<void> {
    const { store, policy, clock } = this.parts;
    const now = clock.now();
    const due = await store.find(messageId);
    if (!due) return;
    const leaves = mayLeaveAt(now, due, policy.quiet);
    if (leaves > now) return store.postpone(messageId, now, leaves);
    const row = await store.take(messageId, now, new Date(now.getTime() + policy.claimMs));
    if (row) await this.settle(row, await this.attempt(row));
  }

  private async attempt(row: OutgoingRow): Promise<Outcome> {
    const carrier = this.parts.carriers[row.channel];
    if (!carrier) return { kind: 'refused', again: true, words: '该渠道未启用' };
    // Its services have died one after the other: it may be its own doing.
    if (tried(row) > this.parts.policy.attempts)
      return { kind: 'refused', again: false, words: '发送多次中断' };
    try {
      const { providerCode } = await this.parts.templates.current(row.template);
      const message = carried(row, providerCode);
      if (row.unsure && (await carrier.wasTaken?.(message))) return { kind: 'taken', providerId: null };
      return await carrier.send(message);
    } catch (fault) {
      this.parts.log.warn({ err: fault, messageId: row.message_id }, 'message: attempt failed');
      return { kind: 'unsure', words: '发送中断，结果未知' };
    }
  }

  private async settle(row: OutgoingRow, outcome: Outcome): Promise<void> {
    const { store, policy, clock } = this.parts;
    const at = clock.now();
    if (outcome.kind === 'taken') return store.taken(row.message_id, outcome.providerId, at);
    const unsure = outcome.kind === 'unsure';
    const again = unsure || outcome.again ? nextAttempt(at, tried(row), policy) : null;
    await store.missed(row, { again, why: outcome.words.slice(0, 300), unsure, at });
  }
}

/** Attempts since it was written, or since somebody asked for it again. */
const tried = (row: OutgoingRow): number => row.attempts - row.attempts_before;

function carried(row: OutgoingRow, providerCode: string): CarriedMessage {
  return {
    messageId: row.message_id,
    address: row.address,
    template: row.template,
    providerCode,
    title: templateOf(row.template).title,
    text: row.text,
    params: row.params,
    createdAt: row.created_at,
  };
}
