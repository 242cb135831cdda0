import { z } from 'zod';
import type { OfferOutcome } from '../events';
import { NOT_READY_REASONS, SEAT_STATES, type NotReadyReason } from '../seats/seat';
import { WINDOW_FIGURES, WINDOW_FIGURE_KEYS, type WindowFigure } from './definitions';

const instant = z.number().describe('自 1970 年起的毫秒数（UTC）');

const figure = (key: WindowFigure) => {
  const { name, formula, standard } = WINDOW_FIGURES[key];
  return z
    .number()
    .nullable()
    .describe(`${name}：${formula}${standard ? `。${standard}` : ''}`);
};
const figures = z.object(
  Object.fromEntries(WINDOW_FIGURE_KEYS.map((key) => [key, figure(key)])) as Record<
    WindowFigure,
    ReturnType<typeof figure>
  >,
);
const group = {
  waiting: z.int(),
  longestSince: instant.nullable(),
  last24h: figures,
  today: figures,
};
const OUTCOMES = [
  'answered',
  'no-answer',
  'rejected',
  'caller-gone',
  'unreachable',
  'lost',
  'withdrawn',
] as const satisfies OfferOutcome[];

/** The board in the API's documents: every figure with its formula. */
export const boardView = z.object({
  at: instant,
  standby: z.boolean().describe('本实例为备用，数字来自正在控制交换机的实例'),
  complete: z.boolean().describe('启动后近 24 小时的记录是否已读回'),
  total: z.object(group),
  queues: z.array(z.object({ queue: z.string(), name: z.string(), ...group })),
  lines: z.array(z.object({ lineId: z.string(), name: z.string(), ...group })),
  seats: z.array(
    z.object({
      seatId: z.string(),
      name: z.string(),
      state: z.enum(SEAT_STATES),
      since: instant,
      notReadyReason: z
        .enum(Object.keys(NOT_READY_REASONS) as [NotReadyReason, ...NotReadyReason[]])
        .nullable(),
      missed: z.enum(OUTCOMES).nullable(),
      phoneReachable: z.boolean(),
    }),
  ),
  seatsByState: z.record(z.enum(SEAT_STATES), z.int()),
  callbacksOwed: z.int().nullable(),
  trend: z.array(
    z.object({
      from: instant,
      offered: z.int(),
      answered: z.int(),
      abandoned: z.int(),
      diverted: z.int(),
      connectedRate: z.number().nullable(),
      inTimeRate: z.number().nullable(),
    }),
  ),
});
