import { callActions, mayRejoin, type CallAction } from '../../calls/call-actions';
import type { DeskCall, DeskCallStage } from '../../desk/pop';
import type { PhoneLine, PhoneMedia } from './phone-state';

/** `remote`: an ordinary telephone (远程坐席). */
export type PhoneKind = 'browser' | 'sip' | 'remote';

/** What the page itself adds to the actions of a call: its phone, and the seat's wrap-up. */
export type CallControlName = 'answer' | 'rejoin' | CallAction | 'finishWrapUp';

/** How a call's stage meets its phone: what the agent can do now, and what to say when the two disagree. */
export interface CallView {
  controls: CallControlName[];
  hint: string | null;
  /** The hint is a fault that needs the agent. */
  alarming: boolean;
}

const plain = (controls: CallControlName[], hint: string | null = null): CallView => ({
  controls,
  hint,
  alarming: false,
});
const alarm = (controls: CallControlName[], hint: string): CallView => ({ controls, hint, alarming: true });

interface Of {
  call: DeskCall | null;
  /** As `stageNow` says; null when the service shows no call. */
  stage: DeskCallStage | null;
  phone: PhoneKind;
  line: PhoneLine;
  media: PhoneMedia;
}

/**
 * The buttons of a call. The service may show no call: a phone may still ring then, when the switch went on without the
 * service, and it must be answerable.
 */
export function callView(of: Of): CallView {
  const { call, stage, media } = of;
  if (call === null || stage === null) return strayCall(media);
  if (stage === 'wrapUp') return plain(['finishWrapUp']);
  if (stage === 'over') return plain([]);
  return stage === 'ringing' ? ringing(call, of) : inHand(call, of);
}

function ringing(call: DeskCall, { phone, line, media }: Of): CallView {
  const own = call.direction === 'outbound' && call.citizen === 'toDial';
  if (phone === 'remote')
    return plain([], own ? '请接听电话并按 1，随后拨叫对方' : '请接听电话，听到提示后按 1 接听');
  if (phone === 'sip') return plain([], own ? '请拿起话机，随后拨叫对方' : '请拿起话机接听');
  if (own && line === 'registered')
    return plain(media === 'ringing' ? ['answer', 'hangUp'] : [], '正在接通本席话机，随即拨叫对方');
  if (media === 'up') return plain(['hangUp'], '已接起，诉求人正在听录音告知，请稍候');
  if (media === 'answering') return plain([], '正在接通…');
  if (media === 'ringing') return plain(['answer']);
  if (line === 'registered') return plain(['answer'], '话机即将振铃');
  return alarm([], '话机离线，暂时不能接听；超时后来电将转给其他坐席。');
}

function inHand(call: DeskCall, { phone, line, media }: Of): CallView {
  const actions = callActions(call);
  const ends = actions.filter((action) => action === 'hangUp' || action === 'leave');
  const rung: CallControlName[] = media === 'ringing' ? ['answer'] : [];
  if (call.lost && phone === 'remote')
    return alarm([], '电话中断，正在重新呼叫：接听后按 1 恢复通话，诉求人正在听安抚提示音。');
  if (call.lost && media !== 'up')
    return alarm(rung, '话机断线，正在重连：话机注册后自动振铃并接通，诉求人正在听安抚提示音。');
  if (phone === 'browser' && media === 'ringing')
    return alarm(['answer', ...ends], '话机重新振铃，接听后恢复通话');
  if (phone === 'browser' && media === 'none') {
    if (call.role === 'party') return alarm(ends, '本页的语音已断开：请退出通话，由主办坐席重新邀请。');
    if (line !== 'registered') return alarm(ends, '本页的语音已断开，话机注册后自动重新接入；诉求人仍在线。');
    return mayRejoin(call)
      ? alarm(['rejoin', ...ends], '本页的语音已断开（页面刷新或网络切换），正在重新接入；诉求人仍在线。')
      : alarm(ends, '本页的语音已断开；接通后自动重新接入。');
  }
  return plain(actions);
}

function strayCall(media: PhoneMedia): CallView {
  const hint = '系统暂未收到这通来电的信息（可能正在应急接续），请直接接听，并手工记录工单。';
  if (media === 'ringing') return alarm(['answer', 'hangUp'], hint);
  return media === 'none' ? plain([]) : alarm(['hangUp'], hint);
}
