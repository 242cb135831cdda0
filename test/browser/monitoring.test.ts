import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { PROJECT } from '../../src/runtime/machine.service';
import { Scene, type Agent } from '../journeys/scene';
import { openBrowser, openWindow, seatState, signInAtDesk, takeSeat } from '../support/browser';

jest.setTimeout(90_000);

/** Pictures of the pages, to be looked at after a run. */
const PICTURES = join(PROJECT, 'var/browser');

let scene: Scene;
let browser: Browser;
/** 张晓燕, who is listened to, with a phone of SIPp's. */
let agent: Agent;

beforeAll(async () => {
  scene = await Scene.open({ agents: 1, env: { WRAP_UP_SECONDS: '60' } });
  [agent] = scene.agents as [Agent];
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await scene?.close();
}, 30_000);

async function at(name: string): Promise<{ page: Page; complaints: string[] }> {
  const window = await openWindow(browser, scene.service.url);
  window.page.on('dialog', (dialog) => void dialog.accept());
  await signInAtDesk(window.page, scene.account(name));
  return window;
}

const picture = (page: Page, name: string) =>
  page.screenshot({ path: join(PICTURES, `monitoring-${name}.png`) });
const stage = (page: Page, name: string) =>
  page.locator(`[data-testid=monitor][data-stage=${name}]`).waitFor();
const row = (page: Page, seatId: string, state: string) =>
  page.locator(`[data-testid=seat-${seatId}][data-state=${state}]`);

test('a supervisor listens by one click, whispers and barges in by keys, and takes over', async () => {
  const { page, complaints } = await at('supervisor');
  try {
    await page.getByRole('button', { name: '坐席监控' }).click();
    await page.getByText('请先在左侧签入坐席').waitFor();
    await takeSeat(page);
    await page.getByText('请先在左侧签入坐席').waitFor({ state: 'detached' });

    await agent.desk.ready();
    const citizen = await scene.citizen({ from: '13835512345' });
    const ring = await agent.phone.nextRing();
    await ring.answer();
    const talking = row(page, 'agent1', 'talking');
    await talking.getByText('138****2345').waitFor();
    await picture(page, 'seats');

    await page.getByLabel('监听事由').fill('新员工带教');
    await talking.getByRole('button', { name: '监听' }).click();
    await stage(page, 'listening');
    await page.getByText('没有人听得到您').waitFor();
    expect(await page.getByTestId('call').count()).toBe(0);
    await page.keyboard.press('F4');
    await stage(page, 'whispering');
    // The switch between the two slides.
    await page.locator('.ant-segmented-item-selected').getByText('耳语').waitFor();
    await page.waitForTimeout(400);
    await picture(page, 'whispering');
    await page.keyboard.press('F7');
    await stage(page, 'barged');
    await page.locator('[data-testid=call][data-stage=talking]').waitFor();
    await picture(page, 'barged');
    expect(await agent.desk.shows('him', (call) => call.parties.length === 1)).toBeTruthy();

    await page.getByTestId('monitor-take-over').click();
    await page.getByRole('dialog').getByText('将退出通话').waitFor();
    await page.getByRole('button', { name: '接管', exact: true }).last().click();
    await ring.ended();
    await page.getByTestId('pop').waitFor();
    await page.getByTestId('monitor').waitFor({ state: 'detached' });
    await page.getByTestId('call-transfer').waitFor();
    await picture(page, 'taken-over');
    await citizen.hangUp();
    await seatState(page, 'wrapUp');
    // The sign-in page asks who is signed in: nobody yet.
    expect(complaints.filter((words) => !words.includes('401'))).toEqual([]);
  } catch (fault) {
    await picture(page, 'failed').catch(() => undefined);
    console.error(scene.service.logs().split('\n').slice(-15).join('\n'));
    throw fault;
  } finally {
    for (const context of browser.contexts()) await context.close();
  }
});

test('a supervisor sets a seat and signs it out after asking; its agent is told who', async () => {
  const desk = await at('agent2');
  const boss = await at('supervisor');
  try {
    await takeSeat(desk.page);
    expect(await desk.page.getByRole('button', { name: '坐席监控' }).count()).toBe(0);
    await boss.page.getByRole('button', { name: '坐席监控' }).click();
    await row(boss.page, 'agent2', 'notReady').waitFor();
    await boss.page.getByTestId('acts-agent2').click();
    await boss.page.getByRole('menuitem', { name: '示闲' }).click();
    await desk.page.getByText('班长 值班班长 已将您示闲').waitFor();
    await seatState(desk.page, 'ready');
    await boss.page.getByTestId('acts-agent2').click();
    await boss.page.getByRole('menuitem', { name: '示忙' }).hover();
    await boss.page.getByRole('menuitem', { name: '会议' }).click();
    await desk.page.getByText('班长 值班班长 已将您示忙（会议）').waitFor();
    await picture(desk.page, 'told');
    await row(boss.page, 'agent2', 'notReady').getByText('会议').waitFor();
    await boss.page.getByTestId('acts-agent2').click();
    await boss.page.getByRole('menuitem', { name: '签出…' }).click();
    await boss.page.getByRole('dialog').getByText('话机随即离线').waitFor();
    await picture(boss.page, 'sign-out');
    await boss.page.getByRole('dialog').getByRole('button', { name: '签出' }).click();
    await seatState(desk.page, 'signedOut');
  } catch (fault) {
    await picture(boss.page, 'failed-seats').catch(() => undefined);
    await picture(desk.page, 'failed-desk').catch(() => undefined);
    throw fault;
  } finally {
    for (const context of browser.contexts()) await context.close();
  }
});
