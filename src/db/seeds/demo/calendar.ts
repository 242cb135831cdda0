import { getSolarDateFromLunar, getSolarTermDate } from 'chinese-days';
import { shiftDay } from '../../../deadlines/city-time';
import { STATUTORY_YEARS } from '../../../deadlines/statutory-days';
import type { Database } from '../../../platform/postgres';

const REASON = '演示数据：只有法定节假日，没有调休；正式安排以国务院办公厅通知为准';

/**
 * Lets the demonstration city dispatch in a year whose State Council notice is not in the data yet: enters the holidays
 * that 《全国年节及纪念日放假办法》 fixes by law, named as examples, and declares the year. A real city is never seeded:
 * there the calendar says that the year is missing until an administrator enters it.
 */
export async function seedDemoCalendar(db: Database, now: Date): Promise<void> {
  const years = [now.getUTCFullYear(), now.getUTCFullYear() + 1].filter((year) => !STATUTORY_YEARS.has(year));
  for (const year of years) await declareByLaw(db, year, now);
}

async function declareByLaw(db: Database, year: number, now: Date): Promise<void> {
  await db.transaction(async (trx) => {
    const state = await trx('calendar_state').forUpdate().first<{ version: number }>();
    if (!state || (await trx('calendar_years').where({ year }).first())) return;
    const version = state.version + 1;
    const days = holidaysByLaw(year);
    await trx('calendar_days').insert(days).onConflict('day').ignore();
    await trx('calendar_years').insert({ year });
    await trx('calendar_state').update({ version });
    await trx('calendar_history').insert({
      version,
      at: now,
      by_id: 'system',
      by_name: '系统',
      reason: REASON,
      before: JSON.stringify({}),
      after: JSON.stringify({ days, declaredYears: [year] }),
    });
  });
}

function holidaysByLaw(year: number): { day: string; working: boolean; name: string }[] {
  const lunar = (month: string, day: string) => getSolarDateFromLunar(`${year}-${month}-${day}`).date;
  const newYear = lunar('01', '01');
  const days: [name: string, first: string, length: number][] = [
    ['元旦', `${year}-01-01`, 1],
    ['春节', shiftDay(newYear, -1), 4],
    ['清明节', getSolarTermDate(year, 4, 'pure_brightness'), 1],
    ['劳动节', `${year}-05-01`, 2],
    ['端午节', lunar('05', '05'), 1],
    ['中秋节', lunar('08', '15'), 1],
    ['国庆节', `${year}-10-01`, 3],
  ];
  return days.flatMap(([name, first, length]) =>
    Array.from({ length }, (_, n) => ({ day: shiftDay(first, n), working: false, name: `${name}（演示）` })),
  );
}
