import { z } from 'zod';
import { DIAL_KINDS, type DialVerdict } from '../calls/dial-rules';
import { EMERGENCY_DESKS } from '../calls/emergency-desks';
import { answersAt, CONTACT_KINDS, LANGUAGES, type Contact } from '../directory/contact';
import { SKILLS } from '../directory/person';
import type { Line } from '../lines/line';
import { maskNumber } from '../lines/phone-number';
import { NOT_READY_REASONS, type Seat } from '../seats/seat';

/** Where an agent can bring a call: one list for transfer, consultation and three-way. */
export const DESTINATION_KINDS = {
  emergency: '紧急电话',
  seat: '坐席',
  queue: '队列',
  line: '并行热线',
  contact: '外部联系人',
} as const;
export type DestinationKind = keyof typeof DESTINATION_KINDS;

export const destination = z.object({
  kind: z.enum(Object.keys(DESTINATION_KINDS) as [DestinationKind, ...DestinationKind[]]),
  /** Seat id, queue, line id, contact id, or the emergency number. */
  id: z.string(),
  name: z.string(),
  /** What kind of seat, line or contact it is. */
  detail: z.string(),
  /** Private mobiles masked; null where it is no number. */
  number: z.string().nullable(),
  /** Whether it can be tried now with hope; `words` says why not, or how it stands. */
  available: z.boolean(),
  words: z.string(),
});
export type Destination = z.infer<typeof destination>;

/** The four emergency desks, as this city dials them. */
export function emergencyDestinations(): Destination[] {
  return Object.entries(EMERGENCY_DESKS).map(([number, name]) => ({
    kind: 'emergency',
    id: number,
    name: `${number} ${name}`,
    detail: DIAL_KINDS.emergency,
    number,
    available: true,
    words: '随时可转',
  }));
}

/** Another agent's seat: free ones can be tried, the others are shown with what they do. */
export function seatDestination(seat: Seat): Destination {
  const skills: Record<string, string> = SKILLS;
  return {
    kind: 'seat',
    id: seat.seatId,
    name: `${seat.name}（${seat.account.replace(/^seat-/, '')}）`,
    detail: seat.skills.map((skill) => skills[skill] ?? skill).join('、'),
    number: null,
    available: seat.state === 'ready' && seat.phoneReachable,
    words: seat.phoneReachable ? seatWords(seat) : '话机离线',
  };
}

const STATE_WORDS: Record<Exclude<Seat['state'], 'notReady'>, string> = {
  signedOut: '已签出',
  ready: '空闲',
  ringing: '振铃中',
  talking: '通话中',
  wrapUp: '话后整理',
  rona: '未应答',
};

function seatWords({ state, notReadyReason }: Seat): string {
  if (state !== 'notReady') return STATE_WORDS[state];
  return notReadyReason ? `示忙：${NOT_READY_REASONS[notReadyReason]}` : '示忙';
}

/** A queue with how full it is. */
export function queueDestination(queue: {
  queue: string;
  name: string;
  waiting: number;
  readySeats: number;
}): Destination {
  const { queue: id, name, waiting, readySeats } = queue;
  const words = `空闲坐席${readySeats}，等待${waiting}人`;
  return { kind: 'queue', id, name, detail: DESTINATION_KINDS.queue, number: null, available: true, words };
}

/** A parallel line's own seats (M3). */
export function lineDestination(line: Line, number: string, verdict: DialVerdict): Destination {
  return {
    kind: 'line',
    id: line.lineId,
    name: `${line.name}（自有坐席）`,
    detail: line.numbers.join('、'),
    number,
    available: verdict.allowed,
    words: verdict.allowed ? '可转接' : verdict.words,
  };
}

/** An outside contact at this time of the city's day, `HH:mm`. */
export function contactDestination(contact: Contact, verdict: DialVerdict, time: string): Destination {
  const { contactId, name, kind, language, number, hours, note } = contact;
  const open = answersAt(hours, time);
  const about = [CONTACT_KINDS[kind], language ? LANGUAGES[language] : '', note];
  return {
    kind: 'contact',
    id: contactId,
    name,
    detail: about.filter((part) => part !== '').join('，'),
    number: verdict.kind === 'mobile' ? maskNumber(number) : number,
    available: verdict.allowed && open,
    words: !verdict.allowed ? verdict.words : open ? '可转接' : `不在服务时段（${hours}）`,
  };
}

/** Those with the words in name, detail, number or state; whoever can be tried now first, each kind in its order. */
export function selectDestinations(all: readonly Destination[], query: string): Destination[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const text = ({ name, detail, number, kind }: Destination) =>
    [name, detail, number ?? '', DESTINATION_KINDS[kind]].join(' ').toLowerCase();
  const found = all.filter((one) => words.every((word) => text(one).includes(word)));
  const kinds = Object.keys(DESTINATION_KINDS);
  const order = (one: Destination) => kinds.indexOf(one.kind) * 2 + (one.available ? 0 : 1);
  return found.sort((one, other) => order(one) - order(other));
}
