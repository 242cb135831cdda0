import { Button, Drawer, Segmented, Space, Tag } from 'antd';
import { useState } from 'react';
import { MESSAGE_RESULTS, MESSAGE_STATES, type MessageState } from '../../calls/message';
import type { MessageView } from '../../calls/message.routes';
import { api } from '../shared/api';
import { RecordingPlayer } from '../shared/recording-player';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { lengthText, nearTimeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useNow } from '../shared/use-now';
import { useResource } from '../shared/use-resource';
import { MessageFinishForm } from './message-finish';
import type { MessagesAnswer } from './message-tasks';

const STATE_COLORS: Record<MessageState, string> = { new: 'gold', taken: 'blue', done: 'green' };

/** The voice messages of the queues I serve: hear one, take it, call back or open a work order, close it. */
export function MessagesDrawer(props: { onChanged: () => void; onClose: () => void }) {
  const [state, setState] = useState('new,taken');
  const list = useResource(
    (signal) => api.get<MessagesAnswer>('/messages', { query: { state }, signal }),
    [state],
  );
  const changed = () => {
    list.reload();
    props.onChanged();
  };
  return (
    <Drawer title="语音留言" open onClose={props.onClose} size={560}>
      <Segmented
        value={state}
        options={[
          { value: 'new,taken', label: '未办结' },
          { value: 'done', label: '已处理' },
        ]}
        onChange={(value) => setState(String(value))}
      />
      <ResourceView
        resource={list}
        rows={5}
        empty={({ messages }) => messages.length === 0}
        emptyWords={state === 'done' ? '还没有处理过的留言' : '没有待处理的留言'}
      >
        {({ messages }) => (
          <ul className="message-list">
            {messages.map((message) => (
              <MessageItem key={message.messageId} message={message} onChanged={changed} />
            ))}
          </ul>
        )}
      </ResourceView>
    </Drawer>
  );
}

function MessageItem({ message, onChanged }: { message: MessageView; onChanged: () => void }) {
  const { person, may } = useSession();
  const [hearing, setHearing] = useState(false);
  const [finishing, setFinishing] = useState(false);
  const action = useAction();
  const now = useNow(30_000);
  const { messageId, callId, state, takenBy, takenByName, hidden } = message;
  const mine = state === 'taken' && takenBy === person.personId;
  const mayTake = state === 'new' || (state === 'taken' && !mine && may('call.view-all'));
  const act = async (what: string, done: string) => {
    await action.run(() => api.post(`/messages/${messageId}/${what}`), done);
    onChanged();
  };
  const callBack = () =>
    action.run(
      () => api.post('/desk/calls', { to: { kind: 'call', callId } }),
      '正在呼叫本坐席话机，接听后拨叫诉求人',
    );
  return (
    <li className="message-item" data-testid="message" data-state={state}>
      <div className="message-head">
        <Tag color={STATE_COLORS[state]}>{MESSAGE_STATES[state]}</Tag>
        <strong>{hidden ? '隐藏号码' : message.masked}</strong>
        <span>{message.lineName}</span>
        <span>{nearTimeText(message.leftAt, now)}</span>
        <span>{lengthText(message.seconds)}</span>
      </div>
      <p className="message-facts">
        {state === 'taken' && `${mine ? '本人' : takenByName}处理中`}
        {message.result &&
          `${MESSAGE_RESULTS[message.result]}${message.doneByName ? ` · ${message.doneByName}` : ''}`}
        {message.ticketNumber && ` · ${message.ticketNumber}`}
        {message.note && ` · ${message.note}`}
      </p>
      {message.audio === 'awaited' && <Tag>录音保存中</Tag>}
      {message.audio === 'lost' && <Tag color="red">录音丢失，已告警</Tag>}
      {hearing && <RecordingPlayer recordingId={messageId} />}
      <Space wrap>
        {message.audio === 'kept' && !hearing && (
          <Button size="small" onClick={() => setHearing(true)} title="收听将记入审计日志">
            收听
          </Button>
        )}
        {mayTake && (
          <Button
            size="small"
            type="primary"
            loading={action.busy}
            onClick={() => void act('take', '已领取')}
          >
            {state === 'new' ? '领取' : '接手'}
          </Button>
        )}
        {mine && !hidden && (
          <Button size="small" disabled={action.busy} onClick={() => void callBack()}>
            回拨
          </Button>
        )}
        {mine && (
          <Button size="small" type="primary" onClick={() => setFinishing(true)}>
            办结
          </Button>
        )}
        {mine && (
          <Button size="small" disabled={action.busy} onClick={() => void act('release', '已退回')}>
            退回
          </Button>
        )}
      </Space>
      {finishing && (
        <MessageFinishForm
          messageId={messageId}
          onClose={(changed) => {
            setFinishing(false);
            if (changed) onChanged();
          }}
        />
      )}
    </li>
  );
}
