import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import { maskNumber, normaliseNumber } from '../lines/phone-number';
import { may } from '../permissions';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Kept } from '../platform/kept';
import {
  judgeNuisance,
  nuisanceNumber,
  nuisanceState,
  type NuisanceBook,
  type NuisanceEntry,
  type NuisanceProposal,
  type NuisanceVerdict,
  type Protected,
  type Treatment,
} from './nuisance';
import type { NuisanceFilter, NuisanceStore } from './nuisance.store';

interface Deps {
  store: Pick<NuisanceStore, 'insert' | 'replace' | 'entry' | 'list' | 'openLines' | 'replaceOpenLines'>;
  kept: Pick<Kept<NuisanceBook>, 'now' | 'refresh'>;
  audit: Pick<AuditStore, 'append'>;
  clock: Clock;
  areaCode: string;
  policy: { maxDays: number; repeatCalls: number; repeatMs: number };
  /** The city's day of an instant, and the day so many days later. */
  day(at: Date): string;
  shiftDay(day: string, by: number): string;
  /** Numbers that can never be on the list: lines, units, contacts. */
  guarded(): Protected[];
  /** Number and seat of a call, live or recorded; null when there is none. */
  callFacts(callId: string): Promise<{ callerNumber: string | null; seatId: string | null } | null>;
  lineKnown(lineId: string): boolean;
}

type Who = Pick<Caller, 'personId' | 'name' | 'role' | 'address'>;

/** Callers turned away are remembered for this many numbers at most. */
const REMEMBERED = 5000;

/** How long a report proposes to block, in days. */
const USUAL_DAYS = 30;

/** The list of nuisance callers: judged in memory for the call path, changed with four eyes and their audit entries. */
export class NuisanceList {
  private readonly turnedAway = new Map<string, number[]>();

  constructor(private readonly deps: Deps) {}

  /** How this caller is to be treated now; null for everybody who is on no list. Asks nobody. */
  judge(callerNumber: string | null, lineId: string, at: Date): NuisanceVerdict | null {
    const { kept, policy, day } = this.deps;
    const turnedAway = callerNumber === null ? 0 : this.lately(callerNumber, at.getTime()).length;
    const question = { callerNumber, lineId, day: day(at), turnedAway };
    return judgeNuisance(kept.now, question, policy.repeatCalls);
  }

  /** How a call from this number, in any notation, would be treated now. */
  tried(number: string, lineId: string): NuisanceVerdict | null {
    const canonical = normaliseNumber(number, this.deps.areaCode) ?? number;
    return this.judge(canonical, lineId, this.deps.clock.now());
  }

  /** How a call that has arrived is treated: one that is turned away counts towards being put through. */
  nuisanceOf(callerNumber: string | null, lineId: string, at: Date): NuisanceVerdict | null {
    const verdict = this.judge(callerNumber, lineId, at);
    if (callerNumber !== null && verdict?.treatment === 'announce') {
      const times = [...this.lately(callerNumber, at.getTime()), at.getTime()];
      this.turnedAway.delete(callerNumber);
      this.turnedAway.set(callerNumber, times);
      const [oldest] = this.turnedAway.keys();
      if (this.turnedAway.size > REMEMBERED && oldest !== undefined) this.turnedAway.delete(oldest);
    }
    return verdict;
  }

  list(filter: NuisanceFilter): Promise<NuisanceEntry[]> {
    return this.deps.store.list(filter, this.today());
  }

  stateOf(entry: NuisanceEntry) {
    return nuisanceState(entry, this.today());
  }

  /** An entry for the number of a call of one's own, or (by who may see the list) for a number given. */
  async propose(proposal: NuisanceProposal, by: Who): Promise<NuisanceEntry> {
    const { match, treatment, reason, lastDay, callId } = proposal;
    this.checkDay(lastDay);
    const raw = callId === null ? this.given(proposal.number, by) : await this.numberOfCall(callId, by);
    const entry: NuisanceEntry = {
      entryId: randomUUID(),
      version: 1,
      number: this.checkNumber(raw, match),
      match,
      treatment,
      reason,
      callId,
      lastDay,
      state: 'proposed',
      proposed: this.act(by, reason),
      decided: null,
      lifted: null,
    };
    await this.deps.store.insert(entry, this.today(), this.audit('nuisance.propose', entry, by));
    return entry;
  }

  /** Puts an entry into force; the day and the treatment may be changed on the way. Never by who proposed it. */
  async approve(
    entryId: string,
    version: number,
    change: { lastDay?: string | undefined; treatment?: Treatment | undefined; words: string },
    by: Who,
  ): Promise<NuisanceEntry> {
    const before = await this.undecided(entryId, version, by);
    const lastDay = change.lastDay ?? before.lastDay;
    this.checkDay(lastDay);
    this.checkNumber(before.number, before.match);
    const after: NuisanceEntry = {
      ...before,
      version: version + 1,
      state: 'approved',
      lastDay,
      treatment: change.treatment ?? before.treatment,
      decided: this.act(by, change.words),
    };
    return this.save('nuisance.approve', after, by);
  }

  async refuse(entryId: string, version: number, words: string, by: Who): Promise<NuisanceEntry> {
    const before = await this.undecided(entryId, version, by);
    const decided = this.act(by, words);
    return this.save('nuisance.refuse', { ...before, version: version + 1, state: 'refused', decided }, by);
  }

