import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Browser } from 'playwright-core';
import { JournalStore } from '../../src/calls/journal.store';
import { RecordingStore } from '../../src/calls/recordings/recording.store';
import { readConfig } from '../../src/config';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import type { CallEvent } from '../../src/events';
import { startHotline } from '../../src/hotline';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { openRedis } from '../../src/platform/redis';
import { freePort } from '../../src/runtime/free-port.service';
import { PROJECT } from '../../src/runtime/machine.service';
import { openBrowser, openWindow } from '../support/browser';
import { freshDatabase, testFolder, testServers } from '../support/servers';
import { Visitor } from '../support/web';

jest.setTimeout(120_000);

const PICTURES = join(PROJECT, 'var/browser');
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let hotline: Awaited<ReturnType<typeof startHotline>> | undefined;
let browser: Browser;
let url: string;
let accounts: Awaited<ReturnType<typeof seedDemoCity>>['accounts'];

/** A call that ended `minutes` ago without a talk, as the journal has it. */
function missed(number: string, minutes: number, ...events: Record<string, unknown>[]): CallEvent[] {
  const callId = randomUUID();
  const line = {
    ...{ lineId: 'line-12345', lineName: '长治市12345热线', mode: 'own', matchedNumber: '12345' },
    ...{ matchedBy: 'called-number', queue: 'general' },
  };
  const ended = Date.now() - minutes * 60_000;
  const arrival = { callerNumber: number, callerName: '', dialled: '12345', diversions: [] };
  const whole = [
    {
      ...{ kind: 'callArrived', line, ...arrival, direction: 'inbound', at: new Date(ended - 80_000) },
      about: { ticketId: null, callbackId: null },
    },
    { kind: 'callWaiting', queue: 'general', priority: 0, at: new Date(ended - 80_000) },
    ...events.map((event) => ({ recordingId: `${callId}-message`, ...event })),
    { kind: 'callEnded', endedBy: events.length ? 'system' : 'citizen', cause: 'normal' },
  ];
  return whole.map((event) => ({ callId, at: new Date(ended), ...event }) as CallEvent);
}

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openPostgres(fresh.url, 2);
  ({ accounts } = await seedDemoCity(db, { passwords: {} }));
  const message = missed('13900003333', 30, { kind: 'messageLeft', durationMs: 21_400 });
  const events = [
    ...missed('13900001111', 25),
    ...missed('13900001111', 5),
    ...missed('13900002222', 2, { kind: 'callbackAsked' }),
    ...message,
  ];
  const redis = openRedis(testServers().redisUrl);
  const store = new JournalStore(redis, db, 'callbacks-page');
  await store.write(events.map((event) => ({ entryId: randomUUID(), event })));
  redis.disconnect();
  const side = (height: number) =>
    Array.from({ length: 200 }, (_, at) => Math.round(height * Math.abs(Math.sin(at / 5))));
  await new RecordingStore(db).save({
    ...{ recordingId: `${message[0]?.callId}-message`, callId: message[0]?.callId ?? '', kind: 'message' },
    ...{ savedAt: new Date(), durationMs: 21_400, bytes: 1, sha256: 'a'.repeat(64), file: 'x.wav' },
    waveform: { left: side(70), right: side(0) },
  });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const config = readConfig({
    ...{ HTTP_PORT: String(port), POSTGRES_URL: fresh.url, REDIS_URL: testServers().redisUrl },
    ...{ REDIS_PREFIX: `callbacks-${port}`, SWITCH: 'simulated', VAR_DIR: testFolder('callbacks') },
    ...{ CALLBACK_AFTER_SECONDS: '3600', CALLBACK_QUIET_HOURS: 'none' },
  });
  await db('recording_alarms').insert({
    ...{ alarm_id: randomUUID(), recording_id: 'c1-talk', call_id: 'c1' },
    ...{ why: '磁盘已满', at: new Date() },
  });
  hotline = await startHotline(config, pino({ level: 'silent' }));
  browser = await openBrowser();
  mkdirSync(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await hotline?.stop();
  await db?.destroy();
  await fresh?.drop();
});

