import { useState } from 'react';
import { goTo, useHashRoute } from '../shared/hash-route';
import { Shell } from '../shared/shell';
import { TicketDrawer } from '../shared/ticket-drawer';
import { useCalendar } from '../shared/use-calendar';
import { TicketTable } from '../portal/ticket-table';
import { AuditTrail } from './audit-trail';
import '../portal/portal.css';

const SECTIONS = [
  { key: 'tickets', label: '工单' },
  { key: 'audit', label: '审计记录' },
];

/** The oversight accounts' page (G1): work orders with what happened to them, and the audit trail; nothing to change. */
export function OversightPage() {
  const [section = 'tickets', ticketId = null] = useHashRoute();
  const [round, setRound] = useState(0);
  const calendar = useCalendar();
  return (
    <Shell
      title="监督 · 12345"
      sections={SECTIONS}
      current={section}
      onSection={(key) => {
        setRound(round + 1);
        goTo(key);
      }}
    >
      <div className="portal-body">
        {section === 'audit' ? (
          <AuditTrail />
        ) : (
          <TicketTable round={round} calendar={calendar} onOpen={(id) => goTo('tickets', id)} />
        )}
      </div>
      <TicketDrawer
        ticketId={section === 'tickets' ? ticketId : null}
        round={round}
        calendar={calendar}
        onClose={() => goTo('tickets')}
      />
    </Shell>
  );
}
