/**
 * Every refusal this service can give, by a stable code. The HTTP edge turns a code into a status and an
 * `application/problem+json` body; the browser turns it into Chinese. Codes are never reused for something else.
 */
export const REFUSALS = {
  'not-signed-in': 401,
  'wrong-password': 401,
  'too-many-attempts': 429,
  'not-allowed': 403,
  'csrf-missing': 403,
  'not-found': 404,
  'invalid-input': 400,
  'too-large': 413,
  'unsupported-media-type': 415,
  'stale-version': 409,
  'wrong-state': 409,
  'already-exists': 409,
  'idempotency-mismatch': 409,
  'line-not-mergeable': 422, // M0
  'line-overlaps': 409,
  'return-too-late': 409, // T3
  'extension-too-late': 409, // T2
  'appeal-too-late': 409, // E1
  'calendar-unknown': 422, // a year the working calendar does not know
  'no-destination': 422,
  'switch-unavailable': 503,
  'not-ready': 503,
  'store-unavailable': 503,
  'internal-fault': 500,
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A refusal in the domain's words. `detail` is Chinese and may be shown to a user; `facts` go into the problem body. */
export class HotlineError extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
    readonly facts: Record<string, unknown> = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = 'HotlineError';
  }
}
