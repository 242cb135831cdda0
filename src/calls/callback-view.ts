import { z } from 'zod';
import { maskNumber } from '../lines/phone-number';
import { cityWords } from '../deadlines/city-time';
import { CALLBACK_STATES, type CallbackState } from './callback-state';
import type { Callback } from './callback.store';
import type { CallRecord } from './call-record';

const instant = z.number().describe('自 1970 年起的毫秒数（UTC）');

/** A callback in lists; its number is masked. */
export const callbackView = z.object({
  callbackId: z.string(),
  masked: z.string(),
  lineName: z.string(),
  queue: z.string(),
  state: z.enum(Object.keys(CALLBACK_STATES) as [CallbackState, ...CallbackState[]]),
  asked: z.boolean().describe('诉求人按键要求回拨'),
  missed: z.int().describe('合并的漏接次数'),
  owedAt: instant,
  waitingSince: instant.describe('原排队开始时间：位置按此保留'),
  dueAt: instant.describe('下一次回拨不早于'),
  attempts: z.int(),
  lastAttemptAt: instant.nullable(),
  settledAt: instant.nullable(),
  seatName: z.string().nullable(),
  doneCallId: z.string().nullable(),
  why: z.string(),
  whoName: z.string().nullable(),
  inTime: z.boolean().nullable(),
});
export type CallbackView = z.infer<typeof callbackView>;

/** A missed call that is the cause of a callback. */
export const missedView = z.object({
  callId: z.string(),
  arrivedAt: instant,
  endedAt: instant.nullable(),
  waitMs: z.number(),
  outcome: z.string(),
});

/** One call that was placed for a callback. `dialledAt` null: no seat took it, so the citizen was not dialled. */
export const attemptView = z.object({
  callId: z.string(),
  at: instant,
  dialledAt: instant.nullable(),
  answeredAt: instant.nullable(),
  endedAt: instant.nullable(),
  seatName: z.string().nullable(),
  cause: z.string().nullable(),
  result: z.string(),
});

export const figuresView = z.object({
  owed: z.int(),
  retrying: z.int(),
  underWay: z.int(),
  nextAt: z.date().nullable(),
  done: z.int().describe('24 小时内已回拨'),
  inTime: z.int().describe('其中按时回拨'),
  unreached: z.int(),
  cancelled: z.int(),
});

type NameOf = (personId: string) => string | null;

export function viewCallback(callback: Callback, nameOf: NameOf, targetMs: number): CallbackView {
  const { callbackId, number, line, queue, state, askedAt, missed, owedAt, waitingSince } = callback;
  const { dueAt, attempts, lastAttemptAt, settledAt, seatId, doneCallId, why, who } = callback;
  return {
    ...{ callbackId, masked: maskNumber(number), lineName: line.lineName, queue, state },
    ...{ asked: askedAt !== null, missed, owedAt, waitingSince, dueAt, attempts, lastAttemptAt, settledAt },
    seatName: seatId && nameOf(seatId),
    doneCallId,
    why,
    whoName: who && nameOf(who),
    inTime: state === 'done' && settledAt !== null ? settledAt - owedAt <= targetMs : null,
  };
}

export function viewMissed({
  callId,
  arrivedAt,
  endedAt,
  waitMs,
  outcome,
}: CallRecord): z.infer<typeof missedView> {
  return { callId, arrivedAt, endedAt, waitMs, outcome };
}

const CAUSES: Partial<Record<NonNullable<CallRecord['cause']>, string>> = {
  busy: '诉求人忙',
  rejected: '诉求人拒接',
  'no-answer': '无人接听',
  'no-user-response': '无人接听',
};

export function viewAttempt(record: CallRecord, nameOf: NameOf): z.infer<typeof attemptView> {
  const { callId, arrivedAt, dialledAt, answeredAt, endedAt, cause, rings, endedBy } = record;
  const seatId = record.seatId ?? rings.findLast(({ outcome }) => outcome === 'answered')?.seatId ?? null;
  const failed = endedBy === 'seat' ? '坐席挂断' : ((cause && CAUSES[cause]) ?? '未接通');
  const result =
    answeredAt !== null
      ? '已接通'
      : dialledAt === null
        ? endedAt === null
          ? '等待坐席'
          : '未拨出'
        : endedAt === null
          ? '正在拨打'
          : failed;
  return {
    callId,
    at: arrivedAt,
    dialledAt,
    answeredAt,
    endedAt,
    seatName: seatId && nameOf(seatId),
    cause,
    result,
  };
}

export const CALLBACK_COLUMNS = [
  '号码',
  '热线',
  '状态',
  '诉求人要求',
  '漏接次数',
  '漏接时间',
  '排队开始',
  '已拨次数',
  '下次回拨',
  '处理时间',
  '坐席',
  '按时',
  '说明',
] as const;

/** A callback as a row of the export. */
export function callbackCells(view: CallbackView): string[] {
  const time = (at: number | null) => (at === null ? '' : cityWords(new Date(at)));
  const yes = (is: boolean | null) => (is === null ? '' : is ? '是' : '否');
  return [
    view.masked,
    view.lineName,
    CALLBACK_STATES[view.state],
    yes(view.asked),
    String(view.missed),
    time(view.owedAt),
    time(view.waitingSince),
    String(view.attempts),
    view.state === 'owed' ? time(view.dueAt) : '',
    time(view.settledAt),
    view.seatName ?? view.whoName ?? '',
    yes(view.inTime),
    view.why,
  ];
}
