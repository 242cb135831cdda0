import type { Board, BoardGroup } from '../../src/performance/board';
import {
  LIVE_FIGURES,
  SEATS_FIGURE,
  WINDOW_FIGURE_KEYS,
  WINDOW_FIGURES,
  WINDOWS,
  type WindowName,
} from '../../src/performance/definitions';
import { DeskClient } from '../support/desk-client';
import type { Service } from '../support/servers';
import { until } from '../support/until';
import { Scene, type Agent } from './scene';

let scene: Scene;
let agents: [Agent, Agent];
let supervisor: DeskClient;
beforeAll(async () => {
  scene = await Scene.open({ agents: 2, env: { WRAP_UP_SECONDS: '0', SHORT_ABANDON_SECONDS: '1' } });
  agents = scene.agents as [Agent, Agent];
  supervisor = await (await scene.desk('supervisor')).connect();
}, 90_000);
afterAll(() => scene?.close(), 30_000);

/** The service's samples by name and labels in the order of their names. */
async function metrics(service: Service): Promise<Map<string, number>> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return new Map(
    [...text.matchAll(/^(hotline_\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => [
      [name, ...[...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, is]) => `${key}=${is}`).sort()].join(),
      Number(value),
    ]),
  );
}

/** Every figure of the board under the name it has in `/metrics`; what cannot be reckoned is not there. */
function expected(board: Board): Map<string, number> {
  const samples = new Map<string, number>();
  const put = (name: string, value: number | null, ...labels: string[]) => {
    if (value !== null) samples.set([name, ...labels.sort()].join(), value);
  };
  const group = (scope: string, id: string, of: BoardGroup) => {
    const labels = [`scope=${scope}`, `id=${id}`];
    put(LIVE_FIGURES.waiting.metric, of.waiting, ...labels);
    for (const window of Object.keys(WINDOWS) as WindowName[])
      for (const key of WINDOW_FIGURE_KEYS)
        put(WINDOW_FIGURES[key].metric, of[window][key], ...labels, `window=${window}`);
  };
  group('total', '', board.total);
  for (const queue of board.queues) group('queue', queue.queue, queue);
  for (const line of board.lines) group('line', line.lineId, line);
  for (const [state, count] of Object.entries(board.seatsByState))
    put(SEATS_FIGURE.metric, count, `state=${state}`);
  return samples;
}

const ask = (desk: DeskClient) => desk.ask<Board & { standby: boolean }>('GET', '/wallboard');
const shown = (board: Board) => ({ ...board, at: 0, standby: null });

function at(desk: DeskClient, service: Service): DeskClient {
  return Object.assign(Object.create(DeskClient.prototype) as DeskClient, desk, {
    url: service.url,
    boards: [],
    feed: [],
    snapshot: null,
  });
}

/** A board that was pushed and satisfies. */
const pushed = (desk: DeskClient, what: string, satisfies: (board: Board) => boolean) =>
  until(
    `pushed: ${what}`,
    () => desk.boards.find(satisfies),
    8000,
    () => JSON.stringify(desk.boards.at(-1)?.total),
  );

async function sameInMetrics(desk: DeskClient, service: Service): Promise<void> {
  const found = await metrics(service);
  const board = await ask(desk);
  const figures = expected(board);
  const family = (key: string) => key.split(',')[0] ?? '';
  const families = new Set([...figures.keys()].map(family));
  const told = [...found].filter(([key]) => families.has(family(key)));
  expect(new Map(told.sort())).toEqual(new Map([...figures].sort()));
  const longest = found.get(`${LIVE_FIGURES.longestWait.metric},id=,scope=total`);
  if (board.total.longestSince === null) expect(longest).toBeUndefined();
  else expect(Math.abs((longest ?? 0) - (Date.now() - board.total.longestSince) / 1000)).toBeLessThan(1.5);
}

test('a supervisor’s socket is sent the board first: no calls, no rates', async () => {
  const first = await pushed(supervisor, 'a whole board', ({ complete }) => complete);
  expect(first.total).toMatchObject({
    waiting: 0,
    longestSince: null,
    last24h: { offered: 0, answered: 0, inTimeRate: null, connectedRate: null, connectedRateAll: null },
  });
  expect(first.seatsByState).toMatchObject({ notReady: 2, ready: 0 });
  const agent = agents[0].desk;
  await expect(ask(agent)).rejects.toMatchObject({ status: 403 });
  expect(agent.boards).toEqual([]);
  await sameInMetrics(supervisor, scene.service);
});

