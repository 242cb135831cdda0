/**
 * The browser phone as one table: its registration (`line`) and the media of its one call. The agent sees every state
 * in words, because a phone that cannot ring is a citizen who waits.
 */
export const LINE_STATES = ['off', 'connecting', 'connected', 'registered', 'lost', 'refused'] as const;
export type PhoneLine = (typeof LINE_STATES)[number];
export const MEDIA_STATES = ['none', 'ringing', 'answering', 'up'] as const;
export type PhoneMedia = (typeof MEDIA_STATES)[number];

/** Whether the browser lets us use the microphone. */
export type Microphone = 'unknown' | 'asking' | 'ok' | 'denied' | 'missing' | 'busy' | 'insecure';

export interface PhoneState {
  line: PhoneLine;
  media: PhoneMedia;
  microphone: Microphone;
}

export const PHONE_OFF: PhoneState = { line: 'off', media: 'none', microphone: 'unknown' };

export type PhoneEvent =
  | 'start'
  | 'connected'
  | 'registered'
  | 'unregistered'
  | 'disconnected'
  | 'refused'
  | 'stop'
  | 'incoming'
  | 'answer'
  | 'answerFailed'
  | 'mediaUp'
  | 'mediaEnded';

type Move = { line?: Partial<Record<PhoneLine, PhoneLine>>; media?: Partial<Record<PhoneMedia, PhoneMedia>> };

const EVERY_LINE = (to: PhoneLine) => Object.fromEntries(LINE_STATES.map((state) => [state, to]));
/** Late answers of a phone that was switched off change nothing. */
const LIVE_LINE = (to: PhoneLine) =>
  Object.fromEntries(LINE_STATES.filter((state) => state !== 'off').map((state) => [state, to]));
const EVERY_MEDIA = (to: PhoneMedia) => Object.fromEntries(MEDIA_STATES.map((state) => [state, to]));

/** A state that an event's row does not name is not changed by it. A call outlives a lost registration. */
export const PHONE_MOVES: Record<PhoneEvent, Move> = {
  start: { line: EVERY_LINE('connecting') },
  connected: { line: { connecting: 'connected', lost: 'connected' } },
  registered: { line: LIVE_LINE('registered') },
  unregistered: { line: { registered: 'lost' } },
  disconnected: { line: LIVE_LINE('lost') },
  refused: { line: LIVE_LINE('refused') },
  stop: { line: EVERY_LINE('off'), media: EVERY_MEDIA('none') },
  incoming: { media: { none: 'ringing' } },
  answer: { media: { ringing: 'answering' } },
  answerFailed: { media: { answering: 'ringing' } },
  mediaUp: { media: { ringing: 'up', answering: 'up' } },
  mediaEnded: { media: EVERY_MEDIA('none') },
};

/** The state after an event; the same object when nothing changes. */
export function movePhone(state: PhoneState, event: PhoneEvent): PhoneState {
  const move = PHONE_MOVES[event];
  const line = move.line?.[state.line] ?? state.line;
  const media = move.media?.[state.media] ?? state.media;
  return line === state.line && media === state.media ? state : { ...state, line, media };
}

export interface Said {
  tone: 'good' | 'wait' | 'bad' | 'quiet';
  words: string;
  help: string | null;
}

const LINE_SAID: Record<PhoneLine, Said> = {
  off: { tone: 'quiet', words: '话机未启用', help: null },
  connecting: { tone: 'wait', words: '话机正在连接…', help: null },
  connected: { tone: 'wait', words: '话机正在注册…', help: null },
  registered: { tone: 'good', words: '话机已注册，可以接听', help: null },
  lost: { tone: 'bad', words: '话机离线，正在自动重连…', help: '离线期间不会派送来电。请检查网络。' },
  refused: {
    tone: 'bad',
    words: '话机注册被拒绝，正在重试…',
    help: '若一分钟内仍未恢复，请签出后重新签入。',
  },
};

/** The registration in words. */
export function lineSaid(line: PhoneLine): Said {
  return LINE_SAID[line];
}

const MICROPHONE_SAID: Record<Microphone, Said | null> = {
  unknown: null,
  asking: {
    tone: 'wait',
    words: '等待麦克风授权',
    help: '请在浏览器弹出的提示中点击“允许”。',
  },
  ok: null,
  denied: {
    tone: 'bad',
    words: '麦克风被禁用',
    help: '请点击地址栏左侧的图标，将“麦克风”改为“允许”，再点“重新检测”。',
  },
  missing: { tone: 'bad', words: '没有检测到麦克风', help: '请插好耳麦，再点“重新检测”。' },
  busy: {
    tone: 'bad',
    words: '麦克风被其他程序占用',
    help: '请关闭占用麦克风的程序（会议、录音软件等），再点“重新检测”。',
  },
  insecure: {
    tone: 'bad',
    words: '当前网址不能使用麦克风',
    help: '浏览器只允许 HTTPS 网址使用麦克风，请改用 https:// 开头的地址登录，或改用话机。',
  },
};

/** What is wrong with the microphone; null when nothing needs saying. */
export function microphoneSaid(microphone: Microphone): Said | null {
  return MICROPHONE_SAID[microphone];
}

/** Reads the name of a getUserMedia fault (Media Capture and Streams, 10.2). */
export function microphoneFault(name: string): Microphone {
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  return 'busy';
}

/** Packets of the call's audio so far, as the browser counts them. */
export interface AudioCount {
  at: number;
  sent: number;
  received: number;
  /** Codec agreed with the switch, such as `audio/PCMA`; empty until the first packet. */
  codec: string;
}

/** Whether both directions flow: no packet for two seconds is worth a word. Held calls are silent on purpose. */
export function audioSaid(counts: readonly AudioCount[], held: boolean): Said {
  const last = counts.at(-1);
  const before = last && counts.findLast((count) => count.at <= last.at - 2000);
  if (!last || !before) return { tone: 'wait', words: '语音接通中…', help: null };
  if (held) return { tone: 'quiet', words: '保持中', help: null };
  if (last.received === before.received)
    return { tone: 'bad', words: '收不到对方声音', help: '网络可能中断；若持续，请告知诉求人稍后回拨。' };
  if (last.sent === before.sent)
    return { tone: 'bad', words: '对方可能听不到您', help: '请检查耳麦与网络。' };
  return { tone: 'good', words: '双向语音正常', help: null };
}
