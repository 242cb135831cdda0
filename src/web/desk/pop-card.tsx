import { Alert, Button, Tag } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import type { CallStory, DeskCall } from '../../desk/pop';
import { TICKET_STATES, type TicketState } from '../../tickets/ticket';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { Loading, Nothing } from '../shared/states';
import { lengthText, nearTimeText, timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useNow } from '../shared/use-now';
import { LINE_MODE_COLORS, LINE_MODE_WORDS, MATCHED_BY_WORDS } from '../shared/words';
import { CallbackCause } from './callback-cause';
import type { Dialling } from './use-dialling';

interface Props {
  call: DeskCall;
  story: CallStory | null;
  dialling: Dialling;
  onShowCall: (callId: string) => void;
  onShowTicket: (ticketId: string) => void;
  /** 报告骚扰. */
  onReport: (callId: string) => void;
}

/** 来电弹屏: who is calling, on which line and why that line, what to say, and what came before. */
export function PopCard({ call, story, dialling, onShowCall, onShowTicket, onReport }: Props) {
  return (
    <section className="desk-card pop" aria-label="来电弹屏" data-testid="pop" data-call={call.callId}>
      <Sender call={call} story={story} />
      <div className="pop-head">
        <div>
          <Citizen call={call} story={story} />
          <LineWords call={call} />
        </div>
        <CallerNumber call={call} onReport={onReport} key={call.callId} />
      </div>
      {call.nuisance !== null && (
        <Alert type="warning" showIcon title={call.nuisance} data-testid="pop-nuisance" />
      )}
      <Script call={call} />
      <div className="pop-story">
        <OpenTickets story={story} dialling={dialling} onShowTicket={onShowTicket} />
        <LastCalls story={story} onShowCall={onShowCall} />
      </div>
    </section>
  );
}

/** Who sent the call here, and why: a colleague who passed it on or asks for help, a work order, an abandoned call. */
function Sender({ call, story }: { call: DeskCall; story: CallStory | null }) {
  const { invited, handover, direction, about } = call;
  const rows: [string, ReactNode][] = [];
  if (invited) {
    const asks = invited.purpose === 'threeWay' ? '邀请您加入三方通话' : '咨询您';
    rows.push([`${invited.fromName ?? '坐席'} ${asks}`, invited.words]);
  }
  if (handover) rows.push([handover.fromName ? `${handover.fromName} 转来` : '系统转来', handover.words]);
  if (direction === 'callback') {
    const { callbackId } = about;
    rows.push(['漏接回拨', '诉求人此前来电未接通：接听后系统拨叫诉求人']);
    if (callbackId)
      rows.push(['漏接经过', <CallbackCause key="cause" callbackId={callbackId} callId={call.callId} />]);
  }
  if (direction === 'outbound') {
    const ticket = story?.openTickets.find(({ ticketId }) => ticketId === about.ticketId);
    const why = ticket ? `关于工单 ${ticket.number}（${ticket.title}）` : '关于工单';
    rows.push(['本席外呼', about.ticketId ? why : '']);
  }
  if (rows.length === 0) return null;
  return (
    <div className="pop-sender" data-testid="pop-sender">
      {rows.map(([who, words]) => (
        <p key={who}>
          <b>{who}</b>
          {words && <span>{words}</span>}
        </p>
      ))}
    </div>
  );
}

function Citizen({ call, story }: { call: DeskCall; story: CallStory | null }) {
  const name = story?.citizen?.name || (story ? '首次来电或未登记姓名' : '正在查询诉求人…');
  return (
    <div className="pop-citizen">
      <strong className={story?.citizen?.name ? undefined : 'pop-unknown'}>{name}</strong>
      {call.caller.displayName && (
        <span className="pop-display-name">来电显示名：{call.caller.displayName}</span>
      )}
      {story?.citizen?.note && <Tag color="orange">{story.citizen.note}</Tag>}
    </div>
  );
}

function LineWords({ call }: { call: DeskCall }) {
  const { line } = call;
  const way = [...call.diversions].reverse();
  return (
    <div className="pop-line">
      <b data-testid="pop-line">{line.lineName}</b>
      <Tag color={LINE_MODE_COLORS[line.mode]}>{LINE_MODE_WORDS[line.mode]}</Tag>
      <small title={`派席原因：${call.offerReason}`}>
        {MATCHED_BY_WORDS[line.matchedBy]}：{line.matchedNumber}
        {way.length > 0 && `（${way.join(' → ')} → ${call.dialled}）`}
      </small>
    </div>
  );
}

