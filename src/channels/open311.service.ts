import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { HotlineError } from '../errors';
import { normaliseNumber } from '../lines/phone-number';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Throttle } from '../platform/throttle';
import type { CategoryStore } from '../tickets/category.store';
import { ticketInput } from '../tickets/ticket';
import { isTicketNumber } from '../tickets/ticket-number';
import type { TicketService } from '../tickets/ticket.service';
import { toGcj02 } from './gcj02';
import {
  Open311Error,
  postFields,
  published,
  requestsQuery,
  serviceOf,
  spanOf,
  titleOf,
  type PostFields,
  type Service,
  type Shown,
} from './open311';
import type { KeyRow, Open311Store } from './open311.store';

const TOKEN = /^[0-9a-f-]{36}$/;
const NOTICE = '已受理，将按职责分派承办单位，可凭编号查询办理情况。';

/** Open311 GeoReport v2: the city's services, and requests made and followed by other people's applications (R1). */
export class Open311 {
  constructor(
    private readonly deps: {
      store: Open311Store;
      categories: Pick<CategoryStore, 'all'>;
      tickets: Pick<TicketService, 'open'>;
      limits: { posts: Pick<Throttle, 'take'>; reads: Pick<Throttle, 'take'> };
      audit: Pick<AuditStore, 'append'>;
      clock: Clock;
      areaCode: string;
      /** The one this server is for; empty: any name is taken for it. */
      jurisdiction: string;
      shown: Shown;
    },
  ) {}

  /** Throws Open311Error 404 for another jurisdiction, 429 when an address asks too often. */
  async admit(jurisdiction: unknown, address: string): Promise<void> {
    const own = this.deps.jurisdiction;
    if (own !== '' && jurisdiction !== undefined && jurisdiction !== own)
      throw new Open311Error(404, 'jurisdiction_id not found');
    await mayGoOn(this.deps.limits.reads, address);
  }

  async services(): Promise<Service[]> {
    const all = await this.deps.categories.all();
    const names = new Map(all.map(({ code, name }) => [code, name]));
    return all
      .filter(({ leaf }) => leaf)
      .map((category) => serviceOf(category, names.get(category.parentCode ?? '') ?? null));
  }

  /** Throws 404. */
  async service(code: string): Promise<Service> {
    const found = (await this.services()).find(({ service_code }) => service_code === code);
    if (!found) throw new Open311Error(404, 'service_code not found');
    return found;
  }

  /** Requests that may be published. Throws 400 for a filter that cannot be read. */
  async requests(query: unknown) {
    const asked = parsed(requestsQuery, query);
    const span = spanOf(asked, this.deps.clock.now());
    const numbers = asked.service_request_id;
    const filter = numbers ? { numbers: numbers.slice(0, 1000) } : asked;
    return (await this.deps.store.published({ ...filter } as typeof asked, span, this.deps.shown)).map(
      published,
    );
  }

  /** Throws 404, also for what is not published. */
  async request(number: string) {
    const now = this.deps.clock.now();
    if (!isTicketNumber(number)) throw new Open311Error(404, 'service_request_id not found');
    const [row] = await this.deps.store.published(
      { numbers: [number] },
      { from: now, to: now },
      this.deps.shown,
    );
    if (!row) throw new Open311Error(404, 'service_request_id not found');
    return published(row);
  }

  /** Throws 404. */
  async byToken(token: string): Promise<{ service_request_id: string; token: string }> {
    const number = TOKEN.test(token) ? await this.deps.store.numberByToken(token) : null;
    if (number === null) throw new Open311Error(404, 'token not found');
    return { service_request_id: number, token };
  }

