import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Browser, Page } from 'playwright-core';
import { readConfig } from '../../src/config';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { startHotline } from '../../src/hotline';
import { openPostgres } from '../../src/platform/postgres';
import { freePort } from '../../src/runtime/free-port.service';
import { PROJECT } from '../../src/runtime/machine.service';
import { openBrowser, openWindow } from '../support/browser';
import { freshDatabase, testFolder, testServers } from '../support/servers';
import { Visitor } from '../support/web';

jest.setTimeout(120_000);

const PICTURES = join(PROJECT, 'var/browser');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let hotline: Awaited<ReturnType<typeof startHotline>> | undefined;
let browser: Browser;
let url: string;
let passwords: Map<string, string>;

beforeAll(async () => {
  database = await freshDatabase();
  const db = openPostgres(database.url, 2);
  const { accounts } = await seedDemoCity(db, { passwords: {} });
  await db.destroy();
  passwords = new Map(accounts.map(({ name, password }) => [name, password]));
  const port = await freePort();
  const config = readConfig({
    HTTP_PORT: String(port),
    POSTGRES_URL: database.url,
    REDIS_URL: testServers().redisUrl,
    REDIS_PREFIX: `routing-${port}`,
    SWITCH: 'simulated',
    VAR_DIR: testFolder('routing'),
  });
  hotline = await startHotline(config, pino({ level: 'silent' }));
  url = `http://127.0.0.1:${port}`;
  browser = await openBrowser();
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await hotline?.stop();
  await database?.drop();
});

async function windowOf(name: string): Promise<{ page: Page; complaints: string[]; visitor: Visitor }> {
  const visitor = new Visitor(url);
  await visitor.signIn(name, passwords.get(name));
  const { page, complaints, context } = await openWindow(browser, url);
  const [cookie = '', value = ''] = visitor.cookie.split('=');
  await context.addCookies([{ name: cookie, value, url }]);
  return { page, complaints, visitor };
}
const picture = (page: Page, name: string) =>
  page.screenshot({ path: join(PICTURES, `routing-${name}.png`) });
const choose = async (page: Page, label: string, option: string) => {
  await page.getByLabel(label, { exact: true }).click();
  await page.getByTitle(option, { exact: true }).last().click();
};

test('an administrator plans a leader’s day at the phone, and calls it off', async () => {
  const { page, complaints } = await windowOf('admin');
  await page.goto('/admin#/leader-shifts');
  await page.getByText('还没有领导接听安排').waitFor();
  await page.getByTestId('new-shift').click();
  await page.getByLabel('名称').fill('市住建局局长接听日');
  await choose(page, '接听人', '值班班长');
  await page.getByTestId('save-shift').click();
  await page.getByText('请选择热线或队列').waitFor();
  await choose(page, '队列', '综合');
  await picture(page, 'shift-drawer');
  await page.getByTestId('save-shift').click();
  const row = page.getByRole('row', { name: /市住建局局长接听日.*值班班长.*队列：综合/ });
  await row.waitFor();
  await row.getByText('接听中').waitFor();
  await picture(page, 'shifts');
  await row.getByRole('button', { name: /取\s?消/ }).click();
  await page.getByRole('button', { name: /确\s?定/ }).click();
  await page.getByText('还没有领导接听安排').waitFor();
  expect(complaints).toEqual([]);
});

test('an administrator lets a parallel line’s calls overflow', async () => {
  const { page, complaints } = await windowOf('admin');
  await page.goto('/admin#/parallel');
  const row = page.getByRole('row', { name: /市场监管投诉举报热线/ });
  await row.getByText('不溢出').waitFor();
  await row.getByRole('button', { name: /修\s?改/ }).click();
  await page.getByLabel('队列等待满（个）').fill('3');
  await page.getByLabel('对方服务时段').fill('8-18');
  await page.getByTestId('save-parallel').click();
  await page.getByText('时段写作08:00-18:00').waitFor();
  await page.getByLabel('对方服务时段').fill('08:00-18:00');
  await picture(page, 'parallel-drawer');
  await page.getByTestId('save-parallel').click();
  await row.getByText('队列等待满3个').waitFor();
  await picture(page, 'parallel');
  expect(complaints).toEqual([]);
});

test('a unit without a parallel line, or without calls, is told so', async () => {
  const { page, complaints } = await windowOf('clerk-renshe');
  await page.goto('/portal#/parallel');
  await page.getByText('没有并行接听的热线，或近三十天没有通话').waitFor();
  await picture(page, 'portal');
  expect(complaints).toEqual([]);
});
