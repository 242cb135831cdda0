import { Appeals, type Correct, type Correction } from '../../src/evaluation/appeal.service';
import { Assessment } from '../../src/evaluation/assessment.service';
import { AssessmentStore } from '../../src/evaluation/assessment.store';
import { Evaluations } from '../../src/evaluation/evaluation.service';
import { EvaluationStore } from '../../src/evaluation/evaluation.store';
import { FollowUps } from '../../src/evaluation/follow-up.service';
import { FollowUpStore } from '../../src/evaluation/follow-up.store';
import { surveyRecord, type SurveyRecord } from '../../src/evaluation/survey';
import { Survey } from '../../src/evaluation/survey.service';
import { UnitInboxStore } from '../../src/notifications/unit-inbox.store';
import { AuditStore } from '../../src/platform/audit.store';
import { Throttle } from '../../src/platform/throttle';
import { openRedis } from '../../src/platform/redis';
import type { RaiseCause } from '../../src/supervision/escalation';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import { CitizenQuery } from '../../src/tickets/citizen-query.service';
import { aTicket, person, ticketDesk, type DeskOptions } from './ticket-desk';

export interface EvaluationDeskOptions extends Omit<DeskOptions, 'moved'> {
  answeredPercent?: number;
  /** Public requests of one address in ten minutes. */
  publicRequests?: number;
  /** What performance/ does with a change in a closed month. */
  correct?: Correct;
}

/** Work orders with their follow-up and evaluation, wired as hotline/ does. */
export function evaluationDesk(options: EvaluationDeskOptions) {
  const { clock, redisUrl, answeredPercent = 100, publicRequests = 1000 } = options;
  const desk = ticketDesk({ ...options, moved: (...move) => followUps.moved(...move) });
  const { db, store: ticketStore, calendar } = desk;
  const store = new EvaluationStore(db);
  const followUpStore = new FollowUpStore(db);
  const assessmentStore = new AssessmentStore(db);
  const inbox = new UnitInboxStore(db);
  const audit = new AuditStore(db, clock);
  const redis = openRedis(redisUrl);
  const prefix = `evaluation-${Math.random().toString(36).slice(2)}`;
  const limit = (name: string, points: number) =>
    new Throttle(redis, prefix, { name, points, windowSeconds: 600 });
  const raised: { partId: string; cause: RaiseCause }[] = [];
  const invited: { ticketId: string; token: string }[] = [];
  const messaged: { unitId: string; number: string; result: string }[] = [];
  const corrected: Correction[] = [];
  const correct: Correct = options.correct ?? (async (_trx, correction) => void corrected.push(correction));
  const evaluations = new Evaluations({
    ...{ store, followUps: followUpStore, tickets: desk.tickets, ticketStore, inbox, calendar, clock },
    escalation: {
      raise: async (_trx, partId, cause) => {
        raised.push({ partId, cause });
        return true;
      },
    },
    tellUnit: async (_trx, told) => void messaged.push(told),
    mostReopened: 2,
    appealWorkingDays: 5,
  });
  const followUps: FollowUps = new FollowUps({
    ...{ store: followUpStore, evaluations, evaluationStore: store, ticketStore, audit, clock },
    invite: async (_trx, { ticket_id: ticketId }, token) => void invited.push({ ticketId, token }),
    ...{ answeredPercent, workingHours: 16, mostAttempts: 3, linkDays: 15 },
  });
  const query = new CitizenQuery({
    byNumber: (number) => ticketStore.findByNumber(number),
    byId: (ticketId) => ticketStore.find(ticketId),
    tickets: desk.tickets,
    guesses: { number: limit('number', 10), address: limit('guesses', 60) },
  });
  const survey = new Survey({
    ...{ store: followUpStore, evaluationStore: store, evaluations, followUps, clock },
    own: (...pair) => query.own(...pair),
    limit: limit('survey', publicRequests),
  });
  const appeals = new Appeals({ store, ticketStore, inbox, calendar, correct, clock, workingDays: 5 });
  const assessment = new Assessment({ store: assessmentStore, ticketStore, audit, correct, clock });
  const agent = person('agent');
  const row = async (ticketId: string) => {
    const found = await ticketStore.find(ticketId);
    if (!found) throw new Error(`no ticket ${ticketId}`);
    return found;
  };
  /** An action at the version the work order has now. */
  const act: typeof desk.tickets.act = async (action, ticketId, _version, input, caller, within) =>
    desk.tickets.act(action, ticketId, (await row(ticketId)).version, input, caller, within);

  return {
    ...desk,
    ...{ store, followUpStore, assessmentStore, evaluations, followUps, survey, appeals, assessment },
    ...{ raised, invited, messaged, corrected, row, act },
    ticketStore,
    clerkOf: (unitId: string) => person('unit', { personId: `clerk-${unitId}`, unitId }),
    /** From the unit's desk to 办结. */
    async conclude(ticketId: string, unitId = 'unit-a') {
      const clerk = person('unit', { personId: `clerk-${unitId}`, unitId });
      await act('acknowledge', ticketId, 0, {}, clerk);
      const reply = ACTION_INPUT.reply.parse({ handling: '已修', publicAnswer: '水管已修复', solved: true });
      await act('reply', ticketId, 0, reply, clerk);
      await act('check', ticketId, 0, { words: '' }, agent);
    },
    async concluded(changes: Parameters<typeof aTicket>[0] = {}) {
      const made = await desk.tickets.open(
        aTicket({ callId: 'call-1', unitId: 'unit-a', citizenName: '张三', ...changes }),
        agent,
      );
      await this.conclude(made.ticketId);
      return made;
    },
    /** What an agent writes down of a call, at the version the work order has now. */
    async record(ticketId: string, answer: Partial<SurveyRecord> = {}, caller = agent) {
      const whole = surveyRecord.parse({ level: 5, solved: true, ...answer });
      return followUps.record(ticketId, (await row(ticketId)).version, whole, caller);
    },
    timelineOf: async (ticketId: string) => (await ticketStore.timeline(ticketId)).map(({ kind }) => kind),
    async stop() {
      redis.disconnect();
      await desk.stop();
    },
  };
}
