import type { Channel, Level, PartState, TicketState, TicketType, Urgency } from './ticket';

/** What a list of work orders is narrowed to; all of it together. */
export interface TicketFilter {
  state?: TicketState | readonly TicketState[];
  /** State of the reader's own part, or for the hotline's people of any current part. */
  partState?: PartState;
  type?: TicketType;
  urgency?: Urgency;
  /** A category with everything below it. */
  categoryCode?: string;
  areaCode?: string;
  township?: string;
  /** The lead unit (主办). */
  unitId?: string;
  /** A unit that has it now, as lead or assisting. */
  assignedUnitId?: string;
  channel?: Channel;
  level?: Level;
  citizenId?: string;
  /** The citizen's number, normalised: the call's or the one given. */
  citizenNumber?: string;
  hardCase?: boolean;
  /** Left out of the assessment. */
  excluded?: boolean;
  /** Requests of units wait for a decision. */
  pending?: boolean;
  callId?: string;
  openedBy?: string;
  /** Opened in [from, to). */
  from?: Date;
  to?: Date;
  /** Still open and due before then. */
  dueBefore?: Date;
  /** Due before now without a unit's answer. */
  overdue?: boolean;
  /** Words in number, title, content, address or answer, as the question was asked. */
  text?: string;
  /** Leaves out tickets whose citizen is hidden: a search by what leads to the citizen must not find them. */
  identityShown?: boolean;
}

/**
 * `number`: newest first. `due`: those a unit or 12345 still works on, by due date. `rank`: with `text`, what fits best
 * among the newest found.
 */
export const TICKET_SORTS = ['number', 'due', 'rank'] as const;
export type TicketSort = (typeof TICKET_SORTS)[number];

/** Where a list goes on: the last one shown. Work orders that come in meanwhile move nothing. */
export interface ListPlace {
  /** Milliseconds for `due`, the rank for `rank`. */
  key: number | null;
  number: string;
}

const CURSOR = /^(?:(\d{1,16}(?:\.\d{1,20})?(?:e-\d{1,3})?)_)?(\d{8}-\d{6,9})$/;

/** A place as the text that the API gives out and takes back. */
export const cursorOf = ({ key, number }: ListPlace): string => (key === null ? number : `${key}_${number}`);

/** Null for what no list of this order has given out. */
export function placeOf(cursor: string, sort: TicketSort): ListPlace | null {
  const [, key, number] = CURSOR.exec(cursor) ?? [];
  if (number === undefined || (key === undefined) !== (sort === 'number')) return null;
  return { key: key === undefined ? null : Number(key), number };
}
