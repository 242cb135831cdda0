import type { MessageView } from '../../src/calls/message.routes';
import type { DeskClient } from '../support/desk-client';
import type { CitizenCall } from '../support/sip-caller';
import { heardOf } from '../support/sip-prompt';
import { pass, until } from '../support/until';
import { shareOf, StereoWav } from '../support/wav';
import { Scene } from './scene';

/** 语音留言 on the real Asterisk: nobody is signed in. */
describe('a voice message', () => {
  let scene: Scene;
  let agent: DeskClient;
  beforeAll(async () => {
    scene = await Scene.open({ env: { MESSAGE_WHEN_NO_SEAT: 'true', WAITING_CHOICE: 'true' } });
    agent = await scene.desk('agent1');
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const list = async () => (await agent.ask<{ messages: MessageView[] }>('GET', '/messages')).messages;
  const asked = async (from: string): Promise<CitizenCall> => {
    const citizen = await scene.citizen({ from });
    await until('the message is invited', () => heardOf(citizen.audio, 'message-prompt') > 0.9, 20_000);
    return citizen;
  };
  const invited = async (from: string): Promise<CitizenCall> => {
    const citizen = await asked(from);
    await until('the tone is heard', () => heardOf(citizen.audio, 'beep') > 0.5, 4000);
    return citizen;
  };
  const added = (before: number) =>
    until('one more message is listed', async () => {
      const messages = await list();
      return messages.length > before ? messages[0] : null;
    });
  const kept = (callId: string) => {
    let last: MessageView | undefined;
    return until(
      'the message is kept',
      async () => {
        last = (await list()).find((each) => each.callId === callId);
        return last?.audio === 'kept' ? last : null;
      },
      20_000,
      () => JSON.stringify(last),
    );
  };

  it('that is hung up before the tone is none; one cut off by hanging up is kept', async () => {
    const before = (await list()).length;
    const gone = await asked('13900000002');
    await gone.hangUp();
    const spoken = await invited('13900000003');
    await pass(2000);
    await spoken.hangUp();
    const listed = await added(before);
    expect((await kept(listed.callId)).seconds).toBeGreaterThanOrEqual(1);
    expect(await list()).toHaveLength(before + 1);
  }, 60_000);

  it('is taken when nobody is signed in, and becomes a task with the sound; its agent calls the citizen back', async () => {
    const number = '13900000001';
    const before = (await list()).length;
    const citizen = await invited(number);
    await pass(2500);
    await citizen.audio.press('#');
    await citizen.ended(15_000);
    expect(citizen.result).toBe('was-hung-up');
    expect(heardOf(citizen.audio, 'message-saved')).toBeGreaterThan(0.9);
    const listed = await added(before);
    const message = await kept(listed.callId);
    expect(message).toMatchObject({ state: 'new', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(message.seconds).toBeGreaterThanOrEqual(2);
    const { audio } = await agent.ask<{ audio: string }>('POST', `/recordings/${message.messageId}/plays`);
    const { bytes } = await agent.file(audio);
    const wav = new StereoWav(bytes);
    expect(wav.durationMs).toBeGreaterThan(2000);
    expect(shareOf(citizen.audio.voice, wav.left)).toBeGreaterThan(0.8);
    const admin = await scene.desk('admin');
    const plays = await admin.ask('GET', `/audit?action=recording.play&subject=${message.messageId}`);
    expect(plays).toMatchObject([{ who: agent.personId }]);

    const [{ desk, phone }] = (await scene.addAgents(1)) as [(typeof scene.agents)[number]];
    const to = { kind: 'call', callId: message.callId };
    await expect(desk.ask('POST', '/desk/calls', { to })).rejects.toThrow(/404/);
    await desk.ask('POST', `/messages/${message.messageId}/take`);
    await desk.ask('POST', '/desk/calls', { to });
    const ring = await phone.nextRing();
    await ring.answer();
    const called = await (await scene.outside(number)).nextRing();
    await called.answer();
    await called.hears(ring.audio, 5, 10_000);
    await ring.hangUp();
    const done = await desk.ask('POST', `/messages/${message.messageId}/finish`, { result: 'calledBack' });
    expect(done).toMatchObject({ state: 'done', result: 'calledBack' });
  }, 90_000);
});
