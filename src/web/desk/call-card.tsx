import { Button } from 'antd';
import type { DeskCall, DeskCallStage } from '../../desk/pop';
import type { Seat } from '../../seats/seat';
import { timerText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { callView, type CallControlName } from './call-controls';
import { audioSaid } from './phone-state';
import { keyOf, type Shortcut } from './shortcuts';
import type { SeatPhone } from './use-seat-phone';

const STAGE_WORDS: Record<DeskCallStage, string> = {
  ringing: '来电振铃',
  talking: '通话中',
  held: '保持中',
  wrapUp: '话后整理',
  over: '通话已结束',
};

const BUTTONS: Record<CallControlName, { words: string; shortcut: Shortcut | null; look: string }> = {
  answer: { words: '接听', shortcut: 'answer', look: 'call-answer' },
  hold: { words: '保持', shortcut: 'hold', look: '' },
  resume: { words: '恢复通话', shortcut: 'hold', look: 'call-resume' },
  mute: { words: '静音', shortcut: 'mute', look: '' },
  unmute: { words: '取消静音', shortcut: 'mute', look: 'call-resume' },
  hangUp: { words: '挂断', shortcut: 'hangUp', look: 'call-hang-up' },
  finishWrapUp: { words: '完成整理', shortcut: null, look: 'call-answer' },
};

interface Props {
  call: DeskCall | null;
  stage: DeskCallStage | null;
  seat: Seat | null;
  phone: SeatPhone;
  onControl: (control: CallControlName) => void;
  busy: boolean;
}

/** The call itself: stage, timers, and the buttons that its state allows. */
export function CallCard({ call, stage, seat, phone, onControl, busy }: Props) {
  const view = callView({ stage, muted: call?.muted ?? false, phone: phone.kind, ...phone.state });
  if (stage === null && view.hint === null) return null;
  return (
    <section
      className={`call-card call-${stage ?? 'ringing'}`}
      aria-label="当前通话"
      data-testid="call"
      data-stage={stage}
    >
      <div className="call-main">
        <div className="call-stage">
          <strong>{stage ? STAGE_WORDS[stage] : '应急来电'}</strong>
          {call && <span>{call.caller.hidden ? '诉求人隐藏号码' : call.caller.masked}</span>}
          {call?.muted && stage !== 'over' && stage !== 'wrapUp' && <em>已静音：诉求人听不到您</em>}
        </div>
        {call && stage && <CallTimers call={call} stage={stage} seat={seat} />}
        <div className="call-buttons" role="group" aria-label="话务操作">
          {view.controls.map((control) => (
            <Button
              key={control}
              size="large"
              className={BUTTONS[control].look}
              disabled={busy && control !== 'hangUp'}
              onClick={() => onControl(control)}
              data-testid={`call-${control}`}
            >
              {BUTTONS[control].words}
              <ShortcutKey of={BUTTONS[control].shortcut} />
            </Button>
          ))}
        </div>
      </div>
      {view.hint && (
        <p
          className={view.alarming ? 'call-hint call-hint-bad' : 'call-hint'}
          role={view.alarming ? 'alert' : undefined}
        >
          {view.hint}
        </p>
      )}
      {(stage === 'talking' || stage === 'held') &&
        phone.kind === 'browser' &&
        phone.state.media === 'up' && <AudioLine phone={phone} held={stage === 'held'} />}
    </section>
  );
}

/** The key beside the words on a button. */
export function ShortcutKey({ of }: { of: Shortcut | null }) {
  return of ? <kbd>{keyOf(of)}</kbd> : null;
}

function CallTimers({ call, stage, seat }: { call: DeskCall; stage: DeskCallStage; seat: Seat | null }) {
  const now = useNow(500);
  const until = seat?.wrapUpUntil ?? null;
  const waited = (call.answeredAt ?? (stage === 'ringing' ? now : call.offeredAt)) - call.arrivedAt;
  const talked = call.answeredAt === null ? null : (call.endedAt ?? now) - call.answeredAt;
  return (
    <dl className="call-timers">
      {stage === 'ringing' && <Timer name="振铃" value={timerText(now - call.offeredAt)} />}
      <Timer name="诉求人已等" value={timerText(waited)} />
      {talked !== null && <Timer name="通话" value={timerText(talked)} testId="talk-timer" />}
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
