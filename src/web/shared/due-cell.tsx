import { Tag } from 'antd';
import type { WorkingCalendar } from '../../deadlines/working-calendar';
import { CLOSED_STATES, type TicketSummary } from '../../tickets/ticket';
import { timeText } from './time';
import { remaining } from './remaining';

const COLORS = { over: 'red', soon: 'orange', enough: 'green' } as const;

/** A due date with the working time left; a concluded ticket has none to lose. */
export function DueCell(props: {
  ticket: Pick<TicketSummary, 'dueAt' | 'state'>;
  calendar: WorkingCalendar | null;
  now: number;
}) {
  const { ticket, calendar, now } = props;
  if (ticket.dueAt === null) return <>—</>;
  const left =
    !(CLOSED_STATES as readonly string[]).includes(ticket.state) && calendar
      ? remaining(calendar, now, ticket.dueAt)
      : null;
  return (
    <span className="due">
      {timeText(ticket.dueAt)}
      {left && <Tag color={COLORS[left.tone]}>{left.words}</Tag>}
    </span>
  );
}
