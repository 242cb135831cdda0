import { cleanText, percentDecoded } from './caller-text';
import type { Diversion } from './call-control';
import { parseSipAddress, splitOutsideQuotes, type SipAddress } from './sip-address';

/** More than this no honest call has; the rest is ignored. */
const MOST = 20;

/** Causes of a retargeting (RFC 4458) in the words of RFC 5806. */
const REASONS: Record<string, string> = {
  '302': 'unconditional',
  '404': 'unknown',
  '408': 'no-answer',
  '480': 'deflection',
  '486': 'user-busy',
  '487': 'deflection',
  '503': 'unavailable',
};

/** The values of all Diversion headers in the order they came (RFC 5806): most recent diversion first. */
export function parseDiversion(headers: readonly string[]): Diversion[] {
  const entries = headers.flatMap((header) => splitOutsideQuotes(header, ',')).slice(0, MOST);
  return entries.flatMap((entry) => {
    const address = parseSipAddress(entry);
    if (!address?.user) return [];
    const reason = cleanText(address.params.get('reason') ?? '', 40);
    return [{ number: address.user, source: 'diversion' as const, reason: reason || null }];
  });
}

/**
 * The values of all History-Info headers (RFC 7044). Its entries are the targets the call had, oldest first by
 * `index`; the last one is where it is now (`dialled`) and no diversion. Returned most recent first.
 */
export function parseHistoryInfo(headers: readonly string[], dialled: string): Diversion[] {
  const entries = headers
    .flatMap((header) => splitOutsideQuotes(header, ','))
    .slice(0, MOST)
    .flatMap((text) => parseSipAddress(text) ?? [])
    .map((address, position) => ({ address, position, index: indexOf(address) }))
    .sort((one, other) => compareIndex(one.index, other.index) || one.position - other.position)
    .map(({ address }) => address);
  const last = entries.at(-1);
  const targets = last && sameNumber(last.user, dialled) ? entries.slice(0, -1) : entries;
  return targets
    .map((address, at) => ({
      number: address.user,
      source: 'history-info' as const,
      reason: reasonOf(address, entries[at + 1]),
    }))
    .filter(({ number }) => number !== '')
    .reverse();
}

/** `1.2.1` as numbers; null when it is none. */
function indexOf(address: SipAddress): number[] | null {
  const text = address.params.get('index') ?? '';
  return /^\d{1,6}(\.\d{1,6}){0,30}$/.test(text) ? text.split('.').map(Number) : null;
}

/** Entries without an index keep the place they came in. */
function compareIndex(one: number[] | null, other: number[] | null): number {
  if (!one || !other) return 0;
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = (one[at] ?? -1) - (other[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Why a target was left: the `Reason` in its own URI, or the `cause` of the target that followed. */
function reasonOf(address: SipAddress, next: SipAddress | undefined): string | null {
  const own = /cause=(\d{3})/i.exec(percentDecoded(address.uriHeaders.get('reason') ?? ''))?.[1];
  const cause = own ?? next?.params.get('cause');
  return cause ? (REASONS[cause] ?? cleanText(cause, 40)) : null;
}

/** Carriers write one number in several ways: equal when the digits of one end with those of the other. */
function sameNumber(one: string, other: string): boolean {
  const [a, b] = [one.replace(/\D/g, ''), other.replace(/\D/g, '')];
  if (a.length < 3 || b.length < 3) return one === other;
  return a.endsWith(b) || b.endsWith(a);
}
