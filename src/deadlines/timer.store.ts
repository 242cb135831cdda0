import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { Database } from '../platform/postgres';
import type { Rung } from '../supervision/escalation-ladder';

/** A moment written ahead: a rung of a part's ladder, or a date of a supervision matter. */
export type DueTimer = { timer_id: string; ticket_id: string; at: Date; why: string } & (
  | {
      kind: 'rung';
      part_id: string;
      unit_id: string;
      rung: string;
      /** Its place in the ladder. */
      step: number;
      due_at: Date;
      /** The rung as the ladder had it when the row was written. */
      rule: Rung;
      calendar_version: number;
    }
  | { kind: 'date'; matter_id: string; date_code: string }
);
export type RungTimer = Extract<DueTimer, { kind: 'rung' }>;

/** `held`: waits for something else than time. `undone`: raised, but what it drafted was never sent. */
export type TimerState = 'waiting' | 'held' | 'fired' | 'cancelled' | 'undone';
export type RungRow = RungTimer & { state: TimerState; fired_at: Date | null };

/** Timers written ahead as rows: the row is the authority, a BullMQ job only its alarm clock (DESIGN §3). */
export class TimerStore {
  constructor(private readonly db: Database) {}

  async write<T extends DueTimer>(
    trx: Knex,
    timer: Omit<T, 'timer_id'>,
    state: 'waiting' | 'held' = 'waiting',
  ): Promise<T> {
    const row = { timer_id: randomUUID(), ...timer } as T;
    const rule = row.kind === 'rung' ? { rule: JSON.stringify(row.rule) } : {};
    await trx('due_timers').insert({ ...row, ...rule, state });
    return row;
  }

  /**
   * Takes a ticket's timers for the rest of the transaction, before the ticket itself: the sweep takes them by the same
   * key, so neither waits for the other while it holds what the other needs.
   */
  async hold(trx: Knex, ticketId: string): Promise<void> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 2))', [ticketId]);
  }

  /** All rungs of a part, the earliest written first. */
  async ofPart(trx: Knex, partId: string): Promise<RungRow[]> {
    return trx<RungRow>('due_timers').where({ part_id: partId, kind: 'rung' }).orderBy(['step', 'at']);
  }

  /** Rungs of all parts of a ticket, for reading. */
  async ofTicket(ticketId: string): Promise<RungRow[]> {
    return this.db<RungRow>('due_timers')
      .where({ ticket_id: ticketId, kind: 'rung' })
      .orderBy(['part_id', 'step', 'at']);
  }

  /** Calls off everything a part still waits for. */
  async stop(trx: Knex, partId: string): Promise<void> {
    await trx('due_timers')
      .where({ part_id: partId })
      .whereIn('state', ['waiting', 'held'])
      .update({ state: 'cancelled' });
  }

  /** Calls off what a matter still waits for: all of it, or one date. */
  async stopMatter(trx: Knex, matterId: string, dateCode?: string): Promise<void> {
    const query = trx('due_timers').where({ matter_id: matterId, state: 'waiting' });
    if (dateCode !== undefined) query.where({ date_code: dateCode });
    await query.update({ state: 'cancelled' });
  }

  /**
   * The earliest timer that is due, locked for this transaction, unless an earlier rung of its part still waits. One
   * that another service holds is passed over; `busy` when a command has the ticket's timers now.
   */
  async lockDue(
    trx: Knex,
    now: Date,
    except: readonly string[],
  ): Promise<{ timer: DueTimer; busy: boolean } | null> {
    const { rows } = await trx.raw<{ rows: DueTimer[] }>(
      `select d.* from due_timers d
        where d.state = 'waiting' and d.at <= ? and d.timer_id <> all(?::text[])
          and not exists (select 1 from due_timers e
                           where e.part_id = d.part_id and e.state = 'waiting' and e.step < d.step)
        order by d.at, d.step limit 1 for update of d skip locked`,
      [now, [...except]],
    );
    const timer = rows[0];
    if (!timer) return null;
    const taken = await trx.raw<{ rows: { mine: boolean }[] }>(
      'select pg_try_advisory_xact_lock(hashtextextended(?, 2)) as mine',
      [timer.ticket_id],
    );
    return { timer, busy: !taken.rows[0]?.mine };
  }

  async fired(trx: Knex, timerId: string, at: Date): Promise<void> {
    await trx('due_timers').where({ timer_id: timerId }).update({ state: 'fired', fired_at: at });
  }

  async set(trx: Knex, timerId: string, state: TimerState): Promise<void> {
    await trx('due_timers').where({ timer_id: timerId }).update({ state });
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
