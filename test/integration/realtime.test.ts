import http from 'node:http';
import { io, type Socket } from 'socket.io-client';
import { WebSocketServer, WebSocket } from 'ws';
import { rooms } from '../../src/audiences';
import type { DeskSnapshot } from '../../src/desk/pop';
import { freshDatabase, freshRedis } from '../support/servers';
import { startWeb, type Visitor, type Web } from '../support/web';

const snapshot: DeskSnapshot = { epoch: 'e1', seq: 4, seat: null, call: null, story: null, missed: [] };
const at = new Date('2026-03-01T00:00:00Z');

let first: Web;
let second: Web;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let phones: WebSocketServer;
const phoneRequests: http.IncomingMessage[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  redis = await freshRedis();
  phones = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => (offered.has('sip') ? 'sip' : false),
  });
  phones.on('connection', (socket, request) => {
    phoneRequests.push(request);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await new Promise((resolve) => phones.once('listening', resolve));
  const { port } = phones.address() as { port: number };
  const options = {
    postgresUrl: database.url,
    redisUrl: redis.url,
    redisPrefix: 'rt',
    settings: { PHONE_WS_URL: `ws://127.0.0.1:${port}/ws` },
  };
  first = await startWeb(options);
  second = await startWeb(options);
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(async () => {
  await first?.stop();
  await second?.stop();
  phones?.close();
  await redis?.stop();
  await database?.drop();
});

async function connect(
  visitor: Visitor,
  headers: Record<string, string> = {},
  transports = ['websocket'],
): Promise<Socket> {
  const socket = io(visitor.url, {
    transports,
    reconnection: false,
    forceNew: true,
    extraHeaders: { cookie: visitor.cookie, origin: visitor.url, ...headers },
  });
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('connect_error', reject);
  });
  return socket;
}

const next = (socket: Socket, event: string) =>
  new Promise<Record<string, unknown>>((resolve) => socket.once(event, resolve));
const closed = (socket: Socket) =>
  new Promise<string>((resolve) => socket.once('disconnect', (why) => resolve(why)));

describe('connections', () => {
  it('need a session and our own origin', async () => {
    const visitor = await first.visitorAs('agent');
    await expect(connect(visitor, { origin: 'http://evil.example' })).rejects.toThrow();
    await expect(connect(visitor, { cookie: '' })).rejects.toThrow();
    await expect(connect(visitor, { cookie: `hotline_session=${'B'.repeat(43)}` })).rejects.toThrow();
    await expect(connect(visitor)).resolves.toBeDefined();
    await expect(connect(visitor, {}, ['polling', 'websocket'])).resolves.toBeDefined();
  });

  it('end with their session, on every service', async () => {
    const visitor = await first.visitorAs('agent', 'p-ends');
    const here = await connect(visitor);
    const there = await connect(Object.assign(Object.create(visitor) as Visitor, { url: second.url }));
    const both = Promise.all([closed(here), closed(there)]);
    await first.sessions.endAllOf('p-ends');
    expect(await both).toEqual(['io server disconnect', 'io server disconnect']);
  });

  it('are closed when a client floods or sends too much at once', async () => {
    const flooding = await connect(await first.visitorAs('agent'));
    for (let n = 0; n < 100; n += 1) flooding.emit('hello', { epoch: null, lastSeq: 0 }, () => undefined);
    expect(await closed(flooding)).toBe('io server disconnect');
    const large = await connect(await first.visitorAs('agent'));
    large.emit('hello', 'x'.repeat(100_000));
    expect(await closed(large)).toMatch(/transport/);
  });
});

describe('the desk', () => {
  it('gets a snapshot for its hello, and a problem for a wrong one', async () => {
    first.realtime.onDeskHello(async (caller, hello) => ({
      ...snapshot,
      seq: hello.lastSeq + 1,
      epoch: caller.personId,
    }));
    const socket = await connect(await first.visitorAs('agent', 'p-desk'));
    expect(await socket.emitWithAck('hello', { epoch: null, lastSeq: 3 })).toEqual({
      ...snapshot,
      epoch: 'p-desk',
      seq: 4,
    });
    expect(await socket.emitWithAck('hello', { epoch: 1 })).toMatchObject({
      problem: { code: 'invalid-input' },
    });
    const clerk = await connect(await first.visitorAs('unit', 'p-clerk', 'dept-x'));
    expect(await clerk.emitWithAck('hello', { epoch: null, lastSeq: 0 })).toMatchObject({
      problem: { code: 'not-allowed' },
    });
  });

  it('hears its own seat only, from any service, and its going is noticed', async () => {
    const mine = await connect(await first.visitorAs('agent', 'p-mine'));
    const other = await connect(await first.visitorAs('agent', 'p-other'));
    const heard: unknown[] = [];
    other.on('feed', (entry) => heard.push(entry));
    const feed = next(mine, 'feed');
    await new Promise((resolve) => setTimeout(resolve, 100));
    second.realtime.toRoom(rooms.seat('p-mine'), 'feed', { seq: 1 });
    expect(await feed).toEqual({ seq: 1 });
    expect(heard).toEqual([]);
    const gone = new Promise<[string, number]>((resolve) =>
      first.realtime.onDisconnect((caller, others) => resolve([caller.personId, others])),
    );
    mine.disconnect();
    expect(await gone).toEqual(['p-mine', 0]);
  });
});

