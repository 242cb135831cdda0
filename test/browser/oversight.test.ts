import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { seedDemoCalendar } from '../../src/db/seeds/demo/calendar';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { calendarRoutes } from '../../src/deadlines/calendar.routes';
import { systemClock } from '../../src/platform/clock';
import { PROJECT } from '../../src/runtime/machine.service';
import { ticketRoutes } from '../../src/tickets/ticket.routes';
import { openBrowser, openWindow } from '../support/browser';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, person, ticketDesk } from '../support/ticket-desk';
import { PASSWORD, startWeb, type Web } from '../support/web';

jest.setTimeout(120_000);

const PICTURES = join(PROJECT, 'var/browser');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desk: ReturnType<typeof ticketDesk>;
let web: Web;
let browser: Browser;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const servers = { postgresUrl: database.url, redisUrl: redis.url };
  desk = ticketDesk({ ...servers, clock: systemClock });
  await seedDemoCategories(desk.db);
  await seedDemoCalendar(desk.db, new Date());
  const routes = [...ticketRoutes(desk), ...calendarRoutes(desk)];
  web = await startWeb({ ...servers, webRoot: join(PROJECT, 'build/web'), routes });
  await web.addPerson('overseer', '监督员');
  browser = await openBrowser();
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await web?.stop();
  await desk?.stop();
  await redis?.stop();
  await database?.drop();
});

test('an overseer signs in, reads work orders and the audit trail, and finds nothing to change (G1)', async () => {
  await desk.tickets.open(aTicket({ callId: 'call-1', citizenName: '张三' }), person('agent'));
  await web.audit.append({ who: 'p-boss', action: 'line.change', subject: 'line:12345' });
  const { page, complaints } = await openWindow(browser, web.url);
  await page.goto('/');
  await page.getByLabel('账号').fill('监督员');
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: '登录' }).click();
  await page.waitForURL('**/oversight');
  // The sign-in page asks who is signed in; the browser reports the answer “nobody”.
  complaints.length = 0;
  await page
    .getByRole('row', { name: /小区停水/ })
    .getByRole('button')
    .click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('138****8000').waitFor();
  expect(await page.getByRole('button', { name: /查看完整号码|导出/ }).count()).toBe(0);
  await page.screenshot({ path: join(PICTURES, 'oversight-ticket.png') });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '审计记录' }).click();
  await page.getByRole('cell', { name: 'line.change' }).waitFor();
  await page.getByPlaceholder('操作').fill('sign-in');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'line.change' }).waitFor({ state: 'detached' });
  await page.screenshot({ path: join(PICTURES, 'oversight-audit.png') });
  expect(complaints).toEqual([]);
});
