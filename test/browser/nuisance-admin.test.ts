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
let supervisor: Visitor;
let complaints: string[];

beforeAll(async () => {
  database = await freshDatabase();
  const db = openPostgres(database.url, 2);
  const { accounts } = await seedDemoCity(db, { passwords: {} });
  await db('nuisance_entries').insert({
    entry_id: 'from-an-agent',
    version: 1,
    number: '13900000001',
    match: 'number',
    treatment: 'announce',
    reason: '一小时内来电二十次，接通后不说话',
    last_day: new Date(Date.now() + 20 * 86_400_000),
    state: 'proposed',
    proposed_by: 'agent1',
    proposed_by_name: '张晓燕',
    proposed_at: new Date(),
  });
  await db.destroy();
  const port = await freePort();
  const config = readConfig({
    HTTP_PORT: String(port),
    POSTGRES_URL: database.url,
    REDIS_URL: testServers().redisUrl,
    REDIS_PREFIX: `nuisance-${port}`,
    SWITCH: 'simulated',
    VAR_DIR: testFolder('nuisance'),
  });
  hotline = await startHotline(config, pino({ level: 'silent' }));
  supervisor = new Visitor(`http://127.0.0.1:${port}`);
  await supervisor.signIn('supervisor', accounts.find(({ name }) => name === 'supervisor')?.password);
  browser = await openBrowser();
  const window = await openWindow(browser, supervisor.url);
  ({ page, complaints } = window);
  const [name = '', value = ''] = supervisor.cookie.split('=');
  await window.context.addCookies([{ name, value, url: supervisor.url }]);
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await hotline?.stop();
  await database?.drop();
});

const picture = (name: string) => page.screenshot({ path: join(PICTURES, `nuisance-${name}.png`) });

test('a supervisor approves an agent’s proposal, looks at the number, ends it early, and proposes another', async () => {
  await page.goto('/admin#/nuisance');
  const row = page.getByRole('row', { name: /139\*\*\*\*0001/ });
  await row.getByRole('button', { name: '批准', exact: true }).click();
  await page.getByTestId('decision-words').fill('录音属实');
  await picture('approve');
  await page.getByRole('dialog').getByRole('button', { name: '批准' }).click();
  await row.getByText('生效中').waitFor();
  await row.getByRole('button', { name: '查看' }).click();
  await page.getByRole('row', { name: /13900000001/ }).waitFor();
  const shown = page.getByRole('row', { name: /13900000001/ });
  await shown.getByRole('button', { name: '解除' }).click();
  const lift = page.getByRole('dialog').getByRole('button', { name: '解除' });
  expect(await lift.isDisabled()).toBe(true);
  await page.getByTestId('decision-words').fill('当事人已道歉');
  await lift.click();
  await shown.getByText('提前解除').waitFor();

  await page.getByTestId('new-nuisance').click();
  await page.locator('#number').fill('0355-110');
  await page.locator('#reason').fill('试');
  await page.getByTestId('save-nuisance').click();
  await page.getByText('填写的内容不符合要求').waitFor();
  await page.locator('#reason').fill('冒充政府工作人员推销');
  await page.getByTestId('save-nuisance').click();
  await page.getByText('110、119、120、122不能列入骚扰名单').first().waitFor();
  await picture('refused');
  await page.locator('#number').fill('0355-3019999');
  await page.getByTestId('save-nuisance').click();
  await page.getByRole('row', { name: /须由他人审批/ }).waitFor();
  await picture('list');
  const { body } = await supervisor.call('GET', '/api/nuisance?state=lifted');
  expect(body.entries).toMatchObject([{ entryId: 'from-an-agent', lifted: { words: '当事人已道歉' } }]);

  await page.getByRole('button', { name: '不拦截的热线' }).click();
  await page.getByLabel('热线', { exact: true }).fill('12319');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await picture('lines');
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await page.getByText('已保存，下一个来电即生效').waitFor();
  const open = await supervisor.call('GET', '/api/nuisance/open-lines');
  expect(open.body.lineIds).toHaveLength(1);
  expect(complaints.filter((one) => !/status of 400/.test(one))).toEqual([]);
});
