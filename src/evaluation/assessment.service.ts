import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { TicketStore } from '../tickets/ticket.store';
import type { Correct } from './appeal.service';
import type { AssessmentStore } from './assessment.store';
import { DEMAND_KINDS, type DemandKind, type ExclusionRow, type ExclusionState } from './evaluation-row';
import { stale } from './evaluation.service';

interface Parts {
  store: AssessmentStore;
  ticketStore: Pick<TicketStore, 'find' | 'amend' | 'writeTimeline'>;
  audit: Pick<AuditStore, 'append'>;
  correct: Correct;
  clock: Clock;
}

interface Told {
  ticketId: string;
  kind: string;
  words: string;
  facts: Record<string, unknown>;
}

/**
 * What the assessment leaves out (P1): a work order excluded (剔除) by two people with a reason, which can be revoked; a
 * demand that a supervisor holds to be unreasonable. Each step is one timeline row and one row of the audit trail.
 */
export class Assessment {
  constructor(private readonly parts: Parts) {}

  /** Throws `not-found`, `already-exists`. */
  async propose(ticketId: string, reason: string, caller: Caller): Promise<{ exclusionId: string }> {
    if (!(await this.parts.ticketStore.find(ticketId))) throw new HotlineError('not-found', '没有这张工单。');
    const at = this.parts.clock.now();
    const exclusionId = randomUUID();
    const row: ExclusionRow = {
      ...{ exclusion_id: exclusionId, ticket_id: ticketId, reason, state: 'proposed', version: 1 },
      ...{ proposed_at: at, proposed_by: caller.personId, proposed_by_name: caller.name },
      ...{ decided_at: null, decided_by: null, decided_by_name: null, decision: null },
      ...{ revoked_at: null, revoked_by: null, revoked_by_name: null, revocation: null },
    };
    const told = {
      ticketId,
      kind: 'exclusionProposed',
      words: `申请剔除考核：${reason}`,
      facts: { exclusionId },
    };
    await this.command(told, caller, at, async (trx) => {
      if (!(await this.parts.store.propose(trx, row)))
        throw new HotlineError('already-exists', '该工单已申请剔除。', { ticketId });
    });
    return { exclusionId };
  }

  /** Never by who proposed it. Throws `not-found`, `not-allowed`, `stale-version`, `wrong-state`. */
  async decide(
    exclusionId: string,
    version: number,
    { approved, words }: { approved: boolean; words: string },
    caller: Caller,
  ): Promise<void> {
    const seen = await this.find(exclusionId, 'proposed');
    if (seen.proposed_by === caller.personId)
      throw new HotlineError('not-allowed', '须由申请人以外的人审批。', { exclusionId });
    const at = this.parts.clock.now();
    const ticketId = seen.ticket_id;
    const told = {
      ...{ ticketId, kind: 'exclusionDecided', facts: { exclusionId, approved } },
      words: `${approved ? '同意' : '不同意'}剔除考核${words ? `：${words}` : ''}`,
    };
    const changes: Partial<ExclusionRow> = {
      state: approved ? 'approved' : 'refused',
      ...{ decided_at: at, decided_by: caller.personId, decided_by_name: caller.name, decision: words },
    };
    await this.command(told, caller, at, async (trx) => {
      if (!(await this.parts.store.change(trx, { exclusionId, version, state: 'proposed' }, changes)))
        throw stale();
      if (approved) await this.exclude(trx, ticketId, seen.reason, told.words, caller, at);
    });
  }

  /** The work order counts again. Throws `not-found`, `stale-version`, `wrong-state`. */
  async revoke(exclusionId: string, version: number, words: string, caller: Caller): Promise<void> {
    const seen = await this.find(exclusionId, 'approved');
    const at = this.parts.clock.now();
    const ticketId = seen.ticket_id;
    const told = {
      ...{ ticketId, kind: 'exclusionRevoked', words: `撤销剔除考核：${words}`, facts: { exclusionId } },
    };
    const changes: Partial<ExclusionRow> = {
      state: 'revoked',
      ...{ revoked_at: at, revoked_by: caller.personId, revoked_by_name: caller.name, revocation: words },
    };
    await this.command(told, caller, at, async (trx) => {
      if (!(await this.parts.store.change(trx, { exclusionId, version, state: 'approved' }, changes)))
        throw stale();
      await this.exclude(trx, ticketId, null, told.words, caller, at);
    });
  }

