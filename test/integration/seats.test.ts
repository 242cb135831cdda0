import type { HotlineEvent } from '../../src/events';
import { systemClock } from '../../src/platform/clock';
import { GiveWay } from '../../src/platform/give-way';
import { Lease } from '../../src/platform/lease';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import { RoutingService } from '../../src/routing/routing.service';
import { DEFAULT_QUEUES } from '../../src/routing/queue';
import { SeatService } from '../../src/seats/seat.service';
import { SeatStore } from '../../src/seats/seat.store';
import { freshRedis, type OwnServer } from '../support/servers';

let server: OwnServer;
const clients: RedisClient[] = [];

beforeAll(async () => {
  server = await freshRedis();
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await server.stop();
});

function redis(): RedisClient {
  const client = openRedis(server.url);
  clients.push(client);
  return client;
}

/** A seat service of its own connection, as another process has; the switch says every phone is there. */
function seatService(prefix: string, policy = { wrapUpMs: 60_000, ronaBackMs: 0 }, clock = systemClock) {
  const events: HotlineEvent[] = [];
  const phones = {
    admitPhone: async () => undefined,
    dismissPhone: async () => undefined,
    phoneReachable: async () => true,
  };
  const seats = new SeatService({
    store: new SeatStore(redis(), prefix),
    switch: phones,
    journal: { append: (event) => events.push(event) },
    announce: () => undefined,
    giveWay: new GiveWay(setTimeout),
    clock,
    policy,
    log: { warn: () => undefined },
  });
  return { seats, events };
}

const person = (n: number) => ({
  personId: `p${n}`,
  name: `坐席${n}`,
  account: `80${n}`,
  skills: ['general'],
});

describe('a seat', () => {
  test('goes through a call and says every change once', async () => {
    const { seats, events } = seatService('walk', { wrapUpMs: 60_000, ronaBackMs: 0 });
    await seats.signIn(person(1), 'sip');
    await seats.ready('p1');
    expect(await seats.reserve('p1', 'c1', 't1', Date.now() + 1000)).toBe(true);
    expect(await seats.settle('p1', 'another token', 'answered')).toBe(false);
    expect(await seats.settle('p1', 't1', 'answered')).toBe(true);
    await expect(seats.signOut('p1')).rejects.toMatchObject({ code: 'wrong-state' });
    await seats.notReady('p1', 'meal');
    expect(seats.seat('p1')).toMatchObject({ state: 'talking', notReadyNext: 'meal' });
    await seats.settle('p1', 't1', 'talkEnded');
    expect(seats.seat('p1')).toMatchObject({ state: 'wrapUp', callId: 'c1' });
    await seats.wrapUpDone('p1');
    expect(seats.seat('p1')).toMatchObject({
      state: 'notReady',
      notReadyReason: 'meal',
      callId: null,
      notReadyNext: null,
    });
    const told = events.map((event) =>
      event.kind === 'seatChanged' ? `${event.from}>${event.to}` : event.kind,
    );
    expect(told).toEqual([
      'signedOut>notReady',
      'notReady>ready',
      'ready>ringing',
      'ringing>talking',
      'talking>wrapUp',
      'wrapUp>notReady',
    ]);
    expect(events.at(-1)).toMatchObject({ callId: 'c1' });
  });

  test('a supervisor signs it out after its call, answered or not; the agent cannot take that back, he can', async () => {
    const { seats, events } = seatService('signing-out');
    const ring = async (token: string) => {
      await seats.signIn(person(1), 'sip');
      await seats.ready('p1');
      await seats.reserve('p1', 'c1', token, Date.now() + 1000);
      await seats.notReady('p1', 'signingOut', 'supervisor');
      await expect(seats.ready('p1')).rejects.toMatchObject({ code: 'wrong-state' });
    };
    await ring('t1');
    await seats.settle('p1', 't1', 'answered');
    await seats.settle('p1', 't1', 'talkEnded');
    await seats.tick();
    expect(seats.seat('p1')?.state).toBe('wrapUp');
    await seats.wrapUpDone('p1');
    await seats.tick();
    expect(seats.seat('p1')).toBeNull();
    expect(events.at(-1)).toMatchObject({ to: 'signedOut', by: 'supervisor' });
    await ring('t2');
    await seats.settle('p1', 't2', 'noAnswer');
    await seats.tick();
    expect(seats.seat('p1')).toBeNull();
    await ring('t3');
    await seats.ready('p1', 'supervisor');
    await seats.settle('p1', 't3', 'release');
    await seats.tick();
    expect(seats.seat('p1')?.state).toBe('ready');
  });

  test('a lost ring is RONA until the agent comes back; releasing twice is harmless', async () => {
    const { seats } = seatService('rona');
    await seats.signIn(person(1), 'sip');
    await seats.ready('p1');
    await seats.reserve('p1', 'c1', 't1', Date.now() + 1000);
    expect(await seats.settle('p1', 't1', 'noAnswer')).toBe(true);
    expect(await seats.settle('p1', 't1', 'release')).toBe(false);
    expect(seats.seat('p1')?.state).toBe('rona');
    await seats.tick();
    expect(seats.seat('p1')?.state).toBe('rona');
    await seats.ready('p1');
    expect(seats.seat('p1')?.state).toBe('ready');
  });

  test('wrap-up ends by itself and RONA does when the setting says so', async () => {
    let now = 1_000_000;
    const { seats } = seatService(
      'timed',
      { wrapUpMs: 5000, ronaBackMs: 9000 },
      { now: () => new Date(now) },
    );
    await seats.signIn(person(1), 'sip');
    await seats.ready('p1');
    await seats.reserve('p1', 'c1', 't1', now + 1000);
    await seats.settle('p1', 't1', 'answered');
    await seats.settle('p1', 't1', 'talkEnded');
    now += 4999;
    await seats.tick();
    expect(seats.seat('p1')?.state).toBe('wrapUp');
    now += 1;
    await seats.tick();
    expect(seats.seat('p1')?.state).toBe('ready');
    await seats.reserve('p1', 'c2', 't2', now + 1000);
    await seats.settle('p1', 't2', 'noAnswer');
    now += 9000;
    await seats.tick();
    expect(seats.seat('p1')?.state).toBe('ready');
  });

  test('two people cannot sit at one phone', async () => {
    const { seats } = seatService('phone');
    await seats.signIn(person(1), 'sip');
    await expect(seats.signIn({ ...person(2), account: '801' }, 'sip')).rejects.toMatchObject({
      code: 'already-exists',
    });
  });

  test('at an ordinary telephone is dialled by its number, known after a restart; another phone takes its place', async () => {
    const { seats } = seatService('telephone');
    const known = { account: '801', telephone: '139****0001', phoneReachable: true };
    expect(await seats.signIn(person(1), { number: '13900000001' })).toMatchObject(known);
    expect(seats.phoneOf('p1')).toBeNull();
    await seats.heardPhone('801', false);
    const successor = seatService('telephone').seats;
    await successor.load();
    expect(successor.seat('p1')).toMatchObject(known);
    expect(successor.dialled('p1')).toEqual({ number: '13900000001' });

    await seats.ready('p1');
    await seats.reserve('p1', 'c1', 't1', Date.now() + 1000);
    await expect(seats.signIn(person(1), 'sip')).rejects.toMatchObject({ code: 'wrong-state' });
    await expect(seats.signIn(person(1), { number: '13900000002' })).rejects.toMatchObject({
      code: 'wrong-state',
    });
    await seats.settle('p1', 't1', 'release');
    expect(await seats.signIn(person(1), 'sip')).toMatchObject({ telephone: null, state: 'ready' });
    expect(seats.dialled('p1')).toEqual({ account: '801' });
    expect(seats.phoneOf('p1')?.kind).toBe('sip');
    await seats.signIn(person(1), { number: '13900000002' });
    expect(seats.dialled('p1')).toEqual({ number: '13900000002' });
    await seats.signOut('p1');
    expect(seats.dialled('p1')).toBeNull();
  });
});

