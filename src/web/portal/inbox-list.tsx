import { Badge, Button, Segmented, Tag } from 'antd';
import { useState } from 'react';
import type { InboxKind } from '../../notifications/notice';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { nearTimeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useNow } from '../shared/use-now';
import { useResource } from '../shared/use-resource';

interface Notice {
  noticeId: string;
  kind: InboxKind;
  kindName: string;
  ticketId: string | null;
  words: string;
  at: string;
  readAt: string | null;
}
interface InboxPage {
  items: Notice[];
  unread: number;
  nextCursor: string | null;
}

/** Blue asks for work, orange for haste, red for better work; everything else is news. */
const COLORS: Partial<Record<InboxKind, string>> = {
  dispatched: 'blue',
  reopened: 'red',
  sentBack: 'red',
  dueSoon: 'orange',
  urged: 'orange',
  dueChanged: 'purple',
  knowledgeAsked: 'green',
};
const PAGE = 50;

/** The unit's notices: unread ones first to see, all on demand. Opening one marks it read. */
export function InboxList(props: { round: number; onOpen: (ticketId: string) => void; onRead: () => void }) {
  const [show, setShow] = useState<'unread' | 'all'>('unread');
  const [limit, setLimit] = useState(PAGE);
  const reading = useAction();
  const now = useNow(30_000);
  const inbox = useResource(
    (signal) => api.get<InboxPage>('/inbox', { query: { unread: show === 'unread', limit }, signal }),
    [show, limit, props.round],
  );
  const open = (notice: Notice) => {
    if (notice.ticketId !== null) props.onOpen(notice.ticketId);
    if (notice.readAt === null)
      void reading
        .run(() => api.post(`/inbox/${notice.noticeId}/read`))
        .then((done) => done && props.onRead());
  };
  return (
    <section className="portal-card" aria-label="收件箱">
      <div className="portal-head">
        <h2>
          收件箱 <Badge count={inbox.data?.unread ?? 0} overflowCount={999} />
        </h2>
        <Segmented
          value={show}
          onChange={setShow}
          options={[
            { value: 'unread', label: '未读' },
            { value: 'all', label: '全部' },
          ]}
        />
      </div>
      <ResourceView
        resource={inbox}
        rows={6}
        empty={(page) => page.items.length === 0}
        emptyWords={show === 'unread' ? '没有未读通知' : '还没有收到通知'}
      >
        {(page) => (
          <>
            <ul className="notices">
              {page.items.map((notice) => (
                <li key={notice.noticeId}>
                  <button
                    type="button"
                    className={notice.readAt === null ? 'notice unread' : 'notice'}
                    onClick={() => open(notice)}
                    data-testid="notice"
                  >
                    <Tag color={COLORS[notice.kind]}>{notice.kindName}</Tag>
                    <span className="notice-words">{notice.words}</span>
                    <time>{nearTimeText(notice.at, now)}</time>
                  </button>
                </li>
              ))}
            </ul>
            {page.nextCursor !== null &&
              (limit < 100 ? (
                <Button onClick={() => setLimit(100)} loading={inbox.loading}>
                  显示更多
                </Button>
              ) : (
                <p className="portal-note">仅显示最近 100 条，更早的请在“工单”中查找。</p>
              ))}
          </>
        )}
      </ResourceView>
    </section>
  );
}
