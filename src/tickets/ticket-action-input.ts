import { z } from 'zod';
import { REFUSAL_KINDS, ticketText, ticketInput, type RefusalKind, type TicketInput } from './ticket';
import type { TicketAction } from './ticket-lifecycle';

const words = (longest = 2000) => ticketText(longest).min(1);
const id = ticketText(80).min(1);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const nothing = z.strictObject({});
const keysOf = <K extends string>(table: Record<K, unknown>) => z.enum(Object.keys(table) as [K, ...K[]]);

const AMENDABLE = [
  'type',
  'urgency',
  'categoryCode',
  'areaCode',
  'township',
  'address',
  'point',
  'level',
  'parties',
  'company',
  'title',
  'content',
  'citizenName',
  'contactNumber',
  'confidential',
] as const satisfies (keyof TicketInput)[];
type Amendable = (typeof AMENDABLE)[number];

/** The most a unit may be granted (T2) without a supervisor's override. */
export const EXTENSION_DAYS = 5;

/** Only what is given changes; a field without its default, so that leaving it out leaves it alone. */
const amendment = z.strictObject({
  ...Object.fromEntries(
    AMENDABLE.map((field) => {
      const schema: z.ZodType = ticketInput.shape[field];
      return [field, (schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema).optional()];
    }),
  ),
  reason: ticketText(400).default(''),
}) as unknown as z.ZodObject & z.ZodType<Partial<Pick<TicketInput, Amendable>> & { reason: string }>;

/** What each action needs. The API's bodies are these with `version`; the browser's forms are made of them too. */
export const ACTION_INPUT = {
  submit: nothing,
  discard: nothing,
  amend: amendment,
  answer: z.strictObject({ answer: words(8000), articleId: id.nullable().default(null) }),
  refuse: z.strictObject({
    kind: keysOf<RefusalKind>(REFUSAL_KINDS),
    explanation: words(),
    /** The competent body the citizen was guided to. */
    guidedTo: words(200),
  }),
  dispatch: z.strictObject({
    unitId: id,
    assistingUnitIds: z.array(id).max(20).default([]),
    words: ticketText(2000).default(''),
    /** Final ruling: it cannot be returned again. */
    final: z.boolean().default(false),
    /** Ruled by another category's limit etc.: why the catalogue's unit was not taken. */
    reason: ticketText(400).default(''),
  }),
  addAssistant: z.strictObject({ unitIds: z.array(id).min(1).max(20), words: ticketText(2000).default('') }),
  recall: z.strictObject({ reason: words() }),
  meet: z.strictObject({
    heldAt: instant,
    place: ticketText(200).default(''),
    unitIds: z.array(id).min(2).max(40),
    members: ticketText(400).default(''),
    decision: words(4000),
  }),
  acknowledge: nothing,
  askReturn: z.strictObject({ reason: words(), suggestedUnitId: id.nullable().default(null) }),
  object: z.strictObject({ reason: words(), suggestedUnitId: id.nullable().default(null) }),
  askExtension: z.strictObject({
    reason: words(),
    workingDays: z.int().min(1).max(EXTENSION_DAYS),
  }),
  withdrawRequest: nothing,
  decide: z.strictObject({
    requestId: id,
    granted: z.boolean(),
    words: ticketText(2000).default(''),
    /** Extension: granted days, those asked where left out; more than T2 allows needs `overrideReason`. */
    workingDays: z.int().min(1).max(60).nullable().default(null),
    overrideReason: ticketText(400).default(''),
  }),
  giveOpinion: z.strictObject({ opinion: words(4000) }),
  pause: z.strictObject({ unitId: id, rule: id, words: ticketText(400).default('') }),
  resume: z.strictObject({ unitId: id }),
  reply: z.strictObject({
    handling: words(8000),
    publicAnswer: words(8000),
    truthful: z.boolean().nullable().default(null),
    solved: z.boolean(),
    unsolvedWhy: ticketText(2000).default(''),
    /** When the unit told the citizen (T1); null: it could not, and says so in `handling`. */
    contactedAt: instant.nullable().default(null),
  }),
  sendBack: z.strictObject({ reason: words(), unitIds: z.array(id).max(20).default([]) }),
  check: z.strictObject({ words: ticketText(2000).default('') }),
  followUp: z.strictObject({ words: ticketText(2000).default('') }),
  reopen: z.strictObject({ reason: words() }),
  archive: nothing,
  urge: z.strictObject({
    words: ticketText(2000).default(''),
    callId: id.nullable().default(null),
    channel: ticketInput.shape.channel,
  }),
  supplement: z.strictObject({ words: words() }),
  merge: z.strictObject({ intoTicketId: id, reason: ticketText(400).default('') }),
  unmerge: z.strictObject({ reason: words(400) }),
  markHard: z.strictObject({ hard: z.boolean(), reason: words(400) }),
} as const satisfies Record<TicketAction, z.ZodType>;

export type ActionInput<A extends TicketAction> = z.output<(typeof ACTION_INPUT)[A]>;
