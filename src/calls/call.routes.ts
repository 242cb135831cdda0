import { z } from 'zod';
import { HotlineError } from '../errors';
import { maskDiversions, maskNumber, maskNumbersIn } from '../lines/phone-number';
import { may } from '../permissions';
import { route, type Caller, type Route } from '../platform/http-route';
import type { CallRecord, JournalEvent, PartyRecord } from './call-record';
import { CALL_OUTCOMES, callEventView, callRecordView, ownCallView } from './call-view';
import type { CallRecordStore } from './call-record.store';

interface Deps {
  records: CallRecordStore;
  /** The live call's own record is not folded yet: its events so far. */
  audit: {
    append(entry: {
      who: string;
      action: string;
      subject: string;
      facts: Record<string, unknown>;
      address: string;
    }): Promise<unknown>;
  };
  liveNumber(callId: string): { callerNumber: string | null; seats: string[] } | null;
  ticketNumbers(callIds: string[]): Promise<Map<string, string[]>>;
  /** Those of the calls whose work order keeps its citizen hidden (举报, 保密). */
  ofHiddenCitizens(callIds: string[]): Promise<Set<string>>;
  nameOf(seatId: string): string | null;
}

const callParams = z.object({ callId: z.string().max(80) });
const listQuery = z.object({
  seatId: z.string().max(80).optional(),
  lineId: z.string().max(80).optional(),
  outcome: z.enum(CALL_OUTCOMES).optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  after: z
    .string()
    .regex(/^\d{10,16}_[\w-]{1,80}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Call records (话单): lists, one with its timeline, and the audited look at a masked number. */
export function callRoutes(deps: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/calls',
      tag: '通话记录',
      summary: '通话记录（话单），最新在前',
      action: 'call.view-all',
      query: listQuery,
      reply: z.object({ calls: z.array(callRecordView), next: z.string().nullable() }),
      handle: async ({ query, caller }) => {
        const records = await deps.records.list(query);
        const hidden = await hiddenFrom(caller, records, deps);
        return page(records.map(citizenLeftOut(hidden)), query.limit);
      },
    }),
    route({
      method: 'get',
      path: '/desk/calls',
      tag: '坐席',
      summary: '本人最近的通话',
      action: 'call.view-own',
      query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
      reply: z.object({ calls: z.array(ownCallView) }),
      handle: async ({ query, caller }) => {
        const records = await deps.records.list({ seatId: caller.personId, limit: query.limit });
        const numbers = await deps.ticketNumbers(records.map(({ callId }) => callId));
        return {
          calls: records.map((record) => ({
            ...shortly(record),
            ticketNumbers: numbers.get(record.callId) ?? [],
          })),
        };
      },
    }),
    route({
      method: 'get',
      path: '/calls/:callId',
      tag: '通话记录',
      summary: '一条通话记录及其经过',
      action: 'call.view-own',
      params: callParams,
      reply: z.object({
        record: callRecordView,
        timeline: z.array(callEventView),
        names: z.record(z.string(), z.string()).describe('坐席姓名'),
      }),
      handle: async ({ params, caller }) => {
        const found = await deps.records.record(params.callId);
        if (!found || !seesRecord(caller, found.record))
          throw new HotlineError('not-found', '没有这个通话记录');
        const leaveOut = citizenLeftOut(await hiddenFrom(caller, [found.record], deps));
        const record = leaveOut(found.record);
        const events = found.events.map((event) => (event.kind === 'callArrived' ? leaveOut(event) : event));
        const people = [...record.seats, ...record.rings.map(({ seatId }) => seatId)];
        const names = people.map((seatId): [string, string] => [seatId, deps.nameOf(seatId) ?? seatId]);
        return {
          record: masked(record),
          timeline: events.map(maskedEvent),
          names: Object.fromEntries(names),
        };
      },
    }),
    route({
      method: 'post',
      path: '/desk/calls/:callId/reveal',
      tag: '坐席',
      summary: '查看来电完整号码（记入审计）',
      action: 'number.reveal',
      params: callParams,
      reply: z.object({ number: z.string().nullable() }),
      handle: async ({ params, caller }) => {
        const { callId } = params;
        const found = deps.liveNumber(callId) ?? (await deps.records.record(callId))?.record;
        if (!found || !caller || !seesRecord(caller, found))
          throw new HotlineError('not-found', '没有这个通话记录');
        await deps.audit.append({
          who: caller.personId,
          action: 'number.reveal',
          subject: callId,
          facts: {},
          address: caller.address,
        });
        return { number: found.callerNumber };
      },
    }),
  ];
}

