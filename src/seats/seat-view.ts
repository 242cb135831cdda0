import { z } from 'zod';
import { NOT_READY_REASONS, SEAT_STATES, type NotReadyReason } from './seat';

const reason = z.enum(Object.keys(NOT_READY_REASONS) as [NotReadyReason, ...NotReadyReason[]]);

/** A seat in the API's documents. Instants are ms since the epoch. */
export const seatView = z.object({
  seatId: z.string(),
  name: z.string(),
  account: z.string(),
  telephone: z.string().nullable(),
  skills: z.array(z.string()),
  state: z.enum(SEAT_STATES),
  since: z.number(),
  notReadyReason: reason.nullable(),
  callId: z.string().nullable(),
  leaseUntil: z.number().nullable(),
  idleSince: z.number(),
  wrapUpUntil: z.number().nullable(),
  notReadyNext: reason.nullable(),
  phoneReachable: z.boolean(),
});
