import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { PROJECT } from '../../src/runtime/machine.service';
import { Scene, type Agent } from '../journeys/scene';
import { openBrowser, openWindow, signInAtDesk } from '../support/browser';
import { testFolder } from '../support/servers';
import { pass, until } from '../support/until';

jest.setTimeout(120_000);

const PICTURES = join(PROJECT, 'var/browser');

describe('the recording player in Chromium', () => {
  let scene: Scene;
  let browser: Browser;
  beforeAll(async () => {
    scene = await Scene.open({
      agents: 1,
      env: { RECORD_CALLS: 'true', RECORDINGS_DIR: testFolder('recordings') },
    });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await scene?.close();
  });

  it('an agent hears the own call: waveform, pause mark, keys', async () => {
    const [agent] = scene.agents as [Agent];
    await agent.desk.ready();
    const citizen = await scene.citizen({ from: '13700000009' });
    const ring = await agent.phone.nextRing();
    const { callId } = await agent.desk.pop();
    await ring.answer();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    const asked = (path: string, body?: unknown) =>
      agent.desk.ask('POST', `/desk/calls/${callId}/recording/${path}`, body);
    await until('it is recorded', () => asked('pause', { reason: '银行卡号' }).then(() => true));
    await pass(1500);
    await asked('resume');
    await pass(6000);
    await citizen.hangUp();
    await until(
      'the recording is kept',
      async () => {
        const { recordings } = await agent.desk.ask<{ recordings: { state: string }[] }>(
          'GET',
          `/calls/${callId}/recordings`,
        );
        return recordings[0]?.state === 'kept';
      },
      10_000,
    );

    const { page, complaints } = await openWindow(browser, scene.service.url);
    await signInAtDesk(page, scene.account(agent.desk.name));
    await page
      .locator('.my-calls tr', { hasText: '137****0009' })
      .getByRole('button', { name: '详情' })
      .click();
    await page.getByRole('button', { name: /^收\s*听$/ }).click();
    const player = page.getByRole('group', { name: /录音播放器/ });
    await player.getByText(/暂停录音：银行卡号/).waitFor();
    const slider = page.getByRole('slider', { name: '播放位置' });
    const place = async () => Number(await slider.getAttribute('aria-valuenow'));
    await player.focus();
    await page.keyboard.press('ArrowRight');
    await until('five seconds on', async () => (await place()) === 5);
    await page.keyboard.press('Home');
    await until('at its beginning', async () => (await place()) === 0);
    await page.keyboard.press('Space');
    await until('it plays', async () => (await place()) >= 2);
    await page.keyboard.press('Space');
    await page.screenshot({ path: join(PICTURES, 'recording.png') });
    // Both voices and the pause are drawn.
    const colours = await page.locator('.recording-waveform').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(
        Array.from({ length: data.length / 4 }, (_, at) => data.slice(at * 4, at * 4 + 3).join()),
      ).size;
    });
    expect(colours).toBeGreaterThan(5);
    expect(complaints.filter((words) => !words.includes('401'))).toEqual([]);
  });
});
