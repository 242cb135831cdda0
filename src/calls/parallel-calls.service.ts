import { HotlineError } from '../errors';
import { maskNumber } from '../lines/phone-number';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { CallRecord, PartyRecord } from './call-record';
import type { CallRecordStore } from './call-record.store';
import type { SharedCall, SharedStory, SharedTicket, SharedVia } from './parallel-call';

interface Deps {
  records: Pick<CallRecordStore, 'ofLines' | 'record' | 'recentCalls'>;
  /** The parallel lines a unit answers itself. */
  linesOf(unitId: string): { lineId: string; name: string }[];
  /** Work orders of these calls; `hidden` ones lead to a citizen the unit must not know. */
  ticketsOfCalls(callIds: readonly string[]): Promise<(SharedTicket & { callId: string; hidden: boolean })[]>;
  /** Open work orders of a number, without those whose citizen is hidden. */
  openTickets(number: string): Promise<SharedTicket[]>;
  citizenName(number: string): Promise<string | null>;
  audit: Pick<AuditStore, 'append'>;
  clock: Clock;
}

const DAYS = 30;
const LAST_CALLS = 10;

/**
 * The shared view of a parallel line's people (M3): calls of their line and those passed on to them, the work orders, and
 * the citizen's story. Another unit's calls do not exist for them, nor does a call of which a report (举报) or a
 * confidential work order was made; numbers stay masked.
 */
export class ParallelCalls {
  constructor(private readonly deps: Deps) {}

  /** One page of the last 30 days, newest first. */
  async list(
    unitId: string | null,
    page: { after?: string | undefined; limit: number },
  ): Promise<{ calls: SharedCall[]; next: string | null }> {
    const lineIds = this.lineIds(unitId);
    if (lineIds.length === 0) return { calls: [], next: null };
    const since = new Date(this.deps.clock.now().getTime() - DAYS * 86_400_000);
    const records = await this.deps.records.ofLines(lineIds, { ...page, since });
    const last = records.length === page.limit ? records.at(-1) : undefined;
    const next = last ? `${last.arrivedAt}_${last.callId}` : null;
    return { calls: await this.shared(records, lineIds), next };
  }

  /** One call and its story; the look is in the audit trail. Throws `not-found`, also for another unit's call. */
  async show(callId: string, caller: Pick<Caller, 'personId' | 'address' | 'unitId'>): Promise<SharedStory> {
    const lineIds = this.lineIds(caller.unitId);
    const found = (await this.deps.records.record(callId))?.record;
    const theirs = found && (lineIds.includes(found.line.lineId) || partyOf(found, lineIds));
    const [call] = theirs ? await this.shared([found], lineIds) : [];
    if (!found || !call) throw new HotlineError('not-found', '没有这个通话');
    await this.deps.audit.append({
      who: caller.personId,
      action: 'parallel.view',
      subject: callId,
      facts: { via: call.via },
      address: caller.address,
    });
    const passedOn = call.via !== 'line' && found.callerNumber !== null;
    return { call, citizen: passedOn ? await this.citizen(found.callerNumber ?? '', callId) : null };
  }

  private lineIds(unitId: string | null): string[] {
    return unitId === null ? [] : this.deps.linesOf(unitId).map(({ lineId }) => lineId);
  }

  private async shared(records: readonly CallRecord[], lineIds: readonly string[]): Promise<SharedCall[]> {
    const tickets = await this.deps.ticketsOfCalls(records.map(({ callId }) => callId));
    const hidden = new Set(tickets.filter((ticket) => ticket.hidden).map(({ callId }) => callId));
    return records
      .filter(({ callId }) => !hidden.has(callId))
      .map((record) => ({
        callId: record.callId,
        at: record.arrivedAt,
        lineName: record.line.lineName,
        masked: maskNumber(record.callerNumber),
        via: viaOf(record, lineIds),
        reached: record.parties.some(({ lineId, joinedAt }) => isOne(lineId, lineIds) && joinedAt !== null),
        outcome: record.outcome,
        talkSeconds: Math.round(record.talkMs / 1000),
        tickets: tickets
          .filter((ticket) => ticket.callId === record.callId)
          .map(({ number, title, state }) => ({ number, title, state })),
      }));
  }

  private async citizen(number: string, callId: string): Promise<NonNullable<SharedStory['citizen']>> {
    const { records, openTickets, citizenName, ticketsOfCalls } = this.deps;
    const [name, calls, open] = await Promise.all([
      citizenName(number),
      records.recentCalls(number, LAST_CALLS + 1, () => null),
      openTickets(number),
    ]);
    const tickets = await ticketsOfCalls(calls.map((call) => call.callId));
    const hidden = new Set(tickets.filter((ticket) => ticket.hidden).map((ticket) => ticket.callId));
    const lastCalls = calls
      .filter((call) => call.callId !== callId && !hidden.has(call.callId))
      .slice(0, LAST_CALLS)
      .map(({ at, lineName, answered }) => ({ at, lineName, answered }));
    return { name: name || null, lastCalls, openTickets: open };
  }
}

const isOne = (lineId: string | null, lineIds: readonly string[]): boolean =>
  lineId !== null && lineIds.includes(lineId);

function partyOf({ parties }: CallRecord, lineIds: readonly string[]): PartyRecord | undefined {
  return parties.findLast(({ lineId }) => isOne(lineId, lineIds));
}

function viaOf(record: CallRecord, lineIds: readonly string[]): SharedVia {
  const purpose = partyOf(record, lineIds)?.purpose;
  if (purpose !== undefined && purpose !== 'barge') return purpose;
  return record.line.matchedBy === 'exchange' ? 'exchange' : 'line';
}
