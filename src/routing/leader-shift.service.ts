import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Kept } from '../platform/kept';
import type { LeaderShift, LeaderShiftInput } from './leader-shift';
import type { LeaderShiftStore } from './leader-shift.store';

interface Deps {
  store: Pick<LeaderShiftStore, 'insert' | 'replace'>;
  kept: Pick<Kept<LeaderShift[]>, 'now' | 'refresh'>;
  audit: Pick<AuditStore, 'append'>;
  clock: Clock;
  /** The person, when he may sit at a phone. */
  sitter(personId: string): { name: string } | null;
  lineKnown(lineId: string): boolean;
  queueKnown(queue: string): boolean;
}

type Who = Pick<Caller, 'personId' | 'address'>;

/** 领导接听日: who of the leaders answers when, and whose calls; read from memory by routing. */
export class LeaderShifts {
  constructor(private readonly deps: Deps) {}

  all(): readonly LeaderShift[] {
    return this.deps.kept.now;
  }

  async create(input: LeaderShiftInput, by: Who): Promise<LeaderShift> {
    this.check(input);
    const shift: LeaderShift = { ...input, shiftId: randomUUID(), version: 1 };
    await this.deps.store.insert(shift, this.audit('create', shift.shiftId, { after: input }, by));
    await this.deps.kept.refresh();
    return shift;
  }

  async change(shiftId: string, version: number, input: LeaderShiftInput, by: Who): Promise<LeaderShift> {
    const before = await this.known(shiftId);
    this.check(input);
    await this.deps.store.replace(
      shiftId,
      version,
      input,
      this.audit('change', shiftId, { before, after: input }, by),
    );
    await this.deps.kept.refresh();
    return { ...input, shiftId, version: version + 1 };
  }

  /** Calls a shift off, also while it is on. */
  async cancel(shiftId: string, version: number, by: Who): Promise<void> {
    const before = await this.known(shiftId);
    await this.deps.store.replace(shiftId, version, null, this.audit('cancel', shiftId, { before }, by));
    await this.deps.kept.refresh();
  }

  private check({ personId, lineId, queue, until }: LeaderShiftInput): void {
    const { sitter, lineKnown, queueKnown, clock } = this.deps;
    if (!sitter(personId))
      throw new HotlineError('invalid-input', '该人员不存在、已停用或没有坐席分机', { field: 'personId' });
    if (lineId !== null && !lineKnown(lineId))
      throw new HotlineError('invalid-input', '没有这条热线', { field: 'lineId' });
    if (queue !== null && !queueKnown(queue))
      throw new HotlineError('invalid-input', '没有这个队列', { field: 'queue' });
    if (Date.parse(until) <= clock.now().getTime())
      throw new HotlineError('invalid-input', '结束时间已过', { field: 'until' });
  }

  private async known(shiftId: string): Promise<LeaderShift> {
    const find = () => this.all().find((shift) => shift.shiftId === shiftId);
    if (!find()) await this.deps.kept.refresh();
    const found = find();
    if (!found) throw new HotlineError('not-found', '没有这项接听安排', { shiftId });
    return found;
  }

  private audit(what: string, shiftId: string, facts: Record<string, unknown>, by: Who) {
    const entry = {
      who: by.personId,
      action: `leader-shift.${what}`,
      subject: `leader-shift:${shiftId}`,
      facts,
      address: by.address,
    };
    return (within: Parameters<AuditStore['append']>[1]) => this.deps.audit.append(entry, within);
  }
}
