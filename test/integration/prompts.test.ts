import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { activeLevel } from '../../src/intake/loudness';
import type { Prompt } from '../../src/intake/prompt-catalogue';
import { promptRoutes } from '../../src/intake/prompt.routes';
import type { PromptService } from '../../src/intake/prompt.service';
import { writeWav } from '../../src/intake/wav';
import { AuditStore } from '../../src/platform/audit.store';
import { systemClock } from '../../src/platform/clock';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { freshDatabase, testFolder, testServers } from '../support/servers';
import { startWeb, type Visitor, type Web } from '../support/web';
import { openPrompts, SOUNDS } from './prompts-support';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let audit: AuditStore;
let folder: string;
let prompts: PromptService;
let web: Web;
let admin: Visitor;

beforeAll(async () => {
  database = await freshDatabase();
  db = openPostgres(database.url, 4);
  audit = new AuditStore(db, systemClock);
  folder = join(testFolder('prompts'), 'zh_CN');
  prompts = openPrompts(db, folder);
  await prompts.start();
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: testServers().redisUrl,
    routes: promptRoutes({ prompts }),
  });
  admin = await web.visitorAs('administrator');
}, 60_000);
afterAll(async () => {
  await web?.stop();
  await prompts?.stop();
  await db?.destroy();
  await database?.drop();
});

interface Reply {
  status: number;
  body: Prompt & { code?: string; detail?: string };
}

async function upload(
  name: string,
  bytes: Uint8Array,
  fileName = 'a.wav',
  words = '请稍候',
  visitor = admin,
): Promise<Reply> {
  const reply = await fetch(`${web.url}/api/prompts/${name}/recording?words=${encodeURIComponent(words)}`, {
    method: 'POST',
    headers: {
      cookie: visitor.cookie,
      'x-csrf-token': visitor.csrf,
      'content-type': 'application/octet-stream',
      'x-file-name': encodeURIComponent(fileName),
    },
    body: Buffer.from(bytes),
  });
  return { status: reply.status, body: (await reply.json()) as Reply['body'] };
}

const find = async (name: string): Promise<Prompt | undefined> =>
  (await prompts.list()).prompts.find((each) => each.name === name);
const stored = async (): Promise<number> => Number((await db('prompt_versions').count())[0]!.count);
const samplesOf = (wav: Buffer): Int16Array =>
  new Int16Array(Uint8Array.from(wav.subarray(44)).buffer.slice(0, (wav.length - 44) & ~1));

/** How alike the rise and fall of two recordings are, whatever delay a codec adds. */
function likeness(one: Int16Array, other: Int16Array): number {
  const shape = (samples: Int16Array, skip: number): number[] =>
    Array.from({ length: 40 }, (_, at) => {
      const block = samples.subarray(skip + at * 160, skip + (at + 1) * 160);
      return Math.sqrt(block.reduce((sum, sample) => sum + sample ** 2, 0) / Math.max(block.length, 1));
    });
  const correlation = (a: number[], b: number[]): number => {
    const [ma, mb] = [a, b].map((all) => all.reduce((sum, value) => sum + value, 0) / all.length);
    const product = (x: number[], mx: number, y: number[], my: number) =>
      x.reduce((sum, value, at) => sum + (value - mx) * ((y[at] ?? 0) - my), 0);
    return product(a, ma!, b, mb!) / Math.sqrt(product(a, ma!, a, ma!) * product(b, mb!, b, mb!));
  };
  const delays = Array.from({ length: 120 }, (_, at) => at * 16);
  return Math.max(...delays.map((skip) => correlation(shape(one, 0), shape(other, skip))));
}

