import { Button, Input, Select, Space, Table, Tag } from 'antd';
import { useState } from 'react';
import type { WorkingCalendar } from '../../deadlines/working-calendar';
import { TICKET_STATES, TICKET_TYPES, URGENCIES, type TicketSummary } from '../../tickets/ticket';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useNow } from '../shared/use-now';
import { useResource } from '../shared/use-resource';
import { DueCell } from '../shared/due-cell';

interface TicketPage {
  items: TicketSummary[];
  nextCursor: string | null;
}
type Filter = Partial<Record<'state' | 'type' | 'urgency' | 'text', string>>;

const optionsOf = (words: Record<string, string>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

/** The unit's work orders, newest first, with filters, pages and export. */
export function TicketTable(props: {
  round: number;
  calendar: WorkingCalendar | null;
  onOpen: (ticketId: string) => void;
}) {
  const [filter, setFilter] = useState<Filter>({});
  /** The cursors of the pages gone through; the last is the page shown. */
  const [cursors, setCursors] = useState<string[]>([]);
  const exporting = useAction();
  const { may } = useSession();
  const now = useNow(60_000);
  const cursor = cursors.at(-1);
  const page = useResource(
    (signal) => api.get<TicketPage>('/tickets', { query: { ...filter, cursor, limit: 20 }, signal }),
    [JSON.stringify(filter), cursor, props.round],
  );
  const narrow = (changes: Filter) => {
    setFilter({ ...filter, ...changes });
    setCursors([]);
  };
  const download = (format: 'csv' | 'xlsx') =>
    void exporting.run(() => api.download('/tickets/export', { query: { ...filter, format } }));
  return (
    <section className="portal-card" aria-label="工单">
      <div className="portal-head">
        <Space wrap>
          <Select
            allowClear
            placeholder="状态"
            className="portal-select"
            options={optionsOf(TICKET_STATES)}
            onChange={(state?: string) => narrow({ state })}
          />
          <Select
            allowClear
            placeholder="类型"
            className="portal-select"
            options={optionsOf(TICKET_TYPES)}
            onChange={(type?: string) => narrow({ type })}
          />
          <Select
            allowClear
            placeholder="紧急程度"
            className="portal-select"
            options={optionsOf(URGENCIES)}
            onChange={(urgency?: string) => narrow({ urgency })}
          />
          <Input.Search
            allowClear
            placeholder="编号、标题、内容、地址"
            maxLength={100}
            onSearch={(text) => narrow({ text: text.trim() || undefined })}
          />
        </Space>
        {may('ticket.export') && (
          <Space>
            <Button loading={exporting.busy} onClick={() => download('xlsx')}>
              导出 Excel
            </Button>
            <Button loading={exporting.busy} onClick={() => download('csv')}>
              导出 CSV
            </Button>
          </Space>
        )}
      </div>
      <ResourceView
        resource={page}
        rows={8}
        empty={({ items }) => items.length === 0}
        emptyWords="没有符合条件的工单"
      >
        {({ items, nextCursor }) => (
          <>
            <Table<TicketSummary>
              size="middle"
              rowKey="ticketId"
              pagination={false}
              loading={page.loading}
              dataSource={items}
              columns={[
                {
                  title: '编号',
                  width: 160,
                  render: (_, ticket) => (
                    <Button type="link" className="tight" onClick={() => props.onOpen(ticket.ticketId)}>
                      {ticket.number}
                    </Button>
                  ),
                },
                { title: '标题', render: (_, ticket) => <Title ticket={ticket} /> },
                { title: '类别', width: 150, dataIndex: 'categoryName' },
                { title: '状态', width: 90, render: (_, ticket) => TICKET_STATES[ticket.state] },
                { title: '派单时间', width: 150, render: (_, ticket) => timeText(ticket.dispatchedAt) },
                {
                  title: '办理期限',
                  width: 190,
                  render: (_, ticket) => <DueCell ticket={ticket} calendar={props.calendar} now={now} />,
                },
              ]}
            />
            <Space className="portal-pages">
              <Button disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
                上一页
              </Button>
              <Button
                disabled={nextCursor === null}
                onClick={() => nextCursor !== null && setCursors([...cursors, nextCursor])}
              >
                下一页
              </Button>
            </Space>
          </>
        )}
      </ResourceView>
    </section>
  );
}

function Title({ ticket }: { ticket: TicketSummary }) {
  return (
    <>
      {ticket.urgency === 'urgent' && <Tag color="red">{URGENCIES.urgent}</Tag>}
      {ticket.confidential && <Tag color="gold">保密</Tag>}
      <Tag>{TICKET_TYPES[ticket.type]}</Tag>
      {ticket.title}
    </>
  );
}
