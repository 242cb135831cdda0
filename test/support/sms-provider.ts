import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../src/platform/clock';

export const ACCESS_KEY = { id: 'LTAI-test-key', secret: 'secret of the test key' };

interface Sent {
  PhoneNumbers: string;
  SignName: string;
  TemplateCode: string;
  TemplateParam: string;
  OutId: string;
}

/** What the next request of an action meets instead of an ordinary answer. */
type Mishap = 'lost on the way' | 'answer lost' | 'no answer' | { status: number; body: object };

export interface SmsProvider {
  url: string;
  /** Messages it has taken, in order. */
  taken: Sent[];
  requests: string[];
  /** The next SendSms meets this; several in order. */
  befall(...mishaps: Mishap[]): void;
  stop(): Promise<void>;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * Stands in for Alibaba Cloud's SMS service: checks each request's signature (ACS3-HMAC-SHA256), date and nonce as the
 * service's documents say, and answers SendSms and QuerySendDetails with its bodies.
 */
export async function smsProvider(clock: Clock, templates: string[] = ['SMS_1001']): Promise<SmsProvider> {
  const taken: (Sent & { at: string })[] = [];
  const requests: string[] = [];
  const mishaps: Mishap[] = [];
  const nonces = new Set<string>();
  let serial = 0;
  const answer = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8' });
    response.end(JSON.stringify({ RequestId: `REQ-${++serial}`, ...body }));
  };
  const refuse = (response: ServerResponse, status: number, Code: string, Message: string) =>
    answer(response, status, { Code, Message, HostId: 'dysmsapi.aliyuncs.com' });

  const server = createServer((request, response) => {
    const action = String(request.headers['x-acs-action']);
    requests.push(action);
    const query = new URL(request.url ?? '/', 'http://x').searchParams;
    const mishap = action === 'SendSms' ? mishaps.shift() : undefined;
    if (mishap === 'lost on the way') return void request.socket.destroy();
    const fault = signatureFault(request, clock.now());
    if (fault) return refuse(response, 400, ...fault);
    const nonce = String(request.headers['x-acs-signature-nonce']);
    if (nonces.has(nonce))
      return refuse(response, 400, 'SignatureNonceUsed', 'Specified nonce was used already.');
    nonces.add(nonce);
    if (typeof mishap === 'object') return answer(response, mishap.status, mishap.body);
    if (action === 'QuerySendDetails') return answer(response, 200, detailsOf(query, taken));
    const message = Object.fromEntries(query) as unknown as Sent;
    if (!/^1[3-9]\d{9}$/.test(message.PhoneNumbers))
      return answer(response, 200, { Code: 'isv.MOBILE_NUMBER_ILLEGAL', Message: '非法手机号' });
    if (!templates.includes(message.TemplateCode))
      return answer(response, 200, { Code: 'isv.SMS_TEMPLATE_ILLEGAL', Message: '该账号下找不到对应模板' });
    taken.push({ ...message, at: clock.now().toISOString() });
    if (mishap === 'answer lost') return void request.socket.destroy();
    if (mishap === 'no answer') return;
    answer(response, 200, { Code: 'OK', Message: 'OK', BizId: `9006197469364984${taken.length}^0` });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    requests,
    befall: (...next) => void mishaps.push(...next),
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function signatureFault(request: IncomingMessage, now: Date): [code: string, message: string] | null {
  const parts = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
    request.headers.authorization ?? '',
  );
  if (!parts) return ['IncompleteSignature', 'The request signature does not conform to standards.'];
  const [, key, names = '', signature] = parts;
  if (key !== ACCESS_KEY.id) return ['InvalidAccessKeyId.NotFound', 'Specified access key is not found.'];
  const age = Math.abs(now.getTime() - Date.parse(String(request.headers['x-acs-date'])));
  if (!(age < 15 * 60_000))
    return ['InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.'];
  const signed = names.split(';');
  const needed = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-acs-'))];
  if (needed.some((name) => !signed.includes(name)))
    return ['IncompleteSignature', 'A header is not signed.'];
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const canonical =
    `${request.method}\n${path}\n${query.split('&').sort().join('&')}\n` +
    signed.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join('') +
    `\n${names}\n${String(request.headers['x-acs-content-sha256'])}`;
  const own = createHmac('sha256', ACCESS_KEY.secret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  return own === signature
    ? null
    : ['SignatureDoesNotMatch', 'Specified signature does not match our calculation.'];
}

function detailsOf(query: URLSearchParams, taken: (Sent & { at: string })[]): object {
  const day = (at: string) =>
    new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
  const found = taken
    .filter(({ PhoneNumbers }) => PhoneNumbers === query.get('PhoneNumber'))
    .filter(({ at }) => day(at) === query.get('SendDate'));
  const SmsSendDetailDTO = found.map(({ OutId, PhoneNumbers, TemplateCode }) => ({
    ...{ OutId, PhoneNum: PhoneNumbers, TemplateCode, SendStatus: 1, ErrCode: '', Content: '【长治12345】' },
  }));
  return {
    ...{ Code: 'OK', Message: 'OK', TotalCount: String(found.length) },
    SmsSendDetailDTOs: { SmsSendDetailDTO },
  };
}
