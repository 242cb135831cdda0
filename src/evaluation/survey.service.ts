import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { TicketRow } from '../tickets/ticket-row';
import type { Evaluations } from './evaluation.service';
import type { EvaluationStore } from './evaluation.store';
import type { FollowUps } from './follow-up.service';
import type { FollowUpStore } from './follow-up.store';
import { surveyRecord, type SurveyAnswer, type SurveyChannel } from './survey';

interface Limit {
  /** Counts an attempt; answers null when it may go on, else the seconds to wait. */
  take(key: string): Promise<number | null>;
}

interface Parts {
  store: FollowUpStore;
  evaluationStore: Pick<EvaluationStore, 'command' | 'saidByCitizen'>;
  evaluations: Pick<Evaluations, 'record'>;
  followUps: Pick<FollowUps, 'makeLink'>;
  clock: Clock;
  /** The work order of a number with its query code. Throws `not-found` for a wrong pair, `too-many-attempts`. */
  own(number: string, queryCode: string, address: string): Promise<TicketRow>;
  /** By remote address. */
  limit: Limit;
}

/** How often a citizen's answer is tried again when somebody changes the work order at the same moment. */
const TRIES = 3;

/** The public page's side of the survey (E1): whoever has the link, or number and query code, answers once a round. */
export class Survey {
  constructor(private readonly parts: Parts) {}

  /** A link of number and query code. Throws as `own`, and `wrong-state` before the matter is concluded. */
  async tokenFor(number: string, queryCode: string, address: string): Promise<string> {
    const { evaluationStore, followUps, clock, own } = this.parts;
    const ticket = await own(number, queryCode, address);
    return evaluationStore.command((trx: Knex) => followUps.makeLink(trx, ticket, 'web', clock.now()));
  }

  /** What the page shows; nothing of who the citizen is. Throws `not-found`, `too-many-attempts`. */
  async show(token: string, address: string) {
    await take(this.parts.limit, address);
    const { ticket, round } = await this.linked(token);
    return {
      number: ticket.number,
      title: ticket.title,
      unitName: ticket.lead_unit_name,
      answer: ticket.answer,
      concludedAt: ticket.concluded_at?.toISOString() ?? null,
      answered: await this.parts.evaluationStore.saidByCitizen(ticket.ticket_id, round),
    };
  }

  /** Takes the citizen's answer, once. Throws `not-found`, `wrong-state` when it was given before, `too-many-attempts`. */
  async answer(token: string, said: SurveyAnswer, address: string): Promise<void> {
    await take(this.parts.limit, address);
    for (let left = TRIES; ; left -= 1)
      try {
        return await this.answerNow(token, said, address);
      } catch (fault) {
        const again = fault instanceof HotlineError && fault.code === 'stale-version' && left > 1;
        if (!again) throw fault;
      }
  }

  private async answerNow(token: string, said: SurveyAnswer, address: string): Promise<void> {
    const { ticket, round, channel } = await this.linked(token);
    if (await this.parts.evaluationStore.saidByCitizen(ticket.ticket_id, round))
      throw new HotlineError('wrong-state', '您已评价过，谢谢。');
    const result = { outcome: 'evaluated', channel, answer: surveyRecord.parse(said) } as const;
    await this.parts.evaluations.record(ticket.ticket_id, ticket.version, result, citizen(address), null);
  }

  private async linked(token: string): Promise<{ ticket: TicketRow; round: number; channel: SurveyChannel }> {
    const link = await this.parts.store.link(token, this.parts.clock.now());
    if (!link) throw new HotlineError('not-found', '链接无效或已过期。');
    return link;
  }
}

/** Acts as 12345 does when it writes down what the citizen says. */
const citizen = (address: string): Caller => ({
  personId: 'citizen',
  name: '诉求人',
  role: 'agent',
  unitId: null,
  sessionId: '',
  address,
});

async function take(limit: Limit, key: string): Promise<void> {
  const wait = await limit.take(key);
  if (wait !== null)
    throw new HotlineError('too-many-attempts', '操作过于频繁，请稍后再试。', {
      retryAfterSeconds: Math.ceil(wait),
    });
}