  /** 不合理诉求: its ratings count against no unit. Throws `not-found`, `already-exists`. */
  async mark(ticketId: string, kind: DemandKind, reason: string, caller: Caller): Promise<void> {
    if (!(await this.parts.ticketStore.find(ticketId))) throw new HotlineError('not-found', '没有这张工单。');
    const at = this.parts.clock.now();
    const words = `认定为${DEMAND_KINDS[kind]}：${reason}`;
    const by = { marked_at: at, marked_by: caller.personId, marked_by_name: caller.name };
    const lifted = { lifted_at: null, lifted_by: null, lifted_by_name: null, lift_reason: null };
    const row = { demand_id: randomUUID(), ticket_id: ticketId, kind, reason, ...by, ...lifted };
    await this.command(
      { ticketId, kind: 'demandMarked', words, facts: { kind } },
      caller,
      at,
      async (trx) => {
        if (!(await this.parts.store.mark(trx, row)))
          throw new HotlineError('already-exists', '该工单已作此认定。', { ticketId });
        await this.correct(trx, ticketId, 'demand', words, caller, at);
      },
    );
  }

  /** Throws `wrong-state` when it is not marked. */
  async lift(ticketId: string, reason: string, caller: Caller): Promise<void> {
    const at = this.parts.clock.now();
    const words = `撤销不合理诉求认定：${reason}`;
    const changes = {
      ...{ lifted_at: at, lifted_by: caller.personId, lifted_by_name: caller.name, lift_reason: reason },
    };
    const marked = await this.parts.store.demandOf(ticketId);
    if (!marked) throw new HotlineError('wrong-state', '该工单没有此项认定。');
    const told = { ticketId, kind: 'demandLifted', words, facts: { kind: marked.kind } };
    await this.command(told, caller, at, async (trx) => {
      if (!(await this.parts.store.lift(trx, ticketId, changes))) throw stale();
      await this.correct(trx, ticketId, 'demand', words, caller, at);
    });
  }

  private async find(exclusionId: string, state: ExclusionState): Promise<ExclusionRow> {
    const seen = await this.parts.store.find(exclusionId);
    if (!seen) throw new HotlineError('not-found', '没有这项剔除申请。');
    if (seen.state !== state)
      throw new HotlineError('wrong-state', '这项剔除申请已经处理。', { state: seen.state });
    return seen;
  }

  private async exclude(
    trx: Knex.Transaction,
    ticketId: string,
    reason: string | null,
    words: string,
    caller: Caller,
    at: Date,
  ): Promise<void> {
    await this.parts.ticketStore.amend(trx, ticketId, { excluded_reason: reason });
    await this.correct(trx, ticketId, 'exclusion', words, caller, at);
  }

  private correct(
    trx: Knex.Transaction,
    ticketId: string,
    cause: 'exclusion' | 'demand',
    words: string,
    caller: Caller,
    at: Date,
  ): Promise<void> {
    const by = { id: caller.personId, name: caller.name };
    return this.parts.correct(trx, { ticketId, cause, words, at, by });
  }

  /** The ticket's row is locked first by its timeline row; the audit trail comes last. */
  private async command(
    { ticketId, kind, words, facts }: Told,
    caller: Caller,
    at: Date,
    work: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<void> {
    const { store, ticketStore, audit } = this.parts;
    const by = { id: caller.personId, name: caller.name };
    await store.command(async (trx) => {
      await ticketStore.writeTimeline(trx, ticketId, { at, kind, words, by, facts });
      await work(trx);
      const entry = { who: by.id, action: `assessment.${kind}`, subject: ticketId, address: caller.address };
      await audit.append({ ...entry, facts: { ...facts, words } }, trx);
    });
  }
}
