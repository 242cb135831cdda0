import { Button, Table, Tag } from 'antd';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { lengthText, nearTimeText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { useResource } from '../shared/use-resource';
import { DIRECTION_WORDS, RATING_WORDS } from '../shared/call-words';
import type { CallDirection } from '../../calls/call';
import type { Dialling } from './use-dialling';

interface MyCall {
  callId: string;
  direction: CallDirection;
  at: number;
  lineName: string;
  masked: string;
  answered: boolean;
  waitSeconds: number;
  talkSeconds: number;
  /** 好差评 by key, 5 to 1. */
  rating: number | null;
  emergency: boolean;
  ticketNumbers: string[];
}

interface Props {
  round: string;
  dialling: Dialling;
  onShowCall: (callId: string) => void;
  /** 报告骚扰. */
  onReport: (callId: string) => void;
}

/** My last calls; loaded again when `round` changes. */
export function MyCalls({ round, dialling, onShowCall, onReport }: Props) {
  const calls = useResource(
    async (signal) =>
      (await api.get<{ calls: MyCall[] }>('/desk/calls', { query: { limit: 20 }, signal })).calls,
    [round],
  );
  const now = useNow(30_000);
  return (
    <section className="desk-card my-calls" aria-label="我的通话">
      <div className="ticket-head">
        <h2>我的通话</h2>
        <Button size="small" type="text" onClick={calls.reload} loading={calls.loading}>
          刷新
        </Button>
      </div>
      <ResourceView resource={calls} empty={(list) => list.length === 0} emptyWords="今天还没有通话" rows={4}>
        {(list) => (
          <Table<MyCall>
            size="small"
            rowKey="callId"
            pagination={false}
            dataSource={list}
            columns={[
              { title: '时间', render: (_, call) => nearTimeText(call.at, now), width: 106 },
              { title: '热线 / 工单', render: (_, call) => <LineAndTickets call={call} /> },
              { title: '号码', dataIndex: 'masked', width: 114 },
              {
                title: '通话',
                render: (_, call) =>
                  call.answered ? lengthText(call.talkSeconds) : <Tag color="red">未接通</Tag>,
                width: 78,
              },
              {
                title: '评价',
                render: (_, call) => (call.rating === null ? '—' : RATING_WORDS[call.rating]),
                width: 76,
              },
              {
                title: '',
                width: 116,
                render: (_, call) => (
                  <Moves call={call} dialling={dialling} onShowCall={onShowCall} onReport={onReport} />
                ),
              },
            ]}
          />
        )}
      </ResourceView>
    </section>
  );
}

function Moves({ call, dialling, onShowCall, onReport }: Omit<Props, 'round'> & { call: MyCall }) {
  return (
    <span className="my-call-moves">
      <Button
        type="link"
        size="small"
        className="tight"
        disabled={dialling.why !== null || dialling.busy}
        title={dialling.why ?? '先接通本席话机，再拨叫诉求人'}
        onClick={() => void dialling.call({ kind: 'call', callId: call.callId })}
      >
        回拨
      </Button>
      <Button type="link" size="small" className="tight" onClick={() => onShowCall(call.callId)}>
        详情
      </Button>
      {call.direction === 'inbound' && (
        <Button
          type="link"
          size="small"
          className="tight"
          title="报告骚扰来电"
          onClick={() => onReport(call.callId)}
        >
          骚扰
        </Button>
      )}
    </span>
  );
}

function LineAndTickets({ call }: { call: MyCall }) {
  return (
    <>
      {call.direction !== 'inbound' && <Tag>{DIRECTION_WORDS[call.direction]}</Tag>}
      {call.emergency && <Tag color="red">紧急</Tag>}
      {call.lineName}
      {call.ticketNumbers.length > 0 && (
        <small className="my-call-tickets">{call.ticketNumbers.join('、')}</small>
      )}
    </>
  );
}
