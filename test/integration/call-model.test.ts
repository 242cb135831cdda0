import fc from 'fast-check';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import { AGENTS, command, type Command } from '../support/call-commands';
import { CallWorld, LEASE_MS } from '../support/call-world';
import { freshRedis, type OwnServer } from '../support/servers';

/** Commands of those who talk are given to somebody who does, where anybody does. */
const AT_WORK: readonly Command['do'][] = ['third', 'wish', 'invite', 'toQueue', 'drop'];

function agentOf(world: CallWorld, given: Command): string {
  if (!('seat' in given)) return '';
  const talking = world.calls.live().flatMap(({ talk }) => (talk ? [talk.seatId] : []));
  const atWork = AT_WORK.includes(given.do) ? talking[given.seat % (talking.length || 1)] : undefined;
  return atWork ?? `agent${given.seat}`;
}

/** Does one command; what is refused changes nothing. */
async function act(world: CallWorld, given: Command): Promise<void> {
  const agent = agentOf(world, given);
  const legs = (wanted: (leg: { id: string; dialled: boolean; state: string }) => boolean) =>
    [...world.switch.legs.values()].filter(wanted).map(({ id }) => id);
  const pick = (from: string[]): string | undefined =>
    'which' in given ? from[given.which % (from.length || 1)] : undefined;
  const callOf = (seatId: string): string =>
    world.calls.live().find((call) => call.talk?.seatId === seatId)?.callId ?? 'none';
  const refusable = (work: () => unknown) =>
    Promise.resolve()
      .then(work)
      .catch(() => undefined);
  switch (given.do) {
    case 'citizenCalls':
      // Each at a moment of its own: the line has an order.
      await world.pass(10);
      world.switch.citizenCalls({ callerNumber: '13800000000' });
      break;
    case 'talk': {
      // The usual way to a talk, which random commands alone seldom find.
      await refusable(() => world.seats.ready(agent));
      await world.pass(10);
      world.switch.citizenCalls({ callerNumber: '13800000001' });
      await world.pass(3000);
      for (const leg of legs((each) => each.dialled && each.state === 'ringing')) world.switch.picksUp(leg);
      await world.settle();
      for (const leg of legs((each) => each.dialled && each.state === 'up'))
        world.switch.pressDigit(leg, '1');
      await world.pass(3000);
      break;
    }
    case 'third': {
      // Somebody comes into the talk: another seat where one is free, else the outside.
      const free = world.seats.seats().find(({ state }) => state === 'ready')?.seatId;
      const outside = { number: '110', name: '110', lineId: null, emergency: true };
      await refusable(() =>
        world.calls.invite(callOf(agent), agent, given.purpose, free ? { seatId: free } : { outside }, ''),
      );
      await world.settle();
      for (const leg of legs((each) => each.dialled && each.state === 'ringing')) world.switch.picksUp(leg);
      break;
    }
    case 'citizenHangsUp': {
      const leg = pick(legs((each) => !each.dialled));
      if (leg) world.switch.hangsUp(leg);
      break;
    }
    case 'ready':
      await refusable(() => world.seats.ready(agent));
      break;
    case 'notReady':
      await refusable(() => world.seats.notReady(agent, 'rest'));
      break;
    case 'picksUp': {
      const leg = pick(legs((each) => each.dialled && each.state === 'ringing'));
      if (leg) world.switch.picksUp(leg);
      break;
    }
    case 'refuses': {
      const leg = pick(legs((each) => each.dialled && each.state === 'ringing'));
      if (leg) world.switch.hangsUp(leg, 'rejected');
      break;
    }
    case 'legLost': {
      const leg = pick(legs((each) => each.dialled));
      if (leg) world.switch.hangsUp(leg, given.cause);
      break;
    }
    case 'wish':
      await refusable(() => world.calls.command(callOf(agent), agent, { kind: given.wish }));
      break;
    case 'invite': {
      const outside = { number: '110', name: '110', lineId: null, emergency: true };
      const to = given.to === 'outside' ? { outside } : { seatId: `agent${given.to}` };
      await refusable(() => world.calls.invite(callOf(agent), agent, given.purpose, to, ''));
      break;
    }
    case 'toQueue':
      await refusable(() => world.calls.sendToQueue(callOf(agent), agent, 'general', ''));
      break;
    case 'drop': {
      const call = world.calls.live().find((each) => each.talk?.seatId === agent);
      const legId = call?.invite?.party.legId ?? call?.parties[0]?.legId ?? 'none';
      await refusable(() => world.calls.command(callOf(agent), agent, { kind: 'drop', legId }));
      break;
    }
    case 'callOut':
      await world.callOut(agent);
      break;
    case 'callBack':
      await world.pass(10);
      world.callBack();
      break;
    case 'digit': {
      const leg = pick(legs(({ state }) => state === 'up'));
      if (leg) world.switch.pressDigit(leg, given.digit);
      break;
    }
    case 'outsideIs':
      world.switch.outside = { registered: true, onRing: given.onRing, afterMs: 500 };
      break;
    case 'phone':
      world.switch.phone(`seat-800${given.seat}`, { registered: given.registered });
      break;
    case 'failNext':
      world.port.failNext(given.requests);
      break;
    case 'outage':
      world.port.loseLink();
      await world.pass(given.seconds * 1000);
      world.port.restoreLink();
      break;
    case 'pass':
      await world.pass(given.seconds * 1000);
      break;
  }
}