  /** Opens a work order. Throws 403 (key), 429 (too many), 400 (what is missing or cannot be read). */
  async post(body: unknown, address: string) {
    const fields = parsed(postFields, body);
    const key = await this.key(fields.api_key);
    await mayGoOn(this.deps.limits.posts, key.key_id);
    if (!fields.service_code) throw new Open311Error(400, 'service_code was not provided');
    const service = await this.service(fields.service_code).catch(() => {
      throw new Open311Error(400, 'service_code is not one of ours');
    });
    if ((fields.lat === undefined) !== (fields.long === undefined))
      throw new Open311Error(400, 'lat and long belong together');
    if (fields.lat === undefined && !fields.address_string && !fields.address_id)
      throw new Open311Error(400, 'one of lat and long, address_string, address_id is required');
    const phone = fields.phone ? normaliseNumber(fields.phone, this.deps.areaCode) : null;
    if (fields.phone && !phone) throw new Open311Error(400, 'phone is not a telephone number');
    const token = randomUUID();
    const by = system(key, address);
    const at = this.deps.clock.now();
    const { number } = await this.deps.tickets.open(
      ticketOf(fields, service, phone),
      by,
      null,
      (trx, ticket) =>
        this.deps.store.keep(trx, {
          ...{ ticket_id: ticket.ticket_id, token, key_id: key.key_id, at },
          description: fields.description ?? '',
          sender: senderOf(fields),
        }),
    );
    return {
      service_request_id: number,
      token,
      service_notice: NOTICE,
      account_id: fields.account_id ?? null,
    };
  }

  async keys() {
    return (await this.deps.store.keys()).map(keyView);
  }

  /** Makes a key for somebody's application; the key itself is told this once. */
  async addKey(name: string, contact: string, by: Caller) {
    const key = randomBytes(24).toString('base64url');
    const row: KeyRow = {
      ...{ key_id: randomUUID(), key_hash: hashOf(key), name, contact },
      ...{ created_at: this.deps.clock.now(), created_by: by.personId, revoked_at: null },
    };
    await this.deps.store.addKey(row, this.beside('open311.key-create', row.key_id, { name, contact }, by));
    return { ...keyView(row), key };
  }

  /** Throws `not-found`. */
  async revokeKey(keyId: string, by: Caller): Promise<void> {
    const beside = this.beside('open311.key-revoke', keyId, {}, by);
    if (!(await this.deps.store.revokeKey(keyId, this.deps.clock.now(), beside)))
      throw new HotlineError('not-found', '没有这个密钥，或已停用。');
  }

  private async key(given: string | undefined): Promise<KeyRow> {
    const key = given ? await this.deps.store.keyByHash(hashOf(given)) : null;
    if (!key) throw new Open311Error(403, 'Missing or Invalid API Key');
    return key;
  }

  private beside(action: string, keyId: string, facts: Record<string, unknown>, by: Caller) {
    const entry = { who: by.personId, action, subject: `open311-key:${keyId}`, facts, address: by.address };
    return (trx: Parameters<AuditStore['append']>[1]) => this.deps.audit.append(entry, trx);
  }
}

async function mayGoOn(limit: Pick<Throttle, 'take'>, who: string): Promise<void> {
  const seconds = await limit.take(who);
  if (seconds !== null) throw new Open311Error(429, 'too many requests', seconds);
}

function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = [...new Set(result.error.issues.map(({ path }) => String(path[0] ?? '').slice(0, 40)))];
  throw new Open311Error(400, `cannot be read: ${fields.join(', ')}`);
}

function ticketOf(fields: PostFields, service: Service, phone: string | null) {
  const { lat, long, description = '' } = fields;
  return ticketInput.parse({
    channel: 'open311',
    type: 'help',
    categoryCode: service.service_code,
    title: titleOf(service.service_name, description),
    content: description || service.service_name,
    address: fields.address_string ?? fields.address_id ?? '',
    point: lat === undefined || long === undefined ? null : toGcj02({ longitude: long, latitude: lat }),
    citizenName: `${fields.last_name ?? ''}${fields.first_name ?? ''}`,
    contactNumber: phone,
  });
}

function senderOf(fields: PostFields): Record<string, string> {
  const { email, device_id, account_id, media_url, address_id } = fields;
  const given = Object.entries({ email, device_id, account_id, media_url, address_id });
  return Object.fromEntries(given.filter((each): each is [string, string] => each[1] !== undefined));
}

/** The interface itself as whoever opens the work order. */
const system = (key: KeyRow, address: string): Caller => ({
  ...{ personId: 'open311', name: `开放接口（${key.name}）`, role: 'agent', unitId: null },
  ...{ sessionId: '', address },
});

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

const keyView = (row: KeyRow) => ({
  keyId: row.key_id,
  name: row.name,
  contact: row.contact,
  createdAt: row.created_at.toISOString(),
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
