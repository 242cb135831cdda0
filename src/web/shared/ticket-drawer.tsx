import { Alert, Button, Descriptions, Drawer, Timeline } from 'antd';
import { useState } from 'react';
import type { WorkingCalendar } from '../../deadlines/working-calendar';
import {
  identityHidden,
  TICKET_STATES,
  TICKET_TYPES,
  URGENCIES,
  type TicketView,
} from '../../tickets/ticket';
import { api } from './api';
import { CalledInList } from './called-in';
import { useSession } from './session';
import { ResourceView } from './states';
import { timeText } from './time';
import { useAction } from './use-action';
import { useNow } from './use-now';
import { useResource } from './use-resource';
import { DueCell } from './due-cell';

interface Props {
  ticketId: string | null;
  round: number;
  calendar: WorkingCalendar | null;
  onClose: () => void;
}

/** One work order: matter, citizen as far as the unit may know, clock and why, what happened. */
export function TicketDrawer({ ticketId, onClose, ...rest }: Props) {
  return (
    <Drawer title="工单详情" open={ticketId !== null} onClose={onClose} size={640} destroyOnHidden>
      {ticketId !== null && <Ticket key={ticketId} ticketId={ticketId} {...rest} />}
    </Drawer>
  );
}

function Ticket({ ticketId, round, calendar }: Omit<Props, 'ticketId' | 'onClose'> & { ticketId: string }) {
  const path = `/tickets/${encodeURIComponent(ticketId)}`;
  const ticket = useResource((signal) => api.get<TicketView>(path, { signal }), [path, round]);
  const now = useNow(60_000);
  return (
    <ResourceView resource={ticket} rows={10}>
      {(view) => (
        <>
          <h3 className="ticket-title">{view.title}</h3>
          <p className="ticket-content">{view.content}</p>
          <Descriptions
            size="small"
            column={2}
            items={[
              { key: 'number', label: '编号', children: view.number },
              { key: 'state', label: '状态', children: TICKET_STATES[view.state] },
              { key: 'type', label: '类型', children: TICKET_TYPES[view.type] },
              { key: 'urgency', label: '紧急程度', children: URGENCIES[view.urgency] },
              { key: 'category', label: '类别', children: view.categoryName },
              { key: 'address', label: '地址', children: view.address || '—' },
              { key: 'citizen', label: '诉求人', children: <CitizenCell view={view} path={path} />, span: 2 },
              { key: 'dispatched', label: '派单时间', children: timeText(view.dispatchedAt) },
              { key: 'return', label: '可退回至', children: timeText(view.returnBy) },
              {
                key: 'due',
                label: '办理期限',
                children: <DueCell ticket={view} calendar={calendar} now={now} />,
                span: 2,
              },
              ...(view.firstOpinionBy
                ? [
                    {
                      key: 'opinion',
                      label: '初步意见期限',
                      children: timeText(view.firstOpinionBy),
                      span: 2,
                    },
                  ]
                : []),
            ]}
          />
          {view.dueWhy && <Alert type="info" title="期限说明" description={view.dueWhy} />}
          <CalledInList list={view.calledIn} />
          <Timeline
            className="ticket-timeline"
            items={[...view.timeline].reverse().map((entry) => ({
              content: (
                <>
                  <time>{timeText(entry.at)}</time> {entry.words}
                  {entry.byName && <span className="quiet">（{entry.byName}）</span>}
                </>
              ),
            }))}
          />
        </>
      )}
    </ResourceView>
  );
}

/** The number is masked until the clerk asks for it; every look is on record. */
function CitizenCell({ view, path }: { view: TicketView; path: string }) {
  const [numbers, setNumbers] = useState<string | null>(null);
  const looking = useAction();
  const { may } = useSession();
  if (identityHidden(view)) return <>诉求人要求保密</>;
  const look = async () => {
    const shown = await api.post<{ number: string | null; contactNumber: string | null }>(`${path}/number`);
    setNumbers([shown.number, shown.contactNumber].filter(Boolean).join('、') || '未留电话');
  };
  return (
    <>
      {view.citizenName ?? '未留姓名'} {numbers ?? view.citizenMasked}
      {numbers === null && view.citizenMasked !== null && may('ticket.reveal-number') && (
        <Button type="link" size="small" loading={looking.busy} onClick={() => void looking.run(look)}>
          查看完整号码（将被记录）
        </Button>
      )}
    </>
  );
}