/** Repairs by the reconciler need to see a drift twice. */
const REPAIRED_MS = 11_000;

describe('calls, seats and queue under random commands', () => {
  let server: OwnServer;
  let redis: RedisClient;
  beforeAll(async () => {
    server = await freshRedis();
    redis = openRedis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('no seat in two calls, no call without an owner, no lease outlived, one record each, order kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
        const world = new CallWorld(redis);
        await world.start(AGENTS);
        let shaken = false;
        for (const given of commands) {
          const lineBefore = world.line();
          const told = world.journal.length;
          await act(world, given);
          await world.settle();
          expect(jumped(world, lineBefore, told)).toEqual([]);
          // Only what an outage or a failed request broke may need the reconciler, and two of its looks.
          shaken ||= given.do === 'outage' || given.do === 'failNext';
          if (shaken && world.faults().length) await world.pass(REPAIRED_MS);
          expect(world.faults()).toEqual([]);
          expect(world.recordFaults()).toEqual([]);
        }
        // Everybody hangs up, and time passes: nothing is left.
        for (const { id, dialled } of [...world.switch.legs.values()]) if (!dialled) world.switch.hangsUp(id);
        await world.settle();
        await world.pass(LEASE_MS + 120_000);
        for (const { id } of [...world.switch.legs.values()]) world.switch.hangsUp(id);
        for (let agent = 1; agent <= AGENTS; agent++) await act(world, { do: 'notReady', seat: agent });
        await world.pass(60_000);
        for (const call of world.calls.live())
          if (call.direction === 'callback') world.calls.withdrawPlaced(call.callId);
        await world.pass(60_000);
        expect(world.calls.live().map(({ callId }) => callId)).toEqual([]);
        expect([...world.switch.legs.keys()]).toEqual([]);
        expect(world.seats.seats().filter(({ state }) => state === 'ringing' || state === 'talking')).toEqual(
          [],
        );
        expect(world.recordFaults()).toEqual([]);
      }),
      {
        numRuns: Number(process.env.MODEL_RUNS ?? 60),
        ...(process.env.MODEL_SEED ? { seed: Number(process.env.MODEL_SEED) } : {}),
        endOnFailure: process.env.MODEL_SHRINK !== 'true',
      },
    );
  }, 600_000);
});

/** Whoever was offered a seat although somebody before him in the line was free to be offered it, and still is. */
function jumped(world: CallWorld, lineBefore: { callId: string }[], told: number): string[] {
  const offered = new Set(
    world.journal.slice(told).flatMap((event) => (event.kind === 'seatOffered' ? [event.callId] : [])),
  );
  const passed = lineBefore.filter(({ callId }, index) => {
    const still = world.line().some((each) => each.callId === callId);
    return (
      still && !offered.has(callId) && lineBefore.slice(index + 1).some((later) => offered.has(later.callId))
    );
  });
  return passed.map(({ callId }) => `call ${callId} was passed over`);
}
