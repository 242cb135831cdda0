import { Alert, App, Button, Result } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useSession } from '../shared/session';
import { Shell } from '../shared/shell';
import { WholePageLoading } from '../shared/states';
import { LINE_MODE_WORDS } from '../shared/words';
import { CallCard } from './call-card';
import { stageNow, type DeskState } from './desk-feed';
import { MyCalls } from './my-calls';
import { PopCard } from './pop-card';
import { QueueCounts } from './queue-counts';
import { RecordDrawer } from './record-drawer';
import { SeatPanel } from './seat-panel';
import { MISSED_WORDS } from './seat-words';
import { TicketForm } from './ticket-form';
import { useCallControl } from './use-call-control';
import { useDeskFeed } from './use-desk-feed';
import { useDrafts, type DraftCall } from './use-drafts';
import { useRingAlert } from './use-ring-alert';
import { useSeatPhone, type SeatPhone } from './use-seat-phone';
import { useShortcuts } from './use-shortcuts';
import { useSingleTab } from './use-single-tab';
import './desk.css';

/** Lets one page per person work; a second one says so and registers no second phone. */
export function DeskGate() {
  const { person } = useSession();
  const [inCall, setInCall] = useState(false);
  const tab = useSingleTab(person.personId, inCall);
  if (tab.place === 'waiting') return <WholePageLoading />;
  if (tab.place === 'here') return <DeskPage onInCall={setInCall} />;
  return (
    <Shell title="坐席工作台">
      <Result
        status="info"
        title={tab.place === 'moved' ? '工作台已移到另一个标签页' : '工作台已在另一个标签页打开'}
        subTitle={
          tab.refused
            ? '另一个标签页正在通话，不能移过来。请在那里继续。'
            : '为避免两处同时振铃，同一账号只在一个标签页使用话机。关闭那个标签页后，此页自动接替。'
        }
        extra={
          <Button type="primary" onClick={tab.place === 'moved' ? () => location.reload() : tab.takeOver}>
            在此标签页使用
          </Button>
        }
      />
    </Shell>
  );
}

function DeskPage({ onInCall }: { onInCall: (inCall: boolean) => void }) {
  const session = useSession();
  const { message } = App.useApp();
  const { desk, live, refresh, dismiss } = useDeskFeed();
  const phone = useSeatPhone();
  const stage = stageNow(desk);
  const [shownCall, setShownCall] = useState<string | null>(null);
  const [rounds, setRounds] = useState({ focus: 0, submit: 0, opened: 0 });
  const drafts = useDrafts(session.person.personId, useDraftCall(desk));
  const control = useCallControl(desk, phone, refresh);
  const ringingWords = useRingingWords(desk, phone);
  const soundBlocked = useRingAlert(ringingWords);

  const inCall =
    phone.state.media !== 'none' || stage === 'ringing' || stage === 'talking' || stage === 'held';
  useEffect(() => onInCall(inCall), [inCall, onInCall]);
  useLeaveWarning(phone.state.media === 'up' || phone.state.media === 'answering');
  useEffect(() => {
    if (desk.missed) void message.warning(MISSED_WORDS[desk.missed.outcome], 6);
  }, [desk.missed, message]);

  const count = (name: keyof typeof rounds) => setRounds((was) => ({ ...was, [name]: was[name] + 1 }));
  useShortcuts((shortcut) => {
    if (shortcut === 'newTicket') count('focus');
    else if (shortcut === 'submitTicket') count('submit');
    else control.byKey(shortcut);
  });

  const beforeSignOut = async () => {
    if (inCall) {
      void message.error('正在通话，请先结束通话再退出');
      return false;
    }
    if (desk.seat && desk.seat.state !== 'signedOut') await phone.signOut().catch(() => undefined);
    return true;
  };
  return (
    <Shell title="坐席工作台" extra={<Link live={live} />} beforeSignOut={beforeSignOut}>
      <div className="visually-hidden" role="status" aria-live="assertive">
        {ringingWords}
      </div>
      <div className="desk">
        <aside className="desk-side">
          <SeatPanel seat={desk.seat} phone={phone} refresh={refresh} />
          <QueueCounts />
          <KeyHelp />
        </aside>
        <div className="desk-main">
          {!live && desk.epoch !== null && (
            <Alert type="warning" showIcon title="与服务器的连接中断，正在自动重连。进行中的通话不受影响。" />
          )}
          {soundBlocked && (
            <Alert type="warning" showIcon title="浏览器禁止了铃声：点击页面任意处即可恢复。" />
          )}
          <CallCard
            call={desk.call}
            stage={stage}
            seat={desk.seat}
            phone={phone}
            onControl={(name) => control.run(name)}
            busy={control.busy}
          />
          {desk.call ? (
            <PopCard call={desk.call} story={desk.story} onShowCall={setShownCall} />
          ) : (
            <Waiting desk={desk} />
          )}
          {stage === 'over' && (
            <Button className="desk-dismiss" onClick={dismiss}>
              关闭弹屏
            </Button>
          )}
          {(stage === null || stage === 'over') && (
            <MyCalls round={`${desk.call?.callId}-${stage}-${rounds.opened}`} onShowCall={setShownCall} />
          )}
        </div>
        <div className="desk-form">
          <TicketForm
            drafts={drafts}
            focusRound={rounds.focus}
            submitRound={rounds.submit}
            onOpened={() => count('opened')}
          />
        </div>
      </div>
      <RecordDrawer callId={shownCall} onClose={() => setShownCall(null)} />
    </Shell>
  );
}