test('three answered, two abandoned, one waiting: exactly these figures, pushed and in /metrics', async () => {
  for (const { desk } of agents) await desk.ready();
  // One after another, so that each rings one seat.
  const talks = [];
  for (const from of ['13400000001', '13400000002']) {
    const citizen = await scene.citizen({ from });
    const ringing = await until('a seat rings', () =>
      agents.flatMap(({ phone }) => phone.rings).find((ring) => !ring.answeredAt && !ring.over),
    );
    await ringing.answer();
    await citizen.hears(ringing.audio);
    talks.push({ citizen, ringing });
  }
  await talks[0]?.ringing.hangUp();
  await talks[0]?.citizen.ended();
  const third = await scene.citizen({ from: '13400000003', to: '12345' });
  const ring = await until('a seat rings again', () =>
    agents.flatMap(({ phone }) => phone.rings).find((each) => !each.answeredAt && !each.over),
  );
  await ring.answer();
  await third.hears(ring.audio);

  // Both seats talk: these two wait in vain, one shortly, one longer than a second; a third waits on.
  const short = await scene.citizen({ from: '13400000004' });
  await short.answered();
  const waiting = await scene.citizen({ from: '13400000005' });
  const long = await scene.citizen({ from: '13400000006' });
  await long.answered();
  await new Promise((done) => setTimeout(done, 1100));
  await long.hangUp();
  if (!short.over) await short.hangUp();
  const board = await pushed(
    supervisor,
    'all of it',
    ({ total }) => total.waiting === 1 && total.last24h.abandoned === 2,
  );
  expect(waiting.over).toBe(false);
  expect(board.total.last24h).toMatchObject({
    offered: 5,
    answered: 3,
    abandoned: 2,
    aboveCapacity: 2,
    faults: 0,
    inTimeRate: 1,
    connectedRate: 1,
    connectedRateAll: 3 / 5,
  });
  expect(board.total.today).toEqual(board.total.last24h);
  expect(board.total.longestSince).toBeGreaterThan(waiting.inviteAt - 1000);
  expect(board.seatsByState).toMatchObject({ talking: 2, ready: 0, notReady: 0 });
  expect(board.queues.find(({ queue }) => queue === 'general')).toMatchObject({
    waiting: 1,
    last24h: { offered: 5 },
  });
  expect(board.trend.reduce((sum, { answered }) => sum + answered, 0)).toBe(3);
  await sameInMetrics(supervisor, scene.service);
}, 40_000);

test('a standby shows the same and says so, to its own sockets too', async () => {
  const second = await scene.secondService();
  const there = await at(supervisor, second).connect();
  const first = await pushed(there, 'the board', ({ total }) => total.last24h.answered === 3);
  const [own, others] = await Promise.all([ask(supervisor), ask(there)]);
  expect([own.standby, others.standby]).toEqual([false, true]);
  expect(shown(others)).toEqual(shown(own));
  expect(shown(first)).toEqual(shown(own));
  await sameInMetrics(there, second);
  expect((await metrics(second)).get('hotline_board_standby')).toBe(1);
  expect((await metrics(scene.service)).get('hotline_board_standby')).toBe(0);
  // What happens at the first is pushed to who watches at the second.
  const more = await scene.citizen({ from: '13400000007' });
  await pushed(there, 'one more waits', ({ total }) => total.waiting === 2);
  await more.hangUp();
  await pushed(there, 'and has gone', ({ total }) => total.last24h.abandoned === 3);
  there.disconnect();
  await second.stop();
}, 40_000);

test('RONA shows with its reason; killed and started again the service has the same board', async () => {
  // Everybody hangs up but the one who waits; nobody answers him.
  const [agent, other] = agents;
  await other.desk.notReady('meal');
  const talks = agents.flatMap(({ phone }) => phone.rings).filter((ring) => ring.answeredAt && !ring.over);
  for (const ring of talks) await ring.hangUp();
  await agent.desk.seatIs('rona', 8000);
  const before = await pushed(
    supervisor,
    'RONA',
    ({ seatsByState }) => seatsByState.rona === 1 && seatsByState.notReady === 1,
  );
  const seats = new Map(before.seats.map((seat) => [seat.seatId, seat]));
  expect(seats.get(agent.desk.personId)).toMatchObject({ state: 'rona', missed: 'no-answer' });
  expect(seats.get(other.desk.personId)).toMatchObject({ state: 'notReady', notReadyReason: 'meal' });
  const records = await supervisor.ask<{ calls: { endedAt: number | null }[] }>('GET', '/calls');
  expect(records.calls.filter(({ endedAt }) => endedAt === null)).toHaveLength(1);

  const live = await ask(supervisor);
  await scene.service.kill9();
  await scene.restartService();
  const after = await until('the board is whole again', async () => {
    const board = await ask(supervisor);
    return board.complete ? board : null;
  });
  expect(shown(after)).toEqual(shown(live));
  await sameInMetrics(supervisor, scene.service);
}, 60_000);
