import { NOTHING_YET, type Call, type Offer } from '../../src/calls/call';
import { advance, CHOICE_MS, type CallInput } from '../../src/calls/call-machine';
import type { Advance, CallPolicy } from '../../src/calls/call-turn';
import { foldRecord, type JournalEvent } from '../../src/calls/call-record';

const policy: CallPolicy = {
  notice: true,
  greeting: true,
  menu: false,
  ringWhileGreeting: true,
  offerMs: 20_000,
  remoteOfferMs: 30_000,
  announceMs: 30_000,
  outsideMs: 45_000,
  holdReminderMs: 120_000,
  rescueMs: 0,
  ratingMs: 0,
  waitingChoice: false,
  messageWhenNoSeat: false,
  messageMs: 180_000,
};

const fresh = (): Call => ({
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
});

const offer = (attempt = 1): Offer => ({
  seatId: `s${attempt}`,
  legId: `seat-leg-${attempt}`,
  token: `t${attempt}`,
  attempt,
  offeredAt: 1000,
  answeredAt: null,
  needsKey: false,
  pickedUpAt: null,
  reason: { rule: 'only-one', words: '', idleSeconds: 0, waitingRank: 1, passedOver: [] },
});

/** Plays inputs one after another; collects everything that was asked for and said. */
function play(inputs: CallInput[], start = fresh(), rules = policy): Advance {
  const all: Advance = { call: start, steps: [], events: [] };
  for (const input of inputs) {
    const { call, steps, events } = advance(all.call, input, rules);
    all.call = call;
    all.steps.push(...steps);
    all.events.push(...events);
  }
  return all;
}

const arrived: CallInput = { kind: 'arrived', at: 0 };
const noticeEnded: CallInput = { kind: 'promptEnded', promptId: 'c1-1', completed: true, at: 3000 };
const greetingEnded: CallInput = { kind: 'promptEnded', promptId: 'c1-2', completed: true, at: 6000 };
const offered: CallInput = { kind: 'offered', offer: offer(), at: 1000 };
const answered: CallInput = { kind: 'legAnswered', legId: 'seat-leg-1', at: 4000 };
const doing = ({ steps }: Advance) => steps.map((step) => step.do);
const said = ({ events }: Advance) => events.map((event) => event.kind);