  /** Ends an entry before its last day. */
  async lift(entryId: string, version: number, words: string, by: Who): Promise<NuisanceEntry> {
    const before = await this.known(entryId, version);
    if (this.stateOf(before) !== 'active')
      throw new HotlineError('wrong-state', '只有生效中的条目可以解除', { entryId });
    const lifted = this.act(by, words);
    return this.save('nuisance.lift', { ...before, version: version + 1, state: 'lifted', lifted }, by);
  }

  /** The whole number; the look is in the audit trail. */
  async reveal(entryId: string, by: Who): Promise<string> {
    const entry = await this.known(entryId, null);
    await this.deps.audit.append({
      who: by.personId,
      action: 'number.reveal',
      subject: `nuisance:${entryId}`,
      address: by.address,
    });
    return entry.number;
  }

  openLines(): Promise<string[]> {
    return this.deps.store.openLines();
  }

  /** Says on which lines nobody is ever blocked. */
  async replaceOpenLines(lineIds: readonly string[], by: Who): Promise<void> {
    const { store, audit, kept, lineKnown } = this.deps;
    const after = [...new Set(lineIds)].sort();
    const unknown = after.find((lineId) => !lineKnown(lineId));
    if (unknown !== undefined) throw new HotlineError('not-found', '没有这条热线', { lineId: unknown });
    const entry = {
      who: by.personId,
      action: 'nuisance.open-lines',
      subject: 'nuisance',
      address: by.address,
    };
    await store.replaceOpenLines(after, (within, before) =>
      audit.append({ ...entry, facts: { before, after } }, within),
    );
    await kept.refresh();
  }

  private lately(number: string, now: number): number[] {
    return (this.turnedAway.get(number) ?? []).filter((at) => now - at < this.deps.policy.repeatMs);
  }

  /** The last day a report proposes unless the agent says another, and the latest one there may be. */
  lastDays(): { defaultLastDay: string; latestLastDay: string } {
    const { policy, shiftDay } = this.deps;
    const after = (days: number) => shiftDay(this.today(), days);
    return {
      defaultLastDay: after(Math.min(USUAL_DAYS, policy.maxDays)),
      latestLastDay: after(policy.maxDays),
    };
  }

  private today(): string {
    return this.deps.day(this.deps.clock.now());
  }

  private checkDay(lastDay: string): void {
    const { policy, shiftDay } = this.deps;
    const latest = shiftDay(this.today(), policy.maxDays);
    if (lastDay < this.today()) throw new HotlineError('invalid-input', '截止日期已过', { field: 'lastDay' });
    if (lastDay > latest)
      throw new HotlineError('invalid-input', `最长${policy.maxDays}天，截止日期不能晚于${latest}`, {
        field: 'lastDay',
      });
  }

  private checkNumber(raw: string, match: NuisanceEntry['match']): string {
    const checked = nuisanceNumber(raw, match, this.deps.areaCode, this.deps.guarded());
    if ('fault' in checked) throw new HotlineError('invalid-input', checked.fault, { field: 'number' });
    return checked.number;
  }

  private given(number: string | null, by: Who): string {
    if (!may(by.role, 'nuisance.view')) throw new HotlineError('not-allowed', '只能从本人的通话提出');
    return number ?? '';
  }

  private async numberOfCall(callId: string, by: Who): Promise<string> {
    const facts = await this.deps.callFacts(callId);
    if (!facts || !(may(by.role, 'call.view-all') || facts.seatId === by.personId))
      throw new HotlineError('not-found', '没有这个通话记录', { callId });
    if (facts.callerNumber === null)
      throw new HotlineError('invalid-input', '号码隐藏的来电不能列入骚扰名单', { field: 'callId' });
    return facts.callerNumber;
  }

  private async undecided(entryId: string, version: number, by: Who): Promise<NuisanceEntry> {
    const entry = await this.known(entryId, version);
    if (entry.state !== 'proposed') throw new HotlineError('wrong-state', '该条目已经审批过', { entryId });
    if (entry.proposed.personId === by.personId)
      throw new HotlineError('not-allowed', '不能审批自己提出的条目', { entryId });
    return entry;
  }

  private async known(entryId: string, version: number | null): Promise<NuisanceEntry> {
    const entry = await this.deps.store.entry(entryId);
    if (!entry) throw new HotlineError('not-found', '没有这个条目', { entryId });
    if (version !== null && entry.version !== version)
      throw new HotlineError('stale-version', '该条目已被他人处理，请刷新后再试', { version: entry.version });
    return entry;
  }

  private async save(action: string, entry: NuisanceEntry, by: Who): Promise<NuisanceEntry> {
    await this.deps.store.replace(entry, this.audit(action, entry, by));
    await this.deps.kept.refresh();
    return entry;
  }

  private act(by: Who, words: string): NuisanceEntry['proposed'] {
    return { personId: by.personId, name: by.name, at: this.deps.clock.now().toISOString(), words };
  }

  private audit(action: string, entry: NuisanceEntry, by: Who) {
    const { number, match, treatment, lastDay, state, callId, lifted, decided, reason } = entry;
    const words = lifted?.words ?? decided?.words ?? reason;
    const facts = { number: maskNumber(number), match, treatment, lastDay, state, callId, words };
    const subject = `nuisance:${entry.entryId}`;
    return (within: Parameters<AuditStore['append']>[1]) =>
      this.deps.audit.append({ who: by.personId, action, subject, facts, address: by.address }, within);
  }
}
