import type { CalledIn } from './called-in';
import { z } from 'zod';
import type { TicketAction } from './ticket-lifecycle';
import type { RequestKind, RequestState } from './ticket-row';

/** 诉求类型 (R1). */
export const TICKET_TYPES = {
  consultation: '咨询',
  complaint: '投诉',
  help: '求助',
  suggestion: '建议',
  report: '举报',
} as const;
export type TicketType = keyof typeof TICKET_TYPES;

export const URGENCIES = { ordinary: '一般', urgent: '紧急' } as const;
export type Urgency = keyof typeof URGENCIES;

/** Where a work order stands on its walk (B1); the moves are in ticket-lifecycle.ts. */
export const TICKET_STATES = {
  draft: '草稿',
  accepted: '已受理',
  answered: '直接答复',
  refused: '不予受理',
  dispatched: '已派单',
  acknowledged: '已签收',
  returned: '已退单',
  replied: '已答复',
  checked: '已办结',
  followedUp: '已回访',
  archived: '已归档',
  merged: '已并单',
  discarded: '已作废',
} as const;
export type TicketState = keyof typeof TICKET_STATES;

/** Nobody has to do anything more for the citizen's matter, unless it is reopened. */
export const CLOSED_STATES = [
  'answered',
  'refused',
  'checked',
  'followedUp',
  'archived',
  'merged',
  'discarded',
] as const satisfies TicketState[];

/** What one unit has of a work order (R3). `replied` waits for 12345's check; `returned` and `withdrawn` are over. */
export const PART_STATES = {
  dispatched: '待签收',
  acknowledged: '办理中',
  replied: '已答复',
  concluded: '已办结',
  returned: '已退回',
  withdrawn: '已撤回',
} as const;
export type PartState = keyof typeof PART_STATES;

/** Ways in (R1), and where work orders of other platforms come from. */
export const CHANNELS = {
  telephone: '电话',
  website: '网站',
  wechat: '微信',
  mobile: '移动客户端',
  open311: '开放接口',
  province: '省平台',
  police: '110',
  other: '其他',
} as const;
export type Channel = keyof typeof CHANNELS;

/** Whose matter it is (R2): the province's and what reaches beyond the city goes to the province's platform. */
export const LEVELS = {
  county: '县级',
  city: '市级',
  'cross-city': '跨市',
  province: '省级',
} as const;
export type Level = keyof typeof LEVELS;

/** D3: what 12345 does not accept, the notice's eight kinds in their order, and where the citizen is guided. */
export const REFUSAL_KINDS = {
  jurisdiction: { words: '不属于本市行政管辖范围的事项', guide: '事发地12345热线' },
  vertical: { words: '中央垂直管理部门的事项', guide: '该垂直管理部门的服务热线' },
  emergency: { words: '危及人身、财产安全等须立即处置的紧急事项', guide: '110、119、120、122' },
  judicial: { words: '行政职权以外的民事纠纷和刑事案件', guide: '人民调解组织、人民法院、公安机关' },
  proceedings: { words: '已进入诉讼、仲裁、行政复议、信访复查程序的事项', guide: '受理该程序的机关' },
  military: { words: '涉及军队、武警的事项', guide: '军队、武警的受理机构' },
  discipline: { words: '涉及纪检、监察、国家安全的事项', guide: '12388（纪检监察）、12339（国家安全）' },
  unclear: { words: '诉求内容不完整、不清楚的事项', guide: '补充情况后再次来电' },
} as const;
export type RefusalKind = keyof typeof REFUSAL_KINDS;

/** Text as PostgreSQL can keep it: it has no NUL. */
export const ticketText = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .regex(/^[^\u0000]*$/, '不能含有空字符');
const text = ticketText;
const someText = (longest: number) => text(longest).min(1);

/** What an agent writes when opening a work order from a call. */
export const ticketInput = z.strictObject({
  callId: text(80).nullable().default(null),
  channel: z.enum(Object.keys(CHANNELS) as [Channel, ...Channel[]]).default('telephone'),
  /** Kept as a draft: nothing runs yet. */
  draft: z.boolean().default(false),
  type: z.enum(['consultation', 'complaint', 'help', 'suggestion', 'report']),
  urgency: z.enum(['ordinary', 'urgent']).default('ordinary'),
  categoryCode: someText(40),
  /** County or district code of the place, and the address in words. */
  areaCode: text(20).nullable().default(null),
  township: text(60).default(''),
  address: text(200).default(''),
  /** GCJ-02 degrees; both or neither. */
  point: z
    .strictObject({ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) })
    .nullable()
    .default(null),
  level: z.enum(Object.keys(LEVELS) as [Level, ...Level[]]).default('city'),
  /** Whom it complains about. */
  parties: text(400).default(''),
  company: text(120).default(''),
  title: someText(100),
  content: someText(8000),
  citizenName: text(60).default(''),
  /** Another number to reach the citizen; the call's own number is taken from the call. */
  contactNumber: text(40).nullable().default(null),
  confidential: z.boolean().default(false),
  /** The number another platform knows it by; once per channel. */
  externalNumber: text(80).nullable().default(null),
  /** The responsible unit (主办); null keeps the ticket accepted, not yet dispatched. */
  unitId: text(40).nullable().default(null),
  /** Why a provincial matter goes to a unit of the city all the same (R2). */
  dispatchReason: text(400).default(''),
});
export type TicketInput = z.infer<typeof ticketInput>;

