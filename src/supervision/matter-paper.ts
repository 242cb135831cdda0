import { cityDay, cityWords } from '../deadlines/city-time';
import { identityHidden, TICKET_STATES, TICKET_TYPES } from '../tickets/ticket';
import type { PartRow, TicketRow, TimelineRow } from '../tickets/ticket-row';
import { withoutIdentity, type Paper, type PaperBlock } from './paper';

/** Work orders as a document tells of them. */
export interface Cases {
  tickets: readonly TicketRow[];
  parts: readonly PartRow[];
  timeline: readonly TimelineRow[];
  categories: ReadonlyMap<string, string>;
}

/** Who the citizen is never stands in a paper; where he is hidden, his number and name go from free text as well. */
const clean = (ticket: TicketRow, text: string): string =>
  identityHidden(ticket) ? withoutIdentity(text, ticket.citizen_name) : text;

const dayWords = (at: Date): string => {
  const [year, month, day] = cityDay(at).split('-').map(Number);
  return `${year}年${month}月${day}日`;
};

function counted(tickets: readonly TicketRow[], of: (ticket: TicketRow) => string): [string, string][] {
  const counts = new Map<string, number>();
  for (const ticket of tickets) counts.set(of(ticket), (counts.get(of(ticket)) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => [name || '（未注明）', String(count)]);
}

/** 热点问题专报 (S4): counts, hard cases and titles of work orders, for the city's leaders. */
export function summaryPaper(
  matter: { title: string; analysis: string; leader: string; at: Date },
  { tickets, categories }: Cases,
  issuer: string,
): Paper {
  const days = tickets.map(({ opened_at }) => opened_at.getTime());
  const span = tickets.length
    ? `${dayWords(new Date(Math.min(...days)))}至${dayWords(new Date(Math.max(...days)))}`
    : '';
  const hard = tickets.filter(({ hard_case }) => hard_case);
  const row = (ticket: TicketRow) => [
    ticket.number,
    clean(ticket, ticket.title),
    clean(ticket, ticket.address),
    ticket.lead_unit_name ?? '',
    TICKET_STATES[ticket.state],
  ];
  const columns = ['工单编号', '标题', '地点', '承办单位', '状态'];
  const table = (rows: readonly TicketRow[]): PaperBlock => ({ kind: 'table', columns, rows: rows.map(row) });
  const counts = (title: string, of: (ticket: TicketRow) => string): PaperBlock => ({
    kind: 'table',
    columns: [title, '件数'],
    rows: counted(tickets, of),
  });
  return {
    issuer,
    title: matter.title,
    number: '',
    addressee: matter.leader,
    blocks: [
      {
        kind: 'text',
        text: `${span}，12345热线受理本专题诉求 ${tickets.length} 件，其中疑难 ${hard.length} 件。`,
      },
      counts('诉求类型', ({ type }) => TICKET_TYPES[type]),
      counts('诉求类别', ({ category_code }) => categories.get(category_code) ?? category_code),
      counts('承办单位', ({ lead_unit_name }) => lead_unit_name ?? '未派单'),
      ...(hard.length ? [{ kind: 'heading', text: '疑难诉求' } as const, table(hard)] : []),
      { kind: 'heading', text: '诉求明细' },
      table(tickets),
      ...(matter.analysis
        ? [{ kind: 'heading', text: '分析与建议' } as const, { kind: 'text', text: matter.analysis } as const]
        : []),
    ],
    date: dayWords(matter.at),
  };
}

/** A case file for the 13710 system (S5): facts of each work order, who had it until when, and its whole timeline. */
export function caseFilePaper(
  matter: { title: string; reason: string; number: string; at: Date },
  { tickets, parts, timeline, categories }: Cases,
  issuer: string,
): Paper {
  const file = (ticket: TicketRow): PaperBlock[] => [
    { kind: 'heading', text: `工单 ${ticket.number}：${clean(ticket, ticket.title)}` },
    {
      kind: 'text',
      text:
        `${TICKET_TYPES[ticket.type]}，${categories.get(ticket.category_code) ?? ticket.category_code}；` +
        `${cityWords(ticket.opened_at)} 受理；状态：${TICKET_STATES[ticket.state]}；` +
        `地点：${clean(ticket, ticket.address) || '未注明'}；催办 ${ticket.urges} 次，重办 ${ticket.reopened} 次。`,
    },
    { kind: 'text', text: `诉求内容：${clean(ticket, ticket.content)}` },
    {
      kind: 'table',
      columns: ['承办单位', '派单时间', '办理期限', '答复时间'],
      rows: parts
        .filter(({ ticket_id }) => ticket_id === ticket.ticket_id)
        .map((part) => [
          `${part.unit_name}${part.role === 'lead' ? '（主办）' : '（协办）'}`,
          cityWords(part.dispatched_at),
          cityWords(part.due_at),
          part.replied_at ? cityWords(part.replied_at) : '未答复',
        ]),
    },
    {
      kind: 'table',
      columns: ['时间', '办理过程'],
      rows: timeline
        .filter(({ ticket_id }) => ticket_id === ticket.ticket_id)
        .map(({ at, words }) => [cityWords(at), clean(ticket, words)]),
    },
  ];
  return {
    issuer,
    title: matter.title,
    number: matter.number,
    addressee: '',
    blocks: [{ kind: 'text', text: matter.reason }, ...tickets.flatMap(file)],
    date: dayWords(matter.at),
  };
}
