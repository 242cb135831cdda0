import type { CallbackView } from '../../calls/callback-view';
import { api } from '../shared/api';
import { lengthText, timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';

interface CallbackStory {
  callback: CallbackView;
  missed: { callId: string; arrivedAt: number; waitMs: number }[];
  attempts: { callId: string; at: number; result: string }[];
}

/** Of the callback in hand: when the citizen called, how long he waited, and what was tried before. */
export function CallbackCause({ callbackId, callId }: { callbackId: string; callId: string }) {
  const story = useResource(
    (signal) => api.get<CallbackStory>(`/callbacks/${encodeURIComponent(callbackId)}`, { signal }),
    [callbackId],
  );
  if (!story.data) return story.error ? <span>漏接经过暂时无法读取</span> : null;
  const { callback, missed, attempts } = story.data;
  const before = attempts.filter((each) => each.callId !== callId);
  return (
    <span data-testid="callback-cause">
      {missed.map((call) => (
        <span key={call.callId}>
          {timeText(call.arrivedAt)} 来电，等待 {lengthText(call.waitMs / 1000)}；
        </span>
      ))}
      {callback.asked && '诉求人按键要求回拨；'}
      {before.length === 0
        ? '首次回拨'
        : `此前回拨 ${before.length} 次（${before.map(({ at, result }) => `${timeText(at)} ${result}`).join('，')}）`}
    </span>
  );
}
