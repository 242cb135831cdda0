import { Drawer, Table, Tag } from 'antd';
import type { CallbackView } from '../../calls/callback-view';
import { CALLBACK_STATES } from '../../calls/callback-state';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { lengthText, timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';
import { STATE_COLORS } from './callbacks-page';

interface Missed {
  callId: string;
  arrivedAt: number;
  waitMs: number;
  outcome: string;
}

interface Attempt {
  callId: string;
  at: number;
  dialledAt: number | null;
  seatName: string | null;
  result: string;
}

const MISSED_WORDS: Record<string, string> = {
  abandoned: '等待中挂机',
  failed: '系统中断',
  callback: '按键要求回拨',
};

/** One callback: the calls that were missed, and each time the citizen was called. */
export function CallbackDrawer({ callbackId, onClose }: { callbackId: string | null; onClose: () => void }) {
  return (
    <Drawer title="回拨经过" open={callbackId !== null} onClose={onClose} size={560} destroyOnHidden>
      {callbackId && <Story callbackId={callbackId} />}
    </Drawer>
  );
}

function Story({ callbackId }: { callbackId: string }) {
  const story = useResource(
    (signal) =>
      api.get<{ callback: CallbackView; missed: Missed[]; attempts: Attempt[] }>(`/callbacks/${callbackId}`, {
        signal,
      }),
    [callbackId],
  );
  return (
    <ResourceView resource={story} rows={6}>
      {({ callback, missed, attempts }) => (
        <>
          <p>
            <Tag color={STATE_COLORS[callback.state]}>{CALLBACK_STATES[callback.state]}</Tag>
            {callback.masked} · {callback.lineName}
            {callback.why && ` · ${callback.why}`}
          </p>
          <h3>漏接的来电</h3>
          <Table<Missed>
            size="small"
            rowKey="callId"
            dataSource={missed}
            pagination={false}
            columns={[
              { title: '来电', render: (_, { arrivedAt }) => timeText(arrivedAt) },
              { title: '等待', render: (_, { waitMs }) => lengthText(waitMs / 1000) },
              { title: '结果', render: (_, { outcome }) => MISSED_WORDS[outcome] ?? outcome },
            ]}
          />
          <h3>回拨</h3>
          <Table<Attempt>
            size="small"
            rowKey="callId"
            dataSource={attempts}
            pagination={false}
            locale={{ emptyText: '尚未拨出' }}
            columns={[
              { title: '时间', render: (_, { dialledAt, at }) => timeText(dialledAt ?? at) },
              { title: '坐席', render: (_, { seatName }) => seatName ?? '—' },
              { title: '结果', dataIndex: 'result' },
            ]}
          />
        </>
      )}
    </ResourceView>
  );
}