/** A work order as the API shows it. Instants are ISO 8601 in UTC. */
export interface TicketView {
  ticketId: string;
  number: string;
  version: number;
  state: TicketState;
  type: TicketType;
  urgency: Urgency;
  categoryCode: string;
  categoryName: string;
  areaCode: string | null;
  address: string;
  title: string;
  content: string;
  /** Hidden from units when confidential. */
  citizenName: string | null;
  citizenMasked: string | null;
  confidential: boolean;
  callId: string | null;
  /** Who was called into its call; empty where the citizen is hidden. */
  calledIn: CalledIn[];
  unitId: string | null;
  unitName: string | null;
  openedAt: string;
  openedByName: string;
  dispatchedAt: string | null;
  dueAt: string | null;
  channel: Channel;
  level: Level;
  township: string;
  urges: number;
  reopened: number;
  hardCase: boolean;
  /** The reader's own part, or the lead's. */
  part: { state: PartState; role: 'lead' | 'assisting'; final: boolean; paused: boolean } | null;
  /** Requests of units that wait for 12345. */
  pending: RequestKind[];
  acknowledgeBy: string | null;
  /** Why the due date is what it is: Chinese sentence with the clause. */
  dueWhy: string | null;
  /** The unit may hand it back until then (T3). */
  returnBy: string | null;
  /** First opinion on a complaint or report (T4). */
  firstOpinionBy: string | null;
  /** Days the count passed over, with their names. */
  skipped: { day: string; name: string }[];
  /** 12345 should have dispatched it by then. */
  dispatchBy: string;
  lineName: string | null;
  /** The answer of a ticket answered directly (D1). */
  answer: string | null;
  /** What the caller may do with it now: decides which buttons show. */
  actions: TicketAction[];
  timeline: { at: string; kind: string; words: string; byName: string | null }[];
  externalNumber: string | null;
  /** GCJ-02 degrees. */
  point: { longitude: number; latitude: number } | null;
  parties: string;
  company: string;
  /** D1: the article cited. */
  article: { articleId: string; version: number; title: string } | null;
  /** D3. */
  refusal: { kind: RefusalKind; kindWords: string; explanation: string; guidedTo: string } | null;
  /** Every dispatch of it, the earlier ones too. */
  parts: TicketPartView[];
  requests: TicketRequestView[];
  urgings: { number: number; at: string; channel: Channel; words: string; byName: string | null }[];
  meetings: {
    meetingId: string;
    heldAt: string;
    place: string;
    unitIds: string[];
    members: string;
    decision: string;
    byName: string;
  }[];
  mergedInto: string | null;
  merged: { ticketId: string; number: string }[];
}

/** What one unit has, or had, of a work order. */
export interface TicketPartView {
  partId: string;
  unitId: string;
  unitName: string;
  role: 'lead' | 'assisting';
  state: PartState;
  round: number;
  current: boolean;
  dispatchedAt: string;
  acknowledgeBy: string | null;
  acknowledgedAt: string | null;
  dueAt: string;
  dueWhy: string;
  returnBy: string;
  firstOpinionBy: string | null;
  firstOpinionAt: string | null;
  firstOpinion: string | null;
  extensionDays: number;
  final: boolean;
  pauses: { rule: string; words: string; from: string; to: string | null }[];
  repliedAt: string | null;
  handling: string | null;
  publicAnswer: string | null;
  truthful: boolean | null;
  solved: boolean | null;
  unsolvedWhy: string | null;
  contactedAt: string | null;
}

export interface TicketRequestView {
  requestId: string;
  partId: string;
  unitId: string;
  kind: RequestKind;
  reason: string;
  workingDays: number | null;
  suggestedUnitId: string | null;
  askedAt: string;
  askedByName: string;
  state: RequestState;
  decidedAt: string | null;
  decidedByName: string | null;
  decision: string | null;
  grantedDays: number | null;
}

/** A work order in a list: the view without the parts only one page needs. */
export type TicketSummary = Omit<
  TicketView,
  | 'content'
  | 'calledIn'
  | 'timeline'
  | 'skipped'
  | 'dueWhy'
  | 'answer'
  | 'externalNumber'
  | 'point'
  | 'parties'
  | 'company'
  | 'article'
  | 'refusal'
  | 'parts'
  | 'requests'
  | 'urgings'
  | 'meetings'
  | 'mergedInto'
  | 'merged'
>;

/** Whether who spoke must stay hidden from units: asked for, or a report (举报). */
export function identityHidden(ticket: { type: TicketType; confidential: boolean }): boolean {
  return ticket.confidential || ticket.type === 'report';
}
