import type { OfferOutcome } from '../events';
import { PROMPTS } from '../intake/prompts';
import type { HangupCause } from '../telephony/hangup-cause';
import { isTalking, isWaiting, type Handover, type Invite, type Offer, type Party } from './call';
import { finish } from './call-closing';
import { dismissInvite, end, releaseTalk, removeParty } from './call-end';
import { joinedQueue, music, play, ringback, silence, stopRingback, type Turn } from './call-turn';

/** Added to the priority of a call that was in a talk already: it goes to the front of the queue. */
const FRONT = 100;

export function hold(turn: Turn): void {
  const { call, at } = turn;
  if (!call.talk || call.talk.held || !isTalking(call)) return;
  call.talk.held = true;
  call.talk.heldSince = at;
  turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
  music(turn);
  turn.say({ kind: 'callHeld', seatId: call.talk.seatId });
}

/** The citizen is back with the agent, and with everybody the agent has called in meanwhile (三方通话). */
export function resume(turn: Turn): void {
  const { talk } = turn.call;
  if (!talk?.held) return;
  talk.held = false;
  talk.heldSince = null;
  joinAll(turn);
  turn.say({ kind: 'callResumed', seatId: talk.seatId });
}

export function mute(turn: Turn, seatId: string, on: boolean): void {
  const { talk, parties } = turn.call;
  const muted = talk?.seatId === seatId ? talk : parties.find(({ seat }) => seat?.seatId === seatId);
  if (!muted || muted.muted === on) return;
  muted.muted = on;
  turn.step({ do: 'mute', legId: muted.legId, on });
  turn.say({ kind: 'callMuted', seatId, on });
}

/** Everybody who belongs into the talk now. */
function joinAll(turn: Turn): void {
  const { call } = turn;
  const { talk, parties } = call;
  const legIds = [talk?.legId, ...parties.map(({ legId }) => legId)].filter((legId) => legId !== undefined);
  if (call.citizen === 'up' && !talk?.held) legIds.unshift(call.citizenLeg);
  turn.step({ do: 'join', talkId: call.callId, legIds });
}

/** Somebody is to be rung for the call. Where that no longer fits, the seat reserved for it is freed. */
export function invited(turn: Turn, invite: Invite): void {
  const { call, at } = turn;
  const { party, purpose, by, words } = invite;
  const wanted = isTalking(call) && call.talk?.seatId === by && call.invite === null;
  const fits = {
    overflow: isWaiting(call) && call.citizen === 'up' && call.intake === 'queued',
    transfer: wanted && call.parties.length === 0,
    consult: wanted,
    threeWay: wanted,
  };
  if (!fits[purpose]) {
    if (party.seat) turn.step({ do: 'seat', ...party.seat, move: 'release' });
    return;
  }
  call.invite = invite;
  if (purpose === 'consult' && call.talk) consulting(turn, call.talk.legId);
  if (purpose === 'transfer') {
    releaseTalk(turn);
    call.waitingSince ??= at;
    call.handover = { from: by, words };
    turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
    play(turn, [party.outside?.lineId ? PROMPTS.parallelWait : PROMPTS.transferWait]);
  }
  turn.step({ do: 'dialParty', invite });
  turn.say({
    kind: 'partyInvited',
    purpose,
    legId: party.legId,
    name: party.name,
    seatId: party.seat?.seatId ?? null,
    number: party.outside?.number ?? null,
    lineId: party.outside?.lineId ?? null,
    emergency: party.outside?.emergency ?? false,
    by,
    words,
  });
}

/** The citizen waits; the agent hears that the other is rung. */
function consulting(turn: Turn, legId: string): void {
  const { call } = turn;
  hold(turn);
  if (call.parties.length) return;
  turn.step({ do: 'part', talkId: call.callId, legId });
  ringback(turn, legId);
}

/** The agent has passed the call on to a reserved seat: it is offered like any other, and waits again if not taken. */
export function handedOver(turn: Turn, offer: Offer, handover: Handover): boolean {
  const { call, at } = turn;
  if (!isTalking(call) || call.talk?.seatId !== handover.from || call.invite || call.parties.length) {
    turn.step({ do: 'seat', seatId: offer.seatId, token: offer.token, move: 'release' });
    return false;
  }
  const { seatId } = offer;
  turn.say({ kind: 'callTransferred', by: handover.from, to: seatId, seatId, queue: null });
  releaseTalk(turn);
  call.waitingSince ??= at;
  call.handover = handover;
  turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
  play(turn, [PROMPTS.transferWait]);
  return true;
}

/** The agent has passed the call on to a queue, where it keeps the time it has waited since. */
export function queued(turn: Turn, queue: string, handover: Handover): void {
  const { call } = turn;
  if (!isTalking(call) || call.talk?.seatId !== handover.from || call.invite || call.parties.length) return;
  call.line = { ...call.line, queue };
  turn.say({ kind: 'callTransferred', by: handover.from, to: queue, seatId: null, queue });
  releaseTalk(turn);
  waitAgain(turn, handover, [PROMPTS.transferWait]);
}

