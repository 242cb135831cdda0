import { z } from 'zod';
import { maskNumbersIn } from '../lines/phone-number';
import type { Category } from '../tickets/category.store';
import { CLOSED_STATES, TICKET_STATES, ticketText, type TicketState } from '../tickets/ticket';
import { toWgs84 } from './gcj02';

/** Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): its names, bounds and shapes. */
export const SPECIFICATION = 'http://wiki.open311.org/GeoReport_v2';
const DAY_MS = 86_400_000;
export const MOST_DAYS = 90;
export const MOST_REQUESTS = 1000;

/** A refusal in the specification's form. */
export class Open311Error extends Error {
  constructor(
    readonly status: 400 | 403 | 404 | 429 | 500 | 503,
    readonly description: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(description);
  }
}

const text = (longest: number) => ticketText(longest).optional();
const list = z
  .string()
  .max(20_000)
  .regex(/^[^\u0000]*$/)
  .transform((words) =>
    words
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean),
  )
  .optional();
const instant = z.iso.datetime({ offset: true }).transform((words) => new Date(words));

export const requestsQuery = z.object({
  service_request_id: list,
  service_code: list,
  start_date: instant.optional(),
  end_date: instant.optional(),
  status: list.pipe(z.array(z.enum(['open', 'closed'])).optional()),
});
export type RequestsQuery = z.output<typeof requestsQuery>;

const degrees = (most: number) =>
  z.string().trim().min(1).transform(Number).pipe(z.number().min(-most).max(most));

/** The fields of a POST; others (attributes of services, which ours have none of) are left alone. */
export const postFields = z.object({
  api_key: text(200),
  service_code: text(40),
  lat: degrees(90).optional(),
  long: degrees(180).optional(),
  address_string: text(200),
  address_id: text(80),
  email: text(200),
  device_id: text(200),
  account_id: text(80),
  first_name: text(30),
  last_name: text(30),
  phone: text(40),
  description: text(4000),
  media_url: text(1000),
});
export type PostFields = z.output<typeof postFields>;

/** The span asked for, in which requests were made: 90 days at most, up to now when not said. */
export function spanOf(
  { start_date: start, end_date: end }: RequestsQuery,
  now: Date,
): { from: Date; to: Date } {
  const days = MOST_DAYS * DAY_MS;
  const to = end ?? new Date(start ? Math.min(start.getTime() + days, now.getTime() + 1) : now.getTime() + 1);
  const from = start ?? new Date(to.getTime() - days);
  if (to.getTime() - from.getTime() > days)
    throw new Open311Error(400, `start_date and end_date may be ${MOST_DAYS} days apart at most`);
  return { from, to };
}

/** A leaf of the category tree as a service. */
export function serviceOf(category: Category, parentName: string | null) {
  return {
    service_code: category.code,
    service_name: category.name,
    description: parentName ? `${parentName} · ${category.name}` : category.name,
    metadata: false,
    type: 'realtime',
    keywords: parentName ?? '',
    group: parentName ?? '',
  };
}
export type Service = ReturnType<typeof serviceOf>;

/** What the public reads are made of. */
export interface PublishedRow {
  number: string;
  state: TicketState;
  title: string;
  /** As it was sent by this interface; null for a work order of another channel. */
  description: string | null;
  category_code: string;
  category_name: string;
  lead_unit_name: string | null;
  answer: string | null;
  refusal_explanation: string | null;
  address: string;
  longitude: number | null;
  latitude: number | null;
  opened_at: Date;
  updated_at: Date;
  due_at: Date | null;
}

/**
 * A work order as everybody may see it: never who spoke. Of one from another channel, told to an agent in private, only
 * its title, and no place.
 */
export function published(row: PublishedRow) {
  const own = row.description !== null;
  const point =
    own && row.longitude !== null && row.latitude !== null
      ? toWgs84({ longitude: row.longitude, latitude: row.latitude })
      : null;
  const said = own ? (row.answer ?? row.refusal_explanation) : null;
  const rounded = (value: number | undefined) => (value === undefined ? null : Number(value.toFixed(6)));
  return {
    service_request_id: row.number,
    status: isClosed(row.state) ? 'closed' : 'open',
    status_notes: maskNumbersIn(said ? `${TICKET_STATES[row.state]}：${said}` : TICKET_STATES[row.state]),
    service_name: row.category_name,
    service_code: row.category_code,
    description: maskNumbersIn(row.description ?? row.title),
    agency_responsible: row.lead_unit_name ?? '',
    service_notice: '',
    requested_datetime: row.opened_at.toISOString(),
    updated_datetime: row.updated_at.toISOString(),
    expected_datetime: row.due_at?.toISOString() ?? null,
    address: own ? row.address : '',
    address_id: null,
    zipcode: null,
    lat: rounded(point?.latitude),
    long: rounded(point?.longitude),
    media_url: null,
  };
}

export const isClosed = (state: TicketState): boolean =>
  (CLOSED_STATES as readonly TicketState[]).includes(state);

/** The title of a request: the beginning of what it says. */
export function titleOf(serviceName: string, description: string): string {
  const first = [...description.replace(/\s+/g, ' ')].slice(0, 40).join('');
  return first ? `${serviceName}：${first}` : serviceName;
}

/** What is published: requests that came in by this interface, or every one that is not confidential. */
export type Shown = 'own' | 'all';
