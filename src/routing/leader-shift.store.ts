import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Source } from '../platform/kept';
import type { Database } from '../platform/postgres';
import type { LeaderShift, LeaderShiftInput } from './leader-shift';

interface Row {
  shift_id: string;
  version: number;
  title: string;
  person_id: string;
  from_at: Date;
  until_at: Date;
  line_id: string | null;
  queue: string | null;
}

/** What is written in the same transaction as the change: the audit trail. */
type Beside = (transaction: Knex.Transaction) => Promise<void>;

/** Shifts that are over longer than this are read no more. */
const KEPT = `now() - interval '30 days'`;

/** Table `leader_shifts`; a shift called off stays as a row that is not active. */
export class LeaderShiftStore implements Source<LeaderShift[]> {
  constructor(private readonly db: Database) {}

  async revision(): Promise<string> {
    const { rows } = await this.db.raw<{ rows: { revision: string }[] }>(
      `select concat_ws('.', count(*), sum(version), count(*) filter (where active)) as revision from leader_shifts`,
    );
    return rows[0]?.revision ?? '';
  }

  /** Those to come, on now, and lately over, by when they begin. */
  async read(): Promise<LeaderShift[]> {
    const rows = (await this.db('leader_shifts')
      .whereRaw('active')
      .whereRaw(`until_at > ${KEPT}`)
      .orderBy([{ column: 'from_at' }, { column: 'shift_id' }])) as Row[];
    return rows.map(toShift);
  }

  async insert(shift: LeaderShift, beside: Beside): Promise<void> {
    await this.db.transaction(async (trx) => {
      await trx('leader_shifts').insert({ ...toColumns(shift), shift_id: shift.shiftId, version: 1 });
      await beside(trx);
    });
  }

  /** Replaces a shift, or calls it off (`input` null), if it still has this version. */
  async replace(
    shiftId: string,
    version: number,
    input: LeaderShiftInput | null,
    beside: Beside,
  ): Promise<void> {
    await this.db.transaction(async (trx) => {
      const changed = await trx('leader_shifts')
        .where({ shift_id: shiftId, version, active: true })
        .update({ ...(input ? toColumns(input) : { active: false }), version: version + 1 });
      if (changed === 0)
        throw new HotlineError('stale-version', '该接听安排已被他人修改或取消，请刷新后再试', { shiftId });
      await beside(trx);
    });
  }
}

function toShift(row: Row): LeaderShift {
  const { shift_id: shiftId, version, title, person_id: personId, line_id: lineId, queue } = row;
  const [from, until] = [row.from_at.toISOString(), row.until_at.toISOString()];
  return { shiftId, version, title, personId, from, until, lineId, queue };
}

function toColumns({ title, personId, from, until, lineId, queue }: LeaderShiftInput) {
  return {
    title,
    person_id: personId,
    from_at: new Date(from),
    until_at: new Date(until),
    line_id: lineId,
    queue,
  };
}
