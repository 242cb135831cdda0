import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { openPostgres } from '../../src/platform/postgres';
import { PROJECT } from '../../src/runtime/machine.service';
import { openBrowser, openWindow, seatState, signInAtDesk, takeSeat } from '../support/browser';
import {
  freshDatabase,
  freshRedis,
  ownAsterisk,
  startService,
  type OwnAsterisk,
  type OwnServer,
  type Service,
} from '../support/servers';
import { callCitizen, type CitizenCall } from '../support/sip-caller';
import { pass, until } from '../support/until';

jest.setTimeout(120_000);

/** Pictures of the pages, to be looked at after a run. */
const PICTURES = join(PROJECT, 'var/browser');

type Accounts = Awaited<ReturnType<typeof seedDemoCity>>['accounts'];

let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: OwnServer;
let asterisk: OwnAsterisk;
let service: Service;
let browser: Browser;
let accounts: Accounts;

beforeAll(async () => {
  [database, redis, asterisk] = await Promise.all([freshDatabase(), freshRedis(), ownAsterisk()]);
  const db = openPostgres(database.url, 2);
  ({ accounts } = await seedDemoCity(db, { passwords: {} }));
  await db.destroy();
  service = await startService({
    POSTGRES_URL: database.url,
    REDIS_URL: redis.url,
    ARI_URL: asterisk.ariUrl,
    ARI_USERNAME: asterisk.ariUsername,
    ARI_PASSWORD: asterisk.ariPassword,
    PHONE_WS_URL: asterisk.phoneWsUrl,
    OFFER_SECONDS: '8',
    WRAP_UP_SECONDS: '60',
    CALLBACKS: 'false',
  });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await asterisk?.stop();
  await redis?.stop();
  await database?.drop();
});

const account = (name: string) => {
  const found = accounts.find((one) => one.name === name);
  if (!found) throw new Error(`no account ${name}`);
  return found;
};
const calls: CitizenCall[] = [];
const citizen = async (options: { from?: string; diversion?: string[] } = {}) => {
  const call = await callCitizen({ at: { host: asterisk.sipHost, port: asterisk.sipPort }, ...options });
  calls.push(call);
  return call;
};

async function atDesk(name: string) {
  const window = await openWindow(browser, service.url);
  await signInAtDesk(window.page, account(name));
  await takeSeat(window.page);
  const ready = window.page.getByRole('button', { name: /^((恢复)?示闲|完成整理)$/ });
  if (await ready.isVisible()) await ready.click();
  await seatState(window.page, 'ready');
  return window;
}

/** A test that leaves a picture of every window, and the service's last words, when it fails. */
function journey(name: string, walk: () => Promise<void>): void {
  test(name, async () => {
    try {
      await walk();
    } catch (fault) {
      const pages = browser.contexts().flatMap((context) => context.pages());
      for (const [index, page] of pages.entries()) {
        const path = join(PICTURES, `${name.slice(0, 24)}-${index}.png`);
        await page.screenshot({ path }).catch(() => undefined);
      }
      console.error(service.logs().split('\n').slice(-25).join('\n'));
      throw fault;
    } finally {
      for (const call of calls.splice(0)) await call.hangUp().catch(() => undefined);
      for (const context of browser.contexts()) await context.close();
    }
  });
}

const leave = async (page: Page) => {
  await page.getByRole('button', { name: '签出坐席' }).click();
  await seatState(page, 'signedOut');
};

/** The call's audio packets, as the page counts them. */
async function audioOf(page: Page): Promise<{ sent: number; received: number }> {
  const line = page.getByTestId('audio');
  return {
    sent: Number(await line.getAttribute('data-sent')),
    received: Number(await line.getAttribute('data-received')),
  };
}

