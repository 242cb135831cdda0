import { Button, Space, Table, Tag } from 'antd';
import type { ColumnsType } from 'antd/es/table';
import { listensNow } from '../../../calls/monitoring';
import type { MonitoredSeat } from '../../../calls/monitoring-view';
import { STATE_WORDS } from '../../../performance/board-words';
import { NOT_READY_REASONS } from '../../../seats/seat';
import { timerText } from '../../shared/time';
import { useNow } from '../../shared/use-now';
import { SeatActs } from './seat-acts';
import type { MonitorDesk } from './use-monitoring';

const DIRECTION_WORDS = { inbound: '来电', outbound: '外呼', callback: '回拨' } as const;
/** What needs a look first. */
const ORDER: readonly MonitoredSeat['state'][] = [
  'rona',
  'talking',
  'ringing',
  'wrapUp',
  'ready',
  'notReady',
  'signedOut',
];

interface Props {
  seats: MonitoredSeat[];
  monitor: MonitorDesk;
  ownId: string;
  /** The supervisor has a phone to listen with. */
  seated: boolean;
  reason: string;
}

/** The seats, those that need a look first. */
export function SeatTable({ seats, monitor, ownId, seated, reason }: Props) {
  const place = (seat: MonitoredSeat) => ORDER.indexOf(seat.state);
  const sorted = [...seats].sort((a, b) => place(a) - place(b) || a.since - b.since);
  const columns: ColumnsType<MonitoredSeat> = [
    {
      title: '坐席',
      width: 160,
      render: (_, seat) => (
        <>
          <b>{seat.name}</b> <span className="monitor-quiet">{seat.account.replace('seat-', '')}</span>
          {!seat.phoneReachable && <Tag color="error">话机离线</Tag>}
        </>
      ),
    },
    { title: '状态', width: 230, render: (_, seat) => <State seat={seat} /> },
    { title: '通话', render: (_, seat) => <Call seat={seat} /> },
    {
      title: '监听者',
      width: 110,
      render: (_, seat) =>
        seat.monitoredBy.map(({ supervisorId, name }) => <Tag key={supervisorId}>{name}</Tag>),
    },
    {
      title: '操作',
      width: 250,
      render: (_, seat) => (
        <Space size={6}>
          {seat.seatId !== ownId && (
            <ListenButtons seat={seat} monitor={monitor} seated={seated} reason={reason} />
          )}
          {seat.seatId !== ownId && <SeatActs seat={seat} monitor={monitor} />}
          {seat.seatId === ownId && <span className="monitor-quiet">本席</span>}
        </Space>
      ),
    },
  ];
  return (
    <Table<MonitoredSeat>
      size="small"
      rowKey="seatId"
      columns={columns}
      dataSource={sorted}
      pagination={sorted.length > 100 ? { pageSize: 100 } : false}
      onRow={(seat) => ({ 'data-testid': `seat-${seat.seatId}`, 'data-state': seat.state }) as object}
    />
  );
}

function State({ seat }: { seat: MonitoredSeat }) {
  const now = useNow();
  return (
    <span className="monitor-state" data-state={seat.state}>
      <i aria-hidden />
      {STATE_WORDS[seat.state]}
      {seat.state === 'notReady' && seat.notReadyReason && ` · ${NOT_READY_REASONS[seat.notReadyReason]}`}
      <time>{timerText(now - seat.since)}</time>
      {seat.notReadyNext && <Tag color="warning">之后：{NOT_READY_REASONS[seat.notReadyNext]}</Tag>}
    </span>
  );
}

function Call({ seat }: { seat: MonitoredSeat }) {
  const { call } = seat;
  if (!call) {
    const inCall = seat.state === 'talking' || seat.state === 'ringing';
    const listening = listensNow(seat);
    return <span className="monitor-quiet">{listening ? '监听中' : inCall ? '没有对应的通话' : '—'}</span>;
  }
  return (
    <span className="monitor-call">
      {call.lineName} · {call.caller}
      <Tag>{DIRECTION_WORDS[call.direction]}</Tag>
      {call.held && <Tag color="warning">保持中</Tag>}
      {call.parties > 0 && <Tag color="processing">另有 {call.parties} 方</Tag>}
      {!call.owner && seat.state === 'talking' && <Tag>参与方</Tag>}
    </span>
  );
}

function ListenButtons({
  seat,
  monitor,
  seated,
  reason,
}: Omit<Props, 'seats' | 'ownId'> & { seat: MonitoredSeat }) {
  if (seat.state !== 'talking' || !seat.call) return null;
  const { mine, busy } = monitor;
  const disabled = busy || !seated || mine !== null;
  const why = seated ? (mine ? '请先结束当前的监听' : undefined) : '请先签入坐席';
  return (
    <>
      <Button
        size="small"
        disabled={disabled}
        title={why}
        onClick={() => monitor.start(seat, 'listen', reason)}
      >
        监听
      </Button>
      <Button
        size="small"
        disabled={disabled}
        title={why}
        onClick={() => monitor.start(seat, 'whisper', reason)}
      >
        耳语
      </Button>
    </>
  );
}