describe('an upload', () => {
  const original = samplesOf(readFileSync('asterisk-config/sounds/zh/hotline-calling.wav')).subarray(800);

  it.each(readdirSync(SOUNDS))('of %s is converted, heard and played', async (file) => {
    const { status, body } = await upload('apology', readFileSync(join(SOUNDS, file)), file);
    expect([status, body.detail]).toEqual([200, undefined]);
    expect(body).toMatchObject({ origin: 'uploaded', words: '请稍候', builtIn: true });
    expect(body.uploaded?.source).toContain(file);
    expect(body.seconds).toBeGreaterThan(1.1);
    expect(body.seconds).toBeLessThan(1.4);
    const played = readFileSync(join(folder, 'apology.wav'));
    expect(played.readUInt32LE(24)).toBe(8000);
    expect(activeLevel(samplesOf(played))).toBeCloseTo(-22, 0);
    expect(likeness(original, samplesOf(played))).toBeGreaterThan(0.8);
    const heard = await fetch(`${web.url}/api/prompts/apology/audio`, { headers: { cookie: admin.cookie } });
    expect(heard.headers.get('content-type')).toBe('audio/wav');
    expect(Buffer.from(await heard.arrayBuffer()).equals(played)).toBe(true);
  });

  it.each<[string, Uint8Array, number, string]>([
    ['a page', Buffer.from('<script>alert(1)</script>'), 415, '这不是可用的录音文件'],
    ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'), 415, '这不是可用的录音文件'],
    ['a WAV without sound', Buffer.from(writeWav(new Int16Array(0))), 400, '无法读取这个 WAV 文件'],
    ['half an M4A', readFileSync(join(SOUNDS, 'hello.m4a')).subarray(0, 3000), 400, '无法读取这个 M4A'],
    [
      'a broken FLAC',
      Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(5000, 0xa5)]),
      400,
      '无法读取这个 FLAC',
    ],
    ['an MP3 of nothing', Buffer.concat([Buffer.from('ID3'), Buffer.alloc(5000)]), 400, '无法读取这个 MP3'],
    [
      'an OGG that is none',
      Buffer.concat([Buffer.from('OggS'), Buffer.alloc(500, 7)]),
      400,
      '无法读取这个 OGG',
    ],
    ['a broken WEBM', Buffer.from('1a45dfa3ffffffffffffffff', 'hex'), 400, '无法读取这个 WEBM'],
    ['silence', Buffer.from(writeWav(new Int16Array(16_000))), 400, '录音里没有声音'],
    ['181 seconds', Buffer.from(writeWav(new Int16Array(8000 * 181).fill(9000))), 413, '录音超过 180 秒'],
    ['more than 20 MB', Buffer.alloc(20 * 1024 * 1024 + 1, 1), 413, ''],
  ])('of %s is refused in Chinese and changes nothing', async (_what, bytes, status, words) => {
    const before = await stored();
    const reply = await upload('goodbye', bytes);
    expect(reply.status).toBe(status);
    expect(reply.body.detail).toContain(words);
    expect(await stored()).toBe(before);
    expect(existsSync(join(folder, 'goodbye.wav'))).toBe(false);
    expect(await find('goodbye')).toMatchObject({ origin: 'built-in', uploaded: null });
  });

  it('names no other file and keeps no name it was given as one', async () => {
    const sound = readFileSync(join(SOUNDS, 'hello.opus'));
    for (const name of ['..%2Fx', 'A', 'a.wav', 'x%00', 'unheard-of'])
      expect((await upload(name, sound)).status).toBe(400);
    const { body } = await upload('ten', sound, '../../etc/\n<b>.opus');
    expect(body.uploaded?.source).toBe('OGG/OPUS .._.._etc__<b>.opus');
    expect(readdirSync(folder).sort()).toEqual(['apology.wav', 'ten.wav']);
  });

  it('is for administrators, who must say the words', async () => {
    const sound = readFileSync(join(SOUNDS, 'hello.opus'));
    const supervisor = await web.visitorAs('supervisor');
    expect((await upload('ten', sound, 'a', '好', supervisor)).status).toBe(403);
    expect((await supervisor.call('GET', '/api/prompts')).status).toBe(200);
    const agent = await web.visitorAs('agent');
    expect((await agent.call('GET', '/api/prompts')).status).toBe(403);
    expect((await upload('ten', sound, 'a', '  ')).status).toBe(400);
  });
});

