import fc from 'fast-check';
import type { CallRecord } from '../../src/calls/call-record';
import type { Seat } from '../../src/seats/seat';
import { AGENTS, command, type Command } from '../support/call-commands';
import type { DeskClient } from '../support/desk-client';
import type { CitizenCall } from '../support/sip-caller';
import type { Ring, SipSeat } from '../support/sip-seat';
import { pass, until } from '../support/until';
import { Scene, type Agent } from './scene';

/** Outages and lost packets have journeys of their own; a day of waiting has none. */
const LEFT_OUT: readonly Command['do'][] = ['legLost', 'phone', 'failNext', 'outage', 'callBack'];
const OUTSIDE = '03552099002';
const SAMPLE = { seed: 777, numRuns: 3 };

/** A sample of the model's random command sequences (integration/call-model) on the real Asterisk. */
describe('random commands on the real switch', () => {
  let scene: Scene;
  let supervisor: DeskClient;
  let outside: SipSeat;
  beforeAll(async () => {
    scene = await Scene.open({
      agents: AGENTS,
      env: {
        RATING_SECONDS: '2',
        WAITING_CHOICE: 'true',
        RONA_BACK_SECONDS: '2',
        OUTSIDE_SECONDS: '5',
        RESCUE_SECONDS: '5',
      },
    });
    supervisor = await scene.desk('supervisor');
    outside = await scene.outside(OUTSIDE);
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 60_000);

  const sequences = fc.sample(fc.array(command, { minLength: 12, maxLength: 20 }), SAMPLE);
  it.each(sequences.map((commands, number) => [number + 1, commands] as const))(
    'sequence %i leaves no channel, no busy seat, one closed record each, and nothing to repair',
    async (_number, commands) => {
      const citizens: CitizenCall[] = [];
      const world = { scene, outside, citizens };
      for (const given of commands.filter((each) => !LEFT_OUT.includes(each.do))) {
        await act(world, given);
        await pass(150);
        expect(await twice(supervisor)).toEqual([]);
      }
      for (const citizen of citizens) if (!citizen.over) await citizen.hangUp();
      outside.onRing = () => undefined;
      for (const ring of outside.rings) if (!ring.over && ring.answeredAt) await ring.hangUp();
      // Whatever still rings is not answered; an agent's own call ends when he hangs up.
      for (const { phone } of scene.agents)
        for (const ring of phone.rings) if (!ring.over && ring.answeredAt) await ring.hangUp();
      await scene.noChannels(20_000);
      await until(
        'all seats rest',
        async () => (await seats(supervisor)).every(({ state }) => !BUSY.includes(state)),
        8000,
      );
      const records = await until(
        'all records are closed',
        async () => {
          const { calls } = await supervisor.ask<{ calls: CallRecord[] }>('GET', '/calls?limit=200');
          return calls.length > 0 && calls.every(({ endedAt }) => endedAt !== null) ? calls : null;
        },
        8000,
      );
      expect(records.filter(({ outcome }) => outcome === 'open')).toEqual([]);
      expect(new Set(records.map(({ callId }) => callId)).size).toBe(records.length);
      expect(await drifts(scene)).toBe(0);
    },
    120_000,
  );

  it('the sample had talks, and others called into them', async () => {
    const { calls } = await supervisor.ask<{ calls: CallRecord[] }>('GET', '/calls?limit=200');
    expect(calls.filter(({ outcome }) => outcome === 'answered').length).toBeGreaterThan(2);
    expect(calls.flatMap(({ parties }) => parties).filter(({ joinedAt }) => joinedAt !== null)).not.toEqual(
      [],
    );
  });
});

const BUSY: readonly Seat['state'][] = ['ringing', 'talking'];

interface World {
  scene: Scene;
  outside: SipSeat;
  citizens: CitizenCall[];
}

async function seats(supervisor: DeskClient): Promise<Seat[]> {
  return (await supervisor.ask<{ seats: Seat[] }>('GET', '/seats')).seats;
}

/** Seats that are busy for no call. */
async function twice(supervisor: DeskClient): Promise<string[]> {
  return (await seats(supervisor))
    .filter(({ state, callId }) => BUSY.includes(state) && callId === null)
    .map(({ seatId }) => seatId);
}

/** How many differences between switch, Redis and memory had to be repaired so far. */
async function drifts(scene: Scene): Promise<number> {
  const text = await (await fetch(`${scene.service.url}/metrics`)).text();
  const found = [...text.matchAll(/^hotline_drift_total(?:\{[^}]*\})? (\d+)/gm)];
  return found.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Does one command as people would, at phones and desks; what is refused changes nothing. */
async function act({ scene, outside, citizens }: World, given: Command): Promise<void> {
  const agents = scene.agents;
  const callOf = ({ desk }: Agent) => {
    const shown = desk.feed.findLast((entry) => entry.kind === 'call');
    return shown?.kind === 'call' ? shown.call : null;
  };
  const talking = agents.filter((agent) => ['talking', 'held'].includes(callOf(agent)?.stage ?? ''));
  const agent =
    'seat' in given ? (talking[given.seat % (talking.length || 1)] ?? agents[given.seat - 1]!) : agents[0]!;
  const own = 'seat' in given ? agents[given.seat - 1]! : agents[0]!;
  const callId = callOf(agent)?.callId ?? 'none';
  const pick = <T>(from: T[]): T | undefined =>
    'which' in given ? from[given.which % (from.length || 1)] : undefined;
  const ringing = (): Ring[] =>
    [...agents.map(({ phone }) => phone), outside].flatMap(({ rings }) =>
      rings.filter((ring) => !ring.over && ring.answeredAt === null),
    );
  const refusable = (work: Promise<unknown>) => work.catch(() => undefined);
  const pickUp = () => Promise.all(ringing().map((ring) => refusable(ring.answer())));
  const call = async () =>
    void citizens.push(await scene.citizen({ from: `1380000${String(citizens.length).padStart(4, '0')}` }));
  switch (given.do) {
    case 'citizenCalls':
      return call();
    case 'citizenHangsUp':
      await pick(citizens.filter(({ over }) => !over))?.hangUp();
      return;
    case 'ready':
      await refusable(own.desk.ready());
      return;
    case 'notReady':
      await refusable(own.desk.notReady());
      return;
    case 'picksUp':
      await refusable(pick(ringing())?.answer() ?? Promise.resolve());
      return;
    case 'refuses':
      await refusable(pick(ringing())?.decline() ?? Promise.resolve());
      return;
    case 'wish':
      await refusable(
        agent.desk.ask('POST', `/desk/calls/${callId}/${given.wish === 'hangUp' ? 'hang-up' : given.wish}`),
      );
      return;
    case 'invite': {
      const to =
        given.to === 'outside'
          ? { kind: 'number', number: OUTSIDE, name: '' }
          : { kind: 'seat', seatId: agents[given.to - 1]!.desk.personId };
      await refusable(agent.desk.invite(callId, given.purpose, to));
      return;
    }
    case 'toQueue':
      await refusable(agent.desk.invite(callId, 'transfer', { kind: 'queue', queue: 'general' }));
      return;
    case 'drop': {
      const legId = callOf(agent)?.parties.at(-1)?.legId ?? 'none';
      await refusable(agent.desk.drop(callId, legId));
      return;
    }
    case 'callOut':
      await refusable(own.desk.callOut({ kind: 'number', number: OUTSIDE }));
      return;
    case 'digit':
      await pick(citizens.filter(({ over, answeredAt }) => !over && answeredAt !== null))?.audio.press(
        given.digit,
      );
      return;
    case 'outsideIs':
      outside.onRing = (ring) =>
        void (given.onRing === 'answer'
          ? refusable(ring.answer())
          : given.onRing === 'busy'
            ? refusable(ring.busy())
            : undefined);
      return;
    case 'talk':
      await refusable(own.desk.ready());
      await call();
      await pass(400);
      await pickUp();
      return pass(300);
    case 'third': {
      const free = (
        await Promise.all(agents.map(async ({ desk }) => ({ desk, seat: await desk.seat() })))
      ).find(({ seat }) => seat?.state === 'ready');
      const to = free
        ? { kind: 'seat', seatId: free.desk.personId }
        : { kind: 'number', number: OUTSIDE, name: '' };
      await refusable(agent.desk.invite(callId, given.purpose, to));
      await pass(300);
      await pickUp();
      return pass(300);
    }
    case 'pass':
      // The switch's own limits are seconds here, not the model's.
      return pass(Math.min(given.seconds, 4) * 1000);
  }
}
