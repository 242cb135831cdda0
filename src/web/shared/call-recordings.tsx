import { Button, Tag } from 'antd';
import { useState } from 'react';
import { api } from './api';
import { RecordingPlayer } from './recording-player';
import { ResourceView } from './states';
import { clockText, lengthText } from './time';
import { useResource } from './use-resource';

interface RecordingFacts {
  recordingId: string;
  kind: 'talk' | 'message';
  state: 'recording' | 'kept' | 'failed' | 'deleted';
  startedAt: number;
  seconds: number | null;
  failed: string | null;
  keepReason: string | null;
}

const KIND_WORDS = { talk: '通话录音', message: '语音留言' } as const;
const STATE_WORDS = { recording: '录音或保存中', failed: '录音失败', deleted: '已到期删除' } as const;

/** The recordings of one call. Nothing is opened, and nothing audited, before somebody asks to hear it. */
export function CallRecordings({ callId }: { callId: string }) {
  const found = useResource(
    (signal) =>
      api.get<{ recordings: RecordingFacts[] }>(`/calls/${encodeURIComponent(callId)}/recordings`, {
        signal,
      }),
    [callId],
  );
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section className="call-recordings" aria-label="录音">
      <ResourceView
        resource={found}
        rows={1}
        empty={({ recordings }) => recordings.length === 0}
        emptyWords="没有录音"
      >
        {({ recordings }) =>
          recordings.map((recording) => (
            <div key={recording.recordingId} className="call-recording">
              <span>
                {KIND_WORDS[recording.kind]} {clockText(recording.startedAt, true)}
                {recording.seconds !== null && ` · ${lengthText(recording.seconds)}`}
              </span>{' '}
              {recording.keepReason && <Tag color="blue">保留：{recording.keepReason}</Tag>}
              {recording.failed && <Tag color="red">录音中断</Tag>}
              {recording.state !== 'kept' && <Tag>{STATE_WORDS[recording.state]}</Tag>}
              {recording.state === 'kept' && open !== recording.recordingId && (
                <HearButton onOpen={() => setOpen(recording.recordingId)} />
              )}
              {open === recording.recordingId && <RecordingPlayer recordingId={recording.recordingId} />}
            </div>
          ))
        }
      </ResourceView>
    </section>
  );
}

function HearButton({ onOpen }: { onOpen: () => void }) {
  return (
    <Button size="small" title="收听会记入审计" onClick={onOpen}>
      收听
    </Button>
  );
}
