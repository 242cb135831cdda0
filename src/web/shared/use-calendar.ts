import { useMemo } from 'react';
import { buildCalendar, type WorkingCalendar, type WorkingHours } from '../../deadlines/working-calendar';
import { api } from './api';
import { useResource } from './use-resource';

interface CalendarAnswer {
  version: number;
  hours: WorkingHours[];
  declaredYears: number[];
  overrides: { day: string; working: boolean; name: string }[];
}

/** The calendar in force, counted on in the browser by the same rules as on the server; null until it is here. */
export function useCalendar(): WorkingCalendar | null {
  const answer = useResource((signal) => api.get<CalendarAnswer>('/calendar', { signal }), []);
  return useMemo(() => {
    if (!answer.data) return null;
    const { version, hours, declaredYears, overrides } = answer.data;
    return buildCalendar({ version, hours, declaredYears, days: overrides });
  }, [answer.data]);
}
