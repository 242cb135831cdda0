import type { DeskCall, DeskParty } from '../desk/pop';

/** What an agent may do with a call in hand. */
export const CALL_ACTIONS = [
  'hold',
  'resume',
  /** 合并三方: the citizen comes back to the agent and to whoever was consulted. */
  'merge',
  /** Ends the consultation, ringing or not, and goes back to the citizen. */
  'returnToCitizen',
  'mute',
  'unmute',
  'consult',
  'threeWay',
  /** 转接: passed on at once, without a word with the other side. */
  'transfer',
  /** 完成转接: the consulted one takes the citizen over. */
  'completeTransfer',
  /** The others talk on. */
  'leave',
  /** Silence and a mark on the recording, while the citizen says what nobody else should hear. */
  'pauseRecording',
  'resumeRecording',
  /** 110, 119, 120, 122: three-way first, then leave (国办发〔2022〕12号). */
  'emergency',
  /** Ends the call for everybody. */
  'hangUp',
] as const;
export type CallAction = (typeof CALL_ACTIONS)[number];

/** What of a call decides what may be done with it. */
export type CallInHand = Pick<
  DeskCall,
  'stage' | 'role' | 'muted' | 'recording' | 'citizen' | 'answeredAt' | 'lost' | 'parties'
>;

/** How a seat stands in a call. */
const SITUATIONS = {
  /** Not in the call (yet, any more): ringing, wrapping up, or the phone is lost and rung again. */
  outside: [],
  /** Called in by another seat, which decides. */
  party: ['mute', 'leave'],
  /** The citizen is being rung, or still hears that the call is recorded. */
  reaching: ['mute', 'hangUp'],
  talk: ['hold', 'mute', 'consult', 'threeWay', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  talkAndRinging: ['hold', 'mute', 'emergency', 'hangUp', 'pauseRecording'],
  held: ['resume', 'mute', 'consult', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  heldAndRinging: ['resume', 'mute', 'emergency', 'hangUp', 'pauseRecording'],
  consultRinging: ['returnToCitizen', 'mute', 'emergency', 'hangUp', 'pauseRecording'],
  consulting: [
    'returnToCitizen',
    'merge',
    'completeTransfer',
    'mute',
    'emergency',
    'hangUp',
    'pauseRecording',
  ],
  threeWay: ['hold', 'mute', 'threeWay', 'leave', 'emergency', 'hangUp', 'pauseRecording'],
  threeWayAndRinging: ['hold', 'mute', 'leave', 'emergency', 'hangUp', 'pauseRecording'],
  /** The citizen has hung up; the agent talks with one other, or with several. */
  citizenGone: ['mute', 'hangUp'],
  citizenGoneOthersStay: ['mute', 'leave', 'hangUp'],
} as const satisfies Record<string, readonly CallAction[]>;
export type CallSituation = keyof typeof SITUATIONS;

/** How the seat stands in the call. */
export function situationOf(call: CallInHand): CallSituation {
  const { stage, role, citizen, answeredAt, lost, parties } = call;
  if (lost || (stage !== 'talking' && stage !== 'held')) return 'outside';
  if (role === 'party') return 'party';
  const talking = parties.filter(({ state }) => state === 'talking').length;
  const rung = parties.find(({ state }) => state === 'ringing');
  if (citizen === 'gone') return talking > 1 ? 'citizenGoneOthersStay' : 'citizenGone';
  if (citizen !== 'up' || answeredAt === null) return 'reaching';
  if (stage === 'held') {
    if (talking) return 'consulting';
    if (!rung) return 'held';
    return rung.purpose === 'consult' ? 'consultRinging' : 'heldAndRinging';
  }
  if (talking) return rung ? 'threeWayAndRinging' : 'threeWay';
  return rung ? 'talkAndRinging' : 'talk';
}

/** The actions a call allows now, in the order of their buttons. */
export function callActions(call: CallInHand): CallAction[] {
  const { muted, recording } = call;
  return SITUATIONS[situationOf(call)].flatMap((action: CallAction) => {
    if (action === 'mute') return muted ? 'unmute' : 'mute';
    if (action !== 'pauseRecording') return action;
    if (recording === 'none') return [];
    return recording === 'paused' ? 'resumeRecording' : 'pauseRecording';
  });
}

/** What may be done about one other in the call: 请出 (drop) or 取消呼叫 (cancel); null: nothing, as of a supervisor. */
export function partyAction(
  call: CallInHand,
  party: Pick<DeskParty, 'state' | 'barged'>,
): 'drop' | 'cancel' | null {
  if (party.barged) return null;
  const situation = situationOf(call);
  if (situation === 'outside' || situation === 'party') return null;
  return party.state === 'ringing' ? 'cancel' : 'drop';
}

/** Whoever would be cut off with the citizen if this seat ended the call: reason enough to ask first. */
export function cutOffByHangUp({ parties }: Pick<DeskCall, 'parties'>): string[] {
  return parties.filter(({ state }) => state === 'talking').map(({ name }) => name);
}

/**
 * Whether the agent has asked for this ring, so that the page's phone may take it unasked: the seat's own outbound call,
 * and the seat that is rung again after its phone was lost. Nothing else: a citizen's call is taken by a person.
 */
export function answersItself(
  call: Pick<DeskCall, 'callId' | 'stage' | 'role' | 'direction' | 'citizen' | 'lost'>,
): boolean {
  if (call.role !== 'owner') return false;
  if (call.lost) return call.stage === 'talking' || call.stage === 'held';
  return call.stage === 'ringing' && call.direction === 'outbound' && call.citizen === 'toDial';
}

/** Whether the seat's old leg may be given up for a new one: citizen and agent had each other. */
export function mayRejoin(call: CallInHand): boolean {
  const situation = situationOf(call);
  return !['outside', 'party', 'reaching', 'citizenGone', 'citizenGoneOthersStay'].includes(situation);
}
