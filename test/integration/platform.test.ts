import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Lifecycle } from '../../src/platform/lifecycle';
import { openQueue, openWorker } from '../../src/platform/job-queue';
import { openRedis } from '../../src/platform/redis';
import { freshDatabase, freshRedis, testServers } from '../support/servers';
import { startWeb } from '../support/web';

const log = pino({ level: 'silent' });
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('lifecycle', () => {
  it('starts in order, stops in reverse, and does not wait for ever', async () => {
    const said: string[] = [];
    const parts = new Lifecycle(log);
    const part = (name: string) => ({
      start: () => void said.push(`+${name}`),
      stop: () => void said.push(`-${name}`),
    });
    parts.add('a', part('a'));
    parts.add('hangs', { stop: () => new Promise(() => undefined) }, { stopSeconds: 0.05 });
    parts.add('b', part('b'));
    await parts.start();
    await parts.stop();
    await parts.stop();
    expect(said).toEqual(['+a', '+b', '-b', '-a']);
  });

  it('takes back what it started when one part fails, and names it', async () => {
    const said: string[] = [];
    const parts = new Lifecycle(log);
    parts.add('a', { stop: () => void said.push('-a') });
    parts.add('bad', { start: () => Promise.reject(new Error('no')) });
    await expect(parts.start()).rejects.toThrow('bad could not start: no');
    expect(said).toEqual(['-a']);
  });
});

describe('job queue', () => {
  it('rings a re-set alarm once at its new time, cancels, and goes on after Redis was away', async () => {
    const redis = await freshRedis({ durable: true });
    const rung: [string, number][] = [];
    const began = Date.now();
    const queue = openQueue<string>('alarms', redis.url, 'q', log);
    const worker = openWorker<string>(
      'alarms',
      redis.url,
      'q',
      log,
      async (data) => void rung.push([data, Date.now() - began]),
    );
    const set = (id: string, ms: number, data = id) =>
      queue.alarm(id, data, new Date(Date.now() + ms), new Date());
    const until = async (count: number) => {
      for (let n = 0; n < 100 && rung.length < count; n += 1) await wait(100);
    };
    await set('ticket:1:due', 60_000, 'old');
    await set('ticket:1:due', 300, 'new');
    await set('gone', 300);
    await queue.cancel('gone');
    await queue.cancel('never-was');
    await until(1);
    await wait(500);
    expect(rung.map(([data]) => data)).toEqual(['new']);
    await set('ticket:1:due', 50, 'again');
    await until(2);
    expect(rung.map(([data]) => data)).toEqual(['new', 'again']);
    await redis.stop();
    await redis.restart();
    await queue.add('1', 'after');
    await until(3);
    expect(rung.map(([data]) => data)).toEqual(['new', 'again', 'after']);
    await worker.close();
    await queue.close();
    const client = openRedis(redis.url);
    expect((await client.keys('*')).every((key) => key.startsWith('q:jobs:'))).toBe(true);
    client.disconnect();
    await redis.stop();
  }, 30_000);
});

describe('the server', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let folder: string;
  beforeAll(async () => {
    database = await freshDatabase();
    folder = mkdtempSync(join(tmpdir(), 'tls-'));
  });
  afterAll(async () => {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (settings: object) =>
    startWeb({ postgresUrl: database.url, redisUrl: testServers().redisUrl, settings });

  const getTls = (url: string, ca: string) =>
    new Promise<http.IncomingMessage>((resolve, reject) => {
      https
        .get(`${url}/healthz`, { ca }, (reply) => {
          reply.resume();
          resolve(reply);
        })
        .on('error', reject);
    });

  it('makes a certificate on demand, keeps it private, uses it again, and takes files', async () => {
    const first = await start({ TLS: 'self-signed', VAR_DIR: folder });
    const certFile = join(folder, 'tls', 'cert.pem');
    const cert = readFileSync(certFile, 'utf8');
    expect(statSync(join(folder, 'tls', 'key.pem')).mode & 0o077).toBe(0);
    const reply = await getTls(first.url, cert);
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['strict-transport-security']).toBeDefined();
    await first.addPerson('agent', 'tls');
    await first.stop();
    const files = { TLS: 'files', TLS_CERT_FILE: certFile, TLS_KEY_FILE: join(folder, 'tls', 'key.pem') };
    const second = await start(files);
    expect((await getTls(second.url, cert)).statusCode).toBe(200);
    const cookie = await new Promise<string>((resolve, reject) => {
      const body = JSON.stringify({ name: 'tls', password: '潞水长流-7391-xk' });
      const request = https.request(
        `${second.url}/api/sign-in`,
        { ca: cert, method: 'POST', headers: { 'content-type': 'application/json' } },
        (answer) => {
          answer.resume();
          resolve(String(answer.headers['set-cookie']));
        },
      );
      request.on('error', reject).end(body);
    });
    expect(cookie).toContain('Secure');
    await second.stop();
    const third = await start({ TLS: 'self-signed', VAR_DIR: folder });
    expect(readFileSync(certFile, 'utf8')).toBe(cert);
    await third.stop();
    writeFileSync(certFile, 'broken');
    const fourth = await start({ TLS: 'self-signed', VAR_DIR: folder });
    expect(readFileSync(certFile, 'utf8')).toContain('BEGIN CERTIFICATE');
    await fourth.stop();
    await expect(start({ ...files, TLS_CERT_FILE: '/nowhere.pem' })).rejects.toThrow('TLS_CERT_FILE');
  }, 30_000);

  it('names the setting of a taken port', async () => {
    const web = await start({});
    await expect(start({ HTTP_PORT: Number(new URL(web.url).port) })).rejects.toThrow('HTTP_PORT');
    await web.stop();
  });

  it('stops although a client keeps its connection open', async () => {
    const web = await start({});
    const socket = net.connect(Number(new URL(web.url).port), '127.0.0.1', () =>
      socket.write('GET /healthz HTTP/1.1\r\nHo'),
    );
    socket.on('error', () => undefined);
    await wait(50);
    const began = Date.now();
    await web.stop();
    expect(Date.now() - began).toBeLessThan(3000);
    socket.destroy();
  });

  it('cuts off a client that sends its headers too slowly', async () => {
    const web = await start({});
    const began = Date.now();
    const text = await new Promise<string>((resolve) => {
      let all = '';
      const socket = net.connect(Number(new URL(web.url).port), '127.0.0.1', () =>
        socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n'),
      );
      const drip = setInterval(() => socket.write('X-A: b\r\n'), 500);
      socket.on('data', (data) => (all += data.toString())).on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(drip);
        resolve(all);
      });
    });
    expect(text).toContain('408');
    expect(Date.now() - began).toBeLessThan(20_000);
    await web.stop();
  }, 30_000);
});
