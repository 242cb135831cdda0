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

const ENDED_BY = { citizen: '诉求人挂机', seat: '坐席挂机', system: '系统结束' } as const;

/** One line of a call's timeline in Chinese. */
export function timelineWords(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'callArrived':
      return `来电进入「${entry.line.lineName}」，被叫 ${entry.dialled}`;
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
