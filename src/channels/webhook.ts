import { z } from 'zod';
import type { TicketEvent } from '../events';

/** What may be subscribed to. `ticketMoved` is every step that has no name of its own; its payload says which (`what`). */
export const WEBHOOK_EVENTS = [
  'ticketOpened',
  'ticketDispatched',
  'ticketDueSoon',
  'ticketMoved',
] as const satisfies TicketEvent['kind'][];
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

const url = z.url({ protocol: /^https?$/ }).max(500);
const events = z
  .array(z.enum(WEBHOOK_EVENTS))
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .refine((all) => new Set(all).size === all.length, '事件重复');

export const webhookInput = z.strictObject({ url, events });
export type WebhookInput = z.infer<typeof webhookInput>;
export const webhookChange = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  active: z.boolean().optional(),
  version: z.int().min(1),
});
export type WebhookChange = z.infer<typeof webhookChange>;

/** A subscription; its secret is told only when it is made. */
export const webhookView = z.object({
  webhookId: z.string(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  active: z.boolean(),
  version: z.int(),
  createdAt: z.date(),
  createdByName: z.string(),
  failingSince: z.date().nullable().describe('自此刻起没有一次投递成功'),
  disabledWhy: z.string().nullable(),
});
export type Webhook = z.infer<typeof webhookView>;

/** One attempt. `status`: what the receiver answered, null when it did not. */
export const attempt = z.object({
  at: z.string(),
  status: z.int().nullable(),
  ms: z.number(),
  fault: z.string().nullable(),
});
export type Attempt = z.infer<typeof attempt>;

export const deliveryView = z.object({
  deliveryId: z.string(),
  eventId: z.string().describe('重复投递时不变，接收方据此去重'),
  event: z.enum(WEBHOOK_EVENTS),
  body: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  createdAt: z.date(),
  nextAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  log: z.array(attempt),
});
export type WebhookDelivery = z.infer<typeof deliveryView>;

/** What happened to a work order, as it is written with its timeline row. */
export interface TicketHappening {
  eventId: string;
  what: string;
  at: Date;
  number: string;
  state: string;
  openedAt: Date;
  dueAt: Date | null;
}

const NAMED: Record<string, WebhookEvent> = {
  opened: 'ticketOpened',
  dispatched: 'ticketDispatched',
  dueSoon: 'ticketDueSoon',
};

/** The event that a kind of timeline row is. */
export function webhookEventOf(what: string): WebhookEvent {
  return (Object.hasOwn(NAMED, what) && NAMED[what]) || 'ticketMoved';
}

/** The text that is sent: which work order, what happened, its state and instants. Nothing of the citizen or the matter. */
export function webhookBody({ eventId, what, at, number, state, openedAt, dueAt }: TicketHappening): string {
  return JSON.stringify({
    id: eventId,
    event: webhookEventOf(what),
    what,
    at: at.toISOString(),
    ticket: {
      number,
      state,
      openedAt: openedAt.toISOString(),
      dueAt: dueAt?.toISOString() ?? null,
    },
  });
}

/** Pauses after the first, second … failure, in seconds; the last one goes on. */
const PAUSES = [10, 30, 120, 600, 1800, 3600, 7200, 14_400];

/** When to try again after so many failures of one delivery. */
export function nextTry(tries: number, now: Date): Date {
  const pause = PAUSES[Math.min(tries, PAUSES.length) - 1] ?? PAUSES[0] ?? 0;
  return new Date(now.getTime() + pause * 1000);
}