describe('versions', () => {
  it('can be heard, restored and reverted, and every step is in the audit trail', async () => {
    const sound = (file: string) => readFileSync(join(SOUNDS, file));
    await upload('no-seat', sound('hello.mp3'), 'one.mp3', '第一版');
    const first = readFileSync(join(folder, 'no-seat.wav'));
    await upload('no-seat', sound('hello.wma'), 'two.wma', '第二版');
    expect(readFileSync(join(folder, 'no-seat.wav')).equals(first)).toBe(false);
    const versions = await prompts.history('no-seat');
    expect(versions.map(({ words, whoId }) => [words, whoId])).toEqual([
      ['第二版', 'p-administrator'],
      ['第一版', 'p-administrator'],
    ]);
    const heard = await fetch(`${web.url}/api/prompts/no-seat/audio?versionId=${versions[1]!.versionId}`, {
      headers: { cookie: admin.cookie },
    });
    expect(Buffer.from(await heard.arrayBuffer()).equals(first)).toBe(true);

    const { versionId } = versions[1]!;
    const restored = await admin.call('POST', '/api/prompts/no-seat/restore', { versionId });
    expect(restored.body).toMatchObject({ words: '第一版', origin: 'uploaded' });
    expect(readFileSync(join(folder, 'no-seat.wav')).equals(first)).toBe(true);

    const reverted = await admin.call('POST', '/api/prompts/no-seat/revert', {});
    expect(reverted.body.prompt).toMatchObject({ origin: 'built-in', builtIn: true });
    expect(existsSync(join(folder, 'no-seat.wav'))).toBe(false);
    expect((await admin.call('POST', '/api/prompts/no-seat/revert', {})).body.code).toBe('wrong-state');
    // Another recording's version is none of this one's.
    expect((await admin.call('POST', '/api/prompts/apology/restore', { versionId })).status).toBe(404);

    const trail = (await audit.list({ subject: 'prompt:no-seat' }, 10)).map(({ action }) => action);
    expect(trail).toEqual(['prompt.reverted', 'prompt.restored', 'prompt.uploaded', 'prompt.uploaded']);
  });

  it('of a greeting of one’s own can be removed only when no line plays it', async () => {
    const sound = readFileSync(join(SOUNDS, 'hello.flac'));
    expect(prompts.known('greeting-lamps')).toBe(false);
    expect((await upload('greeting-lamps', sound)).body).toMatchObject({
      builtIn: false,
      lines: ['路灯热线'],
    });
    expect(prompts.known('greeting-lamps')).toBe(true);
    const refused = await admin.call('POST', '/api/prompts/greeting-lamps/revert', {});
    expect(refused.body).toMatchObject({ code: 'wrong-state' });
    await upload('greeting-spare', sound);
    expect((await admin.call('POST', '/api/prompts/greeting-spare/revert', {})).body).toEqual({
      prompt: null,
    });
    expect(await find('greeting-spare')).toBeUndefined();
  });

  it('of a line’s menu are listed as missing until somebody records one', async () => {
    expect(await find('menu-line-lamps')).toMatchObject({ origin: 'missing', lines: ['路灯热线'] });
    expect((await admin.call('GET', '/api/prompts/menu-line-lamps/audio')).status).toBe(404);
    await upload('menu-line-lamps', readFileSync(join(SOUNDS, 'hello.aac')));
    expect(await find('menu-line-lamps')).toMatchObject({ origin: 'uploaded' });
  });
});

describe('the switch’s folder', () => {
  it('is filled from the database on a new machine, and mended', async () => {
    const where = join(testFolder('prompts'), 'zh_CN');
    const other = openPrompts(db, where);
    await other.start();
    await other.list();
    const look = async () => {
      await other.stop();
      await other.start();
      await other.stop();
    };
    await look();
    expect(readdirSync(where).sort()).toEqual(readdirSync(folder).sort());
    const file = join(where, 'apology.wav');
    const right = readFileSync(file);
    expect(right.equals(readFileSync(join(folder, 'apology.wav')))).toBe(true);
    rmSync(file);
    writeFileSync(join(where, 'digit-1.wav'), 'a file nobody uploaded');
    await look();
    expect(readFileSync(file).equals(right)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(existsSync(join(where, 'digit-1.wav'))).toBe(false);
    // A new process trusts no content it has not looked at.
    writeFileSync(file, Buffer.alloc(right.length));
    const third = openPrompts(db, where);
    await third.start();
    await third.stop();
    expect(readFileSync(file).equals(right)).toBe(true);
  });

  it('that cannot be written is said, and the upload is kept', async () => {
    const where = join(testFolder('prompts'), 'file');
    writeFileSync(where, 'no folder');
    chmodSync(where, 0o444);
    const lame = openPrompts(db, where);
    await lame.start();
    const words = '已保存';
    const made = await lame.upload(
      'queue-wait',
      words,
      { bytes: readFileSync(join(SOUNDS, 'hello.mp3')), fileName: 'a.mp3' },
      { personId: 'p', name: '管理员', address: '' },
    );
    expect(made).toMatchObject({ origin: 'uploaded', words });
    expect((await lame.list()).trouble).toContain('录音文件夹');
    await lame.stop();
    expect((await prompts.list()).trouble).toBeNull();
  });
});
