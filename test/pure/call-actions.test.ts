import { NOTHING_YET, type Call, type Invite, type InvitePurpose, type Offer } from '../../src/calls/call';
import {
  answersItself,
  CALL_ACTIONS,
  callActions,
  cutOffByHangUp,
  mayRejoin,
  partyAction,
  situationOf,
  type CallAction,
  type CallInHand,
  type CallSituation,
} from '../../src/calls/call-actions';
import { advance, type CallInput } from '../../src/calls/call-machine';
import type { CallPolicy } from '../../src/calls/call-turn';
import { deskCall } from '../../src/desk/desk-call';
import type { DeskCall, DeskParty } from '../../src/desk/pop';

const policy: CallPolicy = {
  notice: false,
  greeting: false,
  menu: false,
  ringWhileGreeting: false,
  offerMs: 20_000,
  remoteOfferMs: 30_000,
  announceMs: 30_000,
  outsideMs: 45_000,
  holdReminderMs: 120_000,
  rescueMs: 30_000,
  ratingMs: 0,
  waitingChoice: false,
  messageWhenNoSeat: false,
  messageMs: 180_000,
};
const OWNER = 'a';
const OTHER = 'b';

const outside = (legId: string): Invite['party'] => ({
  legId,
  name: `外线 ${legId}`,
  seat: null,
  outside: { number: '03552011234', name: '', lineId: null, emergency: false },
  since: 0,
  muted: false,
  needsKey: false,
});
const seat = (legId: string): Invite['party'] => ({
  ...outside(legId),
  seat: { seatId: OTHER, token: 't-b' },
  outside: null,
});
const invite = (purpose: InvitePurpose, party: Invite['party'], by = OWNER): Input => ({
  kind: 'invited',
  invite: { purpose, party, pickedUpAt: null, by, words: '' },
});
const offerTo = (rule: Offer['reason']['rule']): Offer => ({
  seatId: OWNER,
  legId: 'leg-a',
  token: 't-a',
  attempt: 1,
  offeredAt: 0,
  answeredAt: null,
  needsKey: false,
  pickedUpAt: null,
  reason: { rule, words: '', idleSeconds: 0, waitingRank: 0, passedOver: [] },
});

type Input = CallInput extends infer I ? (I extends { at: number } ? Omit<I, 'at'> : never) : never;

const begun = (part: Partial<Call>): Call => ({
  ...NOTHING_YET,
  parties: [],
  callId: 'c',
  direction: 'inbound',
  citizen: 'up',
  citizenLeg: 'citizen',
  dialTo: null,
  about: { ticketId: null, callbackId: null },
  line: {
    lineId: 'l',
    lineName: '12345',
    mode: 'own',
    matchedNumber: '12345',
    matchedBy: 'default',
    queue: 'general',
  },
  greeting: [],
  menu: [],
  priority: 0,
  callerNumber: '13800000000',
  callerName: '',
  callerHidden: false,
  dialled: '12345',
  diversions: [],
  arrivedAt: 0,
  ...part,
});
const play = (call: Call, inputs: Input[]): Call =>
  inputs.reduce((now, input) => advance(now, { ...input, at: 1000 } as CallInput, policy).call, call);
const inbound = (...then: Input[]): Call =>
  play(begun({}), [
    { kind: 'arrived' },
    { kind: 'offered', offer: offerTo('only-one') },
    { kind: 'legAnswered', legId: 'leg-a' },
    ...then,
  ]);
const outbound = (...then: Input[]): Call =>
  play(begun({ direction: 'outbound', citizen: 'toDial', dialTo: '13800000000' }), [
    { kind: 'placed' },
    { kind: 'offered', offer: offerTo('own-call') },
    ...then,
  ]);
const answered = (legId: string): Input => ({ kind: 'legAnswered', legId });
const left = (legId: string): Input => ({ kind: 'legEnded', legId, cause: 'normal' });
const seen = (call: Call, seatId = OWNER): DeskCall => {
  const view = deskCall(call, seatId, {
    script: '',
    defaultCategory: null,
    recording: () => 'running',
    listeners: () => [],
    nameOf: (id) => id,
  });
  if (!view) throw new Error(`${seatId} does not see the call`);
  // What the desk keeps of a talk that has begun.
  return { ...view, answeredAt: view.answeredAt ?? (call.citizen === 'gone' ? 1000 : null) };
};