async function signedIn(name: string) {
  const visitor = new Visitor(url);
  await visitor.signIn(name, accounts.find((each) => each.name === name)?.password);
  const window = await openWindow(browser, url);
  const [cookie = '', value = ''] = visitor.cookie.split('=');
  await window.context.addCookies([{ name: cookie, value, url }]);
  const picture = (what: string) => window.page.screenshot({ path: join(PICTURES, `callbacks-${what}.png`) });
  return { ...window, picture };
}

test('a supervisor sees what is owed, how it came, and cancels one with a reason', async () => {
  const { page, complaints, picture } = await signedIn('supervisor');
  await page.goto('/admin#/callbacks');
  // A recording that failed is told here too, until somebody has seen to it.
  const alarm = page.getByTestId('recording-alarms').getByText(/磁盘已满/);
  await alarm.waitFor();
  await picture('alarm');
  await page.getByRole('button', { name: '已处理' }).click();
  await alarm.waitFor({ state: 'detached' });
  // Each role finds its pages in one menu.
  await page.getByTestId('person-menu').click();
  await page.getByRole('menuitem', { name: '坐席监控' }).waitFor();
  await picture('menu');
  expect(await page.getByRole('menuitem').allTextContents()).not.toContain('热线整合');
  await page.getByTestId('person-menu').click();
  const twice = page.getByRole('row', { name: /139\*+1111/ });
  await twice.getByText('（2 次）').waitFor();
  await page
    .getByRole('row', { name: /139\*+2222/ })
    .getByText('排队中')
    .waitFor();
  await page
    .getByTestId('callback-figures')
    .locator('div', { hasText: /^待回拨1$/ })
    .waitFor();
  await page.getByText('保留原排队位置，等待坐席').waitFor();
  await picture('list');
  await twice.getByRole('button', { name: '经过' }).click();
  await page.getByText('等待中挂机').first().waitFor();
  await page.getByText('尚未拨出').waitFor();
  await picture('one');
  await page.locator('.ant-drawer-close').click();
  await twice.getByRole('button', { name: '取消' }).click();
  await page.getByLabel('取消原因（记入审计）').fill('诉求人已到窗口办理');
  await picture('cancel');
  await page.locator('.ant-modal-footer').getByRole('button', { name: '取消回拨' }).click();
  await twice.waitFor({ state: 'detached' });
  await page.getByText('未接通、取消与过期').click();
  await page.getByRole('row', { name: /诉求人已到窗口办理/ }).waitFor();
  await picture('cancelled');
  expect(complaints).toEqual([]);
});

test('an agent takes a voice message from the desk, hears it and closes it', async () => {
  const { page, complaints, picture } = await signedIn('agent1');
  await page.goto('/desk');
  await page.getByTestId('message-tasks').getByText('1 条待处理').waitFor();
  await picture('desk');
  await page.getByTestId('open-messages').click();
  const message = page.getByTestId('message');
  await message.getByRole('button', { name: '收听' }).click();
  await message.getByRole('button', { name: '领取' }).click();
  await message.getByText('本人处理中').waitFor();
  await page.getByText('本人处理中 1 条').waitFor();
  await picture('message');
  await message.getByRole('button', { name: '办结' }).click();
  await page.getByText('无需处理', { exact: true }).click();
  await page.locator('.ant-modal-footer').getByRole('button', { name: '办结' }).click();
  await page.getByText('请说明无需处理的原因').waitFor();
  await page.locator('#note').fill('与昨日工单重复');
  await picture('finish');
  await page.locator('.ant-modal-footer').getByRole('button', { name: '办结' }).click();
  await page.getByText('没有待处理的留言').first().waitFor();
  await page.getByText('已处理').click();
  await message.getByText('与昨日工单重复').waitFor();
  // The sound itself is not there in this test.
  expect(complaints.filter((each) => !/404|audio|media/i.test(each))).toEqual([]);
});