/** The citizen has nobody any more and waits for the next seat, before everybody who has not been served yet. */
function waitAgain(turn: Turn, handover: Handover, sounds: string[]): void {
  const { call, at } = turn;
  call.waitingSince ??= at;
  call.handover = handover;
  call.priority += call.priority < FRONT ? FRONT : 0;
  call.announcedAt = at;
  silence(turn);
  turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
  play(turn, sounds);
  // Whoever had the citizen before has passed him on, or is out of reach.
  call.lastAgent = null;
  joinedQueue(turn);
}

export function inviteAnswered(turn: Turn): void {
  const { call, at } = turn;
  const { invite } = call;
  if (!invite) return;
  const { purpose } = invite;
  const party: Party = { ...invite.party, since: at };
  const { legId, name, seat } = party;
  call.invite = null;
  call.parties.push(party);
  if (seat) turn.step({ do: 'seat', ...seat, move: 'answered' });
  if (purpose === 'consult' && call.talk) stopRingback(turn, call.talk.legId);
  if (purpose === 'transfer' || purpose === 'overflow') {
    silence(turn);
    call.intake = 'queued';
  }
  joinAll(turn);
  turn.say({ kind: 'partyJoined', legId, name, seatId: seat?.seatId ?? null });
  if (purpose === 'transfer' || purpose === 'overflow')
    turn.say({ kind: 'callTransferred', by: invite.by, to: name, seatId: null, queue: null });
}

/** Whoever was rung does not come: a consulting agent has the citizen on hold still, a transferred citizen waits again. */
export function inviteEnded(turn: Turn, outcome: OfferOutcome, cause: HangupCause | null): void {
  const { call } = turn;
  const { invite } = call;
  if (!invite) return;
  dismissInvite(turn, outcome, cause);
  if (invite.purpose === 'overflow') {
    call.overflowed = true;
    if (call.promptId === null) play(turn, [PROMPTS.parallelFailed]);
  }
  if (invite.purpose === 'transfer')
    waitAgain(turn, { from: invite.by, words: `${invite.party.name} 未接通` }, [PROMPTS.transferFailed]);
}

/** A supervisor's leg that is up already comes into the talk (强插). */
export function bargedIn(turn: Turn, party: Party): void {
  const { call } = turn;
  if (!isTalking(call)) {
    if (party.seat) turn.step({ do: 'seat', ...party.seat, move: 'talkEnded' });
    return turn.step({ do: 'hangUp', legId: party.legId, cause: 'normal' });
  }
  call.parties.push({ ...party, barged: true });
  joinAll(turn);
  // The agent hears it too, whatever is on the screen.
  if (call.talk) {
    const sounds = [PROMPTS.supervisorJoined];
    turn.step({ do: 'play', legId: call.talk.legId, promptId: `${party.legId}-joined`, sounds });
  }
  turn.say({
    kind: 'partyJoined',
    legId: party.legId,
    name: party.name,
    seatId: party.seat?.seatId ?? null,
  });
}

/** A party has hung up, or the agent has dropped it. Nobody is left alone in silence. */
export function partyLeft(turn: Turn, party: Party, cause: HangupCause): void {
  const { call } = turn;
  removeParty(turn, party, cause);
  if (call.talk) {
    if (call.citizen === 'gone' && call.parties.length === 0) end(turn, 'system', cause);
  } else if (call.rescue) {
    if (call.parties.length) return;
    if (call.citizen === 'gone') end(turn, 'system', cause);
    else reconnecting(turn);
  } else if (call.parties.length < (call.citizen === 'gone' ? 2 : 1)) end(turn, 'system', cause);
  else promote(turn);
}

export function drop(turn: Turn, legId: string): void {
  const party = turn.call.parties.find((each) => each.legId === legId);
  if (party) {
    turn.step({ do: 'hangUp', legId, cause: 'normal' });
    partyLeft(turn, party, 'normal');
  } else if (turn.call.invite?.party.legId === legId) {
    turn.step({ do: 'hangUp', legId, cause: 'normal' });
    inviteEnded(turn, 'withdrawn', null);
  }
}

/** The agent leaves the others talking: attended transfer out of a consultation, or leaving a three-way call. */
export function leave(turn: Turn, toLegId?: string): void {
  const { call } = turn;
  const { talk, parties } = call;
  const [first] = parties;
  if (!talk || !first) return;
  if (call.invite) drop(turn, call.invite.party.legId);
  releaseTalk(turn);
  const to = parties.find(({ legId }) => legId === toLegId) ?? parties.find(({ seat }) => seat) ?? first;
  turn.say({
    kind: 'callTransferred',
    by: talk.seatId,
    to: to.name,
    seatId: to.seat?.seatId ?? null,
    queue: null,
  });
  const others = parties.length + (call.citizen === 'up' ? 1 : 0);
  if (others < 2) return end(turn, 'seat', 'normal');
  promote(turn, to);
  if (talk.held) joinAll(turn);
}