describe('a caller on the nuisance list', () => {
  const listed = (treatment: 'announce' | 'last' | 'through'): Call => ({
    ...fresh(),
    nuisance: { entryId: 'e1', treatment, words: '骚扰名单：占用线路' },
  });
  const digit = (key: string, at: number): CallInput => ({
    kind: 'digitPressed',
    legId: 'citizen',
    digit: key,
    at,
  });
  const tick = (at: number): CallInput => ({ kind: 'tick', at, before: 0, estimateMs: null, noSeat: true });
  const wordsEnded: CallInput = { kind: 'promptEnded', promptId: 'c1-1', completed: true, at: 9000 };
  const rules = { ...policy, messageWhenNoSeat: true, waitingChoice: true };
  const record = ({ events }: Advance) => foldRecord(events as JournalEvent[]);

  test('hears the refusal, waits for nobody, and is ended after the time for the key', () => {
    const heard = play(
      [arrived, { kind: 'offered', offer: offer(), at: 500 }, wordsEnded],
      listed('announce'),
      rules,
    );
    expect(heard.steps).toEqual([
      { do: 'answer', legId: 'citizen' },
      { do: 'play', legId: 'citizen', promptId: 'c1-1', sounds: ['call-refused', 'call-refused-urgent'] },
      { do: 'seat', seatId: 's1', token: 't1', move: 'release' },
    ]);
    expect(heard.call.waitingSince).toBeNull();
    const waiting = play([tick(10_000), digit('2', 11_000)], heard.call, rules);
    expect(waiting.steps).toEqual([]);
    const over = play([tick(13_000)], waiting.call, rules);
    expect(over.steps).toEqual([{ do: 'hangUp', legId: 'citizen', cause: 'normal' }]);
    const events = [...heard.events, ...over.events];
    expect(record({ ...over, events })).toMatchObject({ outcome: 'blocked', endedBy: 'system', rings: [] });
  });

  test('is ended also when the switch cannot play, or forgets to tell the end of the words', () => {
    const refused = play([arrived, { kind: 'promptRefused', promptId: 'c1-1', at: 100 }], listed('announce'));
    expect(play([tick(4_100)], refused.call).call.ended).toBe(true);
    const forgotten = play([arrived], listed('announce'));
    expect(play([tick(60_000)], forgotten.call).call.ended).toBe(true);
  });

  test('who leaves during the words is one blocked call, not an abandoned one', () => {
    const left = play(
      [arrived, { kind: 'legEnded', legId: 'citizen', cause: 'normal', at: 2000 }],
      listed('announce'),
    );
    expect(record(left)).toMatchObject({ outcome: 'blocked', endedBy: 'citizen' });
  });

  test('is served like everybody after the key for urgent matters, with its record', () => {
    const urgent = play([arrived, digit('1', 3000)], listed('announce'));
    expect(urgent.steps.slice(-2)).toEqual([
      { do: 'stopPrompt', legId: 'citizen', promptId: 'c1-1' },
      { do: 'play', legId: 'citizen', promptId: 'c1-2', sounds: ['notice-recorded'] },
    ]);
    expect(urgent.call).toMatchObject({
      waitingSince: 3000,
      closing: null,
      nuisance: { treatment: 'through' },
    });
    expect(record(urgent)).toMatchObject({ outcome: 'open', nuisance: { treatment: 'through' } });
    expect(play([digit('1', 4000)], urgent.call).events).toEqual([]);
  });

  test.each(['last', 'through'] as const)('is served when the entry says %s', (treatment) => {
    const result = play([arrived], listed(treatment));
    expect(said(result)).toEqual(['callArrived', 'callBlocked', 'callWaiting']);
    expect(record(result)?.outcome).toBe('open');
  });

  test('hears the words again after a restart', () => {
    const again = play([arrived, { kind: 'resync', together: true, at: 5000 }], listed('announce'));
    expect(again.steps.at(-1)).toMatchObject({ do: 'play', sounds: ['call-refused', 'call-refused-urgent'] });
  });
});

describe('an arriving call', () => {
  test('is answered, hears the notice, and waits from the first moment', () => {
    const result = play([arrived]);
    expect(result.steps).toEqual([
      { do: 'answer', legId: 'citizen' },
      { do: 'play', legId: 'citizen', promptId: 'c1-1', sounds: ['notice-recorded'] },
    ]);
    expect(said(result)).toEqual(['callArrived', 'callWaiting']);
    expect(result.call.waitingSince).toBe(0);
  });

  test('waits only after the greeting when seats must not ring during it', () => {
    const rules = { ...policy, ringWhileGreeting: false };
    expect(play([arrived, noticeEnded], fresh(), rules).call.waitingSince).toBeNull();
    expect(play([arrived, noticeEnded, greetingEnded], fresh(), rules).call.waitingSince).toBe(6000);
  });

  test('chooses its queue in a menu where there is one, and a wrong digit changes nothing', () => {
    const rules = { ...policy, menu: true };
    const call = { ...fresh(), menu: [{ digit: '2', queue: 'enterprise', words: '企业' }] };
    const inMenu = play([arrived, noticeEnded, greetingEnded], call, rules);
    expect(inMenu.call.intake).toBe('menu');
    expect(inMenu.call.waitingSince).toBeNull();
    expect(
      play([{ kind: 'digitPressed', legId: 'citizen', digit: '9', at: 7000 }], inMenu.call, rules).call
        .intake,
    ).toBe('menu');
    const chosen = play(
      [{ kind: 'digitPressed', legId: 'citizen', digit: '2', at: 7000 }],
      inMenu.call,
      rules,
    );
    expect(chosen.call.line.queue).toBe('enterprise');
    expect(chosen.call.waitingSince).toBe(7000);
  });

  test('has a moment for its choice after the menu’s words; without a recording it goes on at once', () => {
    const rules = { ...policy, menu: true };
    const call = { ...fresh(), menu: [{ digit: '2', queue: 'enterprise', words: '企业' }] };
    const inMenu = play([arrived, noticeEnded, greetingEnded], call, rules).call;
    const menuEnded = (completed: boolean): CallInput => ({
      kind: 'promptEnded',
      promptId: 'c1-3',
      completed,
      at: 8000,
    });
    const tick = (at: number): CallInput => ({
      kind: 'tick',
      before: 0,
      estimateMs: null,
      noSeat: false,
      at,
    });
    const choosing = play([menuEnded(true), tick(8000 + CHOICE_MS - 1)], inMenu, rules);
    expect([choosing.steps, choosing.call.intake]).toEqual([[], 'menu']);
    const late = play(
      [{ kind: 'digitPressed', legId: 'citizen', digit: '2', at: 12_000 }],
      choosing.call,
      rules,
    );
    expect([late.call.line.queue, late.call.waitingSince]).toEqual(['enterprise', 12_000]);
    const silent = play([tick(8000 + CHOICE_MS)], choosing.call, rules);
    expect([silent.call.line.queue, silent.call.waitingSince]).toEqual(['general', 8000 + CHOICE_MS]);
    expect(play([menuEnded(false)], inMenu, rules).call).toMatchObject({
      intake: 'queued',
      waitingSince: 8000,
    });
  });
});