/** An agent sees the calls the own seat talked in; supervisors and administrators see all. */
export function seesRecord(caller: Caller | null, { seats }: { seats: string[] }): boolean {
  return caller !== null && (may(caller.role, 'call.view-all') || seats.includes(caller.personId));
}

/** The calls whose citizen must stay hidden from the caller, as he is on the work order. */
async function hiddenFrom(
  caller: Caller | null,
  records: readonly CallRecord[],
  deps: Pick<Deps, 'ofHiddenCitizens'>,
): Promise<Set<string>> {
  if (caller && may(caller.role, 'ticket.view-confidential')) return new Set();
  return deps.ofHiddenCitizens(records.map(({ callId }) => callId));
}

/** Even a masked number leads to somebody. */
function citizenLeftOut(hidden: ReadonlySet<string>) {
  return <T extends Numbers & { callId: string; about: CallRecord['about'] }>(facts: T): T =>
    hidden.has(facts.callId)
      ? {
          ...facts,
          callerNumber: null,
          callerName: '',
          dialled: facts.direction === 'inbound' ? facts.dialled : '',
          diversions: [],
          about: { ticketId: null, callbackId: null },
        }
      : facts;
}

type Numbers = Pick<
  CallRecord,
  'callerNumber' | 'callerName' | 'dialled' | 'direction' | 'diversions' | 'line'
>;

/** Whatever a record says of the citizen, without a readable number: the name and the diversions may hold one too. */
function masked<T extends Numbers>(facts: T): T {
  return {
    ...facts,
    ...('parties' in facts ? { parties: maskedParties(facts.parties as PartyRecord[]) } : {}),
    callerNumber: maskNumber(facts.callerNumber),
    callerName: maskNumbersIn(facts.callerName),
    // Going out, it is the citizen's number once more.
    dialled: facts.direction === 'inbound' ? facts.dialled : maskNumber(facts.dialled),
    diversions: maskDiversions(facts.diversions, facts.line.matchedNumber),
  };
}

function maskedEvent(event: JournalEvent): JournalEvent {
  if (event.kind === 'partyInvited') return { ...event, number: maskNumber(event.number) };
  return event.kind === 'callArrived' ? masked(event) : event;
}

function maskedParties(parties: PartyRecord[]): PartyRecord[] {
  return parties.map((party) => ({ ...party, number: party.number && maskNumber(party.number) }));
}

function page(records: CallRecord[], limit: number): { calls: CallRecord[]; next: string | null } {
  const last = records.length === limit ? records.at(-1) : undefined;
  return { calls: records.map(masked), next: last ? `${last.arrivedAt}_${last.callId}` : null };
}

function shortly(record: CallRecord) {
  const { callId, direction, arrivedAt, line, callerNumber, answeredAt, waitMs, talkMs, endedBy } = record;
  return {
    callId,
    direction,
    at: arrivedAt,
    lineName: line.lineName,
    masked: maskNumber(callerNumber),
    answered: answeredAt !== null,
    waitSeconds: Math.round(waitMs / 1000),
    talkSeconds: Math.round(talkMs / 1000),
    endedBy,
    rating: record.rating?.level ?? null,
    emergency: record.emergency,
  };
}
