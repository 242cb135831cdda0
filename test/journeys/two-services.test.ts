import { randomUUID } from 'node:crypto';
import Redis from 'ioredis';
import type { OfferReason } from '../../src/events';
import { systemClock } from '../../src/platform/clock';
import { GiveWay } from '../../src/platform/give-way';
import { RoutingService } from '../../src/routing/routing.service';
import type { WaitingCall } from '../../src/routing/waiting-line';
import { SeatService } from '../../src/seats/seat.service';
import { SeatStore } from '../../src/seats/seat.store';
import { DeskClient } from '../support/desk-client';
import { freshRedis, type Service } from '../support/servers';
import { until } from '../support/until';
import { Scene, type Agent } from './scene';

const quiet = { warn: () => undefined };
const everyPhone = {
  admitPhone: async () => undefined,
  dismissPhone: async () => undefined,
  phoneReachable: async () => true,
};

/** One service's seats and routing, with calls that only wait. */
function half(redis: Redis, waiting: () => WaitingCall[], offered: (callId: string, token: string) => void) {
  const seats = new SeatService({
    store: new SeatStore(redis, 'race'),
    switch: everyPhone,
    journal: { append: () => undefined },
    announce: () => undefined,
    giveWay: new GiveWay(setTimeout),
    clock: systemClock,
    policy: { wrapUpMs: 0, ronaBackMs: 0 },
    log: quiet,
  });
  const routing = new RoutingService({
    calls: {
      waiting,
      offer: (callId: string, _seatId: string, token: string, _why: OfferReason) => offered(callId, token),
    },
    seats,
    queues: () => new Map(),
    leaders: () => [],
    estimatedWait: () => null,
    clock: systemClock,
    ageingMs: 60_000,
    lastAgentMs: 0,
    leaseMs: 10_000,
    log: quiet,
  });
  return { seats, routing };
}

describe('two services or two events race for one seat', () => {
  it('one offer, in each of fifty rounds', async () => {
    const server = await freshRedis();
    const connections = [new Redis(server.url), new Redis(server.url)];
    const offers: { callId: string; token: string }[] = [];
    let calls: WaitingCall[] = [];
    const halves = connections.map((redis) =>
      half(
        redis,
        () => calls,
        (callId, token) => offers.push({ callId, token }),
      ),
    );
    const person = { personId: 'agent1', name: '张晓燕', account: 'seat-8001', skills: ['general'] };
    await halves[0]!.seats.signIn(person, 'sip');
    for (let round = 0; round < 50; round++) {
      await halves[0]!.seats.ready('agent1');
      await halves[1]!.seats.load();
      offers.length = 0;
      calls = ['a', 'b'].map((name) => ({
        callId: `${name}${round}-${randomUUID()}`,
        queue: 'general',
        priority: 0,
        priorityWhy: '',
        lineId: 'line-12345',
        lastAgent: null,
        waitingSince: Date.now(),
      }));
      for (const { routing } of halves) {
        routing.setOpen(true);
        // Two events at once.
        routing.look();
      }
      await until('somebody is offered', () => offers.length > 0);
      await new Promise((done) => setTimeout(done, 10));
      for (const { routing } of halves) routing.look();
      await new Promise((done) => setTimeout(done, 10));
      expect(offers).toHaveLength(1);
      const { token } = offers[0]!;
      for (const { routing } of halves) routing.setOpen(false);
      const settled = await Promise.all(halves.map(({ seats }) => seats.settle('agent1', token, 'release')));
      expect(settled.filter(Boolean)).toHaveLength(1);
      // Releasing twice is harmless.
      expect(await halves[0]!.seats.settle('agent1', token, 'release')).toBe(false);
      await halves[0]!.seats.load();
    }
    for (const redis of connections) redis.disconnect();
    await server.stop();
  }, 60_000);
});

describe('two whole services on one switch', () => {
  let scene: Scene;
  let agent: Agent;
  let other: Agent;
  let second: Service;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 2, env: { WRAP_UP_SECONDS: '0' } });
    [agent, other] = scene.agents as [Agent, Agent];
    second = await scene.secondService();
  }, 90_000);
  afterAll(() => scene.close(), 30_000);

  it('the second waits, nothing is controlled twice, and it takes over when the first is killed', async () => {
    const standby = await fetch(`${second.url}/readyz`);
    expect(standby.status).toBe(503);
    expect(await standby.text()).toContain('备用');

    await agent.desk.ready();
    const citizen = await scene.citizen({ from: '13300000001' });
    const ring = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await ring.answer();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    expect(agent.phone.rings).toHaveLength(1);
    const waiting = await scene.citizen({ from: '13300000002' });
    await until('music', () => waiting.audio.count('other') > 20);
    expect(scene.channels()).toBe(3);

    await scene.service.kill9();
    await scene.inCommand(second);
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    // A browser signs in at the second service with the session it has.
    const desk = Object.assign(Object.create(DeskClient.prototype) as DeskClient, other.desk, {
      url: second.url,
    });
    await desk.ready();
    const next = await other.phone.nextRing();
    await next.answer();
    await waiting.hears(next.audio);
    expect(other.phone.rings).toHaveLength(1);
    await next.hangUp();
    await citizen.hangUp();
    await ring.ended();
    const mine = Object.assign(Object.create(DeskClient.prototype) as DeskClient, agent.desk, {
      url: second.url,
    });
    expect(await mine.record(callId)).toMatchObject({
      outcome: 'answered',
      endedBy: 'citizen',
      rings: [{ attempt: 1 }],
    });
    await scene.noChannels();
  }, 60_000);
});
