import { isValidPhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/**
 * Telephone numbers as carriers, phones and administrators write them, read into one canonical form:
 *
 * | kind    | canonical      | example                                                |
 * |---------|----------------|--------------------------------------------------------|
 * | short   | `12345`        | 12345, 035512345, +8635512345, 110, 95588              |
 * | fixed   | `0` area local | 03552012319; another city's short code is `01012345`   |
 * | mobile  | 11 digits      | 13800138000                                            |
 * | service | 10 digits      | 4008123123                                             |
 * | foreign | E.164          | +85223456789                                           |
 * | unknown | none           | everything else; `digits` keeps what could be read     |
 *
 * Canonical forms read as themselves. Nothing a caller sends makes these functions throw.
 */
export type NumberKind = 'short' | 'fixed' | 'mobile' | 'service' | 'foreign' | 'unknown';

export interface ReadNumber {
  kind: NumberKind;
  /** The canonical form; null when unknown. */
  canonical: string | null;
  /** The short code inside, also when another city's area code stands before it: M0 looks at this. */
  shortCode: string | null;
  /** Digits as they were written, with a leading + where there was one; at most 40. */
  digits: string;
}

const LONGEST = 200;
/** 3-digit, 5-digit and 6-digit codes of the national plan (110, 12345, 116114), and 95/96 service codes. */
const SHORT = /^(?:1[0-2]\d|1[0-2]\d{3,4}|9[56]\d{3,6})$/;
const MOBILE = /^1[3-9]\d{9}$/;
const LOCAL = /^[2-8]\d{6,7}$/;
const SERVICE = /^[48]00\d{7}$/;
/** Area code without its 0: Beijing and the 02x cities have two digits, all others three; 86x is the country code. */
const AREA = /^(10|2[0-57-9]|(?!86[0-8])[3-9]\d\d)/;
/** Prefixes that choose a carrier for a long-distance call; they say nothing about who was called. */
const CARRIER_PREFIX = /^(?:17951|17911|17909|12593|10193)(?=0\d{9}|1[3-9]\d{9}$)/;

/** What was read last, because every call is for one of a few numbers. */
const lastRead = new Map<string, Readonly<ReadNumber>>();

/** Reads one number. `areaCode` is the city's own, with its 0 (setting AREA_CODE), for numbers written without one. */
export function readNumber(raw: string, areaCode: string): Readonly<ReadNumber> {
  if (raw.length > 20) return read(raw, areaCode);
  const key = `${areaCode} ${raw}`;
  const known = lastRead.get(key);
  if (known) return known;
  const number = read(raw, areaCode);
  if (lastRead.size >= 1000) lastRead.clear();
  lastRead.set(key, number);
  return number;
}

function read(raw: string, areaCode: string): ReadNumber {
  const written = userPart(raw);
  const digits = written.text.replace(/(?!^\+)\D/g, '').slice(0, 40);
  const unknown: ReadNumber = { kind: 'unknown', canonical: null, shortCode: null, digits };
  const compact = written.text.replace(/\(0\)(?=[ -.]?\d)/g, (zero, at: number) =>
    at > 0 && written.text[0] === '+' ? '' : zero,
  );
  const plain = compact.replace(/[\s().\-/‐-―_]/g, '');
  if (!/^\+?\d{3,24}$/.test(plain)) return unknown;
  const found = readDigits(withContext(plain, written.context), areaCode);
  return found ? { ...found, digits } : unknown;
}

/** The canonical form of a number, or null when it cannot be read. */
export function normaliseNumber(raw: string, areaCode: string): string | null {
  return readNumber(raw, areaCode).canonical;
}

/** Whether two notations mean one number. Unreadable numbers are never the same as anything. */
export function sameNumber(one: string, other: string, areaCode: string): boolean {
  const canonical = normaliseNumber(one, areaCode);
  return canonical !== null && canonical === normaliseNumber(other, areaCode);
}

/**
 * A citizen's number as people without the right to see it get it: 138****5678, 0355***2319. Public short codes
 * and service numbers stay readable. Null, empty and words such as `anonymous` give 号码隐藏.
 */
export function maskNumber(number: string | null): string {
  const text = (number ?? '').slice(0, LONGEST).normalize('NFKC').trim();
  if (!/\d/.test(text) || /^(?:anonymous|restricted|unavailable|private|unknown)\b/i.test(text))
    return '号码隐藏';
  const digits = text.replace(/(?!^\+)\D/g, '');
  if (MOBILE.test(digits)) return `${digits.slice(0, 3)}****${digits.slice(-4)}`;
  if (SHORT.test(digits) || SERVICE.test(digits)) return digits;
  const area = digits.startsWith('0') ? AREA.exec(digits.slice(1))?.[1] : undefined;
  if (area && LOCAL.test(digits.slice(area.length + 1)))
    return `0${area}${'*'.repeat(digits.length - area.length - 5)}${digits.slice(-4)}`;
  if (area && SHORT.test(digits.slice(area.length + 1))) return digits;
  const foreign = digits.startsWith('+') ? parsePhoneNumberFromString(digits) : undefined;
  if (foreign && digits.length >= 9) return `+${foreign.countryCallingCode}****${digits.slice(-2)}`;
  return digits.length >= 7 ? `${digits.slice(0, 2)}****${digits.slice(-2)}` : '****';
}

/** A text with every number in it masked: a phone's display name often is its number once more. */
export function maskNumbersIn(text: string): string {
  return text.replace(/\+?\d(?:[\s().-]{0,2}\d){6,}/g, (number) => maskNumber(number));
}

/** The numbers a call was diverted from: the line's own stays readable, any other may be somebody's private phone. */
export function maskDiversions(numbers: readonly string[], matchedNumber: string): string[] {
  return numbers.map((number) => (number === matchedNumber ? number : maskNumber(number)));
}

type Found = Omit<ReadNumber, 'digits'>;

/** Takes the user part out of a URI or a name-addr, and a local number's phone-context (RFC 3966 §5.1.5). */
function userPart(raw: string): { text: string; context: string | null } {
  let text = raw.slice(0, LONGEST).normalize('NFKC').replace(/%2b/gi, '+').replace(/[⁺﹢]/g, '+');
  text = /<([^<>]*)>/.exec(text)?.[1] ?? text;
  text = text.trim().replace(/^(?:sips?|tel):/i, '');
  const context = /;\s*phone-context\s*=\s*(\+\d{1,7})(?![\d.])/i.exec(text)?.[1] ?? null;
  return { text: (text.split(/[@;?,]/)[0] ?? '').trim(), context };
}

/** A number relative to +86… becomes a global one; other contexts (domain names) say nothing. */
function withContext(plain: string, context: string | null): string {
  if (!context?.startsWith('+86') || /^(?:\+|00)/.test(plain)) return plain;
  return plain.startsWith('0') ? `+86${plain}` : `${context}${plain}`;
}

function readDigits(plain: string, areaCode: string): Found | null {
  const number = plain.replace(CARRIER_PREFIX, '');
  if (number.startsWith('+86')) return readChinese(number.slice(3), areaCode);
  if (number.startsWith('0086')) return readChinese(number.slice(4), areaCode);
  if (number.startsWith('+')) return readForeign(number);
  if (number.startsWith('00')) return readForeign(`+${number.slice(2)}`);
  return readDomestic(number, areaCode) ?? readBareCountryCode(number, areaCode);
}

/** What follows +86: with or without the long-distance 0, and, from careless exchanges, a short code alone. */
function readChinese(rest: string, areaCode: string): Found | null {
  const national = rest.replace(/^0/, '');
  if (national.startsWith('0')) return null;
  return readWhole(national) ?? readWithArea(national, areaCode) ?? readLocal(national, areaCode);
}

/** As dialled inside the country. A leading 0 announces an area code, a mobile of another place, or is superfluous. */
function readDomestic(number: string, areaCode: string): Found | null {
  if (number.startsWith('0')) {
    const national = number.slice(1);
    const careless = national.startsWith('86') ? readChinese(national.slice(2), areaCode) : null;
    return readWithArea(national, areaCode) ?? readWhole(national) ?? careless;
  }
  const home = areaCode.slice(1);
  const afterHome = number.startsWith(home) ? number.slice(home.length) : '';
  return (
    readWhole(number) ??
    readLocal(number, areaCode) ??
    (SHORT.test(afterHome) || isLocalOf(home, afterHome) ? readWithArea(number, areaCode) : null) ??
    (number.length >= 10 && !number.startsWith('1') ? readWithArea(number, areaCode) : null)
  );
}

/** 86355…, 8613…: the country code without its plus. Nine digits or more, so that no local number is meant. */
function readBareCountryCode(number: string, areaCode: string): Found | null {
  if (!number.startsWith('86') || number.length < 9) return null;
  return readChinese(number.slice(2), areaCode);
}

/** Numbers that need no area code. */
function readWhole(number: string): Found | null {
  if (SHORT.test(number)) return { kind: 'short', canonical: number, shortCode: number };
  if (MOBILE.test(number)) return { kind: 'mobile', canonical: number, shortCode: null };
  if (SERVICE.test(number)) return { kind: 'service', canonical: number, shortCode: null };
  return null;
}

/** Area code (without 0) and a local number, a short code, or a mobile dialled through that city. */
function readWithArea(national: string, areaCode: string): Found | null {
  const area = AREA.exec(national)?.[1];
  if (!area) return null;
  const rest = national.slice(area.length);
  if (LOCAL.test(rest)) return { kind: 'fixed', canonical: `0${area}${rest}`, shortCode: null };
  if (MOBILE.test(rest)) return { kind: 'mobile', canonical: rest, shortCode: null };
  if (!SHORT.test(rest)) return null;
  // Another city's 12345 is not ours: it keeps its area code.
  return { kind: 'short', canonical: `0${area}` === areaCode ? rest : `0${area}${rest}`, shortCode: rest };
}

function readLocal(number: string, areaCode: string): Found | null {
  if (!isLocalOf(areaCode.slice(1), number)) return null;
  return { kind: 'fixed', canonical: `${areaCode}${number}`, shortCode: null };
}

/** Whether these digits are as long as that city's local numbers are: seven in some cities, eight in others. */
function isLocalOf(area: string, digits: string): boolean {
  return LOCAL.test(digits) && localLength(area) === digits.length;
}

const knownLengths = new Map<string, number>();

/** The numbering plan knows it: an eight-digit number is valid only where local numbers have eight digits. */
function localLength(area: string): number {
  const known = knownLengths.get(area);
  if (known) return known;
  const length = ['62012319', '82012319'].some((local) => isValidPhoneNumber(`+86${area}${local}`)) ? 8 : 7;
  if (knownLengths.size < 1000) knownLengths.set(area, length);
  return length;
}

/** Numbers of other countries, Hong Kong, Macao and Taiwan: E.164 where the numbering plans allow it. */
function readForeign(number: string): Found | null {
  const parsed = parsePhoneNumberFromString(number);
  if (!parsed?.isPossible() || parsed.countryCallingCode === '86' || parsed.number.length > 16) return null;
  // Some plans strip a trunk prefix; only a form that reads as itself is canonical.
  if (parsePhoneNumberFromString(parsed.number)?.number !== parsed.number) return null;
  return { kind: 'foreign', canonical: parsed.number, shortCode: null };
}
