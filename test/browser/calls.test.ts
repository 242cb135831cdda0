import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { PROJECT } from '../../src/runtime/machine.service';
import { Scene, type Agent } from '../journeys/scene';
import { openBrowser, openWindow, seatState, signInAtDesk, takeSeat } from '../support/browser';
import { heardOf } from '../support/sip-prompt';
import { testFolder } from '../support/servers';
import { pass, until } from '../support/until';

jest.setTimeout(90_000);

/** Pictures of the pages, to be looked at after a run. */
const PICTURES = join(PROJECT, 'var/browser');

let scene: Scene;
let browser: Browser;
/** 张晓燕, with a phone of SIPp's; at the page sits 李建国. */
let other: Agent;

beforeAll(async () => {
  scene = await Scene.open({
    agents: 1,
    env: {
      OFFER_SECONDS: '10',
      WRAP_UP_SECONDS: '60',
      HOLD_REMINDER_SECONDS: '5',
      RECORD_CALLS: 'true',
      RECORDINGS_DIR: testFolder('recordings'),
    },
  });
  [other] = scene.agents as [Agent];
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await scene?.close();
}, 30_000);

async function atDesk(): Promise<Page> {
  const { page } = await openWindow(browser, scene.service.url);
  page.on('dialog', (dialog) => void dialog.accept());
  await signInAtDesk(page, scene.account('agent2'));
  await takeSeat(page);
  return page;
}

/** A test at a desk of its own, which leaves a picture and the service's last words when it fails. */
function journey(name: string, walk: (page: Page) => Promise<void>): void {
  test(name, async () => {
    const page = await atDesk();
    try {
      await walk(page);
      await leaveSeat(page);
    } catch (fault) {
      await page
        .screenshot({ path: join(PICTURES, `failed-${name.slice(0, 20)}.png`) })
        .catch(() => undefined);
      console.error(scene.service.logs().split('\n').slice(-25).join('\n'));
      throw fault;
    } finally {
      for (const context of browser.contexts()) await context.close();
      await scene.calm();
    }
  });
}

async function leaveSeat(page: Page): Promise<void> {
  await page.getByRole('button', { name: '签出坐席' }).click();
  await seatState(page, 'signedOut');
}

const picture = async (page: Page, name: string) => {
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .map(({ finished, effect }) => (effect?.getComputedTiming().endTime === Infinity ? null : finished)),
    ),
  );
  await page.screenshot({ path: join(PICTURES, `calls-${name}.png`) });
};
const stage = (page: Page, name: string) => page.locator(`[data-testid=call][data-stage=${name}]`).waitFor();
const person = (page: Page, state: string) => page.locator(`[data-testid=party][data-state=${state}]`);

async function beReady(page: Page): Promise<void> {
  const ready = page.getByRole('button', { name: /^((恢复)?示闲|完成整理)$/ });
  if (await ready.isVisible()) await ready.click();
  await seatState(page, 'ready');
}

/** A citizen calls the desk, and the agent answers by key. */
async function talk(page: Page) {
  await beReady(page);
  const citizen = await scene.citizen({ from: '13700000001' });
  await seatState(page, 'ringing');
  // Nobody has asked for this ring: it waits for the agent.
  await pass(600);
  await stage(page, 'ringing');
  await page.keyboard.press('F2');
  await seatState(page, 'talking');
  await audioFlows(page);
  const callId = (await page.getByTestId('call').getAttribute('data-call')) ?? '';
  return { citizen, callId };
}

/** The call's audio flows in both directions, as the page counts it. */
async function audioFlows(page: Page): Promise<void> {
  const count = async () => {
    const line = page.getByTestId('audio');
    if (!(await line.count())) return { sent: 0, received: 0 };
    const read = async (name: string) => Number(await line.getAttribute(name));
    return { sent: await read('data-sent'), received: await read('data-received') };
  };
  const first = await until(
    'audio is counted',
    async () => {
      const now = await count();
      return now.sent > 0 && now.received > 0 ? now : null;
    },
    15_000,
  );
  await until('audio flows both ways', async () => {
    const now = await count();
    return now.sent > first.sent + 20 && now.received > first.received + 20;
  });
}

