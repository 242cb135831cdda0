import { z } from 'zod';
import { ticketText } from '../tickets/ticket';

/** 好差评 (E1): five levels, counted as the call's own rating by key is. */
export const LEVELS = { 5: '非常满意', 4: '满意', 3: '基本满意', 2: '不满意', 1: '非常不满意' } as const;
export type SatisfactionLevel = keyof typeof LEVELS;

/** 基本满意 and better count as satisfied. */
export const SATISFIED_FROM: SatisfactionLevel = 3;

/** How the citizen was asked. */
export const SURVEY_CHANNELS = { call: '电话回访', sms: '短信评价', web: '网上评价' } as const;
export type SurveyChannel = keyof typeof SURVEY_CHANNELS;

/** What came of asking. */
export const OUTCOMES = { evaluated: '已评价', refused: '拒绝评价', unreachable: '未能接通' } as const;
export type Outcome = keyof typeof OUTCOMES;

const level = z.union([z.literal(5), z.literal(4), z.literal(3), z.literal(2), z.literal(1)]);

/** What a citizen says about the own matter. */
export const surveyAnswer = z.strictObject({
  level,
  /** 诉求是否解决. */
  solved: z.boolean(),
  /** 承办单位是否联系过诉求人; null: cannot say, or no unit had it. */
  unitContacted: z.boolean().nullable().default(null),
  /** 反馈情况是否属实; null: cannot say. */
  truthful: z.boolean().nullable().default(null),
  words: ticketText(2000).default(''),
});
export type SurveyAnswer = z.output<typeof surveyAnswer>;

/** The same as an agent writes it down, with the first opinion where it changed in the talk, and 12345's advice. */
export const surveyRecord = surveyAnswer.extend({
  firstLevel: level.nullable().default(null),
  /** To the unit, which reads it: never who the citizen is. */
  advice: ticketText(2000).default(''),
  callId: ticketText(80).min(1).nullable().default(null),
});
export type SurveyRecord = z.output<typeof surveyRecord>;

/** What a result leads to: followed up, done anew by the same unit, or followed up and shown to a supervisor. */
export type Consequence = 'followUp' | 'reopen' | 'supervise';

/** E1: whoever is not satisfied, or whose matter is not solved. */
export const isPoor = ({ level, solved }: Pick<SurveyAnswer, 'level' | 'solved'>): boolean =>
  level < SATISFIED_FROM || !solved;

/** E1: dissatisfied or unsolved is done again, but no more often than set; then a supervisor looks at it. */
export function consequenceOf(
  answer: Pick<SurveyAnswer, 'level' | 'solved'>,
  { reopened, mostReopened }: { reopened: number; mostReopened: number },
): Consequence {
  if (!isPoor(answer)) return 'followUp';
  return reopened < mostReopened ? 'reopen' : 'supervise';
}

/** A result in words that units and the timeline may have: nothing the citizen said himself. */
export function resultWords(
  outcome: Outcome,
  answer: Pick<SurveyAnswer, 'level' | 'solved' | 'unitContacted' | 'truthful'> | null,
): string {
  if (outcome !== 'evaluated' || !answer) return OUTCOMES[outcome];
  const { level: given, solved, unitContacted, truthful } = answer;
  return [
    LEVELS[given],
    solved ? '已解决' : '未解决',
    unitContacted === false ? '承办单位未联系诉求人' : '',
    truthful === false ? '反馈情况不属实' : '',
  ]
    .filter(Boolean)
    .join('，');
}
