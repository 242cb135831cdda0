import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cityDay, shiftDay } from '../../src/deadlines/city-time';
import { lineEndsPrompts } from '../../src/intake/prompts';
import { heardOf } from '../support/sip-prompt';
import { until } from '../support/until';
import { Scene } from './scene';

const SOUND = readFileSync(join(__dirname, '../support/sounds/hello.m4a'));

/** What callers hear after an administrator has replaced a recording. */
describe('replaced recordings', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open({ env: { RECORDED_NOTICE: 'false', GREETING: 'true' } });
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const file = (name: string) => join(scene.asterisk.promptsDir, `${name}.wav`);

  it('are heard by the next caller, and the built-in one again after a revert, without any reload', async () => {
    const admin = await scene.desk('admin');
    const first = await scene.citizen();
    await until('the built-in greeting is heard', () => heardOf(first.audio, 'greeting-12345') > 0.8, 15_000);
    await first.hangUp();

    await admin.upload('/prompts/greeting-12345/recording?words=您好', SOUND, 'hello.m4a');
    const second = await scene.citizen();
    await until(
      'the new greeting is heard',
      () => heardOf(second.audio, file('greeting-12345')) > 0.8,
      15_000,
    );
    expect(heardOf(second.audio, 'greeting-12345')).toBeLessThan(0.2);
    await second.hangUp();

    await admin.ask('POST', '/prompts/greeting-12345/revert', {});
    const third = await scene.citizen();
    await until(
      'the built-in one is heard again',
      () => heardOf(third.audio, 'greeting-12345') > 0.8,
      15_000,
    );
    await third.hangUp();
  }, 60_000);

  it('who dials a number that is withdrawn soon hears from which day; others do not', async () => {
    const admin = await scene.desk('admin');
    const lines = await admin.ask<{ lines: { lineId: string; version: number }[] }>('GET', '/lines');
    const version = lines.lines.find(({ lineId }) => lineId === 'line-zhujian-fixed')?.version;
    const lastDay = cityDay(new Date(Date.now() + 10 * 86_400_000));
    await admin.ask('POST', '/lines/line-zhujian-fixed/end', { version, lastDay });
    const [old, own] = [await scene.citizen({ diversion: ['03552012319'] }), await scene.citizen()];
    const day = lineEndsPrompts(shiftDay(lastDay, 1));
    await until(
      'the day is told',
      () => day.every((sound) => heardOf(old.audio, sound) > 0.8),
      25_000,
      () => day.map((sound) => `${sound} ${heardOf(old.audio, sound).toFixed(2)}`).join(),
    );
    expect(heardOf(own.audio, 'line-ends-after')).toBeLessThan(0.2);
    await Promise.all([old.hangUp(), own.hangUp()]);
  }, 60_000);

  it('are heard from the fallback dialplan too, when the service is dead', async () => {
    const admin = await scene.desk('admin');
    await admin.upload('/prompts/apology/recording?words=请稍候', SOUND, 'hello.m4a');
    await scene.service.kill9();
    const citizen = await scene.citizen();
    await until('the new apology is heard', () => heardOf(citizen.audio, file('apology')) > 0.8, 15_000);
    expect(heardOf(citizen.audio, 'apology')).toBeLessThan(0.2);
    await citizen.hangUp();
    await scene.restartService();
  }, 60_000);
});
