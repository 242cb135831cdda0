import {
  audioSaid,
  LINE_STATES,
  lineSaid,
  microphoneFault,
  movePhone,
  PHONE_OFF,
  type PhoneEvent,
  type PhoneState,
} from '../../src/web/desk/phone-state';
import { callView, type CallControlName } from '../../src/web/desk/call-controls';
import type { DeskCall } from '../../src/desk/pop';
import { shownCall } from '../support/shown-call';
import { shortcutOf, type KeyPress } from '../../src/web/desk/shortcuts';

const talk = shownCall();
const after = (...events: PhoneEvent[]): PhoneState => events.reduce(movePhone, PHONE_OFF);

describe('the browser phone', () => {
  test.each<[PhoneEvent[], Partial<PhoneState>]>([
    [['start', 'connected', 'registered'], { line: 'registered', media: 'none' }],
    [
      ['start', 'connected', 'registered', 'incoming', 'answer', 'mediaUp'],
      { line: 'registered', media: 'up' },
    ],
    [['start', 'registered', 'incoming', 'mediaEnded'], { media: 'none' }],
    [['start', 'registered', 'incoming', 'answer', 'answerFailed'], { media: 'ringing' }],
    [['start', 'registered', 'incoming', 'answer', 'mediaUp', 'disconnected'], { line: 'lost', media: 'up' }],
    [['start', 'connected', 'registered', 'disconnected', 'connected', 'registered'], { line: 'registered' }],
    [['start', 'refused', 'registered'], { line: 'registered' }],
    [['start', 'registered', 'stop', 'disconnected', 'registered'], { line: 'off', media: 'none' }],
    [['start', 'registered', 'answer'], { media: 'none' }],
  ])('%j', (events, expected) => {
    expect(after(...events)).toMatchObject(expected);
  });

  test('an event that means nothing now gives the very same state', () => {
    expect(movePhone(PHONE_OFF, 'registered')).toBe(PHONE_OFF);
    const talking = after('start', 'registered', 'incoming', 'answer', 'mediaUp');
    for (const event of ['incoming', 'answer', 'answerFailed', 'mediaUp', 'registered'] as const)
      expect(movePhone(talking, event)).toBe(talking);
  });

  test('every state of the line has words', () => {
    for (const line of LINE_STATES) expect(lineSaid(line).words).not.toBe('');
  });

  test.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'busy'],
  ])('microphone fault %s is %s', (name, expected) => expect(microphoneFault(name)).toBe(expected));

  test('silence of either direction for two seconds is said, a held call is silent on purpose', () => {
    const flow = (received: number[], sent: number[]) =>
      received.map((value, index) => ({
        at: index * 1000,
        received: value,
        sent: sent[index] ?? 0,
        codec: 'audio/PCMA',
      }));
    expect(audioSaid(flow([50], [50]), false).tone).toBe('wait');
    expect(audioSaid(flow([50, 100, 150], [50, 100, 150]), false).tone).toBe('good');
    expect(audioSaid(flow([50, 50, 50], [50, 100, 150]), false).words).toBe('收不到对方声音');
    expect(audioSaid(flow([50, 100, 150], [50, 50, 50]), false).words).toBe('对方可能听不到您');
    expect(audioSaid(flow([50, 50, 50], [50, 100, 150]), true).tone).toBe('quiet');
  });
});

