import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { seedDemoCalendar } from '../../src/db/seeds/demo/calendar';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { calendarRoutes } from '../../src/deadlines/calendar.routes';
import { systemClock } from '../../src/platform/clock';
import { PROJECT } from '../../src/runtime/machine.service';
import { ticketRoutes } from '../../src/tickets/ticket.routes';
import { openBrowser, openWindow } from '../support/browser';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, person, ticketDesk } from '../support/ticket-desk';
import { startWeb, type Web } from '../support/web';

jest.setTimeout(120_000);

const PICTURES = join(PROJECT, 'var/browser');
const agent = person('agent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desk: ReturnType<typeof ticketDesk>;
let web: Web;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  desk = ticketDesk({
    postgresUrl: database.url,
    redisUrl: redis.url,
    clock: systemClock,
    onAnnounce: (event) => web.bus.announce(event),
  });
  await seedDemoCategories(desk.db);
  await seedDemoCalendar(desk.db, new Date());
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: redis.url,
    webRoot: join(PROJECT, 'build/web'),
    routes: [...ticketRoutes(desk), ...calendarRoutes(desk)],
  });
  desk.start();
  const clerk = await web.visitorAs('unit', 'clerk-1', 'unit-a');
  browser = await openBrowser();
  const window = await openWindow(browser, web.url);
  ({ page, complaints } = window);
  const [name = '', value = ''] = clerk.cookie.split('=');
  await window.context.addCookies([{ name, value, url: web.url }]);
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await web?.stop();
  await desk?.stop();
  await redis?.stop();
  await database?.drop();
});

const picture = (name: string) => page.screenshot({ path: join(PICTURES, `portal-${name}.png`) });

test('a dispatched ticket appears by itself; the clerk reads it with its clock and looks at the number', async () => {
  await page.goto('/portal');
  await page.getByText('没有未读通知').waitFor();
  await page.getByText('实时连接').waitFor();
  const { number } = await desk.tickets.open(
    aTicket({ callId: 'call-1', unitId: 'unit-a', citizenName: '张三' }),
    agent,
  );
  const notice = page.getByTestId('notice').filter({ hasText: number });
  await notice.waitFor();
  await picture('inbox');
  await notice.click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('张三').waitFor();
  await drawer.getByText('138****8000').waitFor();
  await drawer.getByText(/一般事项 5 个工作日办结（T1）/).waitFor();
  await drawer.getByText(/^剩 /).waitFor();
  await drawer.getByTestId('called-in').getByText('供水公司').waitFor();
  await drawer.getByRole('button', { name: /查看完整号码/ }).click();
  await drawer.getByText('13800138000').waitFor();
  await picture('ticket');
  await page.keyboard.press('Escape');
  await page.getByText('没有未读通知').waitFor();
  expect(await web.database('audit').where({ action: 'ticket.reveal-number', who: 'clerk-1' })).toHaveLength(
    1,
  );
});

test('a confidential ticket shows no citizen; filters and export work', async () => {
  const secret = aTicket({
    callId: 'call-1',
    unitId: 'unit-a',
    citizenName: '李四',
    type: 'report',
    title: '举报非法采砂',
    content: '夜间采砂',
  });
  await desk.tickets.open(secret, agent);
  await page.goto('/portal#/tickets');
  await page
    .getByRole('row', { name: /举报非法采砂/ })
    .getByRole('button')
    .click();
  await page.getByRole('dialog').getByText('诉求人要求保密').waitFor();
  expect(await page.content()).not.toMatch(/李四|138\*|供水公司/);
  await page.keyboard.press('Escape');
  await page.getByPlaceholder('编号、标题、内容、地址').fill('停水');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /举报非法采砂/ }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /小区停水/ }).waitFor();
  await picture('tickets');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出 Excel' }).click();
  expect((await download).suggestedFilename()).toMatch(/^工单-.*\.xlsx$/);
  await page.getByPlaceholder('编号、标题、内容、地址').fill('没有这样的');
  await page.keyboard.press('Enter');
  await page.getByText('没有符合条件的工单').waitFor();
  expect(complaints).toEqual([]);
});
