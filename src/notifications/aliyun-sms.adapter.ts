import { createHash, createHmac, randomUUID } from 'node:crypto';
import { cityDay, shiftDay } from '../deadlines/city-time';
import type { Clock } from '../platform/clock';
import { knowsMessage, readSendAnswer, templateVariables } from './aliyun-sms';
import type { CarriedMessage, MessageCarrier, Outcome } from './message-carrier';

const VERSION = '2017-05-25';
const TIMEOUT_MS = 8000;
/** For looking through what was sent, however many days that is. */
const SEARCH_MS = 20_000;
/** The service remembers what it has sent for so long. */
const REMEMBERED_DAYS = 30;
const PAGE = 50;

export interface AliyunSettings {
  /** https://dysmsapi.aliyuncs.com */
  url: string;
  accessKeyId: string;
  accessKeySecret: string;
  signName: string;
}

/**
 * SMS by Alibaba Cloud (Dysmsapi): SendSms with our message's id as OutId. The service knows no idempotence, so an attempt
 * that ended unsure is looked for with QuerySendDetails before it is repeated.
 */
export class AliyunSms implements MessageCarrier {
  constructor(
    private readonly settings: AliyunSettings,
    private readonly clock: Clock,
  ) {}

  async send(message: CarriedMessage): Promise<Outcome> {
    if (!message.providerCode)
      return { kind: 'refused', again: false, words: '尚未填写服务商的短信模板编号' };
    const { status, body } = await this.call('SendSms', {
      PhoneNumbers: message.address,
      SignName: this.settings.signName,
      TemplateCode: message.providerCode,
      TemplateParam: templateVariables(message),
      OutId: message.messageId,
    });
    return readSendAnswer(status, body);
  }

  /** Looks through what was sent to the number since the day on which the message was written. */
  async wasTaken({ messageId, address, createdAt }: CarriedMessage): Promise<boolean> {
    const today = cityDay(this.clock.now());
    const signal = AbortSignal.timeout(SEARCH_MS);
    const [oldest, written] = [shiftDay(today, 1 - REMEMBERED_DAYS), cityDay(createdAt)];
    for (let day = written > oldest ? written : oldest; day <= today; day = shiftDay(day, 1))
      for (let page = 1; ; page += 1) {
        const asked = {
          ...{ PhoneNumber: address, SendDate: day.replaceAll('-', '') },
          ...{ PageSize: String(PAGE), CurrentPage: String(page) },
        };
        const { body } = await this.call('QuerySendDetails', asked, signal);
        if (knowsMessage(body, messageId)) return true;
        if (Number((body as { TotalCount?: unknown }).TotalCount ?? 0) <= page * PAGE) break;
      }
    return false;
  }

  private async call(
    action: string,
    params: Record<string, string>,
    signal = AbortSignal.timeout(TIMEOUT_MS),
  ): Promise<{ status: number; body: unknown }> {
    const { url, accessKeyId, accessKeySecret } = this.settings;
    const query = canonicalQuery(params);
    const headers = signedHeaders(
      { host: new URL(url).host, action, query, nonce: randomUUID(), at: this.clock.now() },
      accessKeyId,
      accessKeySecret,
    );
    const reply = await fetch(`${url.replace(/\/$/, '')}/?${query}`, {
      method: 'POST',
      headers,
      redirect: 'error',
      signal,
    });
    const body: unknown = await reply.json().catch(() => null);
    return { status: reply.status, body };
  }
}

/** Headers of a request without body, signed by ACS3-HMAC-SHA256 (signature method V3). `query` is canonical already. */
export function signedHeaders(
  request: { host: string; action: string; query: string; nonce: string; at: Date; version?: string },
  accessKeyId: string,
  accessKeySecret: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    host: request.host,
    'x-acs-action': request.action,
    'x-acs-content-sha256': sha256(''),
    'x-acs-date': request.at.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    'x-acs-signature-nonce': request.nonce,
    'x-acs-version': request.version ?? VERSION,
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    'POST',
    '/',
    request.query,
    names.map((name) => `${name}:${headers[name]}\n`).join(''),
    names.join(';'),
    sha256(''),
  ].join('\n');
  const signature = createHmac('sha256', accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  const signed = `Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { ...headers, authorization: `ACS3-HMAC-SHA256 ${signed}` };
}

/** Sorted by name, each percent-encoded by RFC 3986. */
export function canonicalQuery(params: Record<string, string>): string {
  return Object.keys(params)
    .sort()
    .map((name) => `${percent(name)}=${percent(params[name] ?? '')}`)
    .join('&');
}

function percent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
