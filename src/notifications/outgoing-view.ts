import { z } from 'zod';
import { cityWords } from '../deadlines/city-time';
import { may, type Role } from '../permissions';
import { shownText, templateOf, TEMPLATE_CODES } from './message-template';
import {
  CHANNELS,
  maskAddress,
  OUTGOING_ACTIONS,
  OUTGOING_STATES,
  type MessageChannel,
  type OutgoingAction,
  type OutgoingState,
} from './outgoing';
import type { ReadMessage } from './outgoing-read.store';

export const channelName = z.enum(Object.keys(CHANNELS) as [MessageChannel, ...MessageChannel[]]);
export const stateName = z.enum(Object.keys(OUTGOING_STATES) as [OutgoingState, ...OutgoingState[]]);
export const templateCode = z.enum(TEMPLATE_CODES);
const actionName = z.enum(Object.keys(OUTGOING_ACTIONS) as [OutgoingAction, ...OutgoingAction[]]);

const instant = z.iso.datetime().nullable();
export const messageView = z.object({
  messageId: z.string(),
  channel: channelName,
  channelName: z.string(),
  template: templateCode,
  title: z.string(),
  to: z.string().describe('掩码后的号码或邮箱，或单位编号'),
  unitId: z.string().nullable(),
  text: z.string().describe('查询码等以 **** 代替'),
  ticketId: z.string().nullable(),
  state: stateName,
  stateName: z.string(),
  why: z.string().describe('未发送、失败或取消的原因'),
  attempts: z.int(),
  nextAt: instant.describe('待发送的下一次时间'),
  providerId: z.string().nullable(),
  createdAt: z.iso.datetime(),
  sentAt: instant,
  endedAt: instant,
  actions: z.array(actionName),
});
export type MessageView = z.output<typeof messageView>;

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Whether a role may see to whom a message of this work order went. */
function maySeeCitizen(row: ReadMessage, role: Role): boolean {
  const hidden = row.ticket_confidential === true || row.ticket_type === 'report';
  const ofUnit = templateOf(row.template).audience === 'unit';
  return ofUnit || !hidden || may(role, 'ticket.view-confidential');
}

/** A message as one role may see it. */
export function viewMessage(row: ReadMessage, role: Role): MessageView {
  const actions = Object.keys(OUTGOING_ACTIONS) as OutgoingAction[];
  return {
    messageId: row.message_id,
    channel: row.channel,
    channelName: CHANNELS[row.channel],
    template: row.template,
    title: templateOf(row.template).title,
    to: maySeeCitizen(row, role) ? maskAddress(row.channel, row.address) : '（保密）',
    unitId: row.unit_id,
    text: shownText(row.template, row.text, row.params),
    ticketId: row.ticket_id,
    state: row.state,
    stateName: OUTGOING_STATES[row.state],
    why: row.why,
    attempts: row.attempts,
    nextAt: row.state === 'waiting' ? iso(row.next_at) : null,
    providerId: row.provider_id,
    createdAt: row.created_at.toISOString(),
    sentAt: iso(row.sent_at),
    endedAt: iso(row.ended_at),
    actions: actions.filter((action) => OUTGOING_ACTIONS[action].from.some((state) => state === row.state)),
  };
}

const words = (at: string | null): string => (at ? cityWords(new Date(at)) : '');

/** The columns of the exported list. */
export const MESSAGE_COLUMNS: readonly [title: string, of: (message: MessageView) => string][] = [
  ['时间', ({ createdAt }) => words(createdAt)],
  ['渠道', ({ channelName: name }) => name],
  ['类别', ({ title }) => title],
  ['接收方', ({ to }) => to],
  ['内容', ({ text }) => text],
  ['状态', ({ stateName: name }) => name],
  ['原因', ({ why }) => why],
  ['次数', ({ attempts }) => String(attempts)],
  ['提交时间', ({ sentAt }) => words(sentAt)],
  ['结束时间', ({ endedAt }) => words(endedAt)],
];
