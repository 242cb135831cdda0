import { Alert, App, Button, Result } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { goTo, useHashRoute } from '../shared/hash-route';
import { useSession } from '../shared/session';
import { Shell } from '../shared/shell';
import { TicketDrawer } from '../shared/ticket-drawer';
import { useCalendar } from '../shared/use-calendar';
import { WholePageLoading } from '../shared/states';
import { LINE_MODE_WORDS } from '../shared/words';
import { answersItself, callActions, cutOffByHangUp } from '../../calls/call-actions';
import { CallCard } from './call-card';
import { stageNow, type DeskState } from './desk-feed';
import { departures } from './desk-notes';
import { DestinationDialog } from './destination-dialog';
import { PURPOSES, type Purpose } from './destination-choice';
import { DialBox } from './dial-box';
import { EmergencyDialog } from './emergency-dialog';
import { MessageTasks } from './message-tasks';
import { MonitorBar } from './monitor/monitor-bar';
import { MonitorView } from './monitor/monitor-view';
import { useMonitoring, type MonitorDesk } from './monitor/use-monitoring';
import { MyCalls } from './my-calls';
import { NuisanceReport } from './nuisance-report';
import { PopCard } from './pop-card';
import { QueueCounts } from './queue-counts';
import { RecordDrawer } from './record-drawer';
import { SeatPanel } from './seat-panel';
import { MISSED_WORDS, supervisedWords, UNINVITED_WORDS } from './seat-words';
import { TicketForm } from './ticket-form';
import { useCallControl, type CallControl } from './use-call-control';
import { useDeskFeed } from './use-desk-feed';
import { useDialling } from './use-dialling';
import { useDrafts, type DraftCall } from './use-drafts';
import { useHangUpQuestion } from './use-hang-up-question';
import { useHoldReminder } from './use-hold-reminder';
import { useRejoin } from './use-rejoin';
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
  const { desk, live, refresh, dismiss } = useDeskFeed();
  const phone = useSeatPhone();
  const stage = stageNow(desk);
  const [shownCall, setShownCall] = useState<string | null>(null);
  const [shownTicket, setShownTicket] = useState<string | null>(null);
  const calendar = useCalendar();
  const [reported, setReported] = useState<string | null>(null);
  const [rounds, setRounds] = useState({ focus: 0, submit: 0, opened: 0, dial: 0 });
  const drafts = useDrafts(session.person.personId, useDraftCall(desk));
  const [dialog, setDialog] = useState<Purpose | 'emergency' | null>(null);
  const askHangUp = useHangUpQuestion();
  const control: CallControl = useCallControl(desk, phone, refresh, {
    destination: setDialog,
    emergency: () => setDialog('emergency'),
    hangUp: (end) => askHangUp(desk.call ? cutOffByHangUp(desk.call) : [], end, leaveInstead),
  });
  const leaveInstead = control.view.controls.includes('leave') ? () => control.run('leave') : null;
  const dialling = useDialling(desk.seat, phone, refresh);
  useRejoin(desk, live, phone);
  const monitor = useMonitoring(session.may('call.monitor'), phone);
  const [section = 'desk'] = useHashRoute();
  const monitors = session.may('call.monitor') && section === 'monitor';
  const ringingWords = useRingingWords(desk, phone, monitor);
  const soundBlocked = useRingAlert(ringingWords);
  useHoldReminder(desk.remindedAt);
  useNews(desk, control);

  const inCall =
    phone.state.media !== 'none' || stage === 'ringing' || stage === 'talking' || stage === 'held';
  useEffect(() => onInCall(inCall), [inCall, onInCall]);
  useLeaveWarning(phone.state.media === 'up' || phone.state.media === 'answering');

  const count = (name: keyof typeof rounds) => setRounds((was) => ({ ...was, [name]: was[name] + 1 }));
  useShortcuts((shortcut) => {
    if (shortcut === 'newTicket') count('focus');
    else if (shortcut === 'submitTicket') count('submit');
    else if (monitor.byKey(shortcut)) return;
    else if (!control.byKey(shortcut) && shortcut === 'consult') count('dial');
  });

  const { message } = App.useApp();
  const beforeSignOut = async () => {
    if (inCall) {
      void message.error('正在通话，请先结束通话再退出');
      return false;
    }
    if (desk.seat && desk.seat.state !== 'signedOut') await phone.signOut().catch(() => undefined);
    return true;
  };
  return (
    <Shell
      title="坐席工作台"
      {...(session.may('call.monitor') ? { sections: SECTIONS, onSection: (key: string) => goTo(key) } : {})}
      current={monitors ? 'monitor' : 'desk'}
      extra={<Link live={live} />}
      beforeSignOut={beforeSignOut}
    >
      <div className="visually-hidden" role="status" aria-live="assertive">
        {ringingWords}
      </div>
      <div className={monitors ? 'desk desk-wide' : 'desk'}>
        <aside className="desk-side">
          <SeatPanel seat={desk.seat} phone={phone} refresh={refresh} />
          <QueueCounts />
          <MessageTasks />
          {!monitors && <KeyHelp />}
        </aside>
        <div className="desk-main">
          {!live && desk.epoch !== null && (
            <Alert type="warning" showIcon title="与服务器的连接中断，正在自动重连。进行中的通话不受影响。" />
          )}
          {soundBlocked && (
            <Alert type="warning" showIcon title="浏览器禁止了铃声：点击页面任意处即可恢复。" />
          )}
          {session.may('call.monitor') && <MonitorBar monitor={monitor} phone={phone} />}
          {!monitor.listens && <CallCard desk={desk} phone={phone} control={control} />}
          {monitors && <MonitorView monitor={monitor} ownId={session.person.personId} seat={desk.seat} />}
          {monitors ? null : desk.call ? (
            <PopCard
              call={desk.call}
              story={desk.story}
              dialling={dialling}
              onShowCall={setShownCall}
              onShowTicket={setShownTicket}
              onReport={setReported}
            />
          ) : (
            <Waiting desk={desk} />
          )}
          {!monitors && stage === 'over' && (
            <Button className="desk-dismiss" onClick={dismiss}>
              关闭弹屏
            </Button>
          )}
          {!monitors && (stage === null || stage === 'over' || stage === 'wrapUp') && (
            <DialBox dialling={dialling} focusRound={rounds.dial} />
          )}
          {!monitors && (stage === null || stage === 'over') && (
            <MyCalls
              round={`${desk.call?.callId}-${stage}-${rounds.opened}`}
              dialling={dialling}
              onShowCall={setShownCall}
              onReport={setReported}
            />
          )}
        </div>
        {!monitors && (
          <div className="desk-form">
            <TicketForm
              drafts={drafts}
              focusRound={rounds.focus}
              submitRound={rounds.submit}
              onOpened={() => count('opened')}
            />
          </div>
        )}
      </div>
      <TicketDrawer
        ticketId={shownTicket}
        round={rounds.opened}
        calendar={calendar}
        onClose={() => setShownTicket(null)}
      />
      {reported !== null && <NuisanceReport callId={reported} onClose={() => setReported(null)} />}
      <RecordDrawer callId={shownCall} onClose={() => setShownCall(null)} />
      <CallDialogs desk={desk} dialog={dialog} setDialog={setDialog} control={control} refresh={refresh} />
    </Shell>
  );
}

