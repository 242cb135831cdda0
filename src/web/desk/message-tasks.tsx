import { Badge, Button } from 'antd';
import { useEffect, useState } from 'react';
import type { MessageView } from '../../calls/message.routes';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { useResource } from '../shared/use-resource';
import { MessagesDrawer } from './messages-drawer';

export interface MessagesAnswer {
  messages: MessageView[];
  next: string | null;
  counts: { new: number; mine: number };
}

const LOOK_EVERY_MS = 10_000;

/** How many voice messages wait for somebody, and the way to them. */
export function MessageTasks() {
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  const found = useResource(
    async (signal) =>
      (await api.get<MessagesAnswer>('/messages', { query: { state: 'new', limit: 1 }, signal })).counts,
    [],
  );
  useEffect(() => {
    const timer = setInterval(found.reload, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [found.reload]);
  if (!may('message.work')) return null;
  const counts = found.data ?? { new: 0, mine: 0 };
  return (
    <section className="desk-card message-tasks" aria-label="语音留言" data-testid="message-tasks">
      <h2>
        语音留言 <Badge count={counts.new} data-testid="messages-new" />
      </h2>
      <p>
        {counts.new ? `${counts.new} 条待处理` : '没有待处理的留言'}
        {counts.mine > 0 && `，本人处理中 ${counts.mine} 条`}
      </p>
      <Button
        block
        type={counts.new ? 'primary' : 'default'}
        onClick={() => setOpen(true)}
        data-testid="open-messages"
      >
        查看留言
      </Button>
      {open && <MessagesDrawer onChanged={found.reload} onClose={() => setOpen(false)} />}
    </section>
  );
}
