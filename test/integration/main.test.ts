import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freshDatabase, startService, testServers } from '../support/servers';

const root = join(__dirname, '../..');

/** Runs main.ts with an environment of its own until it ends by itself. */
function run(env: Record<string, string>): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
      cwd: root,
      env: { PATH: process.env.PATH, ...env },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (text += data.toString()));
    child.on('close', (code) => resolve({ code, text }));
  });
}

it('names every faulty setting at once and ends', async () => {
  const { code, text } = await run({ HTTP_PORT: '99999', POSTGRES_URL: 'mysql://x' });
  expect(code).toBe(1);
  for (const setting of ['HTTP_PORT', 'POSTGRES_URL', 'REDIS_URL']) expect(text).toContain(setting);
}, 30_000);

it('starts, names the setting of a taken port to a second one, and stops within seconds of SIGTERM', async () => {
  const database = await freshDatabase();
  const env = { POSTGRES_URL: database.url, SWITCH: 'simulated', REDIS_PREFIX: `main-${process.pid}` };
  const service = await startService(env);
  try {
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    const second = await run({
      ...env,
      REDIS_URL: testServers().redisUrl,
      REDIS_PREFIX: `main2-${process.pid}`,
      HTTP_PORT: String(service.port),
    });
    expect(second.code).toBe(1);
    expect(second.text).toContain('HTTP_PORT');
    const began = Date.now();
    await service.stop();
    expect(Date.now() - began).toBeLessThan(8000);
    expect(service.running()).toBe(false);
    expect(service.logs()).not.toMatch(/not stopped in time|did not stop cleanly|unhandledRejection/);
  } finally {
    if (service.running()) await service.kill9();
    await database.drop();
  }
}, 90_000);
