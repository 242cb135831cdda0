import type { CallStory, DeskCall, DeskCallStage, DeskSnapshot, FeedEntry } from '../../desk/pop';
import type { OfferOutcome } from '../../events';
import type { Seat } from '../../seats/seat';

/**
 * What the desk knows, folded from the snapshot and the feed. Sequence numbers decide what is new: socket.io delivers
 * at most once, so a hole means asking again, and a repeat means nothing.
 */
export interface DeskState {
  epoch: string | null;
  seq: number;
  /** When the last applied entry happened, ms: an "old" number that happened later comes from a new epoch. */
  lastAt: number;
  /** A snapshot has been applied since the connection (re)opened. */
  synced: boolean;
  /** Something was missed: say hello again. */
  wantsHello: boolean;
  seat: Seat | null;
  call: DeskCall | null;
  story: CallStory | null;
  /** Since when the citizen is on hold; the call's own instant starts anew with each reminder. */
  heldFrom: number | null;
  /** The agent was reminded of the held citizen; null once he is back. */
  remindedAt: number | null;
  /** The last offer that did not become a talk, until the next call. */
  missed: { callId: string; outcome: OfferOutcome; at: number; invited: boolean } | null;
  /** What a supervisor last did to the seat, to be told to its agent. */
  supervised: Extract<FeedEntry, { kind: 'supervised' }> | null;
}

export const EMPTY_DESK: DeskState = {
  epoch: null,
  seq: 0,
  lastAt: 0,
  synced: false,
  wantsHello: true,
  seat: null,
  call: null,
  story: null,
  heldFrom: null,
  remindedAt: null,
  missed: null,
  supervised: null,
};

export type DeskInput =
  | { kind: 'snapshot'; snapshot: DeskSnapshot }
  | { kind: 'entry'; entry: FeedEntry }
  | { kind: 'disconnected' }
  | { kind: 'dismissed' };

/** Folds one input. Never throws: the server's order and completeness are not relied upon. */
export function foldDesk(state: DeskState, input: DeskInput): DeskState {
  switch (input.kind) {
    case 'snapshot':
      return applySnapshot(state, input.snapshot);
    case 'entry':
      return applyNumbered(state, input.entry);
    case 'disconnected':
      return { ...state, synced: false, wantsHello: true };
    case 'dismissed':
      return isFinished(state)
        ? { ...state, ...show(state, null), story: null, missed: null }
        : { ...state, missed: null };
  }
}

function applySnapshot(state: DeskState, snapshot: DeskSnapshot): DeskState {
  // What was missed tells how a call ended; the snapshot alone tells what is so now.
  const past = snapshot.missed.reduce(applyEntry, state);
  const call = snapshot.call ?? finished(past.call);
  const story = snapshot.story ?? (past.story?.callId === call?.callId ? past.story : null);
  return {
    ...past,
    epoch: snapshot.epoch,
    seq: snapshot.seq,
    lastAt: Math.max(
      state.epoch === snapshot.epoch ? state.lastAt : 0,
      ...snapshot.missed.map((entry) => entry.at),
    ),
    synced: true,
    wantsHello: false,
    seat: snapshot.seat,
    ...show(past, call),
    story,
    missed: snapshot.call ? null : past.missed,
  };
}

/** A call the server no longer shows stays on the screen as finished once there was a talk: its order may not be written yet. */
function finished(call: DeskCall | null): DeskCall | null {
  return call && call.stage !== 'ringing' ? { ...call, stage: 'over' } : null;
}

function applyNumbered(state: DeskState, entry: FeedEntry): DeskState {
  if (!state.synced) return { ...state, wantsHello: true };
  if (entry.seq <= state.seq) return entry.at > state.lastAt ? { ...state, wantsHello: true } : state;
  if (entry.seq > state.seq + 1) return { ...state, wantsHello: true };
  return { ...applyEntry(state, entry), seq: entry.seq, lastAt: entry.at };
}

function applyEntry(state: DeskState, entry: FeedEntry): DeskState {
  switch (entry.kind) {
    case 'call':
      return {
        ...state,
        ...show(state, entry.call),
        story: storyFor(state.story, entry.call.callId),
        missed: null,
      };
    case 'story':
      return { ...state, story: entry.story };
    case 'seat':
      return { ...state, seat: entry.seat };
    case 'supervised':
      return { ...state, supervised: entry };
    case 'reminder':
      return state.call?.callId === entry.callId ? { ...state, remindedAt: entry.at } : state;
    case 'callOver':
      return callOver(state, entry.callId, entry.outcome, entry.at);
  }
}

const storyFor = (story: CallStory | null, callId: string) => (story?.callId === callId ? story : null);

function callOver(state: DeskState, callId: string, outcome: OfferOutcome | 'ended', at: number): DeskState {
  if (state.call?.callId !== callId) return state;
  if (outcome === 'ended' || outcome === 'answered') {
    return {
      ...state,
      ...show(state, { ...state.call, stage: 'over', endedAt: state.call.endedAt ?? at }),
    };
  }
  const invited = state.call.role === 'party';
  return { ...state, ...show(state, null), story: null, missed: { callId, outcome, at, invited } };
}

/** The call as it is now, with what the screen counts beside it. */
function show(before: DeskState, call: DeskCall | null): Pick<DeskState, 'call' | 'heldFrom' | 'remindedAt'> {
  if (call?.stage !== 'held') return { call, heldFrom: null, remindedAt: null };
  const goesOn = before.call?.callId === call.callId && before.call.stage === 'held';
  return {
    call,
    heldFrom: (goesOn ? before.heldFrom : null) ?? call.heldSince,
    remindedAt: goesOn ? before.remindedAt : null,
  };
}

/** The call's stage as the agent should see it: wrap-up belongs to the seat, and lasts as long as the seat says. */
export function stageNow(state: Pick<DeskState, 'call' | 'seat'>): DeskCallStage | null {
  const { call, seat } = state;
  if (!call) return null;
  const wrapsUp = seat?.state === 'wrapUp' && seat.callId === call.callId;
  if (call.stage === 'wrapUp' || call.stage === 'over') return wrapsUp ? 'wrapUp' : 'over';
  return call.stage;
}

function isFinished(state: DeskState): boolean {
  const stage = stageNow(state);
  return stage === 'over' || stage === null;
}
