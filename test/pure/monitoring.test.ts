import { NOTHING_YET, readNote, type Call, type Party } from '../../src/calls/call';
import {
  isListening,
  mayEnter,
  MONITORING_MOVES,
  MONITORING_STAGES,
  monitoringOn,
  monitoringWishes,
  moved,
  seatHeld,
  standing,
  type Monitoring,
  type MonitoringMove,
  type MonitoringStage,
} from '../../src/calls/monitoring';
import { compareLegs, compareSeats } from '../../src/calls/reconcile';
import { deskCall } from '../../src/desk/desk-call';
import { supervisorActs, type Seat, type SeatState } from '../../src/seats/seat';
import type { LegSnapshot } from '../../src/telephony/call-control';

const monitoring = (stage: MonitoringStage, more: Partial<Monitoring> = {}): Monitoring => ({
  monitoringId: 'm1',
  supervisorId: 'boss',
  supervisorName: '班长',
  token: 'tm',
  legId: 'monitor-1',
  seatId: 's1',
  callId: 'c1',
  toLegId: null,
  mode: 'listen',
  stage,
  reason: '',
  askedAt: 0,
  spans: [],
  ...more,
});

const talking = (more: Partial<Call> = {}): Call => ({
  ...NOTHING_YET,
  callId: 'c1',
  direction: 'inbound',
  citizen: 'up',
  citizenLeg: 'citizen',
  dialTo: null,
  about: { ticketId: null, callbackId: null },
  line: {
    lineId: 'l1',
    lineName: '12345',
    mode: 'own',
    matchedNumber: '12345',
    matchedBy: 'called-number',
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
  intake: 'queued',
  noticeHeard: true,
  talk: {
    seatId: 's1',
    legId: 'leg-1',
    token: 't1',
    since: 0,
    held: false,
    heldSince: null,
    muted: false,
    needsKey: false,
  },
  parties: [],
  ...more,
});
const party = (seatId: string, legId: string): Party => ({
  legId,
  name: seatId,
  seat: { seatId, token: `t-${seatId}` },
  outside: null,
  since: 0,
  muted: false,
  needsKey: false,
});
const leg = (legId: string, more: Partial<LegSnapshot> = {}): LegSnapshot => ({
  legId,
  state: 'up',
  data: null,
  talkId: null,
  createdAt: 0,
  ...more,
});
const callLegs = [leg('citizen', { talkId: 'c1' }), leg('leg-1', { talkId: 'c1' })];

describe('the moves of a monitoring', () => {
  const expected: Record<MonitoringStage, Partial<Record<MonitoringMove, MonitoringStage>>> = {
    ringing: { answered: 'listening', stop: 'ended' },
    listening: { whisper: 'whispering', barge: 'barged', takeOver: 'takenOver', stop: 'ended' },
    whispering: { listen: 'listening', barge: 'barged', takeOver: 'takenOver', stop: 'ended' },
    barged: { takeOver: 'takenOver', stop: 'ended' },
    takenOver: {},
    ended: {},
  };
  const moves = Object.keys(MONITORING_MOVES) as MonitoringMove[];

  it.each(MONITORING_STAGES.flatMap((stage) => moves.map((move) => [stage, move] as const)))(
    'from %s by %s',
    (stage, move) => {
      expect(moved(monitoring(stage), move, 5)?.stage ?? null).toBe(expected[stage][move] ?? null);
    },
  );

  it('offers the supervisor what the table has', () => {
    expect(monitoringWishes('ringing')).toEqual(['stop']);
    expect(monitoringWishes('whispering')).toEqual(['listen', 'barge', 'takeOver', 'stop']);
    expect(monitoringWishes('ended')).toEqual([]);
  });

  it('keeps when each stage began and ended', () => {
    const whispering = moved(monitoring('ringing', { mode: 'whisper' }), 'answered', 10)!;
    expect(whispering).toMatchObject({ stage: 'whispering', mode: 'whisper' });
    const listening = moved(whispering, 'listen', 20)!;
    const over = moved(moved(listening, 'barge', 30)!, 'stop', 40)!;
    expect(over.spans).toEqual([
      { stage: 'whispering', from: 10, to: 20 },
      { stage: 'listening', from: 20, to: 30 },
      { stage: 'barged', from: 30, to: 40 },
    ]);
    expect([whispering, listening, over].map(isListening)).toEqual([true, true, false]);
  });
});

describe('where a monitoring stands by its call', () => {
  const table: [string, Monitoring, Call | null, ReturnType<typeof standing>][] = [
    ['no call', monitoring('listening'), null, { kind: 'over', why: 'call-ended' }],
    ['the seat talks', monitoring('listening'), talking(), { kind: 'hear', legId: 'leg-1' }],
    [
      'the seat is a party',
      monitoring('listening'),
      talking({ talk: null, parties: [party('s1', 'leg-9'), party('s2', 'leg-2')] }),
      { kind: 'hear', legId: 'leg-9' },
    ],
    [
      'another seat has the call',
      monitoring('listening'),
      talking({ talk: { ...talking().talk!, seatId: 's2' } }),
      { kind: 'over', why: 'seat-left' },
    ],
    [
      'the seat’s phone was lost',
      monitoring('whispering'),
      talking({
        talk: null,
        rescue: { talk: talking().talk!, legId: null, pickedUpAt: null, rungAt: 0, until: 9 },
      }),
      { kind: 'wait' },
    ],
    [
      'he is in the call',
      monitoring('barged'),
      talking({ parties: [party('boss', 'monitor-1')] }),
      { kind: 'wait' },
    ],
    ['he has left the call', monitoring('barged'), talking(), { kind: 'over', why: 'hung-up' }],
    [
      'the call is his',
      monitoring('barged'),
      talking({ talk: { ...talking().talk!, seatId: 'boss', legId: 'monitor-1' } }),
      { kind: 'owner' },
    ],
  ];
  it.each(table)('%s', (_words, of, call, expected) => {
    expect(standing(of, call)).toEqual(expected);
  });

  it('lets him in only where citizen and agent have each other, and take over only from the owner', () => {
    expect(mayEnter(talking(), 's1', 'takeOver')).toBe(true);
    expect(mayEnter(talking({ citizen: 'ringing' }), 's1', 'barge')).toBe(false);
    expect(mayEnter(talking(), 's2', 'barge')).toBe(true);
    expect(mayEnter(talking(), 's2', 'takeOver')).toBe(false);
    expect(mayEnter(null, 's1', 'barge')).toBe(false);
  });
});

describe('the reconciler', () => {
  const running = monitoring('listening');
  const noted = leg('monitor-1', { data: JSON.stringify({ role: 'monitor', monitoring: running }) });
  const compare = (legs: LegSnapshot[], monitorings: Monitoring[]) =>
    compareLegs(legs, [talking()], () => false, monitorings);

  it('leaves a supervisor’s leg alone while its monitoring runs, and hangs it up afterwards', () => {
    expect(readNote(noted.data)).toMatchObject({ role: 'monitor' });
    expect(monitoringOn(noted)).toEqual(running);
    expect(monitoringOn(leg('x', { data: '{"role":"monitor"}' }))).toBeNull();
    expect(compare([...callLegs, noted], [running])).toEqual([]);
    expect(compare([...callLegs, noted], [])).toEqual([{ kind: 'leftoverLeg', legId: 'monitor-1' }]);
  });

  it('finds a supervisor’s leg that has gone or was picked up unheard; in the call it is the call’s', () => {
    expect(compare(callLegs, [running])).toMatchObject([{ kind: 'goneLeg', legId: 'monitor-1' }]);
    expect(compare([...callLegs, noted], [monitoring('ringing')])).toMatchObject([
      { kind: 'unheardAnswer', legId: 'monitor-1' },
    ]);
    expect(compare(callLegs, [monitoring('barged')])).toEqual([]);
  });

  it('knows whose seat is held by listening', () => {
    const seat = (state: SeatState): Seat =>
      ({ seatId: 'boss', state, token: 'tm', callId: 'm1' }) as unknown as Seat;
    expect(compareSeats([seat('talking')], [], [running])).toEqual([]);
    expect(compareSeats([seat('ringing')], [], [monitoring('ringing')])).toEqual([]);
    expect(compareSeats([seat('ready')], [], [running])).toMatchObject([
      { kind: 'wrongSeat', callId: 'm1', state: 'talking' },
    ]);
    expect(compareSeats([seat('talking')], [], [])).toMatchObject([{ kind: 'stuckSeat' }]);
    expect(MONITORING_STAGES.filter((stage) => seatHeld(monitoring(stage)).length > 0)).toEqual([
      'ringing',
      'listening',
      'whispering',
    ]);
  });
});

describe('what the agent sees', () => {
  const facts = {
    script: '',
    defaultCategory: null,
    nameOf: () => '班长',
    recording: () => 'running' as const,
  };
  it('is who listens, where that is shown, and always who has come in', () => {
    const shown = { ...facts, listeners: () => [{ name: '班长', mode: 'whisper' as const }] };
    const hidden = { ...facts, listeners: () => [] };
    expect(deskCall(talking(), 's1', shown)?.monitoredBy).toEqual([{ name: '班长', mode: 'whisper' }]);
    expect(deskCall(talking(), 's1', hidden)).toMatchObject({ monitoredBy: [], parties: [] });
    const barged = talking({ parties: [party('boss', 'monitor-1')] });
    expect(deskCall(barged, 's1', hidden)?.parties).toMatchObject([{ seatId: 'boss' }]);
  });
});

describe('a supervisor’s acts on a seat', () => {
  it.each<[SeatState, Seat['notReadyNext'], string[]]>([
    ['signedOut', null, []],
    ['ready', null, ['notReady', 'signOut']],
    ['notReady', null, ['ready', 'notReady', 'signOut']],
    ['rona', null, ['ready', 'notReady', 'signOut']],
    ['wrapUp', null, ['ready', 'notReady', 'endWrapUp', 'signOut']],
    ['talking', null, ['notReady', 'signOut', 'free']],
    ['talking', 'signingOut', ['ready', 'notReady', 'signOut', 'free']],
    ['ringing', null, ['notReady', 'signOut', 'free']],
  ])('%s, then %s: %j', (state, notReadyNext, acts) => {
    expect(supervisorActs({ state, notReadyNext })).toEqual(acts);
  });
});
