import type { DeskCall } from '../../desk/pop';

/** Somebody who is not in the call any more: was never reached, or has left it. */
export interface Departure {
  legId: string;
  words: string;
}

/** Who has gone from the call between two looks at it, as the agent is told. */
export function departures(before: DeskCall | null, now: DeskCall | null): Departure[] {
  if (!before || !now || before.callId !== now.callId || !goesOn(now)) return [];
  const gone: Departure[] = before.parties
    .filter(({ legId }) => now.parties.every((each) => each.legId !== legId))
    .map(({ legId, name, state }) => ({
      legId,
      words: state === 'ringing' ? `${name} 未接通` : `${name} 已退出通话`,
    }));
  if (before.citizen === 'up' && now.citizen === 'gone')
    gone.push({ legId: 'citizen', words: '诉求人已挂机，其余各方仍在通话' });
  return gone;
}

const goesOn = ({ stage }: DeskCall) => stage === 'talking' || stage === 'held';
