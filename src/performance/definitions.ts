import { SEAT_STATES, type SeatState } from '../seats/seat';

/** GB/T 33358-2016: a call is answered within this long. */
export const ANSWER_STANDARD_MS = 15_000;
/** GB/T 33358-2016: at least this share is connected over any 24 hours. */
export const CONNECTED_STANDARD = 0.95;
/** Seen in the field, and differs by place: this share of the answered calls is answered in time. */
export const IN_TIME_CUSTOM = 0.8;

/** What calls came to, summed over a window. Every decided call is in exactly one of the first four. */
export interface Sums {
  answered: number;
  abandoned: number;
  /** Left a message, or asked to be called back, instead of waiting. */
  diverted: number;
  faults: number;
  /** Of the answered: within the standard. */
  answeredInTime: number;
  /** Of the abandoned: hung up within the set threshold. */
  shortAbandoned: number;
  /** Of the abandoned: every seat that could have served was at work all the while. */
  aboveCapacity: number;
  /** From joining the queue to the talk, over the answered. */
  waitMs: number;
}

export const NO_SUMS: Readonly<Sums> = {
  answered: 0,
  abandoned: 0,
  diverted: 0,
  faults: 0,
  answeredInTime: 0,
  shortAbandoned: 0,
  aboveCapacity: 0,
  waitMs: 0,
};

/** Who waits now, and the seats. Instants are ms since the epoch. */
export interface LiveNow {
  waitingSince: readonly number[];
  now: number;
}

export type Unit = 'calls' | 'seconds' | 'share';

/** A figure: what it is called, how it is reckoned in words, what standard it is held to, and the reckoning. */
export interface Figure<Of> {
  name: string;
  formula: string;
  standard: string | null;
  unit: Unit;
  /** Name in `/metrics`. */
  metric: string;
  /** Null when there is nothing to reckon with: no calls, no rate. */
  of(from: Of): number | null;
}

const unanswered = (sums: Sums): number => sums.abandoned + sums.diverted;
const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** The figures over a window: the last 24 hours, or since midnight in the city. A call counts when it arrived. */
export const WINDOW_FIGURES = {
  offered: {
    name: '呼入量',
    formula: '已有结果的来电：接通 + 放弃 + 改留言或回拨 + 系统故障；仍在排队的不计',
    standard: null,
    unit: 'calls',
    metric: 'hotline_offered_calls',
    of: (sums) => sums.answered + unanswered(sums) + sums.faults,
  },
  answered: {
    name: '接通量',
    formula: '诉求人与坐席（或代接的并行热线等）开始通话的来电',
    standard: null,
    unit: 'calls',
    metric: 'hotline_answered_calls',
    of: (sums) => sums.answered,
  },
  inTimeRate: {
    name: '15秒接通率',
    formula: '进入排队后 15 秒内接通 ÷ 接通量',
    standard: 'GB/T 33358-2016：15 秒内应答；各地多要求不低于 80%',
    unit: 'share',
    metric: 'hotline_answered_in_time_ratio',
    of: (sums) => share(sums.answeredInTime, sums.answered),
  },
  connectedRate: {
    name: '接通率',
    formula: '接通量 ÷（呼入量 − 系统故障 − 超席位能力）',
    standard: 'GB/T 33358-2016：任意 24 小时不低于 95%',
    unit: 'share',
    metric: 'hotline_connected_ratio',
    of: (sums) => share(sums.answered, sums.answered + unanswered(sums) - sums.aboveCapacity),
  },
  connectedRateAll: {
    name: '全口径接通率',
    formula: '接通量 ÷ 呼入量，不剔除任何来电',
    standard: null,
    unit: 'share',
    metric: 'hotline_connected_all_ratio',
    of: (sums) => share(sums.answered, sums.answered + unanswered(sums) + sums.faults),
  },
  abandoned: {
    name: '放弃量',
    formula: '接通前诉求人先挂机的来电（含短时放弃、超席位能力）',
    standard: null,
    unit: 'calls',
    metric: 'hotline_abandoned_calls',
    of: (sums) => sums.abandoned,
  },
  shortAbandoned: {
    name: '其中短时放弃',
    formula: '来电后未超过设定秒数（SHORT_ABANDON_SECONDS）即挂机的放弃',
    standard: null,
    unit: 'calls',
    metric: 'hotline_short_abandoned_calls',
    of: (sums) => sums.shortAbandoned,
  },
  aboveCapacity: {
    name: '其中超席位能力',
    formula: '放弃，且从排队到挂机具备技能的在岗坐席始终全部在处理来电、从未轮到该来电振铃',
    standard: '计算接通率时剔除，单列',
    unit: 'calls',
    metric: 'hotline_above_capacity_calls',
    of: (sums) => sums.aboveCapacity,
  },
  diverted: {
    name: '改留言或回拨',
    formula: '未接通而留言，或按键预约回拨的来电（计入呼入量，不算接通）',
    standard: null,
    unit: 'calls',
    metric: 'hotline_diverted_calls',
    of: (sums) => sums.diverted,
  },
  faults: {
    name: '系统故障',
    formula: '接通前由系统结束或交回交换机处理的来电',
    standard: '计算接通率时剔除，单列',
    unit: 'calls',
    metric: 'hotline_faulty_calls',
    of: (sums) => sums.faults,
  },
  meanWait: {
    name: '平均等待',
    formula: '接通来电从进入排队到通话的时长之和 ÷ 接通量',
    standard: null,
    unit: 'seconds',
    metric: 'hotline_mean_wait_seconds',
    of: (sums) => share(sums.waitMs / 1000, sums.answered),
  },
} as const satisfies Record<string, Figure<Sums>>;

