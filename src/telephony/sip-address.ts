import { cleanText, percentDecoded } from './caller-text';

/** A `name-addr` or bare URI of a SIP header (RFC 3261 §20.10), taken apart without trusting it. */
export interface SipAddress {
  displayName: string;
  /** User part of a sip:/sips: URI or the digits of a tel: URI, percent-escapes resolved, without parameters. */
  user: string;
  host: string;
  /** Header fields after `?` in the URI, names in lower case, values as text. */
  uriHeaders: ReadonlyMap<string, string>;
  /** Parameters after the address, names in lower case. */
  params: ReadonlyMap<string, string>;
}

const LONGEST_HEADER = 8192;

/** Splits at a separator that is neither in a quoted string nor between angle brackets. */
export function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  let depth = 0;
  for (let at = 0; at < Math.min(text.length, LONGEST_HEADER); at++) {
    const unit = text.charAt(at);
    if (quoted && unit === '\\') {
      part += unit + text.charAt(++at);
      continue;
    }
    if (unit === '"') quoted = !quoted;
    else if (!quoted && unit === '<') depth = 1;
    else if (!quoted && unit === '>') depth = 0;
    if (unit === separator && !quoted && depth === 0) {
      parts.push(part);
      part = '';
    } else part += unit;
  }
  parts.push(part);
  return parts.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

/** Null when there is no URI in it. */
export function parseSipAddress(text: string): SipAddress | null {
  const [address = '', ...paramTexts] = splitOutsideQuotes(text.trim(), ';');
  const bracket = indexOfBracket(address);
  const close = bracket < 0 ? -1 : address.indexOf('>', bracket);
  if (bracket >= 0 && close < 0) return null;
  const uri = parseUri(bracket < 0 ? address : address.slice(bracket + 1, close));
  if (!uri) return null;
  const displayName = bracket < 0 ? '' : unquoted(address.slice(0, bracket).trim());
  return { displayName: cleanText(displayName, 80), ...uri, params: parsePairs(paramTexts) };
}

/** The first `<` outside a quoted string, or -1. */
function indexOfBracket(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charAt(at);
    if (quoted && unit === '\\') at++;
    else if (unit === '"') quoted = !quoted;
    else if (unit === '<' && !quoted) return at;
  }
  return -1;
}

function parseUri(uri: string): Pick<SipAddress, 'user' | 'host' | 'uriHeaders'> | null {
  const match = /^\s*(sips?|tel):([^?]*)(?:\?(.*))?$/is.exec(uri);
  if (!match) return null;
  const [, scheme = '', rest = '', headers = ''] = match;
  const uriHeaders = parsePairs(headers.split('&').slice(0, 20));
  const userOf = (text: string) => cleanText(percentDecoded(text.split(';')[0] ?? ''), 64);
  if (scheme.toLowerCase() === 'tel') return { user: userOf(rest), host: '', uriHeaders };
  const at = rest.lastIndexOf('@');
  const host = cleanText((rest.slice(at + 1).split(';')[0] ?? '').trim(), 255);
  return { user: at < 0 ? '' : userOf(rest.slice(0, at).split(':')[0] ?? ''), host, uriHeaders };
}

function parsePairs(texts: string[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts.slice(0, 20)) {
    const equals = text.indexOf('=');
    const name = (equals < 0 ? text : text.slice(0, equals)).trim().toLowerCase();
    if (name) pairs.set(name, equals < 0 ? '' : unquoted(text.slice(equals + 1).trim()));
  }
  return pairs;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1');
}