test('two services race for one seat: in every round exactly one offer', async () => {
  const one = seatService('race');
  await one.seats.signIn(person(1), 'sip');
  await one.seats.ready('p1');
  const two = seatService('race');
  await two.seats.load();
  const offers: string[] = [];
  const queues = new Map(DEFAULT_QUEUES.map((queue) => [queue.queue, queue]));
  const router = (name: string, seats: SeatService) => {
    const ordinary = { priority: 0, priorityWhy: '', lineId: 'line-12345', lastAgent: null };
    const waiting = [{ callId: name, queue: 'general', ...ordinary, waitingSince: 0 }];
    const calls = {
      waiting: () => waiting,
      offer: (_call: string, _seat: string, token: string) => offers.push(`${name} ${token}`),
    };
    const log = { warn: () => undefined };
    return new RoutingService({
      calls,
      seats,
      queues: () => queues,
      leaders: () => [],
      estimatedWait: () => null,
      clock: systemClock,
      ageingMs: 60_000,
      lastAgentMs: 0,
      leaseMs: 1000,
      log,
    });
  };
  const routers = [router('one', one.seats), router('two', two.seats)];
  for (let round = 0; round < 50; round++) {
    offers.length = 0;
    for (const each of routers) each.setOpen(true);
    for (const each of routers) each.look();
    while (offers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 4));
    expect(offers).toHaveLength(1);
    const [name, token = ''] = (offers[0] ?? '').split(' ');
    for (const each of routers) each.setOpen(false);
    const winner = name === 'one' ? one.seats : two.seats;
    const loser = name === 'one' ? two.seats : one.seats;
    expect(await loser.settle('p1', 'not mine', 'release')).toBe(false);
    expect(await winner.settle('p1', token, 'release')).toBe(true);
    await loser.load();
  }
});

describe('the lease', () => {
  test('has one holder; the next one gets it when the first gives it back', async () => {
    const first = new Lease(redis(), 'lease-a', () => undefined);
    const second = new Lease(redis(), 'lease-a', () => undefined);
    expect(await first.acquire()).toBe(true);
    let got = false;
    const waiting = second.acquire().then((held) => (got = held));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(got).toBe(false);
    await first.stop();
    await waiting;
    expect(second.held).toBe(true);
    await second.stop();
  });

  test('a holder learns that another took it', async () => {
    const client = redis();
    const lost = new Promise<void>((resolve) => {
      const lease = new Lease(client, 'lease-b', resolve);
      void lease.acquire().then(() => client.set('lease-b', 'somebody else'));
    });
    await lost;
  });
});
