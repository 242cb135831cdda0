/**
 * A seat (坐席): an agent signed in at a phone. States and moves as one table; the browser imports it too.
 *
 *   signedOut ─signIn→ notReady ─ready→ ready ─reserve→ ringing ─answered→ talking ─talkEnded→ wrapUp ─→ ready
 *                         ↑                     release ↲   └─ noAnswer → rona ─ready→ ready
 */
export const SEAT_STATES = [
  'signedOut',
  'notReady',
  'ready',
  'ringing',
  'talking',
  'wrapUp',
  'rona',
] as const;
export type SeatState = (typeof SEAT_STATES)[number];

/** Reasons of not-ready (示忙): those an agent may choose, and the system's own. */
export const NOT_READY_REASONS = {
  signedIn: '刚签入',
  rest: '小休',
  meal: '用餐',
  meeting: '会议',
  training: '培训',
  paperwork: '案头工作',
  phoneLost: '话机离线',
  /** A supervisor signs the seat out after its call. */
  signingOut: '即将签出',
} as const;
export type NotReadyReason = keyof typeof NOT_READY_REASONS;

export interface Seat {
  /** The agent's person id: one seat per person. */
  seatId: string;
  name: string;
  /** The phone account on the switch. */
  account: string;
  /** The ordinary telephone the agent sits at (远程坐席), masked; null: a phone of the switch. */
  telephone: string | null;
  skills: string[];
  state: SeatState;
  /** When this state began, ms since the epoch. */
  since: number;
  notReadyReason: NotReadyReason | null;
  /** The call this seat is offered, talks in or wraps up. */
  callId: string | null;
  /** Who holds the reservation: released or confirmed only with the same token. */
  token: string | null;
  /** When an unconfirmed reservation lapses, ms since the epoch. */
  leaseUntil: number | null;
  /** When the seat last became free after work, ms since the epoch: longest idle first. */
  idleSince: number;
  /** When wrap-up ends by itself, ms since the epoch. */
  wrapUpUntil: number | null;
  /** The agent asked to be not ready after this call. */
  notReadyNext: NotReadyReason | null;
  phoneReachable: boolean;
}

export type SeatMove =
  | 'signIn'
  | 'signOut'
  | 'ready'
  | 'notReady'
  | 'reserve'
  | 'release'
  | 'answered'
  | 'noAnswer'
  | 'talkEnded'
  | 'callOut'
  | 'lostInTalk'
  | 'wrapUpEnded';

export const SEAT_MOVES: Record<SeatMove, { from: readonly SeatState[]; to: SeatState }> = {
  signIn: { from: ['signedOut'], to: 'notReady' },
  signOut: { from: ['notReady', 'ready', 'wrapUp', 'rona'], to: 'signedOut' },
  ready: { from: ['notReady', 'rona', 'wrapUp'], to: 'ready' },
  notReady: { from: ['ready', 'rona', 'wrapUp', 'notReady'], to: 'notReady' },
  reserve: { from: ['ready'], to: 'ringing' },
  release: { from: ['ringing'], to: 'ready' },
  answered: { from: ['ringing'], to: 'talking' },
  noAnswer: { from: ['ringing'], to: 'rona' },
  talkEnded: { from: ['talking'], to: 'wrapUp' },
  /** The agent places a call himself: also while not ready, or instead of finishing the wrap-up. */
  callOut: { from: ['ready', 'notReady', 'wrapUp', 'rona'], to: 'ringing' },
  lostInTalk: { from: ['talking'], to: 'notReady' },
  wrapUpEnded: { from: ['wrapUp'], to: 'ready' },
};

/** What the seat has to do with a call now, in words; null when it is free of calls. */
export function callAtSeat(seat: Pick<Seat, 'state'>): string | null {
  const words: Partial<Record<SeatState, string>> = {
    ringing: '正在振铃的来电',
    talking: '正在进行的通话',
    wrapUp: '话后整理中的来电',
  };
  return words[seat.state] ?? null;
}

/** The moves an agent may ask for in this state: decides which buttons show. */
export function agentMoves(state: SeatState): SeatMove[] {
  return (['ready', 'notReady', 'signOut'] as const).filter((move) => SEAT_MOVES[move].from.includes(state));
}

/** What a supervisor does to a seat: decides which actions show, and which are refused. */
export const SUPERVISOR_ACTS = {
  ready: '示闲',
  notReady: '示忙',
  endWrapUp: '结束话后整理',
  signOut: '签出',
  free: '解除卡死',
} as const;
export type SupervisorAct = keyof typeof SUPERVISOR_ACTS;

/** The acts that make sense in this state. During a call, ready only takes back what is to come after it. */
export function supervisorActs({
  state,
  notReadyNext,
}: Pick<Seat, 'state' | 'notReadyNext'>): SupervisorAct[] {
  if (state === 'signedOut') return [];
  const inCall = state === 'ringing' || state === 'talking';
  const ready = state === 'notReady' || state === 'rona' || state === 'wrapUp' || notReadyNext !== null;
  return [
    ...(ready ? (['ready'] as const) : []),
    'notReady',
    ...(state === 'wrapUp' ? (['endWrapUp'] as const) : []),
    'signOut',
    ...(inCall ? (['free'] as const) : []),
  ];
}