/** A supervisor's two sections; an agent has the desk alone. */
const SECTIONS = [
  { key: 'desk', label: '工作台' },
  { key: 'monitor', label: '坐席监控' },
];

/** The dialogs of the call in hand; they close when the call no longer allows what they are for. */
function CallDialogs(props: {
  desk: DeskState;
  dialog: Purpose | 'emergency' | null;
  setDialog: (dialog: Purpose | 'emergency' | null) => void;
  control: CallControl;
  refresh: () => void;
}) {
  const { desk, dialog, setDialog, control, refresh } = props;
  const { person } = useSession();
  const close = () => setDialog(null);
  const { call } = desk;
  const actions = call ? callActions(call) : [];
  const allowed = (Object.keys(PURPOSES) as Purpose[]).filter((purpose) => actions.includes(purpose));
  const over = dialog !== null && !actions.includes(dialog);
  useEffect(() => {
    if (over) setDialog(null);
  }, [over, setDialog]);
  if (dialog === null || over || !call) return null;
  if (dialog === 'emergency')
    return (
      <EmergencyDialog
        onClose={close}
        onPick={(number) => {
          close();
          control.emergency(number);
        }}
      />
    );
  return (
    <DestinationDialog
      personId={person.personId}
      callId={call.callId}
      purpose={dialog}
      allowed={allowed}
      onPurpose={setDialog}
      onClose={close}
      onDone={() => {
        close();
        refresh();
      }}
    />
  );
}

/** What happened without the agent's doing: an offer that went away, somebody who left or was not reached. */
function useNews(desk: DeskState, control: CallControl): void {
  const { message } = App.useApp();
  const { call, missed, supervised } = desk;
  useEffect(() => {
    if (supervised) void message.warning(supervisedWords(supervised), 8);
  }, [supervised, message]);
  useEffect(() => {
    if (missed) void message.warning((missed.invited ? UNINVITED_WORDS : MISSED_WORDS)[missed.outcome], 6);
  }, [missed, message]);
  const before = useRef(call);
  useEffect(() => {
    const gone = departures(before.current, call);
    before.current = call;
    for (const { legId, words } of gone) if (!control.dropped.has(legId)) void message.info(words, 5);
  }, [call, control.dropped, message]);
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
  ['F1', '紧急电话'],
  ['F2', '接听'],
  ['F3', '咨询/外呼'],
  ['F4', '保持/恢复'],
  ['F6', '静音'],
  ['F7', '三方/合并'],
  ['F8', '挂断'],
  ['F9', '新建工单'],
  ['F10', '转接/退出'],
  ['Ctrl+F9', '暂停录音'],
  ['Ctrl+⏎', '提交工单'],
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
function useRingingWords(desk: DeskState, phone: SeatPhone, monitor: MonitorDesk): string | null {
  const { call } = desk;
  if (monitor.listens) return null;
  const waitsForAnswer =
    phone.kind !== 'browser' || phone.state.media === 'none' || phone.state.media === 'ringing';
  if (call && answersItself(call)) return null;
  if (call?.stage === 'ringing' && waitsForAnswer) {
    const who = call.caller.hidden ? '隐藏号码' : call.caller.masked;
    const line = `${who}，${call.line.lineName}（${LINE_MODE_WORDS[call.line.mode]}）`;
    if (call.role === 'party')
      return `${call.invited?.fromName ?? '坐席'}${call.invited?.purpose === 'threeWay' ? '邀请您三方通话' : '咨询您'}：${line}`;
    return call.handover ? `${call.handover.fromName ?? '系统'}转来：${line}` : `来电：${line}`;
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
