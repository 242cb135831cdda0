import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHOICE_MS } from '../../src/calls/call-machine';
import { PROJECT } from '../../src/runtime/machine.service';
import type { CitizenCall } from '../support/sip-caller';
import { heardOf } from '../support/sip-prompt';
import { until } from '../support/until';
import { Scene, type Agent } from './scene';

/** What the menu of line 12345 says here; the menu of line 12336 has no recording. */
const MENU_SOUND = readFileSync(join(PROJECT, 'asterisk-config/sounds/zh/goodbye.wav'));

/** What a citizen hears and presses before an agent is free, compared with the recordings themselves. */
describe('waiting and choosing', () => {
  let scene: Scene;
  let general: Agent;
  let enterprise: Agent;
  let menuWords: string;
  beforeAll(async () => {
    scene = await Scene.open({
      agents: 4,
      env: { INTAKE_MENU: 'true', ANNOUNCE_POSITION_SECONDS: '5', OFFER_SECONDS: '15' },
    });
    [general, , , enterprise] = scene.agents as [Agent, Agent, Agent, Agent];
    const admin = await scene.desk('admin');
    await admin.upload('/prompts/menu-line-12345/recording?words=按键选择', MENU_SOUND, 'menu.wav');
    menuWords = join(scene.asterisk.promptsDir, 'menu-line-12345.wav');
    const menu = [
      { digit: '1', queue: 'general', words: '市民诉求' },
      { digit: '2', queue: 'enterprise', words: '企业服务' },
    ];
    for (const line of ['line-12345', 'line-12336'])
      expect(await admin.ask('PUT', `/lines/${line}/menu`, { menu })).toEqual({ menu });
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const hears = (citizen: CitizenCall, sound: string, limitMs = 12_000) =>
    until(
      `${citizen.from} hears ${sound}`,
      () => heardOf(citizen.audio, sound) > 0.9,
      limitMs,
      () => `heard ${heardOf(citizen.audio, sound)} of it`,
    );
  it('tells the first caller that he is next and the second how many are before him, until it changes', async () => {
    const first = await scene.citizen({ to: '12336', from: '13600000001' });
    await hears(first, 'you-are-next');
    const second = await scene.citizen({ to: '12336', from: '13600000002' });
    for (const sound of ['queue-wait', 'position-before', 'digit-1', 'position-after'])
      await hears(second, sound);
    expect(heardOf(second.audio, 'you-are-next')).toBeLessThan(0.3);
    expect(heardOf(second.audio, 'digit-2')).toBeLessThan(0.3);
    expect(heardOf(first.audio, 'position-before')).toBeLessThan(0.3);
    await first.hangUp();
    await hears(second, 'you-are-next');
    await general.desk.ready();
    const ring = await general.phone.nextRing();
    await ring.answer();
    await second.hears(ring.audio);
  }, 60_000);

  it('tells the expected wait once enough calls were handled to know it', async () => {
    await general.desk.ready();
    for (let call = 0; call < 5; call++) {
      const citizen = await scene.citizen({ to: '12336', from: `1360000001${call}` });
      const ring = await general.phone.nextRing();
      await ring.answer();
      await citizen.hears(ring.audio);
      await citizen.hangUp();
      await general.desk.seatIs('ready');
    }
    const talking = await scene.citizen({ to: '12336', from: '13600000020' });
    const ring = await general.phone.nextRing();
    await ring.answer();
    await talking.hears(ring.audio);
    const waiting = await scene.citizen({ to: '12336', from: '13600000021' });
    await hears(waiting, 'wait-estimate');
    await hears(waiting, 'under-a-minute');
  }, 60_000);

  it('lets the citizen choose the queue by a key pressed while the menu speaks; the record tells', async () => {
    await general.desk.ready();
    await enterprise.desk.ready();
    const citizen = await scene.citizen();
    await until('the menu begins', () => heardOf(citizen.audio, menuWords) > 0.2);
    await citizen.audio.press('2');
    const ring = await enterprise.phone.nextRing();
    const { callId } = await enterprise.desk.pop();
    await ring.answer();
    await citizen.hears(ring.audio);
    expect(heardOf(citizen.audio, menuWords)).toBeLessThan(0.9);
    expect(general.phone.rings.some(({ inviteAt }) => inviteAt > citizen.inviteAt)).toBe(false);
    await citizen.hangUp();
    const { rings, timeline } = await enterprise.desk.record(callId);
    expect(rings).toMatchObject([{ seatId: enterprise.desk.personId, outcome: 'answered' }]);
    expect(timeline.filter(({ kind }) => kind === 'digitsEntered')).toMatchObject([{ digits: '2' }]);
    expect(timeline.filter(({ kind }) => kind === 'callWaiting')).toMatchObject([{ queue: 'enterprise' }]);
  }, 40_000);

  it('waits a moment after the menu’s words, then goes on to the line’s own queue; a wrong key is none', async () => {
    const citizen = await scene.citizen();
    await hears(citizen, menuWords);
    const saidAt = Date.now();
    await general.desk.ready();
    await citizen.audio.press('9');
    const ring = await general.phone.nextRing(CHOICE_MS + 5000);
    // The last words are some packets ahead of what this test has looked at.
    expect(ring.inviteAt - saidAt).toBeGreaterThan(CHOICE_MS - 1000);
    const { callId } = await general.desk.pop();
    await ring.answer();
    await citizen.hears(ring.audio);
    await citizen.hangUp();
    const { timeline } = await general.desk.record(callId);
    expect(timeline.some(({ kind }) => kind === 'digitsEntered')).toBe(false);
    expect(timeline.filter(({ kind }) => kind === 'callWaiting')).toMatchObject([{ queue: 'general' }]);
  }, 40_000);

  it('keeps nobody waiting for a menu that has no recording', async () => {
    await general.desk.ready();
    const citizen = await scene.citizen({ to: '12336' });
    const ring = await general.phone.nextRing();
    expect(ring.inviteAt - citizen.inviteAt).toBeLessThan(CHOICE_MS / 2);
    await ring.answer();
    await citizen.hears(ring.audio);
  }, 30_000);

  it('refuses a menu that leads nowhere', async () => {
    const admin = await scene.desk('admin');
    const menu = [{ digit: '1', queue: 'nowhere', words: '无' }];
    await expect(admin.ask('PUT', '/lines/line-12345/menu', { menu })).rejects.toThrow(/400.*没有这个队列/);
  });
});
