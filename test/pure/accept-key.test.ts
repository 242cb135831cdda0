import { ACCEPT_MS } from '../../src/calls/accept-key';
import { legsOf, NOTHING_YET, seatsOf, type Call, type Offer, type Party } from '../../src/calls/call';
import { advance, type CallInput } from '../../src/calls/call-machine';
import type { Advance, CallPolicy } from '../../src/calls/call-turn';
import { compareCall, compareSeats } from '../../src/calls/reconcile';

const policy: CallPolicy = {
  notice: false,
  greeting: false,
  menu: false,
  ringWhileGreeting: true,
  offerMs: 20_000,
  remoteOfferMs: 30_000,
  announceMs: 300_000,
  outsideMs: 45_000,
  holdReminderMs: 120_000,
  rescueMs: 60_000,
  ratingMs: 0,
  waitingChoice: false,
  messageWhenNoSeat: false,
  messageMs: 180_000,
};

const offer: Offer = {
  seatId: 's1',
  legId: 'tel',
  token: 't1',
  attempt: 1,
  offeredAt: 1000,
  answeredAt: null,
  needsKey: true,
  pickedUpAt: null,
  reason: { rule: 'only-one', words: '', idleSeconds: 0, waitingRank: 1, passedOver: [] },
};
const waiting: Call = {
  ...NOTHING_YET,
  parties: [],
  callId: 'c1',
  direction: 'inbound',
  citizen: 'up',
  dialTo: null,
  about: { ticketId: null, callbackId: null },
  citizenLeg: 'citizen',
  line: {
    lineId: 'l1',
    lineName: '12345',
    mode: 'own',
    matchedNumber: '12345',
    matchedBy: 'called-number',
    queue: 'general',
  },
  greeting: ['greeting-12345'],
  menu: [],
  priority: 0,
  callerNumber: '13800000000',
  callerName: '',
  callerHidden: false,
  dialled: '12345',
  diversions: [],
  arrivedAt: 0,
  waitingSince: 0,
  intake: 'queued',
  noticeHeard: true,
};
const talking: Call = {
  ...waiting,
  talk: {
    ...{ seatId: 's0', legId: 'desk', token: 't0', since: 0, held: false, heldSince: null, muted: false },
    needsKey: false,
  },
};
const called: Party = {
  legId: 'tel',
  name: '远程',
  seat: { seatId: 's1', token: 't1' },
  outside: null,
  since: 1000,
  muted: false,
  needsKey: true,
};

function play(start: Call, ...inputs: CallInput[]): Advance {
  const all: Advance = { call: start, steps: [], events: [] };
  for (const input of inputs) {
    const { call, steps, events } = advance(all.call, input, policy);
    all.call = call;
    all.steps.push(...steps);
    all.events.push(...events);
  }
  return all;
}

const offered: CallInput = { kind: 'offered', offer, at: 1000 };
const invited: CallInput = {
  kind: 'invited',
  invite: { purpose: 'consult', party: called, pickedUpAt: null, by: 's0', words: '' },
  at: 1000,
};
const pickedUp: CallInput = { kind: 'legAnswered', legId: 'tel', at: 5000 };
const key = (digit: string, legId = 'tel'): CallInput => ({ kind: 'digitPressed', legId, digit, at: 6000 });
const tick = (at: number): CallInput => ({ kind: 'tick', at, before: 0, estimateMs: null, noSeat: false });
const ended = (cause: 'normal' | 'failure'): CallInput => ({
  kind: 'legEnded',
  legId: 'tel',
  cause,
  at: 7000,
});
const asked = {
  do: 'play',
  legId: 'tel',
  promptId: 'tel-accept',
  sounds: ['seat-accept', 'silence-short', 'seat-accept'],
};
const seatMoves = ({ steps }: Advance) => steps.flatMap((step) => (step.do === 'seat' ? [step.move] : []));
const saidOf = ({ events }: Advance) => events.map(({ kind }) => kind);

