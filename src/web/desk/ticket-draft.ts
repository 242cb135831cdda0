import { z } from 'zod';
import { ticketInput, type TicketInput } from '../../tickets/ticket';

/** A work order being written, kept per call so that a page refresh loses nothing. */
const draftSchema = z.object({
  /** Null: written without a call. */
  callId: z.string().nullable(),
  /** What the agent recognises it by: the masked number and line, or 无来电. */
  label: z.string(),
  startedAt: z.number(),
  /** Sent with every try, so that a try whose answer was lost does not open a second order. */
  key: z.string().min(8),
  type: z.enum(['consultation', 'complaint', 'help', 'suggestion', 'report']).nullable(),
  urgency: z.enum(['ordinary', 'urgent']),
  categoryCode: z.string().nullable(),
  areaCode: z.string().nullable(),
  address: z.string(),
  title: z.string(),
  content: z.string(),
  citizenName: z.string(),
  contactNumber: z.string(),
  confidential: z.boolean(),
  unitId: z.string().nullable(),
  /** The agent chose the unit: a new category no longer replaces it. */
  unitChosen: z.boolean(),
  submitted: z
    .object({
      ticketId: z.string(),
      number: z.string(),
      unitName: z.string().nullable(),
      dueAt: z.string().nullable(),
    })
    .nullable(),
});
export type TicketDraft = z.infer<typeof draftSchema>;

/** An empty draft. `key` is a fresh idempotency key, `now` ms since the epoch. */
export function newDraft(of: {
  callId: string | null;
  label: string;
  key: string;
  now: number;
  categoryCode?: string | null;
  citizenName?: string;
}): TicketDraft {
  return {
    callId: of.callId,
    label: of.label,
    startedAt: of.now,
    key: of.key,
    type: null,
    urgency: 'ordinary',
    categoryCode: of.categoryCode ?? null,
    areaCode: null,
    address: '',
    title: '',
    content: '',
    citizenName: of.citizenName ?? '',
    contactNumber: '',
    confidential: false,
    unitId: null,
    unitChosen: false,
    submitted: null,
  };
}

/** Whether the agent has written anything worth keeping. */
export function isTouched(draft: TicketDraft): boolean {
  return Boolean(
    draft.type ||
    draft.title.trim() ||
    draft.content.trim() ||
    draft.address.trim() ||
    draft.areaCode ||
    draft.contactNumber.trim() ||
    draft.confidential ||
    draft.unitChosen,
  );
}

export type DraftFaults = Partial<
  Record<'type' | 'categoryCode' | 'title' | 'content' | 'contactNumber', string>
>;

/** What still has to be written before it can be submitted; by field, in Chinese. */
export function draftFaults(draft: TicketDraft): DraftFaults {
  const faults: DraftFaults = {};
  if (!draft.type) faults.type = '请选择诉求类型';
  if (!draft.categoryCode) faults.categoryCode = '请选择诉求分类';
  if (!draft.title.trim()) faults.title = '请填写标题';
  if (!draft.content.trim()) faults.content = '请填写诉求内容';
  if (draft.contactNumber.trim() && !/^\+?[\d\s()-]{5,25}$/.test(draft.contactNumber.trim()))
    faults.contactNumber = '号码格式不正确';
  return faults;
}

/** The request of a complete draft; null while something is missing. */
export function draftInput(draft: TicketDraft): TicketInput | null {
  const {
    callId,
    type,
    urgency,
    categoryCode,
    areaCode,
    address,
    title,
    content,
    citizenName,
    confidential,
    unitId,
  } = draft;
  const contactNumber = draft.contactNumber.trim() || null;
  const whole = {
    callId,
    type,
    urgency,
    categoryCode,
    areaCode,
    address,
    title,
    content,
    citizenName,
    confidential,
    unitId,
    contactNumber,
  };
  const result = ticketInput.safeParse(whole);
  return result.success ? result.data : null;
}

/** Reads a kept draft; null for anything unreadable. */
export function readDraft(text: string | null): TicketDraft | null {
  if (!text) return null;
  try {
    const result = draftSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

/** A title from the content's first words, offered while the title is empty. */
export function proposedTitle(content: string): string {
  const first = content.trim().split(/[\n。！？；]/)[0] ?? '';
  return first.length > 40 ? `${first.slice(0, 39)}…` : first;
}