describe('the agent’s desk in Chromium', () => {
  journey('ring, pop, answer, audio both ways, hold, mute, work order, hang up, wrap-up', async () => {
    const { page, complaints } = await atDesk('agent1');
    const call = await citizen({ from: '13835512345', diversion: ['12336'] });

    const pop = page.getByTestId('pop');
    await pop.waitFor();
    await seatState(page, 'ringing');
    expect(await page.getByTestId('pop-line').textContent()).toBe('自然资源违法举报热线');
    expect(await page.getByTestId('pop-number').textContent()).toBe('138****2345');
    expect(await pop.textContent()).toContain('直接合并');
    expect(await pop.textContent()).toContain('请询问：地块位置');
    expect(await page.title()).toMatch(/来电|坐席/);
    await page.screenshot({ path: `${PICTURES}/ringing.png` });

    await page.keyboard.press('F2');
    await seatState(page, 'talking');
    await call.answered();
    const first = await until('audio is counted', async () => {
      const count = await audioOf(page);
      return count.sent > 0 && count.received > 0 ? count : null;
    });
    const later = await until('audio flows on in both directions', async () => {
      const count = await audioOf(page);
      return count.sent > first.sent + 25 && count.received > first.received + 25 ? count : null;
    });
    expect(later.received).toBeGreaterThan(first.received);
    expect(await page.getByTestId('audio').getAttribute('data-codec')).toBe('audio/PCMA');
    const heardBefore = [...call.audio.heard.values()].reduce((sum, count) => sum + count, 0);
    await until(
      'the citizen hears the agent',
      () => [...call.audio.heard.values()].reduce((sum, count) => sum + count, 0) > heardBefore + 25,
    );

    await page.getByRole('button', { name: '查看号码' }).click();
    await until(
      'the number is revealed',
      async () => (await page.getByTestId('pop-number').textContent()) === '13835512345',
    );
    const db = openPostgres(database.url, 1);
    expect(await db('audit').where({ action: 'number.reveal', who: 'agent1' })).toHaveLength(1);
    await db.destroy();
    await page.keyboard.press('F4');
    await page.locator('[data-testid=call][data-stage=held]').waitFor();
    await page.keyboard.press('F4');
    await page.locator('[data-testid=call][data-stage=talking]').waitFor();
    await page.keyboard.press('F6');
    await page.getByText('已静音：诉求人听不到您').waitFor();
    await page.keyboard.press('F6');
    await page.getByText('已静音：诉求人听不到您').waitFor({ state: 'detached' });

    await page.getByText('投诉', { exact: true }).click();
    await page.locator('#ticket-category').fill('工地扰民');
    await page.locator('.ant-select-tree-title').getByText('建筑工地扰民', { exact: true }).click();
    await page.locator('#ticket-area').click();
    await page.locator('.ant-select-item-option').getByText('潞州区', { exact: true }).click();
    await page.locator('#ticket-content').fill('英雄中路工地夜间施工，噪音扰民。要求处理。');
    await page.keyboard.press('F9');
    expect(await page.locator('#ticket-title').inputValue()).toBe('英雄中路工地夜间施工，噪音扰民');
    await page.getByText('属地管理优先').waitFor();
    await page.screenshot({ path: `${PICTURES}/talking.png` });
    await page.keyboard.press('Control+Enter');
    const number = await page.getByTestId('ticket-number').textContent();
    expect(number).toMatch(/\d{6,}/);
    await page.getByText('已派单至潞州区便民热线办公室').waitFor();

    await page.keyboard.press('F8');
    await seatState(page, 'wrapUp');
    await page.getByTestId('wrap-up-left').waitFor();
    // The citizen is asked for a rating, and presses 2.
    await call.audio.press('2');
    await call.ended(15_000);
    await page.screenshot({ path: `${PICTURES}/wrap-up.png` });
    await page.getByTestId('call-finishWrapUp').click();
    await seatState(page, 'ready');
    await page
      .locator('.my-calls')
      .getByText(number ?? '')
      .waitFor();
    await page.locator('.my-calls').getByText('满意', { exact: true }).waitFor();
    await page.screenshot({ path: `${PICTURES}/after.png` });

    expect(complaints.filter((words) => !words.includes('401'))).toEqual([]);
    await leave(page);
  });

  journey('a refresh loses neither the call on the screen nor the draft', async () => {
    const { page } = await atDesk('agent1');
    const call = await citizen();
    await page.getByTestId('call-answer').click();
    await seatState(page, 'talking');
    await page.locator('#ticket-content').fill('刷新之前写的内容');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByTestId('pop').waitFor();
    await seatState(page, 'talking');
    expect(await page.locator('#ticket-content').inputValue()).toBe('刷新之前写的内容');
    await page.locator('[data-testid=phone-status][data-line=registered]').waitFor();
    await call.hangUp();
    await seatState(page, 'wrapUp');
    await page.getByTestId('call-finishWrapUp').click();
    await seatState(page, 'ready');
    await leave(page);
  });

  journey('nobody answers: 振铃未接 is named, explained, and one click leads back', async () => {
    const { page } = await atDesk('agent1');
    const call = await citizen();
    await seatState(page, 'ringing');
    await seatState(page, 'rona', 15_000);
    await page.getByText('本席已暂停派送').waitFor();
    await page.screenshot({ path: `${PICTURES}/rona.png` });
    await page.getByRole('button', { name: '恢复示闲' }).click();
    await seatState(page, 'ringing');
    await call.hangUp();
    await seatState(page, 'ready');
    expect(await page.getByTestId('pop').count()).toBe(0);
    await leave(page);
  });

  journey('a second tab says so and registers no second phone', async () => {
    const { context, page } = await atDesk('agent1');
    const second = await context.newPage();
    await second.goto('/desk');
    await second.getByText('工作台已在另一个标签页打开').waitFor();
    await second.getByRole('button', { name: '在此标签页使用' }).click();
    await second.locator('[data-testid=phone-status][data-line=registered]').waitFor();
    await page.getByText('工作台已移到另一个标签页').waitFor();
    await seatState(second, 'ready');
    await leave(second);
  });

  journey('the connection breaks and comes back: what happened meanwhile is on the screen', async () => {
    const { context, page } = await atDesk('agent1');
    const call = await citizen();
    await page.getByTestId('call-answer').click();
    await seatState(page, 'talking');
    await context.setOffline(true);
    await page.locator('[data-testid=link][data-live=false]').waitFor({ timeout: 60_000 });
    await call.hangUp();
    await pass(300);
    await seatState(page, 'talking');
    await context.setOffline(false);
    await page.locator('[data-testid=link][data-live=true]').waitFor({ timeout: 20_000 });
    await seatState(page, 'wrapUp');
    await page.locator('[data-testid=phone-status][data-line=registered]').waitFor({ timeout: 30_000 });
  });
});
