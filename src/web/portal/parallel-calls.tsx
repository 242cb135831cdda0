import { Button, Descriptions, Drawer, Space, Table, Tag } from 'antd';
import { useState } from 'react';
import type { CallOutcome } from '../../calls/call-record';
import type { SharedCall, SharedStory, SharedTicket, SharedVia } from '../../calls/parallel-call';
import { TICKET_STATES } from '../../tickets/ticket';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';

interface CallPage {
  calls: SharedCall[];
  next: string | null;
}

const VIA: Record<SharedVia, string> = {
  line: '拨打本热线',
  transfer: '12345转来',
  overflow: '12345溢出',
  threeWay: '三方通话',
  consult: '12345咨询',
  exchange: '本热线转往12345',
};

const OUTCOME_WORDS: Record<CallOutcome, string> = {
  open: '进行中',
  answered: '已接听',
  abandoned: '诉求人放弃',
  failed: '未能接通',
  'handed-back': '系统故障',
  message: '已留言',
  blocked: '已拦截',
  callback: '已约回拨',
  'not-reached': '未联系上',
};

/** Calls of the unit's parallel lines (M3), and those that 12345 passed on to it. */
export function ParallelCalls(props: { callId: string | null; onOpen: (callId: string | null) => void }) {
  const [cursors, setCursors] = useState<string[]>([]);
  const after = cursors.at(-1);
  const page = useResource(
    (signal) => api.get<CallPage>('/parallel/calls', { query: { after, limit: 20 }, signal }),
    [after],
  );
  return (
    <section className="portal-card" aria-label="并行热线">
      <div className="portal-head">
        <h2>并行热线通话（近三十天）</h2>
        <Button onClick={page.reload}>刷新</Button>
      </div>
      <ResourceView
        resource={page}
        rows={8}
        empty={({ calls }) => calls.length === 0}
        emptyWords="本单位没有并行接听的热线，或近三十天没有通话"
      >
        {({ calls, next }) => (
          <>
            <Table<SharedCall>
              size="middle"
              rowKey="callId"
              pagination={false}
              loading={page.loading}
              dataSource={calls}
              columns={[
                {
                  title: '时间',
                  width: 170,
                  render: (_, { callId, at }) => (
                    <Button type="link" className="tight" onClick={() => props.onOpen(callId)}>
                      {timeText(at)}
                    </Button>
                  ),
                },
                { title: '热线', dataIndex: 'lineName' },
                { title: '诉求人', width: 140, dataIndex: 'masked' },
                { title: '来由', width: 160, render: (_, call) => <Via call={call} /> },
                { title: '结果', width: 110, render: (_, { outcome }) => OUTCOME_WORDS[outcome] },
                { title: '通话', width: 90, render: (_, { talkSeconds }) => `${talkSeconds} 秒` },
                { title: '工单', render: (_, { tickets }) => <Tickets tickets={tickets} /> },
              ]}
            />
            <Space className="portal-pages">
              <Button disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
                上一页
              </Button>
              <Button
                disabled={next === null}
                onClick={() => next !== null && setCursors([...cursors, next])}
              >
                下一页
              </Button>
            </Space>
          </>
        )}
      </ResourceView>
      <Drawer
        title="通话详情"
        size={560}
        open={props.callId !== null}
        onClose={() => props.onOpen(null)}
        destroyOnHidden
      >
        {props.callId !== null && <Story key={props.callId} callId={props.callId} />}
      </Drawer>
    </section>
  );
}

function Via({ call }: { call: SharedCall }) {
  const outward = call.via !== 'line' && call.via !== 'exchange';
  return (
    <>
      {VIA[call.via]} {outward && !call.reached && <Tag color="orange">未接通</Tag>}
    </>
  );
}

function Tickets({ tickets }: { tickets: SharedTicket[] }) {
  if (tickets.length === 0) return '—';
  return tickets.map(({ number, title, state }) => (
    <div key={number}>
      {number} {title} <Tag>{TICKET_STATES[state]}</Tag>
    </div>
  ));
}

function Story({ callId }: { callId: string }) {
  const path = `/parallel/calls/${encodeURIComponent(callId)}`;
  const story = useResource((signal) => api.get<SharedStory>(path, { signal }), [path]);
  return (
    <ResourceView resource={story} rows={6}>
      {({ call, citizen }) => (
        <>
          <Descriptions
            size="small"
            column={1}
            items={[
              { key: 'at', label: '时间', children: timeText(call.at) },
              { key: 'line', label: '热线', children: call.lineName },
              { key: 'who', label: '诉求人', children: `${citizen?.name ?? ''} ${call.masked}` },
              { key: 'via', label: '来由', children: <Via call={call} /> },
              { key: 'outcome', label: '结果', children: OUTCOME_WORDS[call.outcome] },
              { key: 'tickets', label: '本次工单', children: <Tickets tickets={call.tickets} /> },
            ]}
          />
          {citizen === null ? (
            <p className="portal-note">诉求人的历史情况只在通话转来本单位时共享。</p>
          ) : (
            <Descriptions
              size="small"
              column={1}
              items={[
                {
                  key: 'open',
                  label: '未办结工单',
                  children: <Tickets tickets={citizen.openTickets} />,
                },
                {
                  key: 'calls',
                  label: '以往来电',
                  children: citizen.lastCalls.length
                    ? citizen.lastCalls.map(({ at, lineName, answered }) => (
                        <div key={at}>
                          {timeText(at)} {lineName} {answered ? '已接听' : '未接听'}
                        </div>
                      ))
                    : '—',
                },
              ]}
            />
          )}
        </>
      )}
    </ResourceView>
  );
}