describe('a seat at an ordinary telephone', () => {
  test('that was picked up hears what is asked, and nobody has the call yet', () => {
    const up = play(waiting, offered, pickedUp);
    expect(up.steps.at(-1)).toEqual(asked);
    expect(seatMoves(up)).toEqual([]);
    expect(up.call.talk).toBeNull();
    expect(legsOf(up.call).at(-1)).toMatchObject({ legId: 'tel', state: 'up', taken: false, place: 'apart' });
    expect(seatsOf(up.call)).toEqual([{ seatId: 's1', token: 't1', state: 'ringing' }]);
    // Said a second time by the reconciler, nothing is asked again.
    expect(play(up.call, pickedUp).steps).toEqual([]);
  });

  test('takes the call with key 1 and no other', () => {
    const up = play(waiting, offered, pickedUp);
    for (const digit of ['2', '0', '#', '*']) expect(play(up.call, key(digit)).steps).toEqual([]);
    const taken = play(up.call, key('1'));
    expect(taken.steps).toEqual(
      expect.arrayContaining([
        { do: 'stopPrompt', legId: 'tel', promptId: 'tel-accept' },
        { do: 'seat', seatId: 's1', token: 't1', move: 'answered' },
        { do: 'join', talkId: 'c1', legIds: ['citizen', 'tel'] },
      ]),
    );
    expect(taken.call.talk).toMatchObject({ seatId: 's1', needsKey: true });
    expect(play(taken.call, key('1')).steps).toEqual([]);
  });

  test.each([
    ['before it is picked up, of no use', [offered, key('1')]],
    ['of the citizen, of no use', [offered, pickedUp, key('1', 'citizen')]],
  ])('key 1 is %s', (_, inputs) => {
    expect(play(waiting, ...(inputs as CallInput[])).call.talk).toBeNull();
  });

  test('rings longer than a phone of ours, then counts as not answered', () => {
    const rung = play(waiting, offered, tick(1000 + policy.remoteOfferMs - 1));
    expect(rung.call.offer).not.toBeNull();
    const over = play(rung.call, tick(1000 + policy.remoteOfferMs));
    expect(over.steps).toContainEqual({ do: 'hangUp', legId: 'tel', cause: 'no-answer' });
    expect(seatMoves(over)).toEqual(['noAnswer']);
  });

  test('without the key is hung up and counts as not answered; the caller keeps the place', () => {
    const up = play(waiting, offered, pickedUp, tick(5000 + ACCEPT_MS - 1));
    expect(up.call.offer).not.toBeNull();
    const over = play(up.call, tick(5000 + ACCEPT_MS));
    expect(over.steps).toContainEqual({ do: 'hangUp', legId: 'tel', cause: 'no-answer' });
    expect(seatMoves(over)).toEqual(['noAnswer']);
    expect(over.events.at(-1)).toMatchObject({ kind: 'offerEnded', outcome: 'no-answer' });
    expect(over.call).toMatchObject({ offer: null, waitingSince: 0 });
  });

  test('that hangs up without the key has not answered; a caller who leaves frees it', () => {
    expect(seatMoves(play(waiting, offered, pickedUp, ended('normal')))).toEqual(['noAnswer']);
    const left: CallInput = { kind: 'legEnded', legId: 'citizen', cause: 'normal', at: 7000 };
    const gone = play(waiting, offered, pickedUp, left);
    expect(gone.steps).toContainEqual({ do: 'hangUp', legId: 'tel', cause: 'normal' });
    expect(seatMoves(gone)).toEqual(['release']);
  });

  test('called in joins with the key only, and is let go without it', () => {
    const up = play(talking, invited, pickedUp);
    expect(up.steps.at(-1)).toEqual(asked);
    expect(up.call.parties).toEqual([]);
    const joined = play(up.call, key('1'));
    expect(joined.call.parties).toMatchObject([{ legId: 'tel', needsKey: true }]);
    expect(seatMoves(joined)).toEqual(['answered']);
    const over = play(up.call, tick(5000 + ACCEPT_MS));
    expect(over.call.invite).toBeNull();
    expect(seatMoves(over)).toEqual(['noAnswer']);
    expect(saidOf(over)).toContain('inviteEnded');
  });

  test('lost in the talk is rung again and comes back with the key only', () => {
    const lost = play(waiting, offered, pickedUp, key('1'), ended('failure'), tick(10_000));
    const legId = lost.call.rescue?.legId ?? '';
    const up = play(lost.call, { kind: 'legAnswered', legId, at: 12_000 });
    expect(up.call.talk).toBeNull();
    expect(up.steps).toEqual([{ ...asked, legId, promptId: `${legId}-accept` }]);
    expect(play(up.call, { ...key('1', legId), at: 13_000 }).call.talk).toMatchObject({
      legId,
      seatId: 's1',
    });
    const given = play(up.call, { kind: 'legEnded', legId, cause: 'normal', at: 14_000 });
    expect(given.call).toMatchObject({ rescue: null, talk: null });
    expect(seatMoves(given)).toEqual(['lostInTalk']);
  });

  test('is asked again after the link to the switch was lost', () => {
    const again = play(waiting, offered, pickedUp, { kind: 'resync', together: false, at: 9000 });
    expect(again.steps.filter((step) => step.do === 'play' && step.legId === 'tel')).toEqual([asked, asked]);
    expect(again.call.offer?.pickedUpAt).toBe(9000);
  });

  test('that was picked up is no drift; its leg gone is a ring taken back', () => {
    const snapshot = (legId: string) =>
      ({ legId, state: 'up', data: null, talkId: null, createdAt: 0 }) as const;
    const { call } = play(waiting, offered, pickedUp);
    const legs = new Map(['citizen', 'tel'].map((legId) => [legId, snapshot(legId)]));
    expect(compareCall(call, legs)).toEqual([]);
    expect(compareCall(play(waiting, offered).call, legs)).toEqual([
      { kind: 'unheardAnswer', callId: 'c1', legId: 'tel' },
    ]);
    legs.delete('tel');
    expect(compareCall(call, legs)).toEqual([{ kind: 'goneLeg', callId: 'c1', legId: 'tel', ringing: true }]);
    const seat = { seatId: 's1', token: 't1', state: 'ringing' } as Parameters<
      typeof compareSeats
    >[0][number];
    expect(compareSeats([seat], [call])).toEqual([]);
  });
});
