import { maskNumber, maskNumbersIn } from '../lines/phone-number';

const NUMBERLESS = /^(\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?|\d{8}-\d{6,9}|[0-9a-f-]{36}|[0-9a-f]{64})$/;

/** An entry's facts for whoever may not see whole phone numbers (an overseer): masked in every text, days and ids are not. */
export function factsWithoutNumbers(facts: unknown): unknown {
  if (typeof facts === 'string') return NUMBERLESS.test(facts) ? facts : maskNumbersIn(facts);
  if (typeof facts === 'number') return facts > 999_999 ? maskNumber(String(facts)) : facts;
  if (Array.isArray(facts)) return facts.map(factsWithoutNumbers);
  if (typeof facts !== 'object' || facts === null) return facts;
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, factsWithoutNumbers(value)]));
}
