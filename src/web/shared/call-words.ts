import type { CallDirection, InvitePurpose } from '../../calls/call';
import type { CallEvent, OfferOutcome, SeatEvent } from '../../events';
import { NOT_READY_REASONS } from '../../seats/seat';

/** An event of a call's timeline as JSON carries it: `at` is ISO 8601. */
export type TimelineEntry = { [K in CallEvent | SeatEvent as K['kind']]: Omit<K, 'at'> & { at: string } }[(
  CallEvent | SeatEvent
)['kind']];

export const OUTCOME_WORDS: Record<OfferOutcome, string> = {
  answered: '已接听',
  'no-answer': '超时未接',
  rejected: '拒接',
  'caller-gone': '诉求人先挂机',
  unreachable: '话机无法接通',
  lost: '中断',
  withdrawn: '已由其他坐席接听',
};

export const DIRECTION_WORDS: Record<CallDirection, string> = {
  inbound: '来电',
  outbound: '外呼',
  callback: '漏接回拨',
};

/** What somebody was called in for; `barge` is a supervisor's own doing. */
export const PURPOSE_WORDS: Record<InvitePurpose | 'barge', string> = {
  consult: '咨询',
  threeWay: '三方',
  transfer: '转接',
  overflow: '溢出',
  barge: '强插',
};

/** 好差评 (E1). */
export const RATING_WORDS: Record<number, string> = {
  5: '非常满意',
  4: '满意',
  3: '基本满意',
  2: '不满意',
  1: '非常不满意',
};

/** What came of ringing somebody who was called in. */
export const INVITE_OUTCOMES: Record<OfferOutcome, string> = {
  answered: '已接通',
  'no-answer': '无人接听',
  rejected: '忙或拒接',
  'caller-gone': '诉求人先挂机',
  unreachable: '无法接通',
  lost: '中断',
  withdrawn: '已取消',
};

const ENDED_BY = { citizen: '诉求人挂机', seat: '坐席挂机', system: '系统结束' } as const;

/** One line of a call's timeline in Chinese. */
export function timelineWords(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'callArrived':
      return entry.direction === 'inbound'
        ? `来电进入「${entry.line.lineName}」，被叫 ${entry.dialled}`
        : `${DIRECTION_WORDS[entry.direction]}诉求人`;
    case 'callWaiting':
      return `进入队列 ${entry.queue}`;
    case 'noticeHeard':
      return '已播放录音告知';
    case 'digitsEntered':
      return `按键 ${entry.digits}`;
    case 'seatOffered':
      return `第 ${entry.attempt} 次派席：${entry.reason.words}`;
    case 'offerEnded':
      return `派席结果：${OUTCOME_WORDS[entry.outcome]}`;
    case 'talkStarted':
      return '开始通话';
    case 'callHeld':
      return '保持';
    case 'callResumed':
      return '恢复通话';
    case 'callMuted':
      return entry.on ? '坐席静音' : '取消静音';
    case 'talkEnded':
      return '通话结束';
    case 'callBlocked':
      return entry.words;
    case 'recordingStarted':
      return '开始录音';
    case 'recordingPaused':
      return `暂停录音：${entry.reason}`;
    case 'recordingResumed':
      return '继续录音';
    case 'recordingFailed':
      return `录音失败：${entry.why}`;
    case 'holdOverdue':
      return '保持过久，提醒坐席';
    case 'citizenDialled':
      return '拨叫诉求人';
    case 'citizenNotReached':
      return '诉求人未接通';
    case 'citizenLeft':
      return '诉求人挂机，其余各方继续';
    case 'partyInvited':
      return `${PURPOSE_WORDS[entry.purpose]}：呼叫 ${entry.name}${entry.emergency ? '（紧急呼叫）' : ''}${entry.words && `，“${entry.words}”`}`;
    case 'inviteEnded':
      return `呼叫结果：${INVITE_OUTCOMES[entry.outcome]}`;
    case 'partyJoined':
      return `${entry.name} 加入通话`;
    case 'partyLeft':
      return `${entry.name} 退出通话`;
    case 'callTransferred':
      return `转接至 ${entry.to}`;
    case 'seatLost':
      return '坐席话机断线，正在重连';
    case 'seatRescued':
      return '坐席话机重新接通';
    case 'ratingAsked':
      return '邀请评价';
    case 'callRated':
      return `按键评价：${RATING_WORDS[entry.level] ?? entry.level}`;
    case 'callbackAsked':
      return '诉求人要求回拨';
    case 'messageStarted':
      return '开始留言';
    case 'messageLeft':
      return `留言 ${Math.round(entry.durationMs / 1000)} 秒`;
    case 'callHandedBack':
      return '转入应急接续';
    case 'callEnded':
      return ENDED_BY[entry.endedBy];
    case 'seatChanged':
      return `坐席状态变为${SEAT_WORDS[entry.to]}${entry.reason ? `（${NOT_READY_REASONS[entry.reason]}）` : ''}`;
    default:
      return String((entry as { kind?: unknown }).kind ?? '');
  }
}

const SEAT_WORDS: Record<SeatEvent['to'], string> = {
  signedOut: '签出',
  notReady: '示忙',
  ready: '示闲',
  ringing: '振铃',
  talking: '通话',
  wrapUp: '话后整理',
  rona: '振铃未接',
};
