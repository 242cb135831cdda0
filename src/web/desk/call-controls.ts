import type { DeskCallStage } from '../../desk/pop';
import type { PhoneLine, PhoneMedia } from './phone-state';

export type PhoneKind = 'browser' | 'sip';

export const CALL_CONTROLS = [
  'answer',
  'hold',
  'resume',
  'mute',
  'unmute',
  'hangUp',
  'finishWrapUp',
] as const;
export type CallControlName = (typeof CALL_CONTROLS)[number];

/** How a call's stage meets its phone: what the agent can do now, and what to say when the two disagree. */
export interface CallView {
  controls: CallControlName[];
  hint: string | null;
  /** The hint is a fault that needs the agent. */
  alarming: boolean;
}

const talking = (held: boolean, muted: boolean): CallControlName[] => [
  held ? 'resume' : 'hold',
  muted ? 'unmute' : 'mute',
  'hangUp',
];

/**
 * The buttons of a call. `stage` is null when the service shows no call: a phone may still ring then, when the switch
 * went on without the service, and it must be answerable.
 */
export function callView(of: {
  stage: DeskCallStage | null;
  muted: boolean;
  phone: PhoneKind;
  line: PhoneLine;
  media: PhoneMedia;
}): CallView {
  const { stage, muted, phone, line, media } = of;
  const plain = (controls: CallControlName[], hint: string | null = null): CallView => ({
    controls,
    hint,
    alarming: false,
  });
  if (stage === null) return strayCall(media);
  if (stage === 'wrapUp') return plain(['finishWrapUp']);
  if (stage === 'over') return plain([]);
  if (stage === 'ringing') {
    if (phone === 'sip') return plain([], '请拿起话机接听');
    if (media === 'up') return plain(['hangUp'], '已接起，诉求人正在听录音告知，请稍候');
    if (media === 'answering') return plain([], '正在接通…');
    if (media === 'ringing') return plain(['answer']);
    if (line === 'registered') return plain(['answer'], '话机即将振铃');
    return { controls: [], hint: '话机离线，暂时不能接听；超时后来电将转给其他坐席。', alarming: true };
  }
  if (phone === 'browser' && media === 'none')
    return {
      controls: ['hangUp'],
      hint: '通话仍在进行，但本页的语音已断开（页面刷新或网络切换）。系统会安抚诉求人；如不能恢复，请挂断后回拨。',
      alarming: true,
    };
  if (phone === 'browser' && media === 'ringing')
    return { controls: ['answer', 'hangUp'], hint: '话机重新振铃，接听后恢复通话', alarming: true };
  return plain(talking(stage === 'held', muted));
}

function strayCall(media: PhoneMedia): CallView {
  const hint = '系统暂未收到这通来电的信息（可能正在应急接续），请直接接听，并手工记录工单。';
  if (media === 'ringing') return { controls: ['answer', 'hangUp'], hint, alarming: true };
  if (media === 'none') return { controls: [], hint: null, alarming: false };
  return { controls: ['hangUp'], hint, alarming: true };
}
