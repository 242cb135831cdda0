import { Button, Table, Tag } from 'antd';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { lengthText, nearTimeText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { useResource } from '../shared/use-resource';

interface MyCall {
  callId: string;
  at: number;
  lineName: string;
  masked: string;
  answered: boolean;
  waitSeconds: number;
  talkSeconds: number;
  ticketNumbers: string[];
}

/** My last calls; loaded again when `round` changes. */
export function MyCalls({ round, onShowCall }: { round: string; onShowCall: (callId: string) => void }) {
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
              { title: '号码', dataIndex: 'masked', width: 122 },
              { title: '等待', render: (_, call) => lengthText(call.waitSeconds), width: 76 },
              {
                title: '通话',
                render: (_, call) =>
                  call.answered ? lengthText(call.talkSeconds) : <Tag color="red">未接通</Tag>,
                width: 96,
              },
              {
                title: '',
                width: 52,
                render: (_, call) => (
                  <Button type="link" size="small" className="tight" onClick={() => onShowCall(call.callId)}>
                    详情
                  </Button>
                ),
              },
            ]}
          />
        )}
      </ResourceView>
    </section>
  );
}

function LineAndTickets({ call }: { call: MyCall }) {
  return (
    <>
      {call.lineName}
      {call.ticketNumbers.length > 0 && (
        <small className="my-call-tickets">{call.ticketNumbers.join('、')}</small>
      )}
    </>
  );
}