describe('the notice is always heard before the talk', () => {
  test('an agent who answers during it is joined when it has ended', () => {
    const early = play([arrived, offered, { ...answered, at: 1500 }]);
    expect(doing(early)).not.toContain('join');
    const joined = play([noticeEnded], early.call);
    expect(doing(joined)).toEqual(['join']);
    expect(said(joined)).toEqual(['noticeHeard', 'talkStarted']);
  });

  test('one that was cut off is played again; one that cannot be played keeps nobody out for ever', () => {
    const cut = (promptId: string): CallInput => ({
      kind: 'promptEnded',
      promptId,
      completed: false,
      at: 900,
    });
    const again = play([arrived, cut('c1-1')]);
    expect(again.call).toMatchObject({ noticeHeard: false, promptId: 'c1-2' });
    expect(again.steps.at(-1)).toMatchObject({ do: 'play', sounds: ['notice-recorded'] });
    const never = play([cut('c1-2'), cut('c1-3')], again.call);
    expect(never.call).toMatchObject({ noticeHeard: true, intake: 'greeting' });
    expect(said(never)).not.toContain('noticeHeard');
  });

  test('one that the switch did not take is asked for again at the next tick', () => {
    const refused = play([arrived, { kind: 'promptRefused', promptId: 'c1-1', at: 100 }]).call;
    expect(refused).toMatchObject({ intake: 'notice', noticeHeard: false, promptId: null });
    const ticked = play([{ kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 1000 }], refused);
    expect(ticked.steps).toMatchObject([{ do: 'play', sounds: ['notice-recorded'] }]);
  });

  test('an agent who answers during the greeting cuts it short', () => {
    const result = play([noticeEnded, answered], play([arrived, offered]).call);
    expect(doing(result)).toEqual(['play', 'seat', 'stopPrompt', 'join']);
  });
});

describe('a seat that does not take the call', () => {
  const waiting = play([arrived, noticeEnded, offered]).call;

  test('no answer within the limit: RONA, and the caller keeps the place', () => {
    const early = play([{ kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 20_999 }], waiting);
    expect(early.steps).toEqual([]);
    const result = play([{ kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 21_000 }], waiting);
    expect(result.steps.slice(0, 2)).toEqual([
      { do: 'hangUp', legId: 'seat-leg-1', cause: 'no-answer' },
      { do: 'seat', seatId: 's1', token: 't1', move: 'noAnswer' },
    ]);
    expect(result.call.waitingSince).toBe(0);
    expect(result.call.offer).toBeNull();
  });

  test.each([
    ['busy', 'rejected', 'noAnswer'],
    ['rejected', 'rejected', 'noAnswer'],
    ['no-answer', 'no-answer', 'noAnswer'],
    ['subscriber-absent', 'unreachable', 'phoneLost'],
    ['congestion', 'unreachable', 'phoneLost'],
  ] as const)('cause %s is told as %s and the seat goes through %s', (cause, outcome, move) => {
    const result = play([{ kind: 'legEnded', legId: 'seat-leg-1', cause, at: 2000 }], waiting);
    expect(result.events).toMatchObject([{ kind: 'offerEnded', outcome }]);
    expect(result.steps).toMatchObject([{ do: 'seat', move }]);
  });

  test('a late answer of an offer that is over does nothing', () => {
    const over = play(
      [{ kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 21_000 }],
      waiting,
    ).call;
    expect(play([{ ...answered, at: 21_001 }], over)).toMatchObject({ steps: [], events: [] });
  });

  test('a reservation for a call that no longer waits is released', () => {
    const result = play([{ kind: 'offered', offer: offer(2), at: 2000 }], waiting);
    expect(result.steps).toEqual([{ do: 'seat', seatId: 's2', token: 't2', move: 'release' }]);
    expect(result.call.offer?.seatId).toBe('s1');
  });
});