function Link({ live }: { live: boolean }) {
  return (
    <span className={live ? 'link link-live' : 'link'} role="status" data-testid="link" data-live={live}>
      {live ? '已连接' : '连接中…'}
    </span>
  );
}

function Waiting({ desk }: { desk: DeskState }) {
  const ready = desk.seat?.state === 'ready';
  return (
    <section className={`desk-card desk-waiting${ready ? ' desk-waiting-ready' : ''}`}>
      <strong>{ready ? '等待来电…' : '当前没有来电'}</strong>
      <span>{ready ? '来电时此处显示诉求人、热线与话术' : '示闲后系统才会派送来电'}</span>
    </section>
  );
}

const KEYS: [string, string][] = [
  ['F2', '接听'],
  ['F4', '保持/恢复'],
  ['F6', '静音'],
  ['F8', '挂断'],
  ['F9', '新建工单'],
  ['Ctrl+Enter', '提交工单'],
];

function KeyHelp() {
  return (
    <section className="desk-card key-help" aria-label="快捷键">
      {KEYS.map(([key, words]) => (
        <span key={key}>
          <kbd>{key}</kbd> {words}
        </span>
      ))}
    </section>
  );
}

/** What the work order form takes from the call. */
function useDraftCall(desk: DeskState): DraftCall | null {
  const { call, story } = desk;
  return useMemo(() => {
    if (!call) return null;
    const who = call.caller.hidden ? '隐藏号码' : call.caller.masked;
    const citizenName = story?.callId === call.callId ? (story.citizen?.name ?? '') : '';
    return {
      callId: call.callId,
      label: `${who} · ${call.line.lineName}`,
      defaultCategory: call.line.defaultCategory,
      citizenName,
    };
  }, [call, story]);
}

/** What to announce while it rings; null otherwise. */
function useRingingWords(desk: DeskState, phone: SeatPhone): string | null {
  const { call } = desk;
  const waitsForAnswer =
    phone.kind === 'sip' || phone.state.media === 'none' || phone.state.media === 'ringing';
  if (call?.stage === 'ringing' && waitsForAnswer) {
    const who = call.caller.hidden ? '隐藏号码' : call.caller.masked;
    return `来电：${who}，${call.line.lineName}（${LINE_MODE_WORDS[call.line.mode]}）`;
  }
  return phone.state.media === 'ringing' ? '来电（系统未提供信息）' : null;
}

/** Leaving the page ends the voice of a running call: the browser asks first. */
function useLeaveWarning(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [active]);
}
