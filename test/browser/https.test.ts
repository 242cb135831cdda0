import type { Browser } from 'playwright-core';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { openPostgres } from '../../src/platform/postgres';
import { openBrowser, openWindow, seatState, signInAtDesk, takeSeat } from '../support/browser';
import { freshDatabase, freshRedis, ownAsterisk, startService } from '../support/servers';
import { callCitizen } from '../support/sip-caller';
import { until } from '../support/until';

jest.setTimeout(120_000);

const ends: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** Browsers give the microphone to secure pages only: away from localhost everything must work over HTTPS and WSS. */
test('with a certificate made on demand the pages, the feed and the phone work over one secure port', async () => {
  const [database, redis, asterisk] = await Promise.all([freshDatabase(), freshRedis(), ownAsterisk()]);
  ends.push(database.drop, redis.stop, asterisk.stop);
  const db = openPostgres(database.url, 2);
  const { accounts } = await seedDemoCity(db, { passwords: {} });
  await db.destroy();
  const service = await startService({
    TLS: 'self-signed',
    POSTGRES_URL: database.url,
    REDIS_URL: redis.url,
    ARI_URL: asterisk.ariUrl,
    ARI_USERNAME: asterisk.ariUsername,
    ARI_PASSWORD: asterisk.ariPassword,
    PHONE_WS_URL: asterisk.phoneWsUrl,
    GREETING: 'false',
    RECORDED_NOTICE: 'false',
  });
  ends.push(service.stop);
  const browser: Browser = await openBrowser();
  ends.push(() => browser.close());
  const { page, context } = await openWindow(browser, service.url);
  await until('the pages are served', async () => (await page.goto('/'))?.ok(), 30_000);
  expect(page.url()).toMatch(/^https:/);
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));

  const account = accounts.find(({ name }) => name === 'agent1');
  await signInAtDesk(page, { name: 'agent1', password: account?.password ?? '' });
  await until('the switch is commanded', async () => (await page.request.get('/readyz')).ok(), 20_000);
  await takeSeat(page);
  await page.getByRole('button', { name: '示闲' }).click();
  await seatState(page, 'ready');
  const [cookie] = await context.cookies();
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
  expect(sockets.some((url) => url.endsWith('/phone'))).toBe(true);
  expect(
    sockets.every((url) => url.startsWith('wss:') && new URL(url).host === new URL(service.url).host),
  ).toBe(true);
  await call.hangUp();
  await seatState(page, 'wrapUp');
});