describe('the end of a call', () => {
  test('the caller leaves while the seat rings: the ring stops and the seat is released', () => {
    const result = play(
      [{ kind: 'legEnded', legId: 'citizen', cause: 'normal', at: 5000 }],
      play([arrived, offered]).call,
    );
    expect(result.steps).toEqual([
      { do: 'hangUp', legId: 'seat-leg-1', cause: 'normal' },
      { do: 'seat', seatId: 's1', token: 't1', move: 'release' },
    ]);
    expect(result.events).toMatchObject([
      { kind: 'offerEnded', outcome: 'caller-gone' },
      { kind: 'callEnded', endedBy: 'citizen' },
    ]);
  });

  const talking = play([arrived, noticeEnded, offered, answered]).call;

  test.each([
    [{ kind: 'legEnded', legId: 'citizen', cause: 'normal', at: 9000 }, 'citizen', 'seat-leg-1'],
    [{ kind: 'legEnded', legId: 'seat-leg-1', cause: 'normal', at: 9000 }, 'seat', 'citizen'],
    [{ kind: 'hangUp', at: 9000 }, 'seat', 'citizen'],
  ] as [CallInput, string, string][])(
    '%j: ended by %s, the other side is hung up',
    (input, endedBy, other) => {
      const result = play([input], talking);
      expect(result.events).toMatchObject([{ kind: 'talkEnded' }, { kind: 'callEnded', endedBy }]);
      expect(result.steps).toContainEqual({ do: 'hangUp', legId: other, cause: 'normal' });
      expect(result.steps).toContainEqual({ do: 'seat', seatId: 's1', token: 't1', move: 'talkEnded' });
      expect(result.call.ended).toBe(true);
    },
  );

  test('after it nothing moves the call', () => {
    const ended = play([{ kind: 'hangUp', at: 9000 }], talking).call;
    expect(
      play(
        [
          answered,
          { kind: 'hold', at: 9100 },
          { kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 99_000 },
        ],
        ended,
      ),
    ).toMatchObject({ steps: [], events: [] });
  });
});

describe('hold and mute', () => {
  const talking = play([arrived, noticeEnded, offered, answered]).call;

  test('hold takes the citizen out of the talk into music, resume joins again; twice is once', () => {
    const held = play(
      [
        { kind: 'hold', at: 5000 },
        { kind: 'hold', at: 5100 },
      ],
      talking,
    );
    expect(doing(held)).toEqual(['part', 'music']);
    expect(
      doing(
        play(
          [
            { kind: 'resume', at: 6000 },
            { kind: 'resume', at: 6100 },
          ],
          held.call,
        ),
      ),
    ).toEqual(['join']);
  });
});

describe('the waiting caller is told the position', () => {
  test('first at once, then at each interval, never while a seat rings', () => {
    const queued = play([arrived, noticeEnded, greetingEnded]).call;
    const told = play([{ kind: 'tick', before: 12, estimateMs: null, noSeat: false, at: 6500 }], queued);
    expect(told.steps.at(-1)).toMatchObject({
      do: 'play',
      sounds: ['queue-wait', 'position-before', 'ten', 'digit-2', 'position-after'],
    });
    const heard = play(
      [{ kind: 'promptEnded', promptId: told.call.promptId ?? '', completed: true, at: 9000 }],
      told.call,
    );
    expect(doing(heard)).toEqual(['music']);
    expect(
      play([{ kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 36_000 }], heard.call).steps,
    ).toEqual([]);
    expect(
      play([{ kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 36_500 }], heard.call).steps.at(
        -1,
      ),
    ).toMatchObject({
      sounds: ['you-are-next'],
    });
  });
});

