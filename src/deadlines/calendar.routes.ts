import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { calendarChange } from './calendar-change';
import type { CalendarService } from './calendar.service';
import { chooseLimit, partDue, type DueFacts } from './due-dates';
import type { TimeLimits } from './time-limit';

const hypothetical = z.object({
  type: z.enum(['consultation', 'complaint', 'help', 'suggestion', 'report']),
  urgency: z.enum(['ordinary', 'urgent']).default('ordinary'),
  dispatchedAt: z.iso.datetime({ offset: true }),
  /** Its own regulation counts for complaints and reports (T4). */
  categoryCode: z.string().min(1).max(40).optional(),
  /** As if so many working days had been granted (T2). */
  extensionDays: z.coerce.number().int().min(0).max(60).default(0),
  redo: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

const hours = z.array(z.object({ from: z.string(), to: z.string() })).readonly();
const ownDay = z.object({ day: z.iso.date(), working: z.boolean(), name: z.string() });
const years = z.array(z.int());
const shown = z.object({
  version: z.int(),
  hours,
  knownYears: years,
  declaredYears: years.readonly(),
  missingYears: years,
  overrides: z.array(ownDay).readonly(),
});
const record = z.object({
  version: z.int(),
  hours,
  days: z.array(ownDay).readonly(),
  declaredYears: years.readonly(),
});
const edit = z.object({
  version: z.int(),
  at: z.iso.datetime(),
  byName: z.string(),
  reason: z.string(),
  before: record,
  after: record,
});
const due = z.object({
  dueAt: z.date(),
  returnBy: z.date(),
  firstOpinionBy: z.date().nullable(),
  acknowledgeBy: z.date(),
  limitWords: z.string(),
  clause: z.enum(['T1', 'T2', 'T3', 'T4', 'E1']),
  workingDays: z.int(),
  why: z.string(),
  skipped: z.array(z.object({ day: z.iso.date(), name: z.string() })),
  calendarVersion: z.int(),
});

/** The working calendar: list, change, history, and the due date of a case that does not exist (with its why). */
export function calendarRoutes({
  calendar,
  regulationOf,
  limits,
}: {
  calendar: CalendarService;
  /** The regulation of a category (T4); null where it has none or is unknown. */
  regulationOf(categoryCode: string): Promise<DueFacts['regulation']>;
  limits: { current(): Promise<TimeLimits> };
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/calendar',
      summary: '工作日历：工作时段、自行设置的日期、已知与缺少的年份',
      tag: '工作日历',
      action: 'calendar.view',
      reply: shown,
      handle: () => calendar.show(),
    }),
    route({
      method: 'get',
      path: '/calendar/years/:year',
      summary: '某一年的节假日与调休上班日',
      tag: '工作日历',
      action: 'calendar.view',
      params: z.object({ year: z.coerce.number().int().min(2004).max(2100) }),
      reply: z.object({
        days: z.array(ownDay.extend({ source: z.enum(['state-council', 'administrator']) })),
      }),
      handle: async ({ params }) => ({ days: await calendar.days(params.year) }),
    }),
    route({
      method: 'put',
      path: '/calendar',
      summary: '修改工作日历；未办结工单的期限随之重算',
      tag: '工作日历',
      action: 'calendar.edit',
      body: calendarChange,
      reply: shown,
      handle: ({ body, caller }) => calendar.change(body, caller),
    }),
    route({
      method: 'get',
      path: '/calendar/history',
      summary: '工作日历的修改记录',
      tag: '工作日历',
      action: 'calendar.view',
      reply: z.object({ items: z.array(edit) }),
      handle: async () => ({ items: await calendar.history() }),
    }),
    route({
      method: 'get',
      path: '/due-date',
      summary: '试算办理期限，并说明理由',
      tag: '工作日历',
      action: 'calendar.view',
      query: hypothetical,
      reply: due,
      handle: async ({ query }) => {
        const { categoryCode, extensionDays, dispatchedAt, ...facts } = query;
        const regulation = categoryCode === undefined ? null : await regulationOf(categoryCode);
        const limit = chooseLimit({ ...facts, regulation }, await limits.current());
        const lengthened = { extensionDays, pauses: [] };
        return partDue(new Date(dispatchedAt), limit, await calendar.current(), lengthened);
      },
    }),
  ];
}
