/**
 * Everything a caller sends is hostile and may not even be Unicode. These functions never throw; what they return is
 * valid Unicode on one line, without control characters, invisible direction marks or half surrogates.
 */

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/** Controls, line and paragraph separators, direction overrides (they make a number read backwards), BOM. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;

const PLAIN = /^[!-~]*$/;

/** One clean line of at most `longest` characters (code points). Not escaped for HTML: whoever shows it does that. */
export function cleanText(text: string, longest: number): string {
  // Nearly every number and name of a header is clean already, and a seat's ring waits for this.
  if (text.length <= longest && PLAIN.test(text)) return text;
  // Cut first: a text of megabytes must not cost more than its beginning.
  const beginning = text.slice(0, longest * 8);
  const line = beginning
    .replace(LONE_SURROGATE, '\ufffd')
    .replace(INVISIBLE, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [...line].slice(0, longest).join('');
}

/** Bytes as text: UTF-8 if they are valid UTF-8, else GB18030 (which carriers and PBXs here send), else with U+FFFD. */
export function textFromBytes(bytes: Uint8Array): string {
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // Not this encoding: try the next.
    }
  }
  return new TextDecoder('utf-8').decode(bytes);
}

/** Base64 (as the dialplan hands over raw header bytes) as text, cut-off ends tolerated; what is not base64 counts as empty. */
export function textFromBase64(base64: string): string {
  try {
    const whole = base64.trim();
    const binary = atob(whole.slice(0, whole.length - (whole.length % 4)));
    return textFromBytes(Uint8Array.from(binary, (unit) => unit.charCodeAt(0)));
  } catch {
    return '';
  }
}

/** `%E5%BC%A0` or `%B2%E2` as text; a `%` that escapes nothing stays as it is. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    textFromBytes(Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16))),
  );
}
