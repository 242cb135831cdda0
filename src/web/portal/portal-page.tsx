import { App, Badge } from 'antd';
import { useState } from 'react';
import { goTo, useHashRoute } from '../shared/hash-route';
import { Shell } from '../shared/shell';
import { useRoomEvents, type RoomEvent } from '../shared/socket';
import { InboxList } from './inbox-list';
import { ParallelCalls } from './parallel-calls';
import { TicketDrawer } from '../shared/ticket-drawer';
import { TicketTable } from './ticket-table';
import { useCalendar } from '../shared/use-calendar';
import './portal.css';

const SECTIONS = [
  { key: 'inbox', label: '收件箱' },
  { key: 'tickets', label: '工单' },
  { key: 'parallel', label: '并行热线' },
];
const NEWS: Record<string, string> = { ticketDispatched: '收到新派工单', ticketDueSoon: '工单即将到期' };

/** The responsible unit's page: what came in, its work orders with their clocks, one of them in a drawer. */
export function PortalPage() {
  const [section = 'inbox', openId = null] = useHashRoute();
  const ticketId = section === 'parallel' ? null : openId;
  const [round, setRound] = useState(0);
  const { notification } = App.useApp();
  const calendar = useCalendar();
  const again = () => setRound((was) => was + 1);
  const onEvent = (event: RoomEvent) => {
    const title = NEWS[event.kind];
    if (!title) return;
    again();
    notification.info({ title, description: `工单 ${String(event['number'] ?? '')}` });
  };
  const connected = useRoomEvents(onEvent, again);
  const open = (id: string) => goTo(section, id);
  return (
    <Shell
      title="承办单位"
      sections={SECTIONS}
      current={section}
      onSection={(key) => goTo(key)}
      extra={
        <Badge
          status={connected ? 'success' : 'error'}
          text={<span className="portal-link">{connected ? '实时连接' : '连接已断开，正在重连'}</span>}
        />
      }
    >
      <div className="portal-body">
        {section === 'parallel' ? (
          <ParallelCalls
            callId={openId}
            onOpen={(callId) => (callId === null ? goTo(section) : goTo(section, callId))}
          />
        ) : section === 'tickets' ? (
          <TicketTable round={round} calendar={calendar} onOpen={open} />
        ) : (
          <InboxList round={round} onOpen={open} onRead={again} />
        )}
      </div>
      <TicketDrawer ticketId={ticketId} round={round} calendar={calendar} onClose={() => goTo(section)} />
    </Shell>
  );
}
