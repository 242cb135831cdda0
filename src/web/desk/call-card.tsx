import { Button } from 'antd';
import type { DeskCall, DeskCallStage } from '../../desk/pop';
import { timerText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { CallPeople } from './call-people';
import type { CallControlName } from './call-controls';
import { stageNow, type DeskState } from './desk-feed';
import { audioSaid } from './phone-state';
import { keyOf, type Shortcut } from './shortcuts';
import type { CallControl } from './use-call-control';
import type { SeatPhone } from './use-seat-phone';

interface Button {
  words: string;
  shortcut: Shortcut | null;
  look: string;
}

const BUTTONS: Record<CallControlName, Button> = {
  answer: { words: '接听', shortcut: 'answer', look: 'call-answer' },
  rejoin: { words: '重新接入', shortcut: 'answer', look: 'call-answer' },
  hold: { words: '保持', shortcut: 'hold', look: '' },
  resume: { words: '恢复通话', shortcut: 'hold', look: 'call-resume' },
  returnToCitizen: { words: '结束咨询并恢复', shortcut: 'hold', look: 'call-resume' },
  merge: { words: '合并三方', shortcut: 'threeWay', look: '' },
  completeTransfer: { words: '完成转接', shortcut: 'transfer', look: '' },
  mute: { words: '静音', shortcut: 'mute', look: '' },
  unmute: { words: '取消静音', shortcut: 'mute', look: 'call-resume' },
  consult: { words: '咨询', shortcut: 'consult', look: '' },
  threeWay: { words: '三方', shortcut: 'threeWay', look: '' },
  transfer: { words: '转接', shortcut: 'transfer', look: '' },
  pauseRecording: { words: '暂停录音', shortcut: 'recording', look: '' },
  resumeRecording: { words: '继续录音', shortcut: 'recording', look: 'call-resume' },
  leave: { words: '退出通话', shortcut: 'transfer', look: '' },
  emergency: { words: '紧急', shortcut: 'emergency', look: 'call-emergency' },
  hangUp: { words: '挂断', shortcut: 'hangUp', look: 'call-hang-up' },
  finishWrapUp: { words: '完成整理', shortcut: null, look: 'call-answer' },
};

interface Props {
  desk: DeskState;
  phone: SeatPhone;
  control: CallControl;
}

/** The call itself: stage, timers, who is in it, and the buttons that its state allows. */
export function CallCard({ desk, phone, control }: Props) {
  const { call } = desk;
  const { view } = control;
  const stage = stageNow(desk);
  if (stage === null && view.hint === null) return null;
  const inHand = stage === 'talking' || stage === 'held';
  return (
    <section
      className={`call-card call-${call?.lost ? 'lost' : (stage ?? 'ringing')}`}
      aria-label="当前通话"
      data-testid="call"
      data-stage={stage}
      data-call={call?.callId}
      data-lost={call?.lost}
    >
      <div className="call-main">
        <div className="call-stage">
          <strong>{stageWords(desk, stage)}</strong>
          {call && <span>{call.caller.hidden ? '诉求人隐藏号码' : call.caller.masked}</span>}
          {call?.muted && inHand && <em>已静音：{call.parties.length ? '其他人' : '诉求人'}听不到您</em>}
        </div>
        {call && inHand && <Listeners of={call.monitoredBy} />}
        {call && stage && <CallTimers desk={desk} stage={stage} />}
        {inHand && phone.kind === 'browser' && phone.state.media === 'up' && (
          <AudioLine phone={phone} held={stage === 'held' && call?.parties.length === 0} />
        )}
      </div>
      {view.hint && (
        <p
          className={view.alarming ? 'call-hint call-hint-bad' : 'call-hint'}
          role={view.alarming ? 'alert' : undefined}
        >
          {view.hint}
        </p>
      )}
      {call?.recording === 'paused' && inHand && (
        <p className="call-hint call-reminder" role="status" data-testid="recording-paused">
          录音已暂停：敏感信息说完后请继续录音。
        </p>
      )}
      {desk.remindedAt !== null && <HoldReminder desk={desk} />}
      {call && inHand && <CallPeople call={call} heldFrom={desk.heldFrom} control={control} />}
      <div className="call-buttons" role="group" aria-label="话务操作">
        {view.controls.map((name) => (
          <ControlButton key={name} name={name} words={wordsOf(name, desk)} control={control} />
        ))}
      </div>
    </section>
  );
}

/** Supervisors who hear the agent, where the setting shows them. */
function Listeners({ of }: { of: DeskCall['monitoredBy'] }) {
  return of.map(({ name, mode }) => (
    <em key={name} className="call-listener" data-testid="listener">
      {name} {mode === 'whisper' ? '正在耳语：只有您听得到' : '正在监听'}
    </em>
  ));
}

function ControlButton(props: { name: CallControlName; words: string; control: CallControl }) {
  const { name, words, control } = props;
  const { look, shortcut } = BUTTONS[name];
  // F10 leaves a three-way; the seat that was called in leaves with F8 too, as from any other call.
  return (
    <Button
      size="large"
      className={look}
      disabled={control.busy && name !== 'hangUp'}
      onClick={() => control.run(name)}
      data-testid={`call-${name}`}
    >
      {words}
      <ShortcutKey of={shortcut} />
    </Button>
  );
}

function wordsOf(name: CallControlName, { call }: DeskState): string {
  if (name === 'returnToCitizen' && call?.parties.every(({ state }) => state === 'ringing'))
    return '取消咨询并恢复';
  if (name === 'leave' && call?.role === 'owner')
    return call.citizen === 'gone' ? '退出，各方继续' : '退出，留下双方';
  if (name === 'hangUp' && call?.citizen === 'ringing') return '取消呼叫';
  return BUTTONS[name].words;
}

const STAGE_WORDS: Record<DeskCallStage, string> = {
  ringing: '来电振铃',
  talking: '通话中',
  held: '保持中',
  wrapUp: '话后整理',
  over: '通话已结束',
};

/** What is going on, in two to six characters. */
function stageWords({ call }: DeskState, stage: DeskCallStage | null): string {
  if (stage === null || call === null) return '应急来电';
  const goesOut = call.direction !== 'inbound';
  if (stage === 'ringing') {
    if (call.role === 'party') return call.invited?.purpose === 'threeWay' ? '三方邀请' : '咨询来电';
    if (call.handover) return '转接来电';
    if (!goesOut) return STAGE_WORDS.ringing;
    return call.direction === 'callback' ? '漏接回拨' : '外呼准备中';
  }
  if (stage === 'wrapUp' || stage === 'over')
    return goesOut && call.answeredAt === null ? '对方未接通' : STAGE_WORDS[stage];
  if (call.lost) return '话机断线';
  if (call.citizen === 'ringing') return '拨号中';
  if (call.citizen === 'gone') return '诉求人已挂机';
  const talking = call.parties.filter(({ state }) => state === 'talking').length;
  if (call.role === 'party') return '协助通话中';
  if (stage === 'held') {
    if (talking) return '咨询中';
    return call.parties.some(({ purpose }) => purpose === 'consult') ? '咨询呼叫中' : STAGE_WORDS.held;
  }
  return talking > 1 ? '多方通话中' : talking ? '三方通话中' : STAGE_WORDS.talking;
}

/** The key beside the words on a button. */
export function ShortcutKey({ of }: { of: Shortcut | null }) {
  return of ? <kbd>{keyOf(of)}</kbd> : null;
}

function HoldReminder({ desk }: { desk: DeskState }) {
  const now = useNow(500);
  return (
    <p className="call-hint call-reminder" role="alert" data-testid="hold-reminder">
      诉求人已等待 {timerText(now - (desk.heldFrom ?? now))}，请恢复通话说明情况，或告知还需等待多久。
    </p>
  );
}

function CallTimers({ desk, stage }: { desk: DeskState; stage: DeskCallStage }) {
  const now = useNow(500);
  const { call, seat, heldFrom } = desk;
  if (!call) return null;
  const until = seat?.wrapUpUntil ?? null;
  const waited = (call.answeredAt ?? (stage === 'ringing' ? now : call.offeredAt)) - call.arrivedAt;
  const talked = call.answeredAt === null ? null : (call.endedAt ?? now) - call.answeredAt;
  const wasRung = call.direction === 'inbound' && call.role === 'owner';
  return (
    <dl className="call-timers">
      {stage === 'ringing' && <Timer name="振铃" value={timerText(now - call.offeredAt)} />}
      {wasRung && <Timer name="诉求人已等" value={timerText(waited)} />}
      {call.citizen === 'ringing' && stage === 'talking' && (
        <Timer name="拨号" value={timerText(now - call.offeredAt)} />
      )}
      {talked !== null && <Timer name="通话" value={timerText(talked)} testId="talk-timer" />}
      {heldFrom !== null && call.role === 'owner' && (
        <Timer
          name="诉求人保持"
          value={timerText(now - heldFrom)}
          strong={desk.remindedAt !== null}
          testId="held-timer"
        />
      )}
      {stage === 'wrapUp' && until !== null && (
        <Timer
          name="整理剩余"
          value={timerText(until - now + 999)}
          strong={until - now < 10_000}
          testId="wrap-up-left"
        />
      )}
    </dl>
  );
}

function Timer(props: { name: string; value: string; strong?: boolean; testId?: string }) {
  return (
    <div className={props.strong ? 'call-timer-strong' : undefined}>
      <dt>{props.name}</dt>
      <dd data-testid={props.testId}>{props.value}</dd>
    </div>
  );
}

function AudioLine({ phone, held }: { phone: SeatPhone; held: boolean }) {
  const said = audioSaid(phone.counts, held);
  const last = phone.counts.at(-1);
  return (
    <div
      className={`said said-${said.tone} call-audio`}
      data-testid="audio"
      data-sent={last?.sent ?? 0}
      data-received={last?.received ?? 0}
      data-codec={last?.codec ?? ''}
    >
      <span className="said-words">{said.words}</span>
      {said.help && <small>{said.help}</small>}
    </div>
  );
}
