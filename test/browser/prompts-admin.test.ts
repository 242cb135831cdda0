import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { promptRoutes } from '../../src/intake/prompt.routes';
import type { PromptService } from '../../src/intake/prompt.service';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { PROJECT } from '../../src/runtime/machine.service';
import { openPrompts, SOUNDS } from '../integration/prompts-support';
import { openBrowser, openWindow } from '../support/browser';
import { freshDatabase, testFolder, testServers } from '../support/servers';
import { until } from '../support/until';
import { startWeb, type Web } from '../support/web';

jest.setTimeout(120_000);

const PICTURES = join(PROJECT, 'var/browser');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let folder: string;
let prompts: PromptService;
let web: Web;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  database = await freshDatabase();
  db = openPostgres(database.url, 4);
  folder = join(testFolder('prompts'), 'zh_CN');
  prompts = openPrompts(db, folder);
  await prompts.start();
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: testServers().redisUrl,
    webRoot: join(PROJECT, 'build/web'),
    routes: promptRoutes({ prompts }),
  });
  const admin = await web.visitorAs('administrator');
  browser = await openBrowser();
  const window = await openWindow(browser, web.url);
  ({ page, complaints } = window);
  const [name = '', value = ''] = admin.cookie.split('=');
  await window.context.addCookies([{ name, value, url: web.url }]);
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await web?.stop();
  await prompts?.stop();
  await db?.destroy();
  await database?.drop();
});

const picture = (name: string) => page.screenshot({ path: join(PICTURES, `prompts-${name}.png`) });

test('an administrator hears, replaces and takes back a recording', async () => {
  await page.goto('/admin#/prompts');
  await page.getByLabel('搜索录音').fill('直接转接人工');
  const row = page.getByRole('row', { name: /apology/ });
  const hear = async () => {
    const [answer] = await Promise.all([
      page.waitForResponse((each) => each.url().includes('/api/prompts/apology/audio')),
      row.getByRole('button', { name: '试听' }).click(),
    ]);
    await row.getByRole('button', { name: '停止' }).click();
    return answer.body();
  };
  expect((await hear()).equals(readFileSync('asterisk-config/sounds/zh/apology.wav'))).toBe(true);

  await row.getByRole('button', { name: '替换' }).click();
  await page.getByTestId('prompt-file').setInputFiles({
    name: '坏的.mp3',
    mimeType: 'audio/mpeg',
    buffer: Buffer.concat([Buffer.from('ID3'), Buffer.alloc(3000)]),
  });
  await page.getByRole('button', { name: '上传并使用' }).click();
  await page.getByText('无法读取这个 MP3 文件').waitFor();
  await picture('refused');
  expect(existsSync(join(folder, 'apology.wav'))).toBe(false);
  await page.getByTestId('prompt-file').setInputFiles(join(SOUNDS, 'hello.m4a'));
  await page.locator('#words').fill('您好，请稍候，马上为您接通。');
  await page.getByRole('button', { name: '上传并使用' }).click();
  await page.getByLabel('搜索录音').fill('apology');
  await row.getByText('已替换').waitFor();
  await row.getByText('您好，请稍候，马上为您接通。').waitFor();
  expect((await hear()).equals(readFileSync(join(folder, 'apology.wav')))).toBe(true);

  await row.getByRole('button', { name: '恢复内置' }).click();
  await page.getByRole('button', { name: '确认恢复内置' }).click();
  await row.getByText('合成语音').waitFor();
  await until('the file is gone', () => !existsSync(join(folder, 'apology.wav')));
  await row.getByRole('button', { name: '历史' }).click();
  await page
    .getByText(/恢复内置$/)
    .last()
    .waitFor();
  await picture('history');
  await page.getByRole('button', { name: '使用此版本' }).click();
  await row.getByText('已替换').waitFor();
  expect(existsSync(join(folder, 'apology.wav'))).toBe(true);
});

test('a greeting of one’s own is added, and what is missing is listed', async () => {
  await page.goto('/admin#/prompts');
  await page.reload();
  await page.getByRole('button', { name: '新增问候语' }).click();
  await page.locator('#name').fill('garden');
  await page.locator('#words').fill('您好，园林绿化热线，由12345统一接听。');
  await page.getByTestId('prompt-file').setInputFiles(join(SOUNDS, 'hello.wav'));
  await page.getByRole('button', { name: '上传并使用' }).click();
  await page.getByText('录音已保存').waitFor();
  await page.getByLabel('搜索录音').fill('园林');
  await page.getByRole('row', { name: /greeting-garden/ }).waitFor();
  expect(prompts.known('greeting-garden')).toBe(true);
  await page.getByLabel('搜索录音').fill('路灯');
  await page
    .getByRole('row', { name: /menu-line-lamps/ })
    .getByText('未录制')
    .waitFor();
  await page.getByLabel('搜索录音').fill('');
  await picture('list');
  // The browser notes the refused upload, and the recordings' alarms, which this server without calls does not have.
  expect(complaints.filter((one) => !/status of (400|404)/.test(one))).toEqual([]);
});
