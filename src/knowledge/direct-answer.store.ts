import { CITY_ZONE } from '../platform/clock';
import type { Database } from '../platform/postgres';
import { DIRECT_ANSWER_ROWS, type DirectAnswerCount } from './direct-answer';

const FORMATS = { day: 'YYYY-MM-DD', month: 'YYYY-MM' } as const;

/** Reads `tickets` for the direct-answer rate, as `DIRECT_ANSWER` defines it. */
export class DirectAnswerStore {
  constructor(private readonly db: Database) {}

  /** Work orders opened in [from, to), by day or month of the city; periods without any are left out. */
  async counts(from: Date, to: Date, by: keyof typeof FORMATS): Promise<DirectAnswerCount[]> {
    const { rows } = await this.db.raw<{ rows: { period: string; accepted: string; answered: string }[] }>(
      `select to_char(opened_at at time zone ?, ?) as period, count(*) as accepted,
              count(*) filter (where ${DIRECT_ANSWER_ROWS.hit}) as answered
         from tickets
        where opened_at >= ? and opened_at < ? and ${DIRECT_ANSWER_ROWS.of}
        group by 1 order by 1`,
      [CITY_ZONE, FORMATS[by], from, to],
    );
    return rows.map(({ period, accepted, answered }) => ({
      period,
      accepted: Number(accepted),
      answered: Number(answered),
    }));
  }
}
