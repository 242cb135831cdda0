import { isTalking, type Call, type Party } from '../calls/call';
import { maskDiversions, maskNumber, maskNumbersIn } from '../lines/phone-number';
import type { DeskCall, DeskCallStage, DeskParty, RecordingState } from './pop';

/** What the desk knows beside the call itself. */
export interface DeskFacts {
  script: string;
  defaultCategory: string | null;
  nameOf(seatId: string): string | null;
  recording(callId: string): RecordingState;
  /** Supervisors to be shown who hear a seat. */
  listeners(callId: string, seatId: string): DeskCall['monitoredBy'];
}

/** What the desk shows of a call, for a seat that is offered it or is in it; null when it is neither. */
export function deskCall(call: Call, seatId: string, facts: DeskFacts): DeskCall | null {
  const { callId, offer, talk, invite, handover } = call;
  const place = placeOf(call, seatId);
  if (!place) return null;
  const mine = call.parties.find(({ seat }) => seat?.seatId === seatId);
  const rung = invite?.party.seat?.seatId === seatId ? invite : null;
  const caller = {
    masked: maskNumber(call.callerHidden ? null : call.callerNumber),
    hidden: call.callerHidden,
    displayName: maskNumbersIn(call.callerName),
  };
  return {
    callId,
    ...place,
    direction: call.direction,
    citizen: call.citizen,
    parties: partiesOf(call, seatId, facts),
    recording: facts.recording(callId),
    monitoredBy: facts.listeners(callId, seatId),
    heldSince: talk?.heldSince ?? null,
    handover: handover && {
      fromName: handover.from && facts.nameOf(handover.from),
      words: handover.words,
    },
    invited: rung && {
      purpose: rung.purpose,
      fromName: rung.by && facts.nameOf(rung.by),
      words: rung.words,
    },
    about: call.about,
    line: { ...call.line, script: facts.script, defaultCategory: facts.defaultCategory },
    dialled: call.dialled,
    diversions: maskDiversions(call.diversions, call.line.matchedNumber),
    caller,
    arrivedAt: call.arrivedAt,
    offeredAt: rung?.party.since ?? offer?.offeredAt ?? call.arrivedAt,
    answeredAt: place.stage !== 'ringing' && isTalking(call) ? (mine?.since ?? talk?.since ?? null) : null,
    endedAt: null,
    offerReason: offer?.reason.words ?? '',
    nuisance: call.nuisance?.words ?? null,
  };
}

type Place = Pick<DeskCall, 'role' | 'stage' | 'muted' | 'lost'>;

function placeOf({ talk, offer, rescue, invite, parties }: Call, seatId: string): Place | null {
  const owner = (stage: DeskCallStage, muted = false, lost = false): Place => ({
    role: 'owner',
    stage,
    muted,
    lost,
  });
  if (talk?.seatId === seatId) return owner(talk.held ? 'held' : 'talking', talk.muted);
  if (rescue?.talk.seatId === seatId)
    return owner(rescue.talk.held ? 'held' : 'talking', rescue.talk.muted, true);
  if (offer?.seatId === seatId) return owner('ringing');
  const party = parties.find(({ seat }) => seat?.seatId === seatId);
  if (party) return { role: 'party', stage: 'talking', muted: party.muted, lost: false };
  return invite?.party.seat?.seatId === seatId
    ? { role: 'party', stage: 'ringing', muted: false, lost: false }
    : null;
}

/** The others, for this seat: the owner too where it is a party itself. */
function partiesOf(call: Call, seatId: string, { nameOf }: DeskFacts): DeskParty[] {
  const shown = ({ legId, name, seat, outside, since }: Party): Omit<DeskParty, 'purpose' | 'state'> => ({
    legId,
    name,
    seatId: seat?.seatId ?? null,
    emergency: outside?.emergency ?? false,
    since,
  });
  const others: DeskParty[] = call.parties.map((each) => ({
    ...shown(each),
    purpose: null,
    state: 'talking',
    ...(each.barged ? { barged: true } : {}),
  }));
  if (call.invite)
    others.push({ ...shown(call.invite.party), purpose: call.invite.purpose, state: 'ringing' });
  if (call.talk) {
    const { legId, since, seatId: owner } = call.talk;
    const name = nameOf(owner) ?? '';
    others.push({ legId, name, seatId: owner, emergency: false, since, purpose: null, state: 'talking' });
  }
  return others.filter((each) => each.seatId !== seatId);
}
