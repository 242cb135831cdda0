import { Alert, Button } from 'antd';
import { api } from './api';
import { useSession } from './session';
import { useRoomEvents } from './socket';
import { timeText } from './time';
import { useAction } from './use-action';
import { useResource } from './use-resource';

interface Alarm {
  alarmId: string;
  callId: string;
  why: string;
  at: string;
}

/** Recordings that failed and that nobody has looked after yet; nothing where there are none. */
export function RecordingAlarms() {
  return useSession().may('recording.alarms') ? <OpenAlarms /> : null;
}

function OpenAlarms() {
  const alarms = useResource(
    async (signal) =>
      (await api.get<{ alarms: Alarm[] }>('/recordings/alarms', { query: { limit: 20 }, signal })).alarms,
    [],
  );
  const action = useAction();
  // The alarm is written a moment after the event is told.
  const soon = () => setTimeout(alarms.reload, 1000);
  useRoomEvents((event) => event.kind === 'recordingFailed' && soon(), alarms.reload);
  const list = alarms.data ?? [];
  if (list.length === 0) return null;
  const seen = async (alarmId: string) => {
    if (await action.run(() => api.post(`/recordings/alarms/${alarmId}/seen`), '已记为处理')) alarms.reload();
  };
  return (
    <Alert
      type="error"
      showIcon
      className="recording-alarms"
      title={`录音失败告警 ${list.length} 条`}
      description={
        <ul data-testid="recording-alarms">
          {list.map(({ alarmId, callId, why, at }) => (
            <li key={alarmId}>
              <time>{timeText(at)}</time> {why}（通话 {callId}）
              <Button type="link" size="small" disabled={action.busy} onClick={() => void seen(alarmId)}>
                已处理
              </Button>
            </li>
          ))}
        </ul>
      }
    />
  );
}
