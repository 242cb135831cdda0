import fc from 'fast-check';
import type { CallStory, DeskCall, DeskSnapshot, FeedEntry } from '../../src/desk/pop';
import type { Seat } from '../../src/seats/seat';
import { EMPTY_DESK, foldDesk, stageNow, type DeskState } from '../../src/web/desk/desk-feed';
import { shownCall } from '../support/shown-call';

const seat = (state: Seat['state'], callId: string | null = null): Seat => ({
  seatId: 'p1',
  name: '李晓梅',
  account: '8001',
  skills: ['general'],
  state,
  since: 0,
  notReadyReason: null,
  callId,
  token: null,
  leaseUntil: null,
  idleSince: 0,
  wrapUpUntil: null,
  notReadyNext: null,
  phoneReachable: true,
  telephone: null,
});
const call = (callId: string, stage: DeskCall['stage'] = 'ringing'): DeskCall =>
  shownCall({ callId, stage, answeredAt: null });
const story = (callId: string): CallStory => ({ callId, citizen: null, lastCalls: [], openTickets: [] });
const snapshot = (part: Partial<DeskSnapshot> = {}): DeskSnapshot => ({
  epoch: 'e1',
  seq: 10,
  seat: seat('ready'),
  call: null,
  story: null,
  missed: [],
  ...part,
});
type News<E> = E extends FeedEntry ? Omit<E, 'seq' | 'at'> : never;
const entry = (seq: number, news: News<FeedEntry>, at = seq * 100): FeedEntry =>
  ({ seq, at, ...news }) as FeedEntry;

const start = (part: Partial<DeskSnapshot> = {}): DeskState =>
  foldDesk(EMPTY_DESK, { kind: 'snapshot', snapshot: snapshot(part) });
const follow = (state: DeskState, ...entries: FeedEntry[]): DeskState =>
  entries.reduce((was, one) => foldDesk(was, { kind: 'entry', entry: one }), state);

describe('the desk follows its feed', () => {
  test('the pop shows at once and the story joins it later', () => {
    const rung = follow(
      start(),
      entry(11, { kind: 'seat', seat: seat('ringing', 'c1') }),
      entry(12, { kind: 'call', call: call('c1') }),
    );
    expect(stageNow(rung)).toBe('ringing');
    expect(rung.story).toBeNull();
    const told = follow(rung, entry(13, { kind: 'story', story: story('c1') }));
    expect(told.story?.callId).toBe('c1');
    expect(told.wantsHello).toBe(false);
  });

  test("another caller's story never stays under a new call", () => {
    const state = follow(
      start({ call: call('c1'), story: story('c1') }),
      entry(11, { kind: 'callOver', callId: 'c1', outcome: 'caller-gone' }),
      entry(12, { kind: 'call', call: call('c2') }),
    );
    expect(state.call?.callId).toBe('c2');
    expect(state.story).toBeNull();
  });

  test('a hole asks for a snapshot and applies nothing', () => {
    const state = follow(start(), entry(12, { kind: 'call', call: call('c1') }));
    expect(state.wantsHello).toBe(true);
    expect(state.call).toBeNull();
    expect(state.seq).toBe(10);
  });

  test('a repeat changes nothing', () => {
    const once = follow(start(), entry(11, { kind: 'call', call: call('c1') }));
    expect(follow(once, entry(11, { kind: 'call', call: call('c1') }))).toBe(once);
  });

  test('a low number that happened later comes from a new epoch: asks again', () => {
    const once = follow(start(), entry(11, { kind: 'seat', seat: seat('ready') }, 5000));
    expect(follow(once, entry(1, { kind: 'call', call: call('c9') }, 9000)).wantsHello).toBe(true);
  });

  test('entries before the first snapshot are not trusted', () => {
    expect(follow(EMPTY_DESK, entry(1, { kind: 'call', call: call('c1') })).call).toBeNull();
  });

  test('what was missed while away tells how an offer ended', () => {
    const away = foldDesk(follow(start(), entry(11, { kind: 'call', call: call('c1') })), {
      kind: 'disconnected',
    });
    expect(away.synced).toBe(false);
    const missed = [
      entry(12, { kind: 'callOver', callId: 'c1', outcome: 'no-answer' }),
      entry(13, { kind: 'seat', seat: seat('rona') }),
    ];
    const back = foldDesk(away, {
      kind: 'snapshot',
      snapshot: snapshot({ seq: 13, seat: seat('rona'), missed }),
    });
    expect(back.call).toBeNull();
    expect(back.missed?.outcome).toBe('no-answer');
    expect(back.seat?.state).toBe('rona');
    expect(back.seq).toBe(13);
  });

  test('after a refresh the running call is there again', () => {
    const state = start({ seat: seat('talking', 'c1'), call: call('c1', 'held'), story: story('c1') });
    expect(stageNow(state)).toBe('held');
    expect(state.story?.callId).toBe('c1');
  });

  test('wrap-up lasts as long as the seat says, and the finished call stays until it is put away', () => {
    const talked = start({ seat: seat('talking', 'c1'), call: call('c1', 'talking') });
    const over = follow(
      talked,
      entry(11, { kind: 'call', call: call('c1', 'wrapUp') }),
      entry(12, { kind: 'callOver', callId: 'c1', outcome: 'ended' }),
      entry(13, { kind: 'seat', seat: seat('wrapUp', 'c1') }),
    );
    expect(stageNow(over)).toBe('wrapUp');
    const ready = follow(over, entry(14, { kind: 'seat', seat: seat('ready') }));
    expect(stageNow(ready)).toBe('over');
    const looked = foldDesk(ready, { kind: 'snapshot', snapshot: snapshot({ seq: 14 }) });
    expect(looked.call?.callId).toBe('c1');
    expect(foldDesk(looked, { kind: 'dismissed' }).call).toBeNull();
  });

  test('a call that runs cannot be put away', () => {
    const talking = start({ seat: seat('talking', 'c1'), call: call('c1', 'talking') });
    expect(foldDesk(talking, { kind: 'dismissed' }).call?.callId).toBe('c1');
  });

  test('the end of an earlier call does not touch the call on the screen', () => {
    const state = follow(
      start({ call: call('c2') }),
      entry(11, { kind: 'callOver', callId: 'c1', outcome: 'ended' }),
    );
    expect(stageNow(state)).toBe('ringing');
  });

  test('whatever is lost, repeated or reordered, one snapshot makes the screen true again', () => {
    const news = fc.constantFrom<News<FeedEntry>>(
      { kind: 'seat', seat: seat('ready') },
      { kind: 'seat', seat: seat('ringing', 'c1') },
      { kind: 'call', call: call('c1') },
      { kind: 'call', call: call('c2', 'talking') },
      { kind: 'story', story: story('c1') },
      { kind: 'callOver', callId: 'c1', outcome: 'no-answer' },
      { kind: 'callOver', callId: 'c2', outcome: 'ended' },
    );
    const noise = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), news), { maxLength: 30 });
    fc.assert(
      fc.property(noise, (entries) => {
        const shaken = follow(start(), ...entries.map(([seq, one]) => entry(seq, one)));
        const truth = snapshot({
          epoch: 'e2',
          seq: 3,
          seat: seat('talking', 'c3'),
          call: call('c3', 'talking'),
        });
        const state = foldDesk(shaken, { kind: 'snapshot', snapshot: truth });
        expect(state).toMatchObject({
          epoch: 'e2',
          seq: 3,
          wantsHello: false,
          call: truth.call,
          seat: truth.seat,
          story: null,
        });
      }),
    );
  });
});
