import { z } from 'zod';
import type { LineFacts } from '../events';

/** 语音留言: a task for whoever serves the queue: new → taken by a person → done. */
export const MESSAGE_STATES = { new: '待处理', taken: '处理中', done: '已处理' } as const;
export type MessageState = keyof typeof MESSAGE_STATES;

/** What came of it. `silent` the service says itself: nobody spoke. */
export const MESSAGE_RESULTS = {
  ticket: '已立工单',
  calledBack: '已回电',
  noAction: '无需处理',
  silent: '无人声',
} as const;
export type MessageResult = keyof typeof MESSAGE_RESULTS;

/** A message as people work it off. Instants are ms since the epoch. */
export interface Message {
  /** The id of its recording. */
  messageId: string;
  callId: string;
  number: string | null;
  line: LineFacts;
  queue: string;
  leftAt: number;
  durationMs: number;
  state: MessageState;
  takenBy: string | null;
  takenAt: number | null;
  doneBy: string | null;
  doneAt: number | null;
  result: MessageResult | null;
  ticketId: string | null;
  ticketNumber: string | null;
  note: string;
  /** `awaited`: still on its way from the switch. */
  audio: 'awaited' | 'kept' | 'lost';
  sha256: string | null;
}

/** How a person closes a message. */
export const messageFinish = z
  .strictObject({
    result: z.enum(['ticket', 'calledBack', 'noAction']),
    ticketNumber: z.string().trim().max(40).nullable().default(null),
    note: z.string().trim().max(500).default(''),
  })
  .refine(({ result, ticketNumber }) => (result === 'ticket') === (ticketNumber !== null), {
    path: ['ticketNumber'],
    message: '已立工单须填写工单编号，其他结果不填',
  })
  .refine(({ result, note }) => result !== 'noAction' || note.length >= 2, {
    path: ['note'],
    message: '请说明无需处理的原因',
  });
export type MessageFinish = z.output<typeof messageFinish>;

/** Louder strokes of a waveform (0 to 100) than this are somebody speaking. */
const AUDIBLE = 2;

/** Whether nobody spoke in it, by the waveform of the citizen's side. */
export function isSilent(left: readonly number[]): boolean {
  return left.every((stroke) => stroke <= AUDIBLE);
}
