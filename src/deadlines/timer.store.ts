import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { Database } from '../platform/postgres';

export interface DueTimer {
  timer_id: string;
  kind: 'remind';
  ticket_id: string;
  part_id: string;
  unit_id: string;
  at: Date;
}

/** Timers written ahead as rows: the row is the authority, a BullMQ job only its alarm clock (DESIGN §3). */
export class TimerStore {
  constructor(private readonly db: Database) {}

  async write(trx: Knex, timer: Omit<DueTimer, 'timer_id'>): Promise<DueTimer> {
    const row = { timer_id: randomUUID(), ...timer };
    await trx('due_timers').insert({ ...row, state: 'waiting' });
    return row;
  }

  /** Takes a ticket's waiting timers before the ticket: the order in which the sweep takes them, so neither waits for ever. */
  async hold(trx: Knex, ticketId: string): Promise<void> {
    await trx('due_timers')
      .where({ ticket_id: ticketId, state: 'waiting' })
      .orderBy('timer_id')
      .forUpdate()
      .select('timer_id');
  }

  /** Calls off everything a part still waits for. */
  async stop(trx: Knex, partId: string): Promise<void> {
    await trx('due_timers').where({ part_id: partId, state: 'waiting' }).update({ state: 'cancelled' });
  }

  /** Calls off what a part still waits for; answers whether one of the kind has fired before. */
  async cancel(trx: Knex, partId: string, kind: DueTimer['kind']): Promise<{ firedBefore: boolean }> {
    await trx('due_timers').where({ part_id: partId, kind, state: 'waiting' }).update({ state: 'cancelled' });
    const fired = await trx('due_timers').where({ part_id: partId, kind, state: 'fired' }).first('timer_id');
    return { firedBefore: fired !== undefined };
  }

  /** The earliest timer that is due, locked for this transaction; one that another service holds is passed over. */
  async lockDue(trx: Knex, now: Date, except: readonly string[]): Promise<DueTimer | null> {
    const timer = await trx<DueTimer & { state: string }>('due_timers')
      .where({ state: 'waiting' })
      .where('at', '<=', now)
      .whereNotIn('timer_id', [...except])
      .orderBy('at')
      .forUpdate()
      .skipLocked()
      .first();
    return timer ?? null;
  }

  async fired(trx: Knex, timerId: string, at: Date): Promise<void> {
    await trx('due_timers').where({ timer_id: timerId }).update({ state: 'fired', fired_at: at });
  }

  async drop(trx: Knex, timerId: string): Promise<void> {
    await trx('due_timers').where({ timer_id: timerId }).update({ state: 'cancelled' });
  }

  async postpone(trx: Knex, timerId: string, at: Date): Promise<void> {
    await trx('due_timers').where({ timer_id: timerId }).update({ at });
  }

  /** How many timers are due and not fired: the metric of a sweep that does not run. */
  async overdue(now: Date): Promise<number> {
    const row = await this.db('due_timers')
      .where({ state: 'waiting' })
      .where('at', '<=', now)
      .count('* as n')
      .first();
    return Number(row?.['n'] ?? 0);
  }
}
