import { z } from 'zod';
import { HotlineError } from '../errors';
import { CONCLUDE_BOUNDS, RETURN_DAYS, type TimeLimits } from './time-limit';

const words = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\u0000]*$/);
const types = z.array(z.enum(['consultation', 'complaint', 'help', 'suggestion', 'report'])).min(1);
const urgencies = z.array(z.enum(['ordinary', 'urgent'])).min(1);
const hours = z.number().min(0.5).max(240);

/** A city's table of limits. What the notice fixes is checked here: T1's 2–5 days, T3's one day, T4's five for an opinion. */
export const timeLimits = z.strictObject({
  conclude: z
    .array(
      z.strictObject({
        clause: z.literal('T1'),
        types,
        urgencies,
        workingDays: z.int().min(CONCLUDE_BOUNDS.least).max(CONCLUDE_BOUNDS.most),
        words,
      }),
    )
    .min(1)
    .max(40),
  firstOpinion: z
    .array(
      z.strictObject({
        clause: z.literal('T4'),
        types,
        urgencies,
        workingDays: z.int().min(1).max(CONCLUDE_BOUNDS.most),
        words,
      }),
    )
    .max(20),
  returning: z.strictObject({ clause: z.literal('T3'), workingDays: z.literal(RETURN_DAYS), words }),
  redo: z.strictObject({ clause: z.literal('E1'), workingDays: z.int().min(1).max(15), words }),
  acknowledge: z.strictObject({ urgent: hours, ordinary: hours }),
  dispatchHours: z.strictObject({ urgent: hours, utility: hours, ordinary: hours }),
  pauses: z.array(z.strictObject({ rule: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/), words })).max(20),
});

export const limitChange = z.strictObject({
  version: z.int().min(0),
  reason: words,
  limits: timeLimits,
});

/** Throws `invalid-input` where a kind of work order would have no limit, or a complaint or report no first opinion (T4). */
export function checkWhole(limits: TimeLimits): void {
  for (const type of types.element.options)
    for (const urgency of urgencies.element.options) {
      const fits = (each: { types: readonly string[]; urgencies: readonly string[] }) =>
        each.types.includes(type) && each.urgencies.includes(urgency);
      if (!limits.conclude.some(fits))
        throw new HotlineError('invalid-input', '有的诉求类型没有办结期限（T1）。', { type, urgency });
      if ((type === 'complaint' || type === 'report') && !limits.firstOpinion.some(fits))
        throw new HotlineError('invalid-input', '投诉、举报须有初步意见期限（T4）。', { type, urgency });
    }
  if (new Set(limits.pauses.map(({ rule }) => rule)).size < limits.pauses.length)
    throw new HotlineError('invalid-input', '暂停计时的规定代码重复。', { field: 'pauses' });
}
