import { randomBytes, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Webhook, WebhookChange, WebhookDelivery, WebhookInput } from './webhook';
import type { WebhookDeliveryStore } from './webhook-delivery.store';
import type { WebhookSender } from './webhook-sender.adapter';
import type { WebhookStore } from './webhook.store';

/** Subscriptions as administrators see and change them; each change is in the audit trail. */
export class Webhooks {
  constructor(
    private readonly parts: {
      store: WebhookStore;
      deliveries: WebhookDeliveryStore;
      sender: Pick<WebhookSender, 'faultOf'>;
      audit: Pick<AuditStore, 'append'>;
      clock: Clock;
      /** Something is to be sent: now instead of at the next sweep. */
      hurry(): void;
    },
  ) {}

  all(): Promise<Webhook[]> {
    return this.parts.store.all();
  }

  /** Makes a subscription; its secret is told this once. Throws `invalid-input` for an address that is not allowed. */
  async create(input: WebhookInput, caller: Caller): Promise<Webhook & { secret: string }> {
    this.checked(input.url);
    const secret = newSecret();
    const webhook: Webhook = {
      webhookId: randomUUID(),
      ...input,
      ...{ active: true, version: 1, failingSince: null, disabledWhy: null },
      ...{ createdAt: this.parts.clock.now(), createdByName: caller.name },
    };
    await this.parts.store.command(async (trx) => {
      await this.parts.store.insert(trx, webhook, secret);
      await this.audit(trx, caller, 'webhook.create', webhook.webhookId, { ...input });
    });
    return { ...webhook, secret };
  }

  /** Changes address, events, or whether it is active. Throws `stale-version`, `not-found`, `invalid-input`. */
  async change(webhookId: string, { version, ...changes }: WebhookChange, caller: Caller): Promise<Webhook> {
    if (changes.url !== undefined) this.checked(changes.url);
    return this.changed(webhookId, version, changes, caller, { action: 'webhook.change', facts: changes });
  }

  /** Gives it another secret, told this once; the former one is worth nothing from now on. */
  async newSecret(webhookId: string, version: number, caller: Caller): Promise<Webhook & { secret: string }> {
    const secret = newSecret();
    const noted = { action: 'webhook.new-secret', facts: {} };
    return { ...(await this.changed(webhookId, version, { secret }, caller, noted)), secret };
  }

  /** Deletes a subscription and its log. Throws `not-found`. */
  async remove(webhookId: string, caller: Caller): Promise<void> {
    await this.parts.store.command(async (trx) => {
      if (!(await this.parts.store.remove(trx, webhookId))) throw unknown();
      await this.audit(trx, caller, 'webhook.remove', webhookId, {});
    });
  }

  /** The newest deliveries. Throws `not-found`. */
  async deliveries(
    webhookId: string,
    filter: { state?: WebhookDelivery['state'] | undefined; limit: number },
  ): Promise<WebhookDelivery[]> {
    if (!(await this.parts.store.find(webhookId))) throw unknown();
    return this.parts.deliveries.list(webhookId, filter.state, filter.limit);
  }

  /** Sends a delivery again that has ended. Throws `wrong-state` when it waits already, or is not there. */
  async again(webhookId: string, deliveryId: string, caller: Caller): Promise<void> {
    const { deliveries, store, clock } = this.parts;
    await store.command(async (trx) => {
      if (!(await deliveries.again(trx, webhookId, deliveryId, clock.now())))
        throw new HotlineError('wrong-state', '没有这次投递，或正在投递');
      await this.audit(trx, caller, 'webhook.redeliver', webhookId, { deliveryId });
    });
    this.parts.hurry();
  }

  private async changed(
    webhookId: string,
    version: number,
    changes: Parameters<WebhookStore['change']>[3],
    caller: Caller,
    noted: { action: string; facts: Record<string, unknown> },
  ): Promise<Webhook> {
    const changed = await this.parts.store.command(async (trx) => {
      const webhook = await this.parts.store.change(trx, webhookId, version, changes);
      if (webhook) await this.audit(trx, caller, noted.action, webhookId, noted.facts);
      return webhook;
    });
    if (changed) {
      this.parts.hurry();
      return changed;
    }
    const now = await this.parts.store.find(webhookId);
    if (!now) throw unknown();
    throw new HotlineError('stale-version', '订阅已被他人修改，请刷新', { version: now.version });
  }

  private checked(url: string): void {
    const fault = this.parts.sender.faultOf(url);
    if (fault) throw new HotlineError('invalid-input', fault);
  }

  private audit(
    trx: Knex.Transaction,
    caller: Caller,
    action: string,
    subject: string,
    facts: Record<string, unknown>,
  ): Promise<void> {
    return this.parts.audit.append(
      { who: caller.personId, action, subject, facts, address: caller.address },
      trx,
    );
  }
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64url')}`;
}

function unknown(): HotlineError {
  return new HotlineError('not-found', '没有这个订阅');
}