/** Each way to stand in a call, as the machine makes it. */
const ways: [string, () => Call, string, CallSituation, CallAction[]][] = [
  [
    'offered',
    () => play(begun({}), [{ kind: 'arrived' }, { kind: 'offered', offer: offerTo('only-one') }]),
    OWNER,
    'outside',
    [],
  ],
  [
    'talking',
    () => inbound(),
    OWNER,
    'talk',
    ['hold', 'mute', 'consult', 'threeWay', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'muted',
    () => inbound({ kind: 'mute', seatId: OWNER, on: true }),
    OWNER,
    'talk',
    ['hold', 'unmute', 'consult', 'threeWay', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'on hold',
    () => inbound({ kind: 'hold' }),
    OWNER,
    'held',
    ['resume', 'mute', 'consult', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'consultation rings',
    () => inbound(invite('consult', outside('p'))),
    OWNER,
    'consultRinging',
    ['returnToCitizen', 'mute', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'consulting',
    () => inbound(invite('consult', outside('p')), answered('p')),
    OWNER,
    'consulting',
    ['returnToCitizen', 'merge', 'completeTransfer', 'mute', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'consultation failed',
    () => inbound(invite('consult', outside('p')), left('p')),
    OWNER,
    'held',
    ['resume', 'mute', 'consult', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'third rings',
    () => inbound(invite('threeWay', outside('p'))),
    OWNER,
    'talkAndRinging',
    ['hold', 'mute', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'third rings, on hold',
    () => inbound(invite('threeWay', outside('p')), { kind: 'hold' }),
    OWNER,
    'heldAndRinging',
    ['resume', 'mute', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'three-way',
    () => inbound(invite('threeWay', outside('p')), answered('p')),
    OWNER,
    'threeWay',
    ['hold', 'mute', 'threeWay', 'leave', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'merged out of a consultation',
    () => inbound(invite('consult', outside('p')), answered('p'), { kind: 'resume' }),
    OWNER,
    'threeWay',
    ['hold', 'mute', 'threeWay', 'leave', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'fourth rings',
    () => inbound(invite('threeWay', outside('p')), answered('p'), invite('threeWay', outside('q'))),
    OWNER,
    'threeWayAndRinging',
    ['hold', 'mute', 'leave', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  [
    'citizen gone, one other',
    () => inbound(invite('threeWay', outside('p')), answered('p'), left('citizen')),
    OWNER,
    'citizenGone',
    ['mute', 'hangUp'],
  ],
  [
    'citizen gone, two others',
    () =>
      inbound(
        invite('threeWay', outside('p')),
        answered('p'),
        invite('threeWay', outside('q')),
        answered('q'),
        left('citizen'),
      ),
    OWNER,
    'citizenGoneOthersStay',
    ['mute', 'leave', 'hangUp'],
  ],
  ['phone lost', () => inbound({ kind: 'rejoin' }), OWNER, 'outside', []],
  ['consulted seat rings', () => inbound(invite('consult', seat('p'))), OTHER, 'outside', []],
  [
    'consulted seat',
    () => inbound(invite('consult', seat('p')), answered('p')),
    OTHER,
    'party',
    ['mute', 'leave'],
  ],
  [
    'taken over after a consultation',
    () => inbound(invite('consult', seat('p')), answered('p'), { kind: 'leave' }),
    OTHER,
    'talk',
    ['hold', 'mute', 'consult', 'threeWay', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  ],
  ['own call rings', () => outbound(), OWNER, 'outside', []],
  ['citizen is dialled', () => outbound(answered('leg-a')), OWNER, 'reaching', ['mute', 'hangUp']],
  [
    'citizen of an own call',
    () => outbound(answered('leg-a'), answered('citizen')),
    OWNER,
    'talk',
    ['hold', 'mute', 'consult', 'threeWay', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
  ],
];

/** What the service makes of an action; `completeTransfer` and `returnToCitizen` are made of these. */
const MEANS: Record<CallAction, (call: Call, seatId: string) => Input | null> = {
  hold: () => ({ kind: 'hold' }),
  resume: () => ({ kind: 'resume' }),
  merge: () => ({ kind: 'resume' }),
  returnToCitizen: ({ parties, invite: rung }) => ({
    kind: 'drop',
    legId: parties[0]?.legId ?? rung?.party.legId ?? '',
  }),
  mute: (_, seatId) => ({ kind: 'mute', seatId, on: true }),
  unmute: (_, seatId) => ({ kind: 'mute', seatId, on: false }),
  // The recorder's, not the machine's.
  pauseRecording: () => null,
  resumeRecording: () => null,
  consult: (_, seatId) => invite('consult', outside('new'), seatId),
  threeWay: (_, seatId) => invite('threeWay', outside('new'), seatId),
  transfer: (_, seatId) => invite('transfer', outside('new'), seatId),
  completeTransfer: () => ({ kind: 'leave' }),
  // A party's leaving is its being dropped.
  leave: ({ parties, talk }, seatId) =>
    talk?.seatId === seatId
      ? { kind: 'leave' }
      : { kind: 'drop', legId: parties.find((each) => each.seat?.seatId === seatId)?.legId ?? '' },
  // Its steps are tried in Chromium.
  emergency: () => null,
  hangUp: () => ({ kind: 'hangUp' }),
};

describe('what may be done with a call', () => {
  test.each(ways)('%s', (_name, make, seatId, situation, actions) => {
    const view = seen(make(), seatId);
    expect(situationOf(view)).toBe(situation);
    expect(callActions(view)).toEqual(actions);
  });

  test.each(ways)('%s: the machine does what the buttons say', (_name, make, seatId) => {
    const call = make();
    for (const action of callActions(seen(call, seatId))) {
      const input = MEANS[action](call, seatId);
      if (!input) continue;
      const { steps } = advance(call, { ...input, at: 2000 } as CallInput, policy);
      expect({ action, does: steps.length > 0 }).toEqual({ action, does: true });
    }
  });

  test('leaving never ends the citizen’s call while somebody is with him; hanging up does', () => {
    for (const [, make, seatId] of ways) {
      const call = make();
      const may = callActions(seen(call, seatId));
      for (const action of ['leave', 'completeTransfer'] as const)
        if (may.includes(action)) {
          const input = MEANS[action](call, seatId);
          expect(advance(call, { ...input, at: 2000 } as CallInput, policy).call.ended).toBe(false);
        }
      if (may.includes('hangUp'))
        expect(advance(call, { kind: 'hangUp', at: 2000 }, policy).call.ended).toBe(true);
    }
  });

  test('a recording is paused and resumed while there is one', () => {
    const of = (recording: DeskCall['recording']) =>
      callActions({ ...seen(inbound()), recording }).filter((action) => action.endsWith('Recording'));
    expect([of('running'), of('paused'), of('none')]).toEqual([['pauseRecording'], ['resumeRecording'], []]);
  });

  test('every action is allowed somewhere', () => {
    const seenActions = new Set(
      ways.flatMap(([, make, seatId]) => {
        const call = seen(make(), seatId);
        return [...callActions(call), ...callActions({ ...call, recording: 'paused' })];
      }),
    );
    expect([...CALL_ACTIONS].filter((action) => !seenActions.has(action))).toEqual([]);
  });

  test.each<DeskCall['stage']>(['ringing', 'wrapUp', 'over'])('nothing while %s', (stage) => {
    expect(callActions({ ...seen(inbound()), stage })).toEqual([]);
  });
});

describe('the others in a call', () => {
  const of = (call: Call, seatId = OWNER): (string | null)[] => {
    const view: CallInHand = seen(call, seatId);
    return view.parties.map((party: DeskParty) => partyAction(view, party));
  };
  test('the owner sends them out, or takes a ring back', () => {
    expect(of(inbound(invite('consult', outside('p'))))).toEqual(['cancel']);
    expect(of(inbound(invite('consult', outside('p')), answered('p')))).toEqual(['drop']);
  });
  test('a party does nothing about the owner, and nobody while the phone is lost', () => {
    expect(of(inbound(invite('consult', seat('p')), answered('p')), OTHER)).toEqual([null]);
    expect(of(inbound(invite('threeWay', outside('p')), answered('p'), { kind: 'rejoin' }))).toEqual([null]);
  });
  test('hanging up asks when it cuts others off, not for one who only rings', () => {
    expect(cutOffByHangUp(seen(inbound()))).toEqual([]);
    expect(cutOffByHangUp(seen(inbound(invite('threeWay', outside('p')))))).toEqual([]);
    expect(cutOffByHangUp(seen(inbound(invite('threeWay', outside('p')), answered('p'))))).toEqual([
      '外线 p',
    ]);
  });
  test('a called-in seat is told by whom, what for and why', () => {
    const asked = inbound({
      kind: 'invited',
      invite: {
        purpose: 'consult',
        party: seat('p'),
        pickedUpAt: null,
        by: OWNER,
        words: '社保补缴怎么答复',
      },
    });
    expect(seen(asked, OTHER)).toMatchObject({
      stage: 'ringing',
      role: 'party',
      invited: { purpose: 'consult', fromName: OWNER, words: '社保补缴怎么答复' },
    });
    expect(seen(asked).invited).toBeNull();
  });
});

describe('rings the page’s phone takes by itself', () => {
  test('the own outbound call and the rescue, and nothing else', () => {
    const takes = ways
      .filter(([, make, seatId]) => answersItself(seen(make(), seatId)))
      .map(([name]) => name);
    expect(takes).toEqual(['phone lost', 'own call rings']);
  });
  test('not a callback, and not an outbound call passed on by somebody', () => {
    const callback = play(
      begun({ direction: 'callback', citizen: 'toDial', waitingSince: 0, intake: 'queued' }),
      [{ kind: 'offered', offer: offerTo('only-one') }],
    );
    expect(seen(callback).stage).toBe('ringing');
    expect(answersItself(seen(callback))).toBe(false);
    const passedOn = { ...seen(outbound()), citizen: 'up' } as const;
    expect(answersItself(passedOn)).toBe(false);
  });
  test('a page without voice takes the call up again only where the citizen would miss it', () => {
    const rejoins = ways.filter(([, make, seatId]) => mayRejoin(seen(make(), seatId))).map(([name]) => name);
    for (const name of ['talking', 'on hold', 'consulting', 'three-way']) expect(rejoins).toContain(name);
    for (const name of [
      'offered',
      'phone lost',
      'consulted seat',
      'citizen is dialled',
      'citizen gone, one other',
    ])
      expect(rejoins).not.toContain(name);
    for (const [name, make] of ways)
      if (rejoins.includes(name)) {
        const after = advance(make(), { kind: 'rejoin', at: 2000 }, policy).call;
        expect({ name, lost: after.rescue !== null }).toEqual({ name, lost: true });
      }
  });
});
