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
let page: Page;
let admin: Visitor;
let complaints: string[];

beforeAll(async () => {
  database = await freshDatabase();
  const db = openPostgres(database.url, 2);
  const { accounts } = await seedDemoCity(db, { passwords: {} });
  await db.destroy();
  const port = await freePort();
  const config = readConfig({
    HTTP_PORT: String(port),
    POSTGRES_URL: database.url,
    REDIS_URL: testServers().redisUrl,
    REDIS_PREFIX: `dialling-${port}`,
    SWITCH: 'simulated',
    VAR_DIR: testFolder('dialling'),
  });
  hotline = await startHotline(config, pino({ level: 'silent' }));
  admin = new Visitor(`http://127.0.0.1:${port}`);
  await admin.signIn('admin', accounts.find(({ name }) => name === 'admin')?.password);
  browser = await openBrowser();
  const window = await openWindow(browser, admin.url);
  ({ page, complaints } = window);
  const [name = '', value = ''] = admin.cookie.split('=');
  await window.context.addCookies([{ name, value, url: admin.url }]);
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await hotline?.stop();
  await database?.drop();
});

const picture = (name: string) => page.screenshot({ path: join(PICTURES, `dialling-${name}.png`) });

test('an administrator tries a number, writes a rule for it, tries again, saves, and finds the version', async () => {
  await page.goto('/admin#/dial-rules');
  await page.getByText('内置规则（尚未修改过）').waitFor();
  await page.getByRole('row', { name: /声讯及信息费号码/ }).waitFor();
  await page.getByLabel('拨打的号码').fill('0355-96168');
  await page.getByTestId('try-dial').click();
  await page.getByTestId('try-verdict').getByText('96短号中有收取信息费的').waitFor();
  await picture('rules');

  await page.getByTestId('new-rule').click();
  await page.locator('#name').fill('本市96168');
  await page.getByTestId('rule-done').click();
  await page.getByText('须指定号码类别或号码样式').waitFor();
  await page.locator('#patterns').fill('96168');
  await page.keyboard.press('Enter');
  await picture('rule');
  await page.getByTestId('rule-done').click();
  await page.getByRole('row', { name: /本市96168/ }).waitFor();
  for (let steps = 0; steps < 9; steps++) await page.getByRole('button', { name: '上移：本市96168' }).click();
  await page.getByTestId('try-dial').click();
  await page.getByTestId('try-verdict').getByText('按“本市96168”允许拨打').waitFor();
  await page.getByTestId('save-rules').click();
  await page.getByText('第1版，系统管理员').waitFor();
  await page.getByRole('button', { name: '历次规则' }).click();
  await page.getByText('（第1版）').waitFor();
  await picture('history');
  const { body } = await admin.call('GET', '/api/dial-rules');
  expect((body.rules as { name: string }[])[2]?.name).toBe('本市96168');
  expect(complaints).toEqual([]);
});

test('an administrator keeps the contacts', async () => {
  await page.goto('/admin#/contacts');
  await page.reload();
  await page.getByRole('row', { name: /市供水公司抢修/ }).waitFor();
  await picture('contacts');
  await page.getByTestId('new-contact').click();
  await page.locator('#name').fill('俄语口译');
  await page.locator('#number').fill('0355-3018024');
  await page.locator('#kind').click();
  await page.getByTitle('口译').click();
  await page.getByTestId('save-contact').click();
  await page.getByText('请填写').waitFor();
  await page.locator('#language').click();
  await page.getByTitle('俄语').click();
  await picture('contact');
  await page.getByTestId('save-contact').click();
  const row = page.getByRole('row', { name: /俄语口译/ });
  await row.getByText('03553018024').waitFor();
  await row.getByRole('button', { name: '移除' }).click();
  await page.getByRole('button', { name: /确.?定/ }).click();
  await row.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});
