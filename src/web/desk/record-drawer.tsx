import { Descriptions, Drawer, Timeline } from 'antd';
import type { CallRecord } from '../../calls/call-record';
import { api } from '../shared/api';
import { CallRecordings } from '../shared/call-recordings';
import { timelineWords, type TimelineEntry } from '../shared/call-words';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { clockText, lengthText, timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';
import { LINE_MODE_WORDS } from '../shared/words';

interface CallStoryAnswer {
  record: CallRecord;
  timeline: TimelineEntry[];
}

const ENDED_BY = { citizen: '诉求人', seat: '坐席', system: '系统' } as const;

/** One call's record (话单) with what happened, in order. */
export function RecordDrawer({ callId, onClose }: { callId: string | null; onClose: () => void }) {
  return (
    <Drawer title="通话详情" open={callId !== null} onClose={onClose} size={520} destroyOnHidden>
      {callId && <Record callId={callId} />}
    </Drawer>
  );
}

function Record({ callId }: { callId: string }) {
  const { may } = useSession();
  const call = useResource(
    (signal) => api.get<CallStoryAnswer>(`/calls/${encodeURIComponent(callId)}`, { signal }),
    [callId],
  );
  return (
    <ResourceView resource={call} rows={8}>
      {({ record, timeline }) => (
        <>
          <Descriptions
            size="small"
            column={2}
            items={[
              {
                key: 'line',
                label: '热线',
                children: `${record.line.lineName}（${LINE_MODE_WORDS[record.line.mode]}）`,
                span: 2,
              },
              { key: 'caller', label: '来电号码', children: record.callerNumber || '隐藏' },
              { key: 'dialled', label: '被叫', children: record.dialled },
              { key: 'arrived', label: '进线', children: timeText(record.arrivedAt) },
              { key: 'wait', label: '等待', children: lengthText(record.waitMs / 1000) },
              { key: 'talk', label: '通话', children: lengthText(record.talkMs / 1000) },
              { key: 'hold', label: '保持', children: lengthText(record.holdMs / 1000) },
              { key: 'ended', label: '挂机方', children: record.endedBy ? ENDED_BY[record.endedBy] : '—' },
              { key: 'wrap', label: '话后整理', children: lengthText(record.wrapUpMs / 1000) },
            ]}
          />
          {may('recording.hear') && <CallRecordings callId={record.callId} />}
          <Timeline
            className="record-timeline"
            items={timeline.map((entry) => ({
              content: (
                <>
                  <time>{clockText(entry.at, true)}</time> {timelineWords(entry)}
                </>
              ),
            }))}
          />
        </>
      )}
    </ResourceView>
  );
}
