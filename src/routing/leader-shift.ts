import { z } from 'zod';

const words = z
  .string()
  .trim()
  .max(60)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, '含不可用的字符');

/** Longest time a leader answers at a stretch. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** What is written about a leader's day at the phone (领导接听日). */
export const leaderShiftInput = z
  .strictObject({
    /** Shown with the offer: 市住建局局长接听日. */
    title: words.min(1),
    /** Whose seat it is. */
    personId: z.string().min(1).max(80),
    from: z.iso.datetime({ offset: true }),
    until: z.iso.datetime({ offset: true }),
    /** Whose calls: those of a line, those of a queue, or (both) those of the line that wait in the queue. */
    lineId: z.string().max(80).nullable(),
    queue: z.string().max(40).nullable(),
  })
  .refine(({ lineId, queue }) => lineId !== null || queue !== null, {
    message: '请选择热线或队列',
    path: ['lineId'],
  })
  .refine(({ from, until }) => Date.parse(from) < Date.parse(until), {
    message: '结束时间须在开始时间之后',
    path: ['until'],
  })
  .refine(({ from, until }) => Date.parse(until) - Date.parse(from) <= LONGEST_MS, {
    message: '一次最长七天',
    path: ['until'],
  });
export type LeaderShiftInput = z.infer<typeof leaderShiftInput>;

export interface LeaderShift extends LeaderShiftInput {
  shiftId: string;
  version: number;
}

/** Whether the shift is on now. */
export function isOn(shift: Pick<LeaderShift, 'from' | 'until'>, now: number): boolean {
  return Date.parse(shift.from) <= now && now < Date.parse(shift.until);
}

/** Whether a call belongs to the leader who is at the phone. */
export function takes(
  shift: Pick<LeaderShift, 'lineId' | 'queue'>,
  call: { lineId: string; queue: string },
): boolean {
  return (
    (shift.lineId === null || shift.lineId === call.lineId) &&
    (shift.queue === null || shift.queue === call.queue)
  );
}
