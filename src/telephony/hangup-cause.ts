/** Why a leg ended, in our words, with its Q.850 number. The pairs follow ITU-T Q.850. */
export const HANGUP_CAUSES = {
  normal: 16,
  busy: 17,
  'no-user-response': 18,
  'no-answer': 19,
  'subscriber-absent': 20,
  rejected: 21,
  'invalid-number': 28,
  'normal-unspecified': 31,
  congestion: 34,
  'answered-elsewhere': 26,
  failure: 38,
  'channel-unavailable': 44,
  'not-allowed': 57,
  interworking: 127,
} as const;

export type HangupCause = keyof typeof HANGUP_CAUSES;

/** Our word for a Q.850 number; an unknown or missing number is `normal-unspecified`. */
export function causeFromQ850(q850: number | undefined): HangupCause {
  for (const [cause, number] of Object.entries(HANGUP_CAUSES))
    if (number === q850) return cause as HangupCause;
  return 'normal-unspecified';
}
