import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { boardCsv, boardXlsx } from '../../src/performance/board-sheet.adapter';
import { boardRoutes } from '../../src/performance/board.routes';
import { systemClock } from '../../src/platform/clock';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import { PROJECT } from '../../src/runtime/machine.service';
import { BoardCity } from '../support/board-city';
import { openBrowser, openWindow } from '../support/browser';
import { freshDatabase, freshRedis } from '../support/servers';
import { startWeb, type Web } from '../support/web';

jest.setTimeout(120_000);

const PICTURES = join(PROJECT, 'var/browser');
const MINUTE = 60_000;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redisServer: Awaited<ReturnType<typeof freshRedis>>;
let db: Database;
let redis: RedisClient;
let city: BoardCity;
let web: Web;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [database, redisServer] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openPostgres(database.url, 3);
  redis = openRedis(redisServer.url);
  city = new BoardCity('wall', { database: db, redis, clock: systemClock }, (board) =>
    web.realtime.toRoom('wallboard', 'board', board),
  );
  const service = city.service();
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: redisServer.url,
    webRoot: join(PROJECT, 'build/web'),
    routes: boardRoutes({ board: () => service.board(), sheet: { csv: boardCsv, xlsx: boardXlsx } }),
  });
  const supervisor = await web.visitorAs('supervisor', 'p-supervisor');
  browser = await openBrowser();
  const window = await openWindow(browser, web.url);
  ({ page, complaints } = window);
  const [name = '', value = ''] = supervisor.cookie.split('=');
  await window.context.addCookies([{ name, value, url: web.url }]);
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await web?.stop();
  await city?.stop();
  redis?.disconnect();
  await db?.destroy();
  await redisServer?.stop();
  await database?.drop();
});

async function picture(name: string): Promise<void> {
  for (const [width, height] of [
    [1440, 900],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(PICTURES, `wallboard-${name}-${width}.png`) });
    // Nothing hangs over the edge of the wall.
    const size = await page.evaluate(() => [
      document.documentElement.scrollWidth - innerWidth,
      document.documentElement.scrollHeight - innerHeight,
    ]);
    expect(size).toEqual([0, 0]);
  }
}

test('an empty board says so instead of showing rates', async () => {
  await page.goto('/wallboard');
  await page.getByText('没有坐席签入').waitFor();
  await page.getByText('没有人排队').waitFor();
  expect(await page.getByTestId('connectedRate').textContent()).toBe('—');
  expect(await page.getByText('待回拨').count()).toBe(0);
  await picture('empty');
});

test('a busy day is pushed: who waits, who is at work, the rates with their marks, the trend', async () => {
  const now = Date.now();
  const names = ['张晓燕', '李卫国', '王丽', '赵建军', '陈芳', '刘洋', '杨帆', '黄敏'];
  for (const name of names) city.seat(`general-${name}`, now - 600 * MINUTE, 'ready', { name });
  // A day of calls, most of them answered, by half hour more and more.
  for (let half = 1; half < 46; half++)
    for (let n = 0; n < (half * 7) % 12; n++) {
      const at = now - half * 30 * MINUTE + n * 1000;
      const id = city.arrive(at, n % 5 === 4 ? 'english' : 'general', n % 3 ? 'own' : '12319');
      if ((half + n) % 17 === 0) city.end(id, at + 40_000);
      else if ((half + n) % 41 === 0) city.leaveMessage(id, at + 50_000);
      else if ((half + n) % 23 === 0) city.end(id, at + 9000, 'system');
      else {
        city.talk(id, 'general-张晓燕', at + (n % 7 === 6 ? 21_000 : 6000));
        city.end(id, at + 200_000);
      }
    }
  city.seat('general-张晓燕', now - 200_000, 'talking');
  city.seat('general-李卫国', now - 20_000, 'wrapUp');
  city.seat('general-王丽', now - 12 * MINUTE, 'notReady', { reason: 'meal' });
  const missed = city.arrive(now - 95_000);
  city.ring(missed, 'general-赵建军', now - 80_000);
  city.miss(missed, 'general-赵建军', now - 60_000);
  city.arrive(now - 8000, 'english', '12319');
  await page.getByTestId('seat-general-赵建军').getByText('振铃未接 · 超时未接').waitFor();
  await page.getByTestId('seat-general-王丽').getByText('示忙 · 用餐').waitFor();
  expect(await page.getByTestId('waiting').textContent()).toBe('2');
  expect(await page.getByTestId('longest').textContent()).toMatch(/^0[12]:/);
  expect(await page.getByTestId('connectedRate').textContent()).toMatch(/^\d\d\.\d%$/);
  await page.locator('.gauge-mark[data-mark="95%"]').waitFor();
  await page.getByRole('row', { name: /英语 1 00:/ }).waitFor();
  // The picture of the trend has a table beside it.
  expect(
    await page.getByRole('table', { name: '近24小时每半小时的来电' }).getByRole('row').count(),
  ).toBeGreaterThan(20);
  await page.locator('.trend-picture canvas').waitFor();
  await picture('busy');
});

test('the figures can be saved, the wall can fill the screen, a lost connection is said aloud', async () => {
  for (const [format, ending] of [
    ['Excel（含坐席、走势与口径）', 'xlsx'],
    ['CSV', 'csv'],
  ]) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: '导出' }).click();
    await page.getByRole('menuitem', { name: format }).click();
    expect((await download).suggestedFilename()).toMatch(new RegExp(`^大屏数据-.*\\.${ending}$`));
  }
  await page.getByRole('button', { name: '全屏' }).click();
  await page.getByRole('button', { name: '退出全屏' }).click();
  await page.getByRole('link', { name: '返回' }).waitFor();
  expect(complaints).toEqual([]);
  await web.realtime.stop();
  await page.getByText('连接已断开，正在重连').waitFor();
  await page.screenshot({ path: join(PICTURES, 'wallboard-lost.png') });
});

test('an agent is led away', async () => {
  const agent = await web.visitorAs('agent', 'p-agent');
  const window = await openWindow(browser, web.url);
  const [name = '', value = ''] = agent.cookie.split('=');
  await window.context.addCookies([{ name, value, url: web.url }]);
  await window.page.goto('/wallboard');
  await window.page.getByText('您的账号不使用此页面').waitFor();
  expect((await agent.call('GET', '/api/wallboard')).status).toBe(403);
});
