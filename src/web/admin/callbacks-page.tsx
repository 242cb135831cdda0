import { Button, Popconfirm, Segmented, Space, Table, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { CALLBACK_STATES, type CallbackState } from '../../calls/callback-state';
import type { CallbackView } from '../../calls/callback-view';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { nearTimeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useNow } from '../shared/use-now';
import { useResource } from '../shared/use-resource';
import { CallbackCancel } from './callback-cancel';
import { CallbackDrawer } from './callback-drawer';

interface Answer {
  callbacks: CallbackView[];
  next: string | null;
  figures: {
    owed: number;
    retrying: number;
    underWay: number;
    nextAt: string | null;
    done: number;
    inTime: number;
    unreached: number;
    cancelled: number;
  };
}

const LOOK_EVERY_MS = 5000;
const VIEWS: Record<string, string> = {
  open: 'owed,queued,dialling',
  done: 'done',
  other: 'givenUp,cancelled,expired',
  all: '',
};
export const STATE_COLORS: Record<CallbackState, string> = {
  owed: 'gold',
  queued: 'blue',
  dialling: 'blue',
  done: 'green',
  givenUp: 'red',
  cancelled: 'default',
  expired: 'red',
};

/** 漏接回拨: what is owed, when it is dialled next, and what came of it. */
export function CallbacksPage() {
  const session = useSession();
  const [view, setView] = useState('open');
  const [after, setAfter] = useState<string[]>([]);
  const [shown, setShown] = useState<string | null>(null);
  const [cancelling, setCancelling] = useState<CallbackView | null>(null);
  const action = useAction();
  const now = useNow(10_000);
  const query = { state: VIEWS[view], after: after.at(-1) };
  const list = useResource(
    (signal) => api.get<Answer>('/callbacks', { query, signal }),
    [JSON.stringify(query)],
  );
  useEffect(() => {
    const timer = setInterval(list.reload, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [list.reload]);
  const mayManage = session.may('callback.manage');
  const callNow = async ({ callbackId }: CallbackView) => {
    await action.run(() => api.post(`/callbacks/${callbackId}/call-now`), '已排入，有坐席示闲即回拨');
    list.reload();
  };
  const download = (format: string) =>
    action.run(() => api.download('/callbacks-export', { query: { state: VIEWS[view], format } }));
  return (
    <section className="admin-card" aria-label="漏接回拨">
      {list.data && <Figures figures={list.data.figures} now={now} />}
      <div className="admin-bar">
        <Segmented
          value={view}
          options={[
            { value: 'open', label: '未完成' },
            { value: 'done', label: '已回拨' },
            { value: 'other', label: '未接通、取消与过期' },
            { value: 'all', label: '全部' },
          ]}
          onChange={(value) => {
            setView(String(value));
            setAfter([]);
          }}
        />
        {mayManage && (
          <div className="admin-bar-end">
            <Space.Compact>
              <Button disabled={action.busy} onClick={() => void download('xlsx')}>
                导出 Excel
              </Button>
              <Button disabled={action.busy} onClick={() => void download('csv')}>
                CSV
              </Button>
            </Space.Compact>
          </div>
        )}
      </div>
      <ResourceView
        resource={list}
        rows={8}
        empty={({ callbacks }) => callbacks.length === 0}
        emptyWords={view === 'open' ? '没有待回拨的来电' : '没有符合条件的回拨'}
      >
        {({ callbacks, next }) => (
          <>
            <Table<CallbackView>
              size="small"
              rowKey="callbackId"
              dataSource={callbacks}
              pagination={false}
              columns={[
                {
                  title: '状态',
                  width: 130,
                  render: (_, callback) => <StateTag callback={callback} />,
                },
                {
                  title: '号码',
                  width: 130,
                  render: (_, { masked }) => <span className="admin-number">{masked}</span>,
                },
                { title: '热线', dataIndex: 'lineName' },
                {
                  title: '漏接',
                  width: 150,
                  render: (_, { owedAt, missed }) =>
                    `${nearTimeText(owedAt, now)}${missed > 1 ? `（${missed} 次）` : ''}`,
                },
                {
                  title: '来由',
                  width: 110,
                  render: (_, { asked }) => (asked ? <Tag color="purple">按键要求</Tag> : '未接通挂机'),
                },
                {
                  title: '已拨',
                  width: 70,
                  render: (_, { attempts }) => (attempts ? `${attempts} 次` : '—'),
                },
                {
                  title: '下次 / 结果',
                  render: (_, callback) => <Outcome callback={callback} now={now} />,
                },
                {
                  title: '操作',
                  width: 200,
                  render: (_, callback) => (
                    <Space size={4}>
                      <Button type="link" size="small" onClick={() => setShown(callback.callbackId)}>
                        经过
                      </Button>
                      {mayManage && callback.state === 'owed' && (
                        <Popconfirm
                          title="立即回拨？"
                          description="不受免打扰时段与间隔限制"
                          onConfirm={() => void callNow(callback)}
                        >
                          <Button type="link" size="small" disabled={action.busy}>
                            立即回拨
                          </Button>
                        </Popconfirm>
                      )}
                      {mayManage && (callback.state === 'owed' || callback.state === 'queued') && (
                        <Button type="link" size="small" danger onClick={() => setCancelling(callback)}>
                          取消
                        </Button>
                      )}
                    </Space>
                  ),
                },
              ]}
            />
            <Space className="admin-pages">
              <Button disabled={after.length === 0} onClick={() => setAfter(after.slice(0, -1))}>
                上一页
              </Button>
              <Button disabled={next === null} onClick={() => next && setAfter([...after, next])}>
                下一页
              </Button>
            </Space>
          </>
        )}
      </ResourceView>
      <CallbackDrawer callbackId={shown} onClose={() => setShown(null)} />
      {cancelling && (
        <CallbackCancel
          callback={cancelling}
          onClose={() => {
            setCancelling(null);
            list.reload();
          }}
        />
      )}
    </section>
  );
}

function Figures({ figures, now }: { figures: Answer['figures']; now: number }) {
  const { owed, retrying, underWay, nextAt, done, inTime, unreached } = figures;
  const share = done ? `${Math.round((inTime / done) * 100)}%` : '—';
  const cells: [string, string, string][] = [
    ['待回拨', String(owed), retrying ? `其中 ${retrying} 个曾未接通` : ''],
    ['进行中', String(underWay), ''],
    ['下次不早于', nextAt ? nearTimeText(nextAt, now) : '—', ''],
    ['24 小时内已回拨', String(done), ''],
    ['按时', share, ''],
    ['24 小时内未接通', String(unreached), ''],
  ];
  return (
    <dl className="admin-figures" data-testid="callback-figures">
      {cells.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {more && <small>{more}</small>}
        </div>
      ))}
    </dl>
  );
}

function StateTag({ callback: { state, attempts } }: { callback: CallbackView }) {
  const words = state === 'owed' && attempts > 0 ? '未接通，待重拨' : CALLBACK_STATES[state];
  return <Tag color={STATE_COLORS[state]}>{words}</Tag>;
}

function Outcome({ callback, now }: { callback: CallbackView; now: number }) {
  const { state, asked, dueAt, settledAt, seatName, why, whoName, inTime } = callback;
  if (state === 'owed') return dueAt <= now ? '等待空闲坐席' : nearTimeText(dueAt, now);
  if (state === 'queued') return asked ? '保留原排队位置，等待坐席' : '等待坐席接听';
  if (settledAt === null) return '坐席正在拨打或通话';
  const by = seatName ?? whoName;
  return (
    <>
      {nearTimeText(settledAt, now)}
      {by && ` ${by}`}
      {why && `：${why}`} {inTime === false && <Tag color="orange">超时</Tag>}
    </>
  );
}