describe('the buttons of a call', () => {
  type Case = [Partial<Omit<Parameters<typeof callView>[0], 'call'>>, Partial<DeskCall>, CallControlName[]];
  const base = { stage: null, phone: 'browser', line: 'registered', media: 'none' } as const;
  const view = (of: Case[0], call: Case[1] = {}) => {
    const stage = of.stage ?? null;
    return callView({ ...base, ...of, call: stage && { ...talk, stage, ...call } });
  };
  const talks: CallControlName[] = [
    'hold',
    'mute',
    'consult',
    'threeWay',
    'transfer',
    'emergency',
    'hangUp',
    'pauseRecording',
  ];
  const own = { direction: 'outbound', citizen: 'toDial', answeredAt: null } as const;
  test.each<Case>([
    [{ stage: 'ringing', media: 'ringing' }, {}, ['answer']],
    [{ stage: 'ringing', media: 'none' }, {}, ['answer']],
    [{ stage: 'ringing', media: 'none', line: 'lost' }, {}, []],
    [{ stage: 'ringing', media: 'answering' }, {}, []],
    [{ stage: 'ringing', media: 'up' }, {}, ['hangUp']],
    [{ stage: 'ringing', phone: 'sip' }, {}, []],
    [{ stage: 'ringing', media: 'ringing' }, own, ['answer', 'hangUp']],
    [{ stage: 'ringing', media: 'none' }, own, []],
    [{ stage: 'talking', media: 'up' }, {}, talks],
    [
      { stage: 'talking', media: 'up' },
      { muted: true },
      talks.map((one) => (one === 'mute' ? 'unmute' : one)),
    ],
    [
      { stage: 'held', media: 'up' },
      {},
      ['resume', 'mute', 'consult', 'transfer', 'emergency', 'hangUp', 'pauseRecording'],
    ],
    [{ stage: 'talking', phone: 'sip' }, {}, talks],
    [{ stage: 'talking', media: 'none' }, {}, ['rejoin', 'hangUp']],
    [{ stage: 'talking', media: 'none', line: 'lost' }, {}, ['hangUp']],
    [{ stage: 'talking', media: 'none' }, { citizen: 'ringing', answeredAt: null }, ['hangUp']],
    [{ stage: 'talking', media: 'none' }, { role: 'party' }, ['leave']],
    [{ stage: 'talking', media: 'none' }, { lost: true }, []],
    [{ stage: 'talking', media: 'ringing' }, { lost: true }, ['answer']],
    [{ stage: 'talking', media: 'ringing' }, {}, ['answer', 'hangUp']],
    [{ stage: 'wrapUp' }, {}, ['finishWrapUp']],
    [{ stage: 'over' }, {}, []],
    [{ stage: null }, {}, []],
    [{ stage: null, media: 'ringing' }, {}, ['answer', 'hangUp']],
    [{ stage: null, media: 'up' }, {}, ['hangUp']],
  ])('%j %j → %j', (of, call, controls) => expect(view(of, call).controls).toEqual(controls));

  test('a talk whose voice is gone is an alarm', () => {
    expect(view({ stage: 'talking' })).toMatchObject({ alarming: true });
    expect(view({ stage: 'talking' }, { lost: true })).toMatchObject({ alarming: true });
    expect(view({ stage: 'talking', media: 'up' })).toMatchObject({ alarming: false, hint: null });
  });
});

describe('the keys of the desk', () => {
  const press = (key: string, part: Partial<KeyPress> = {}): KeyPress => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    isComposing: false,
    ...part,
  });
  test.each<[KeyPress, ReturnType<typeof shortcutOf>]>([
    [press('F2'), 'answer'],
    [press('F1'), 'emergency'],
    [press('F3'), 'consult'],
    [press('F4'), 'hold'],
    [press('F7'), 'threeWay'],
    [press('F10'), 'transfer'],
    [press('F6'), 'mute'],
    [press('F8'), 'hangUp'],
    [press('F9'), 'newTicket'],
    [press('Enter', { ctrlKey: true }), 'submitTicket'],
    [press('Enter', { metaKey: true }), 'submitTicket'],
    [press('Enter'), null],
    [press('a'), null],
    [press('F4', { altKey: true }), null],
    [press('F2', { ctrlKey: true }), null],
    [press('F2', { repeat: true }), null],
    [press('Enter', { ctrlKey: true, isComposing: true }), null],
    [press('toString'), null],
  ])('%j → %s', (key, expected) => expect(shortcutOf(key)).toBe(expected));
});
