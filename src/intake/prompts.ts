/** Names of the recordings in asterisk-config/sounds/zh that the call path itself plays; each can be replaced there. */
export const PROMPTS = {
  recordedNotice: 'notice-recorded',
  queueWait: 'queue-wait',
  positionBefore: 'position-before',
  positionAfter: 'position-after',
  youAreNext: 'you-are-next',
  /** Instead of the greeting, to whoever dialled a number that was withdrawn. */
  lineEnded: 'line-ended',
} as const;

/** A whole number from 0 to 999 spoken in Mandarin, as recording names: 12 → ten, digit-2 (十二); 205 → 二百零五. */
export function spokenNumber(value: number): string[] {
  const number = Math.max(0, Math.min(999, Math.trunc(value)));
  if (number < 10) return [`digit-${number}`];
  const hundreds = Math.floor(number / 100);
  const tens = Math.floor((number % 100) / 10);
  const ones = number % 10;
  const words: string[] = [];
  if (hundreds) words.push(`digit-${hundreds}`, 'hundred');
  if (tens === 1 && !hundreds) words.push('ten');
  else if (tens) words.push(`digit-${tens}`, 'ten');
  else if (hundreds && ones) words.push('digit-0');
  if (ones) words.push(`digit-${ones}`);
  return words;
}

/** What a waiting caller is told: how many are before them. */
export function positionPrompts(before: number): string[] {
  if (before <= 0) return [PROMPTS.youAreNext];
  return [PROMPTS.positionBefore, ...spokenNumber(before), PROMPTS.positionAfter];
}
