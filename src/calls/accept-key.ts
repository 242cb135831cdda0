import { PROMPTS } from '../intake/prompts';
import type { Invite, Offer } from './call';
import type { Turn } from './call-turn';

/**
 * Seats at an ordinary telephone (远程坐席): what picks up there may be a voice mailbox, so a telephone that was picked up
 * hears what is asked of it, and only key 1 takes the call. Until then its leg is up but nobody's.
 */

/** How long the key is waited for: the words twice and a moment. */
export const ACCEPT_MS = 10_000;
const ACCEPT_KEY = '1';

const promptOf = (legId: string): string => `${legId}-accept`;

/** The ring that this leg is of, where a key is needed. */
function rungByTelephone({ call }: Turn, legId: string): { pickedUpAt: number | null } | null {
  const { offer, invite, rescue } = call;
  if (offer?.legId === legId) return offer.needsKey && offer.answeredAt === null ? offer : null;
  if (invite?.party.legId === legId) return invite.party.needsKey ? invite : null;
  return rescue?.legId === legId && rescue.talk.needsKey ? rescue : null;
}

/** Asks whoever picked up for the key. False: no key is needed, the leg is answered. */
export function askForKey(turn: Turn, legId: string): boolean {
  const rung = rungByTelephone(turn, legId);
  if (!rung) return false;
  if (rung.pickedUpAt === null) ask(turn, rung, legId);
  return true;
}

/** The switch may have lost the words, and a key pressed meanwhile was not heard. */
export function askForKeyAgain(turn: Turn): void {
  const { offer, invite, rescue } = turn.call;
  for (const legId of [offer?.legId, invite?.party.legId, rescue?.legId]) {
    const rung = legId ? rungByTelephone(turn, legId) : null;
    if (legId && rung && rung.pickedUpAt !== null) ask(turn, rung, legId);
  }
}

function ask(turn: Turn, rung: { pickedUpAt: number | null }, legId: string): void {
  rung.pickedUpAt = turn.at;
  const sounds = [PROMPTS.seatAccept, PROMPTS.silenceShort, PROMPTS.seatAccept];
  turn.step({ do: 'play', legId, promptId: promptOf(legId), sounds });
}

/** Whether this key takes the call at the telephone that was picked up; the words stop then. */
export function takenByKey(turn: Turn, legId: string, digit: string): boolean {
  const rung = rungByTelephone(turn, legId);
  if (digit !== ACCEPT_KEY || !rung || rung.pickedUpAt === null) return false;
  turn.step({ do: 'stopPrompt', legId, promptId: promptOf(legId) });
  return true;
}

export function offerOverdue({ at, policy }: Turn, offer: Offer): boolean {
  const { answeredAt, needsKey, pickedUpAt, offeredAt } = offer;
  if (answeredAt !== null) return false;
  if (pickedUpAt !== null) return at - pickedUpAt >= ACCEPT_MS;
  return at - offeredAt >= (needsKey ? policy.remoteOfferMs : policy.offerMs);
}

export function inviteOverdue({ at, policy }: Turn, { party, pickedUpAt }: Invite): boolean {
  if (pickedUpAt !== null) return at - pickedUpAt >= ACCEPT_MS;
  const seatMs = party.needsKey ? policy.remoteOfferMs : policy.offerMs;
  return at - party.since >= (party.seat ? seatMs : policy.outsideMs);
}