/** Of those who are left, a seat owns the call. */
function promote(turn: Turn, preferred?: Party): void {
  const { call, at } = turn;
  const seated = preferred?.seat ? preferred : call.parties.find(({ seat }) => seat);
  const party = call.talk ? undefined : seated;
  if (!party?.seat) return;
  const { legId, muted, seat, needsKey } = party;
  call.parties = call.parties.filter((each) => each !== party);
  call.talk = { ...seat, legId, since: at, held: false, heldSince: null, muted, needsKey };
  turn.say({ kind: 'talkStarted', seatId: seat.seatId, legId });
}

/** The citizen has hung up: whoever else still talks may go on. */
export function citizenEnded(turn: Turn, cause: HangupCause): void {
  const { call } = turn;
  if (call.citizen === 'ringing' && call.talk) {
    call.citizen = 'gone';
    turn.say({ kind: 'citizenNotReached', seatId: call.talk.seatId, cause });
    return end(turn, 'system', cause);
  }
  const left = call.parties.length + (call.talk ? 1 : 0);
  if (left < 2 || call.closing) return end(turn, 'citizen', cause);
  call.citizen = 'gone';
  call.promptId = null;
  if (call.talk?.held) {
    Object.assign(call.talk, { held: false, heldSince: null });
    turn.say({ kind: 'callResumed', seatId: call.talk.seatId });
  }
  turn.say({ kind: 'citizenLeft', cause });
}

/** The agent's phone has hung up: a wish, unless the network took it. */
export function talkLegEnded(turn: Turn, cause: HangupCause): void {
  const { call } = turn;
  const wished = cause === 'normal' || cause === 'normal-unspecified';
  if (!wished && turn.policy.rescueMs > 0 && isTalking(call)) return lost(turn, cause);
  if (call.parties.length) leave(turn);
  else if (wished) finish(turn);
  else end(turn, 'seat', cause);
}

/** The seat's phone is lost: the citizen is told, the seat is rung again (tick), else the citizen goes to the front. */
export function lost(turn: Turn, cause: HangupCause): void {
  const { call, at, policy } = turn;
  const { talk } = call;
  if (!talk) return;
  if (call.invite) drop(turn, call.invite.party.legId);
  call.talk = null;
  call.rescue = { talk, legId: null, pickedUpAt: null, rungAt: at, until: at + policy.rescueMs };
  turn.say({ kind: 'seatLost', seatId: talk.seatId, cause });
  if (!talk.held && call.parties.length === 0) reconnecting(turn);
}

/** The page of the agent was loaded anew and has no voice: the old leg is given up. */
export function rejoin(turn: Turn): void {
  const { call } = turn;
  if (!call.talk || !isTalking(call) || turn.policy.rescueMs === 0) return;
  turn.step({ do: 'hangUp', legId: call.talk.legId, cause: 'normal' });
  lost(turn, 'failure');
}

function reconnecting(turn: Turn): void {
  const { call } = turn;
  turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
  play(turn, [PROMPTS.reconnecting]);
}

/** How long before the lost seat is rung again. */
const RING_AGAIN_MS = 2000;

/** Every second while a seat is lost. */
export function rescueTick(turn: Turn): void {
  const { call, at } = turn;
  const { rescue } = call;
  if (!rescue) return;
  if (at >= rescue.until) return giveUp(turn);
  if (rescue.legId !== null || at - rescue.rungAt < RING_AGAIN_MS) return;
  rescue.legId = `${rescue.talk.legId.replace(/-r\d+$/, '')}-r${at}`;
  rescue.rungAt = at;
  turn.step({ do: 'dialAgain', seatId: rescue.talk.seatId, legId: rescue.legId });
}

export function rescued(turn: Turn): void {
  const { call } = turn;
  const { rescue } = call;
  if (!rescue?.legId) return;
  const { talk, legId } = rescue;
  call.rescue = null;
  call.talk = { ...talk, legId };
  silence(turn);
  if (talk.muted) turn.step({ do: 'mute', legId, on: true });
  if (!talk.held || call.parties.length) joinAll(turn);
  turn.say({ kind: 'seatRescued', seatId: talk.seatId, legId });
}

/** The rung leg ended: refused, the seat does not want the call back; otherwise it is rung again. */
export function rescueLegEnded(turn: Turn, cause: HangupCause): void {
  const { rescue } = turn.call;
  if (!rescue) return;
  rescue.legId = null;
  rescue.pickedUpAt = null;
  if (cause === 'rejected' || cause === 'busy' || cause === 'normal') giveUp(turn);
}

function giveUp(turn: Turn): void {
  const { call } = turn;
  const { rescue } = call;
  if (!rescue) return;
  const { seatId, token, held } = rescue.talk;
  call.rescue = null;
  if (rescue.legId) turn.step({ do: 'hangUp', legId: rescue.legId, cause: 'no-answer' });
  turn.step({ do: 'seat', seatId, token, move: 'lostInTalk' });
  turn.say({ kind: 'talkEnded', seatId });
  if (call.parties.length) {
    if (call.citizen === 'gone' && call.parties.length < 2) return end(turn, 'system', 'failure');
    promote(turn);
    if (held) joinAll(turn);
  } else if (call.citizen === 'up')
    waitAgain(turn, { from: seatId, words: '原坐席话机中断' }, [PROMPTS.queueWait]);
  else end(turn, 'system', 'failure');
}