describe('events', () => {
  it('go to their rooms with numbers masked', async () => {
    const supervisor = await connect(await first.visitorAs('supervisor'));
    const agent = await connect(await first.visitorAs('agent'));
    const heard: unknown[] = [];
    agent.on('event', (event) => heard.push(event));
    const shown = next(supervisor, 'event');
    first.bus.announce({
      kind: 'callArrived',
      direction: 'inbound',
      about: { ticketId: null, callbackId: null },
      callId: 'c1',
      at,
      callerNumber: '13812345678',
      callerName: '<script>',
      dialled: '12345',
      diversions: [],
      line: {
        lineId: 'l',
        lineName: '热线',
        mode: 'own',
        matchedNumber: '12345',
        matchedBy: 'called-number',
        queue: 'general',
      },
    });
    const event = await shown;
    expect(event).toMatchObject({
      kind: 'callArrived',
      direction: 'inbound',
      callId: 'c1',
      at: at.toISOString(),
      lineName: '热线',
    });
    expect(JSON.stringify(event)).not.toMatch(/13812345678|script/);
    expect(heard).toEqual([]);
  });

  it('reach a unit only when they are its own', async () => {
    const own = await connect(await first.visitorAs('unit', 'p-c1', 'dept-a'));
    const foreign = await connect(await first.visitorAs('unit', 'p-c2', 'dept-b'));
    const heard: unknown[] = [];
    foreign.on('event', (event) => heard.push(event));
    const shown = next(own, 'event');
    first.bus.announce({
      kind: 'ticketDispatched',
      at,
      ticketId: 't',
      number: 'N1',
      unitId: 'dept-a',
      dueAt: at,
    });
    expect(await shown).toMatchObject({ kind: 'ticketDispatched', number: 'N1' });
    expect(heard).toEqual([]);
  });
});

describe('the phone’s WebSocket', () => {
  const open = (visitor: Visitor, headers: Record<string, string>, path = '/phone') =>
    new Promise<WebSocket>((resolve, reject) => {
      const socket = new WebSocket(`${visitor.url.replace('http', 'ws')}${path}`, 'sip', { headers });
      socket.once('open', () => resolve(socket));
      socket.once('error', reject);
    });
  const own = (visitor: Visitor) => ({ cookie: visitor.cookie, origin: visitor.url });

  it('is carried to the switch with its subprotocol and without the cookie', async () => {
    const visitor = await first.visitorAs('agent', 'p-phone');
    const socket = await open(visitor, own(visitor));
    expect(socket.protocol).toBe('sip');
    const echo = new Promise<string>((resolve) => socket.once('message', (data) => resolve(data.toString())));
    socket.send('REGISTER sip:x SIP/2.0');
    expect(await echo).toBe('REGISTER sip:x SIP/2.0');
    const request = phoneRequests.at(-1);
    expect(request?.url).toBe('/ws');
    expect(request?.headers.cookie).toBeUndefined();
    const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await first.sessions.endAllOf('p-phone');
    await end;
  });

  it('is refused without session, from elsewhere, without origin, and to those without a seat', async () => {
    const agent = await first.visitorAs('agent');
    const clerk = await first.visitorAs('unit', 'p-c3', 'dept-a');
    await expect(open(agent, { origin: agent.url })).rejects.toThrow('401');
    await expect(open(agent, { ...own(agent), origin: 'http://evil.example' })).rejects.toThrow('403');
    await expect(open(agent, { cookie: agent.cookie })).rejects.toThrow('403');
    await expect(open(clerk, own(clerk))).rejects.toThrow('403');
    await expect(open(agent, own(agent), '/elsewhere')).rejects.toThrow('404');
  });

  it('is refused to a browser that opens phone after phone', async () => {
    const agent = await first.visitorAs('agent', 'p-many');
    const sockets = await Promise.all(Array.from({ length: 6 }, () => open(agent, own(agent))));
    await expect(open(agent, own(agent))).rejects.toThrow('429');
    for (const socket of sockets) socket.close();
  });

  it('says so when the switch is away', async () => {
    const lonely = await startWeb({
      postgresUrl: database.url,
      redisUrl: redis.url,
      settings: { PHONE_WS_URL: 'ws://127.0.0.1:9/ws' },
    });
    const visitor = await lonely.visitorAs('agent');
    await expect(open(visitor, own(visitor))).rejects.toThrow('502');
    await lonely.stop();
  });
});

describe('Redis away', () => {
  it('delivers on this service, does not fall, and joins again when Redis is back', async () => {
    const visitor = await first.visitorAs('agent', 'p-redis');
    const socket = await connect(visitor);
    await redis.stop();
    const here = next(socket, 'feed');
    first.realtime.toRoom(rooms.seat('p-redis'), 'feed', { seq: 1 });
    expect(await here).toEqual({ seq: 1 });
    await redis.restart();
    const again = next(socket, 'feed');
    const timer = setInterval(() => second.realtime.toRoom(rooms.seat('p-redis'), 'feed', { seq: 2 }), 100);
    expect(await again).toEqual({ seq: 2 });
    clearInterval(timer);
  }, 20_000);
});