describe('several in a call, at the desk in Chromium', () => {
  journey('the agent sits at an ordinary telephone: rung there, in the call with key 1', async (page) => {
    await leaveSeat(page);
    await page.getByText('普通电话').click();
    const number = page.getByLabel('电话号码');
    await number.fill('16812345');
    await page.getByRole('button', { name: '签入坐席' }).click();
    await page.getByText('该号码收取信息费').waitFor();
    await number.fill('139 0000 4321');
    await picture(page, 'telephone-sign-in');
    await page.getByRole('button', { name: '签入坐席' }).click();
    await page.getByText('普通电话 139****4321').waitFor();
    await page.reload();
    await page.getByText('普通电话 139****4321').waitFor();
    await page.locator('[data-testid=link][data-live=true]').waitFor();
    await beReady(page);
    const citizen = await scene.citizen({ from: '13700000001' });
    const ring = await (await scene.outside('13900004321')).nextRing();
    await page.getByText('请接听电话，听到提示后按 1 接听').waitFor();
    await picture(page, 'telephone-ringing');
    await ring.answer();
    await until('the words are heard', () => ring.audio.count('other') > 5);
    await ring.audio.press('1');
    await seatState(page, 'talking');
    await Promise.all([ring.hears(citizen.audio), citizen.hears(ring.audio)]);
    await picture(page, 'telephone-talking');
    await page.keyboard.press('F4');
    await stage(page, 'held');
    await page.keyboard.press('F4');
    await stage(page, 'talking');
    await page.keyboard.press('F8');
    await citizen.ended();
    await ring.ended();
    await seatState(page, 'wrapUp');
    await page.getByTestId('call-finishWrapUp').click();
    await seatState(page, 'ready');
    await leaveSeat(page);
    expect(await number.inputValue()).toBe('139 0000 4321');
    // The page's phone again, for whoever comes next.
    await page.getByText('网页软电话').click();
    await takeSeat(page);
  });

  journey('consult by typing a name, three-way, and leave the two talking', async (page) => {
    const { citizen, callId } = await talk(page);
    // He says his card number: the recording is silent meanwhile, and the page says so.
    await page.getByTestId('call-pauseRecording').waitFor();
    await page.keyboard.press('Control+F9');
    await page.getByTestId('recording-paused').filter({ hasText: '录音已暂停' }).waitFor();
    await picture(page, 'recording-paused');
    await page.keyboard.press('Control+F9');
    await page.getByTestId('recording-paused').waitFor({ state: 'detached' });
    await page.getByTestId('call-pauseRecording').waitFor();

    await page.keyboard.press('F3');
    const search = page.getByTestId('destination-search');
    await search.waitFor();
    const options = page.getByRole('option');
    await options.filter({ hasText: '张晓燕' }).waitFor();
    expect(await options.filter({ hasText: '张晓燕' }).getAttribute('aria-disabled')).toBe('true');
    // Nobody is rung who cannot come: the dialog says why.
    await search.fill('张晓燕');
    await options.nth(1).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: '张晓燕' }).waitFor();
    expect(other.phone.rings).toHaveLength(0);
    await other.desk.ready();
    await options.and(page.locator('[aria-disabled=false]')).waitFor();
    await page.getByTestId('destination-words').fill('供热退费怎么答复');
    await search.fill('');
    await options.filter({ hasText: '110 公安报警' }).waitFor();
    await picture(page, 'destinations');
    await search.fill('张晓燕');
    await options.nth(1).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');

    const ring = await other.phone.nextRing();
    expect(await other.desk.pop()).toMatchObject({
      callId,
      role: 'party',
      invited: { purpose: 'consult', fromName: '李建国', words: '供热退费怎么答复' },
    });
    await person(page, 'ringing').waitFor();
    await ring.answer();
    await person(page, 'talking').waitFor();
    await stage(page, 'held');
    await picture(page, 'consulting');

    await page.keyboard.press('F7');
    await stage(page, 'talking');
    // Muted, this end adds nothing to what the two others hear of each other.
    await page.keyboard.press('F6');
    await page.getByText('已静音：其他人听不到您').waitFor();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    await picture(page, 'three-way');

    // Ending it for everybody asks; leaving does not.
    await page.keyboard.press('F8');
    await page.getByTestId('hang-up-all').waitFor();
    await picture(page, 'hang-up');
    await page.getByRole('button', { name: '继续通话' }).click();
    await page.keyboard.press('F10');
    await seatState(page, 'wrapUp');
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    await other.desk.shows('it owns the call', (call) => call.role === 'owner' && call.stage === 'talking');
    await ring.hangUp();
    await citizen.ended();
    await page.getByTestId('call-finishWrapUp').click();
    await seatState(page, 'ready');
  });

  journey(
    '110 by F1 and 1: three-way first, then left alone with the citizen, and recorded as such',
    async (page) => {
      const { citizen } = await talk(page);
      const police = await scene.outside('110');
      // Whatever else goes on: a unit is being rung by its typed number, the citizen waits.
      await page.keyboard.press('F3');
      await page.getByTestId('destination-search').fill('03552099001');
      // At once: what is listed for fewer letters is not rung.
      await page.keyboard.press('Enter');
      const unit = await (await scene.outside('03552099001')).nextRing();
      await person(page, 'ringing').waitFor();
      await stage(page, 'held');
      await page.keyboard.press('F1');
      await page.getByTestId('emergency').waitFor();
      await picture(page, 'emergency');
      await page.keyboard.press('1');
      await page.getByTestId('emergency').waitFor({ state: 'detached' });
      const ring = await police.nextRing();
      await unit.ended();
      await stage(page, 'talking');
      await ring.answer();
      await person(page, 'talking').filter({ hasText: '紧急' }).waitFor();
      await picture(page, 'emergency-three-way');
      await page.keyboard.press('F10');
      await seatState(page, 'wrapUp');
      await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
      await citizen.hangUp();
      await ring.ended();
      await page.getByTestId('call-finishWrapUp').click();
      const row = page.locator('.my-calls tbody tr').filter({ hasText: '紧急' }).first();
      await row.getByRole('button', { name: '详情' }).click();
      await page.getByText('紧急呼叫', { exact: true }).waitFor();
      await page.locator('.record-stations').getByText('110 公安报警').first().waitFor();
      await page.locator('.record-stations').getByText('李建国').waitFor();
      await picture(page, 'record');
      await page.keyboard.press('Escape');
    },
  );

  journey('calls out: refused with the reason, then the own phone takes its ring by itself', async (page) => {
    const dial = page.getByTestId('dial-number');
    await page.keyboard.press('F3');
    await page.keyboard.type('0014155550100');
    await page.keyboard.press('Enter');
    await page.locator('.dial-box').getByRole('alert').waitFor();
    await picture(page, 'dial-refused');
    await dial.fill('13900001111');
    await page.keyboard.press('Enter');
    const outside = await scene.outside('13900001111');
    const ring = await outside.nextRing();
    await page.locator('[data-testid=citizen][data-state=ringing]').waitFor();
    await picture(page, 'outbound');
    await ring.answer();
    await page.locator('[data-testid=call-hold]').waitFor();
    await audioFlows(page);
    await page.keyboard.press('F8');
    await ring.ended();
    await seatState(page, 'wrapUp');
    await page.getByTestId('call-finishWrapUp').click();

    // Called again from the list: the number stays masked.
    const row = page.locator('.my-calls tbody tr').filter({ hasText: '139****1111' }).first();
    await row.getByRole('button', { name: '回拨' }).click();
    await (await outside.nextRing()).busy();
    await page.getByText('对方未接通').waitFor();
    await picture(page, 'not-reached');
    const done = page.getByTestId('call-finishWrapUp');
    if (await done.isVisible()) await done.click();
  });

  journey(
    'the page is loaded anew in a talk: the citizen is told, and the voice comes back by itself',
    async (page) => {
      const { citizen, callId } = await talk(page);
      await page.keyboard.press('F4');
      await stage(page, 'held');
      await page.getByTestId('hold-reminder').waitFor({ timeout: 8000 });
      await picture(page, 'hold-reminder');
      await page.keyboard.press('F4');
      await stage(page, 'talking');
      const heard = citizen.audio.frames.length;

      await page.reload();
      await page.locator('[data-testid=call][data-lost=true]').waitFor();
      await picture(page, 'lost');
      await page.locator('[data-testid=call][data-lost=false]').waitFor({ timeout: 15_000 });
      await audioFlows(page);
      expect(await page.getByTestId('call').getAttribute('data-call')).toBe(callId);
      expect(heardOf(citizen.audio, 'reconnecting', heard)).toBeGreaterThan(0.3);
      expect(citizen.over).toBe(false);
      await page.getByTestId('talk-timer').waitFor();
      await page.keyboard.press('F8');
      await citizen.ended();
      await seatState(page, 'wrapUp');
      // Reported from the wrap-up: the number goes to a supervisor, with a reason and a last day.
      await page.getByTestId('report-nuisance').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(/^截止日期/).waitFor();
      expect(await dialog.getByLabel(/^截止日期/).inputValue()).toMatch(/^20\d\d-\d\d-\d\d$/);
      await dialog.getByRole('button', { name: '报告' }).click();
      await dialog.getByText('请说明骚扰的情形').waitFor();
      await dialog.getByLabel(/^原因/).fill('反复来电辱骂');
      await picture(page, 'nuisance');
      await dialog.getByRole('button', { name: '报告' }).click();
      await page.getByText('已报告，待班长审批').waitFor();
      await page.getByTestId('call-finishWrapUp').click();
    },
  );

  test('the browser dies in a talk: the silent leg is given up, the citizen told, and a new window takes the call up', async () => {
    const page = await atDesk();
    const { citizen, callId } = await talk(page);
    const heard = citizen.audio.frames.length;
    await page.context().close();
    await until(
      'the citizen is told',
      () => heardOf(citizen.audio, 'reconnecting', heard) > 0.3,
      20_000,
      () => scene.service.logs().split('\n').slice(-10).join('\n'),
    );
    const again = await atDesk();
    await again.locator('[data-testid=call][data-lost=false]').waitFor({ timeout: 20_000 });
    await audioFlows(again);
    expect(await again.getByTestId('call').getAttribute('data-call')).toBe(callId);
    await again.keyboard.press('F8');
    await citizen.ended();
    await again.getByTestId('call-finishWrapUp').click();
    await leaveSeat(again);
    await again.context().close();
    await scene.calm();
  });

  journey('what a colleague passes on or asks comes with his words', async (page) => {
    await other.desk.ready();
    const citizen = await scene.citizen({ from: '13700000002' });
    const ring = await other.phone.nextRing();
    const { callId } = await other.desk.pop();
    await ring.answer();
    await other.desk.seatIs('talking');
    const me = { kind: 'seat', seatId: 'agent2' };
    await beReady(page);

    await other.desk.invite(callId, 'consult', me, '欠薪案件由谁受理');
    await page.getByTestId('pop-sender').filter({ hasText: '张晓燕 咨询您' }).waitFor();
    await picture(page, 'asked');
    await page.keyboard.press('F2');
    await person(page, 'talking').filter({ hasText: '张晓燕' }).waitFor();
    await page.getByTestId('call-leave').waitFor();
    expect(await page.getByTestId('call-hangUp').count()).toBe(0);
    await picture(page, 'party');
    await page.keyboard.press('F8');
    await seatState(page, 'wrapUp');
    expect(citizen.over).toBe(false);
    await page.getByTestId('call-finishWrapUp').click();
    await seatState(page, 'ready');

    await other.desk.resume(callId);
    await other.desk.invite(callId, 'transfer', me, '诉求人要投诉欠薪，材料已收齐');
    await page.getByTestId('pop-sender').filter({ hasText: '张晓燕 转来' }).waitFor();
    await page.getByText('材料已收齐').waitFor();
    await picture(page, 'handover');
    await page.keyboard.press('F2');
    await audioFlows(page);
    await page.keyboard.press('F8');
    await citizen.ended();
    await page.getByTestId('call-finishWrapUp').click();
  });
});