/** The figures of this moment. */
export const LIVE_FIGURES = {
  waiting: {
    name: '排队人数',
    formula: '已进入排队、尚未与坐席通话的来电（含正在振铃的）',
    standard: null,
    unit: 'calls',
    metric: 'hotline_calls_waiting',
    of: ({ waitingSince }) => waitingSince.length,
  },
  longestWait: {
    name: '最长等待',
    formula: '现在 − 等待最久的来电进入排队的时间；无人等待时没有',
    standard: 'GB/T 33358-2016：15 秒内应答',
    unit: 'seconds',
    metric: 'hotline_longest_wait_seconds',
    of: ({ waitingSince, now }) =>
      waitingSince.length ? Math.max(0, now - Math.min(...waitingSince)) / 1000 : null,
  },
} as const satisfies Record<string, Figure<LiveNow>>;

export type WindowFigure = keyof typeof WINDOW_FIGURES;
export type LiveFigure = keyof typeof LIVE_FIGURES;
export const WINDOW_FIGURE_KEYS = Object.keys(WINDOW_FIGURES) as WindowFigure[];
export const LIVE_FIGURE_KEYS = Object.keys(LIVE_FIGURES) as LiveFigure[];

/** The two windows every figure is told for. */
export const WINDOWS = { last24h: '近24小时', today: '今日（零点起）' } as const;
export type WindowName = keyof typeof WINDOWS;

/** Seats by state, and the callbacks owed: figures without a formula over calls. */
export const SEATS_FIGURE = {
  name: '坐席状态',
  formula: '已签入坐席按当前状态计数',
  metric: 'hotline_seats',
};
export const CALLBACKS_FIGURE = {
  name: '待回拨',
  formula: '漏接后尚未回拨成功的来电',
  metric: 'hotline_callbacks_owed',
};

export type Figures = Record<WindowFigure, number | null>;

/** Every figure of a window. */
export function figuresOf(sums: Sums): Figures {
  return Object.fromEntries(WINDOW_FIGURE_KEYS.map((key) => [key, WINDOW_FIGURES[key].of(sums)])) as Figures;
}

/** How many signed-in seats are in each state. */
export function countSeats(seats: readonly { state: SeatState }[]): Record<SeatState, number> {
  const counts = Object.fromEntries(SEAT_STATES.map((state) => [state, 0])) as Record<SeatState, number>;
  for (const { state } of seats) counts[state] += 1;
  return counts;
}