test('an announcement that the switch did not take leaves the waiting caller with music', () => {
  const told = play([
    arrived,
    noticeEnded,
    greetingEnded,
    { kind: 'tick', before: 1, estimateMs: null, noSeat: false, at: 6500 },
  ]).call;
  const refused = play([{ kind: 'promptRefused', promptId: told.promptId ?? '', at: 6600 }], told);
  expect(refused.steps).toEqual([{ do: 'music', legId: 'citizen', on: true }]);
});

test('a citizen on hold is taken out of the talk again when that was not done before', () => {
  const held = play([arrived, noticeEnded, offered, answered, { kind: 'hold', at: 5000 }]).call;
  expect(doing(play([{ kind: 'resync', together: true, at: 6000 }], held))).toEqual(['part', 'music']);
});

describe('the record', () => {
  test('says waits, rings, talk, holds and who ended it', () => {
    const story = play([
      arrived,
      noticeEnded,
      offered,
      { kind: 'tick', before: 0, estimateMs: null, noSeat: false, at: 21_000 },
      { kind: 'offered', offer: { ...offer(2), offeredAt: 22_000 }, at: 22_000 },
      { kind: 'legAnswered', legId: 'seat-leg-2', at: 25_000 },
      { kind: 'hold', at: 30_000 },
      { kind: 'resume', at: 34_000 },
      { kind: 'hangUp', at: 60_000 },
    ]);
    const seat = { kind: 'seatChanged', seatId: 's2', callId: 'c1', reason: null, by: 'call' } as const;
    const journal: JournalEvent[] = [
      ...story.events,
      { ...seat, at: new Date(75_000), from: 'wrapUp', to: 'ready' },
    ];
    const record = foldRecord(journal);
    expect(record).toMatchObject({
      waitMs: 25_000,
      ringMs: 23_000,
      talkMs: 35_000,
      holdMs: 4000,
      wrapUpMs: 15_000,
    });
    expect(record).toMatchObject({ outcome: 'answered', endedBy: 'seat', cause: 'normal', seatId: 's2' });
    expect(record?.rings.map(({ seatId, outcome }) => [seatId, outcome])).toEqual([
      ['s1', 'no-answer'],
      ['s2', 'answered'],
    ]);
    expect(foldRecord([...journal, ...journal])).toEqual(record);
  });

  test('the wrap-up of a seat that hung up before the talk is not that of the talk', () => {
    const story = play([
      arrived,
      offered,
      { ...answered, at: 1500 },
      noticeEnded,
      { kind: 'hangUp', at: 60_000 },
    ]);
    const seat = { kind: 'seatChanged', seatId: 's9', callId: 'c1', reason: null, by: 'call' } as const;
    const before: JournalEvent = { ...seat, at: new Date(2000), from: 'wrapUp', to: 'ready' };
    const events: JournalEvent[] = [...story.events.slice(0, 3), before, ...story.events.slice(3)];
    expect(foldRecord(events)).toMatchObject({ talkMs: 57_000, wrapUpEndedAt: null, wrapUpMs: 0 });
  });

  test('whatever is open when the call ends, ends with it', () => {
    const end: JournalEvent = {
      kind: 'callEnded',
      callId: 'c1',
      at: new Date(9000),
      endedBy: 'system',
      cause: 'normal',
    };
    const ringing = play([arrived, offered]);
    expect(foldRecord([...ringing.events, end])?.rings).toMatchObject([
      { endedAt: 9000, outcome: 'withdrawn' },
    ]);
    const held = play([noticeEnded, answered, { kind: 'hold', at: 5000 }], ringing.call);
    expect(foldRecord([...ringing.events, ...held.events, end])).toMatchObject({
      outcome: 'answered',
      talkEndedAt: 9000,
      talkMs: 5000,
      holdMs: 4000,
    });
  });

  test('an abandoned call waited until its end', () => {
    const story = play([arrived, { kind: 'legEnded', legId: 'citizen', cause: 'normal', at: 7000 }]);
    expect(foldRecord(story.events)).toMatchObject({
      outcome: 'abandoned',
      waitMs: 7000,
      talkMs: 0,
      endedBy: 'citizen',
    });
  });
});
