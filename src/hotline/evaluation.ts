import { CalendarService } from '../deadlines/calendar.service';
import { Appeals, type Correct } from '../evaluation/appeal.service';
import { assessmentRoutes } from '../evaluation/assessment.routes';
import { Assessment } from '../evaluation/assessment.service';
import { AssessmentStore } from '../evaluation/assessment.store';
import { evaluationRoutes } from '../evaluation/evaluation.routes';
import { Evaluations, type EvaluationParts } from '../evaluation/evaluation.service';
import { EvaluationStore } from '../evaluation/evaluation.store';
import { followUpRoutes } from '../evaluation/follow-up.routes';
import { FollowUps } from '../evaluation/follow-up.service';
import { FollowUpStore } from '../evaluation/follow-up.store';
import { surveyRoutes } from '../evaluation/survey.routes';
import { Survey } from '../evaluation/survey.service';
import { CitizenMessages } from '../notifications/citizen-messages.service';
import { UnitInboxStore } from '../notifications/unit-inbox.store';
import { Throttle } from '../platform/throttle';
import type { Escalation } from '../supervision/escalation';
import { CitizenQuery } from '../tickets/citizen-query.service';
import { TicketReading } from '../tickets/ticket-reading.service';
import { TicketService } from '../tickets/ticket.service';
import { TicketStore } from '../tickets/ticket.store';
import { clock, type Ground } from './ground';

/** Many citizens may come from one address. */
const LIMIT = { name: 'survey', points: 60, windowSeconds: 600 };

/** Follow-up and evaluation (E1), on top of the work orders; `moved` is told of every command on them. */
export function buildEvaluation(
  { config, database, redis, audit, http }: Ground,
  from: {
    tickets: TicketService;
    service: TicketReading;
    calendar: CalendarService;
    query: CitizenQuery;
    citizenMessages: CitizenMessages;
  },
  others: {
    escalation: Escalation;
    correct: Correct;
    tellUnit: EvaluationParts['tellUnit'];
    callRating(callId: string): Promise<number | null>;
  },
): FollowUps {
  const store = new EvaluationStore(database);
  const followUpStore = new FollowUpStore(database);
  const assessmentStore = new AssessmentStore(database);
  const ticketStore = new TicketStore(database);
  const inbox = new UnitInboxStore(database);
  const { correct } = others;
  const evaluations = new Evaluations({
    ...{ store, followUps: followUpStore, tickets: from.tickets, ticketStore, inbox, clock },
    calendar: from.calendar,
    escalation: others.escalation,
    tellUnit: others.tellUnit,
    mostReopened: config.MOST_REOPENED,
    appealWorkingDays: config.APPEAL_WORKING_DAYS,
  });
  const followUps = new FollowUps({
    ...{ store: followUpStore, evaluations, evaluationStore: store, ticketStore, audit, clock },
    invite: async (trx, ticket, token, sourceId) => {
      // After the #: no server on the way writes it down.
      const link = `${config.PUBLIC_URL?.replace(/\/$/, '')}/survey#/${token}`;
      if (config.PUBLIC_URL) await from.citizenMessages.invite(trx, ticket, link, sourceId);
    },
    answeredPercent: config.FOLLOW_UP_ANSWERED_PERCENT,
    workingHours: config.FOLLOW_UP_WORKING_HOURS,
    mostAttempts: config.FOLLOW_UP_ATTEMPTS,
    linkDays: config.SURVEY_LINK_DAYS,
  });
  const appeals = new Appeals({
    ...{ store, ticketStore, inbox, correct, clock },
    calendar: from.calendar,
    workingDays: config.APPEAL_WORKING_DAYS,
  });
  const survey = new Survey({
    ...{ store: followUpStore, evaluationStore: store, evaluations, followUps, clock },
    own: (...pair) => from.query.own(...pair),
    limit: new Throttle(redis, config.REDIS_PREFIX, LIMIT),
  });
  const assessment = new Assessment({ store: assessmentStore, ticketStore, audit, correct, clock });
  http.mount([
    ...followUpRoutes({
      ...{ followUps, store: followUpStore, evaluations: store },
      visible: (ticketId, caller) => from.service.find(ticketId, caller),
      callRating: others.callRating,
      now: () => clock.now(),
    }),
    ...evaluationRoutes({ evaluations, appeals, store }),
    ...assessmentRoutes({ assessment, store: assessmentStore }),
    ...surveyRoutes({ survey }),
  ]);
  return followUps;
}