function CallerNumber({ call, onReport }: Pick<Props, 'call' | 'onReport'>) {
  const session = useSession();
  const action = useAction();
  const [number, setNumber] = useState<string | null>(null);
  // What was looked at does not stay on the screen for the next person who walks by.
  useEffect(() => {
    if (number === null) return;
    const timer = setTimeout(() => setNumber(null), 60_000);
    return () => clearTimeout(timer);
  }, [number]);
  if (call.caller.hidden) return <div className="pop-number">隐藏号码</div>;
  const reveal = () =>
    action.run(async () =>
      setNumber((await api.post<{ number: string }>(`/desk/calls/${call.callId}/reveal`)).number),
    );
  return (
    <div className="pop-number">
      <span data-testid="pop-number">{number ?? call.caller.masked}</span>
      {session.may('number.reveal') && number === null && (
        <Button size="small" loading={action.busy} onClick={() => void reveal()} title="查看将记入审计日志">
          查看号码
        </Button>
      )}
      {session.may('nuisance.propose') && call.direction === 'inbound' && call.stage !== 'ringing' && (
        <Button size="small" onClick={() => onReport(call.callId)} data-testid="report-nuisance">
          报告骚扰
        </Button>
      )}
    </div>
  );
}

function Script({ call }: { call: DeskCall }) {
  if (!call.line.script.trim()) return null;
  return (
    <div className="pop-script" aria-label="本线话术">
      <h3>话术</h3>
      <p>{call.line.script}</p>
    </div>
  );
}

function OpenTickets({ story, dialling, onShowTicket }: Pick<Props, 'story' | 'dialling' | 'onShowTicket'>) {
  const now = useNow(30_000);
  return (
    <div>
      <h3>在办工单{story ? `（${story.openTickets.length}）` : ''}</h3>
      {!story ? (
        <Loading rows={2} />
      ) : story.openTickets.length === 0 ? (
        <Nothing words="没有在办工单" />
      ) : (
        <ul className="pop-list">
          {story.openTickets.map((ticket) => (
            <li key={ticket.ticketId}>
              <div>
                <Button type="link" size="small" onClick={() => onShowTicket(ticket.ticketId)}>
                  {ticket.title}
                </Button>{' '}
                <Tag>{stateWords(ticket.state)}</Tag>
                {dialling.why === null && (
                  <Button
                    size="small"
                    disabled={dialling.busy}
                    onClick={() => void dialling.call({ kind: 'ticket', ticketId: ticket.ticketId })}
                  >
                    回拨诉求人
                  </Button>
                )}
              </div>
              <small>
                {ticket.number} · {ticket.unitName ?? '未派单'}
                {ticket.dueAt !== null && (
                  <span className={ticket.dueAt < now ? 'pop-overdue' : undefined}>
                    {' '}
                    · {ticket.dueAt < now ? '已超期' : '办理时限'} {timeText(ticket.dueAt)}
                  </span>
                )}
              </small>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A state this page does not know yet is shown as it is. */
const stateWords = (state: string): string =>
  Object.hasOwn(TICKET_STATES, state) ? TICKET_STATES[state as TicketState] : state;

function LastCalls({ story, onShowCall }: { story: CallStory | null; onShowCall: (callId: string) => void }) {
  const now = useNow(30_000);
  return (
    <div>
      <h3>近期来电</h3>
      {!story ? (
        <Loading rows={2} />
      ) : story.lastCalls.length === 0 ? (
        <Nothing words="没有来电记录" />
      ) : (
        <ul className="pop-list">
          {story.lastCalls.map((one) => (
            <li key={one.callId}>
              <Button type="link" size="small" onClick={() => onShowCall(one.callId)}>
                {nearTimeText(one.at, now)} · {one.lineName}
              </Button>
              <small>
                {one.answered ? `${one.agentName ?? '坐席'}接听 · ${lengthText(one.talkSeconds)}` : '未接通'}
              </small>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
