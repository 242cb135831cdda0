import { Descriptions, Drawer, Tag, Timeline } from 'antd';
import type { CallRecord, PartyRecord } from '../../calls/call-record';
import { api } from '../shared/api';
import { CallRecordings } from '../shared/call-recordings';
import {
  DIRECTION_WORDS,
  INVITE_OUTCOMES,
  PURPOSE_WORDS,
  RATING_WORDS,
  timelineWords,
  type TimelineEntry,
} from '../shared/call-words';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { clockText, lengthText, timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';
import { LINE_MODE_WORDS } from '../shared/words';

interface CallStoryAnswer {
  record: CallRecord;
  timeline: TimelineEntry[];
  /** Of the seats. */
  names: Record<string, string>;
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
      {({ record, timeline, names }) => (
        <>
          <Marks record={record} />
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
              { key: 'rating', label: '按键评价', children: ratingWords(record) },
              {
                key: 'message',
                label: '留言',
                children: record.message ? lengthText(record.message.durationMs / 1000) : '无',
              },
            ]}
          />
          <Stations record={record} names={names} />
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

/** What the record must be found by at a glance. */
function Marks({ record }: { record: CallRecord }) {
  return (
    <p className="record-marks">
      <Tag>{DIRECTION_WORDS[record.direction]}</Tag>
      {record.emergency && <Tag color="red">紧急呼叫</Tag>}
      {record.transfers.length > 0 && <Tag color="blue">有转接</Tag>}
      {record.parties.some(({ joinedAt, purpose }) => joinedAt !== null && purpose === 'threeWay') && (
        <Tag color="purple">三方通话</Tag>
      )}
    </p>
  );
}

function ratingWords({ rating }: CallRecord): string {
  if (!rating) return '未邀请';
  return rating.level === null ? '未按键' : (RATING_WORDS[rating.level] ?? String(rating.level));
}

/** The seats that talked, whoever was called in, and where the call was passed on. */
function Stations({ record, names }: { record: CallRecord; names: Record<string, string> }) {
  const { talks, parties, transfers } = record;
  const rows = [
    ...talks.map((talk) => ({
      at: talk.at,
      kind: '坐席通话',
      who: names[talk.seatId] ?? talk.seatId,
      words: talk.endedAt === null ? '通话中' : lengthText((talk.endedAt - talk.at) / 1000),
    })),
    ...parties.map((party) => ({
      at: party.at,
      kind: PURPOSE_WORDS[party.purpose],
      who: [party.name, party.number].filter(Boolean).join(' '),
      words: partyWords(party),
    })),
    ...transfers.map(({ at, to }) => ({ at, kind: '转接', who: to, words: '已转出' })),
  ].sort((one, other) => one.at - other.at);
  if (rows.length === 0) return null;
  return (
    <table className="record-stations" aria-label="通话各方">
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            <td>{clockText(row.at, true)}</td>
            <td>{row.kind}</td>
            <th scope="row">{row.who}</th>
            <td>{row.words}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function partyWords({ joinedAt, endedAt, outcome, emergency }: PartyRecord): string {
  const mark = emergency ? '（紧急）' : '';
  if (joinedAt === null) return `${outcome ? INVITE_OUTCOMES[outcome] : '呼叫中'}${mark}`;
  return `${endedAt === null ? '通话中' : lengthText((endedAt - joinedAt) / 1000)}${mark}`;
}
