import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { generate } from 'selfsigned';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { openPostgres } from '../../src/platform/postgres';
import { openBrowser, openWindow, seatState, signInAtDesk, takeSeat, withoutG711 } from '../support/browser';
import {
  freshDatabase,
  freshRedis,
  ownAsterisk,
  startService,
  testFolder,
  type OwnAsterisk,
} from '../support/servers';
import { callCitizen } from '../support/sip-caller';
import { until } from '../support/until';

jest.setTimeout(120_000);

const ends: (() => Promise<unknown>)[] = [];
let asterisk: OwnAsterisk;
let browser: Browser;
let env: Record<string, string>;
let password: string;

beforeAll(async () => {
  const [database, redis, own] = await Promise.all([freshDatabase(), freshRedis(), ownAsterisk()]);
  asterisk = own;
  ends.push(database.drop, redis.stop, asterisk.stop);
  const db = openPostgres(database.url, 2);
  const { accounts } = await seedDemoCity(db, { passwords: {} });
  await db.destroy();
  password = accounts.find(({ name }) => name === 'agent1')?.password ?? '';
  env = {
    POSTGRES_URL: database.url,
    REDIS_URL: redis.url,
    ARI_URL: asterisk.ariUrl,
    ARI_USERNAME: asterisk.ariUsername,
    ARI_PASSWORD: asterisk.ariPassword,
    PHONE_WS_URL: asterisk.phoneWsUrl,
    GREETING: 'false',
    RECORDED_NOTICE: 'false',
  };
  browser = await openBrowser();
  ends.push(() => browser.close());
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** The certificate of an administrator, in files. */
async function certificateFiles(): Promise<{ TLS_CERT_FILE: string; TLS_KEY_FILE: string }> {
  const folder = testFolder('certificate');
  const files = { TLS_CERT_FILE: join(folder, 'city.pem'), TLS_KEY_FILE: join(folder, 'city.key') };
  const made = await generate([{ name: 'commonName', value: '12345.city.test' }], { keyType: 'ec' });
  writeFileSync(files.TLS_CERT_FILE, made.cert);
  writeFileSync(files.TLS_KEY_FILE, made.private);
  return files;
}

/** Signs in, takes a call and talks: the page, its feed and its phone all come over one secure port. */
async function talksSecurely(page: Page, url: string, codec: string): Promise<string | undefined> {
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  const served = await until('the pages are served', () => page.goto('/'), 30_000);
  expect(page.url()).toMatch(/^https:/);
  await signInAtDesk(page, { name: 'agent1', password });
  await until('the switch is commanded', async () => (await page.request.get('/readyz')).ok(), 20_000);
  await takeSeat(page);
  await page.getByRole('button', { name: '示闲' }).click();
  await seatState(page, 'ready');
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict' });

  const call = await callCitizen({ at: { host: asterisk.sipHost, port: asterisk.sipPort } });
  ends.push(() => call.hangUp().catch(() => undefined));
  await page.getByTestId('call-answer').click();
  await seatState(page, 'talking');
  const line = page.getByTestId('audio');
  await until('audio flows in both directions', async () => {
    const [sent, received] = [await line.getAttribute('data-sent'), await line.getAttribute('data-received')];
    return Number(sent) > 25 && Number(received) > 25;
  });
  expect(await line.getAttribute('data-codec')).toBe(codec);
  expect(sockets.some((socket) => socket.endsWith('/phone'))).toBe(true);
  expect(
    sockets.every((socket) => socket.startsWith('wss:') && new URL(socket).host === new URL(url).host),
  ).toBe(true);
  await call.hangUp();
  await seatState(page, 'wrapUp');
  await page.getByRole('button', { name: '签出坐席' }).click();
  await seatState(page, 'signedOut');
  return (await served.securityDetails())?.subjectName;
}

/** Browsers give the microphone to secure pages only: away from localhost everything must work over HTTPS and WSS. */
describe('the pages, the feed and the phone work over one secure port', () => {
  test('with a certificate made on demand', async () => {
    const service = await startService({ ...env, TLS: 'self-signed' });
    ends.push(service.stop);
    const { page } = await openWindow(browser, service.url);
    expect(await talksSecurely(page, service.url, 'audio/PCMA')).toBe('12345 hotline');
    await service.stop();
  });

  test('with the administrator’s certificate files, and with a browser that lacks G.711', async () => {
    const files = await certificateFiles();
    const service = await startService({ ...env, TLS: 'files', ...files });
    ends.push(service.stop);
    const { page } = await openWindow(browser, service.url);
    await withoutG711(page);
    expect(await talksSecurely(page, service.url, 'audio/opus')).toBe('12345.city.test');
    await service.stop();
  });
});
