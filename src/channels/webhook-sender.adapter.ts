import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const TIMEOUT_MS = 10_000;

/** Networks that are no place on the Internet: our own machine, the house's network, the cloud's metadata, and the like. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4');
/** Of IPv6 only 2000::/3 is the Internet, without the parts that carry an IPv4 address within. */
const PUBLIC6 = new BlockList();
PUBLIC6.addSubnet('2000::', 3, 'ipv6');
const CARRIERS6 = new BlockList();
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  CARRIERS6.addSubnet(network, bits, 'ipv6');

/** Whether an IP address is not on the Internet. */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 4) return PRIVATE.check(address, 'ipv4');
  return !PUBLIC6.check(address, 'ipv6') || CARRIERS6.check(address, 'ipv6');
}

/** What came of a request: the status, or why there was none. */
export interface Sent {
  status: number | null;
  fault: string | null;
}

export interface WebhookMessage {
  url: string;
  secret: string;
  /** The same for every attempt and every time it is sent again. */
  id: string;
  body: string;
}

/** The signature: HMAC-SHA256 in hex, with the secret as its key, over `<timestamp>.<body>`. */
export function signatureOf(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/**
 * Posts webhooks. Follows no redirect, waits 10 s at most for all of it, reads nothing of the answer but its status. Connects
 * only to the address it has judged: a name may not change its mind between the look-up and the connection.
 */
export class WebhookSender {
  constructor(
    private readonly settings: {
      /** Private addresses too, and plain HTTP to them. */
      allowPrivate: boolean;
      timeoutMs?: number;
    },
  ) {}

  /** Why a URL is refused before anything is sent, in Chinese; null when it is not. A name is judged when it is looked up. */
  faultOf(url: string): string | null {
    const { protocol, username, password, hostname } = new URL(url);
    if (username || password) return '地址不能含有用户名和密码';
    if (protocol !== 'https:' && !(protocol === 'http:' && this.settings.allowPrivate))
      return '地址须以 https:// 开头';
    const host = hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && this.refuses(protocol, host)) return '不能使用此地址';
    return null;
  }

  /** Never throws. */
  async send({ url, secret, id, body }: WebhookMessage, now: Date): Promise<Sent> {
    const fault = this.faultOf(url);
    if (fault) return { status: null, fault };
    const timestamp = Math.floor(now.getTime() / 1000);
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'User-Agent': 'hotline-12345',
      'Webhook-Id': id,
      'Webhook-Timestamp': String(timestamp),
      'Webhook-Signature': signatureOf(secret, timestamp, body),
    };
    return this.post(new URL(url), headers, body).then(
      (status) => ({ status, fault: null }),
      (error: Error) => ({ status: null, fault: error.message.slice(0, 200) }),
    );
  }

  private post(url: URL, headers: http.OutgoingHttpHeaders, body: string): Promise<number> {
    const { request } = url.protocol === 'https:' ? https : http;
    const options = { method: 'POST', agent: false, headers, lookup: this.judgedLookup(url.protocol) };
    return new Promise((resolve, reject) => {
      const sending = request(url, options, (response) => {
        resolve(response.statusCode ?? 0);
        sending.destroy();
      });
      const limit = setTimeout(
        () => sending.destroy(new Error('no answer in time')),
        this.settings.timeoutMs ?? TIMEOUT_MS,
      );
      sending.on('error', reject).on('close', () => {
        clearTimeout(limit);
        reject(new Error('ended without an answer'));
      });
      sending.end(body);
    });
  }

  /** Looks a name up and gives only addresses that may be connected to. */
  private judgedLookup(protocol: string): LookupFunction {
    return (name, options, done) => {
      lookup(name, { ...options, all: true }, (fault, found) => {
        if (fault) return done(fault, []);
        const refused = found.length === 0 || found.some(({ address }) => this.refuses(protocol, address));
        if (refused) return done(new Error('an address that is not allowed'), []);
        if (options.all) return done(null, found);
        done(null, found[0]?.address ?? '', found[0]?.family);
      });
    };
  }

  /** Plain HTTP never leaves the house. */
  private refuses(protocol: string, address: string): boolean {
    const isPrivate = isPrivateAddress(address);
    return isPrivate ? !this.settings.allowPrivate : protocol === 'http:';
  }
}
