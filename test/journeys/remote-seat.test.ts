import { Refused } from '../support/desk-client';
import { until } from '../support/until';
import { Scene, type Agent } from './scene';

/** A seat at an ordinary telephone on the real Asterisk: rung by the trunk, in the call only after key 1. */
describe('a seat at an ordinary telephone', () => {
  let scene: Scene;
  let inside: Agent;
  let remote: Awaited<ReturnType<Scene['desk']>>;
  const number = '13900001234';
  beforeAll(async () => {
    scene = await Scene.open({ agents: 1, env: { REMOTE_OFFER_SECONDS: '5' } });
    [inside] = scene.agents as [Agent];
    remote = await scene.desk('agent2');
    await remote.takeRemoteSeat('+86 139-0000-1234');
    await remote.connect();
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(async () => {
    await scene.calm();
    await until('the remote seat can rest', async () => {
      const { state } = (await remote.seat())!;
      if (state !== 'notReady' && state !== 'talking' && state !== 'ringing') await remote.notReady();
      return state === 'notReady';
    });
    remote.forgetPops();
  }, 30_000);

  it('is signed in with a number the dial rules allow, shown masked, and has no phone to register', async () => {
    expect(await remote.seat()).toMatchObject({ telephone: '139****1234', phoneReachable: true });
    expect(await remote.takeRemoteSeat(number)).toMatchObject({ phone: null, seat: { state: 'notReady' } });
    const third = await scene.desk('agent3');
    for (const [typed, code] of [
      ['+852 2345 6789', 'not-allowed'],
      ['16812345', 'not-allowed'],
      ['110', 'not-allowed'],
      ['12345', 'not-allowed'],
      ['sip:evil@example.org', 'not-allowed'],
      ['', 'invalid-input'],
    ] as const) {
      const refused = await third.takeRemoteSeat(typed).catch((fault: unknown) => fault);
      expect([typed, refused instanceof Refused && refused.body.code]).toEqual([typed, code]);
    }
    expect(await third.seat()).toBeNull();
  }, 20_000);

  it('who picks up without the key, as a voice mailbox does, gets no citizen: RONA, and the next seat is rung', async () => {
    const telephone = await scene.outside(number);
    await remote.ready();
    const citizen = await scene.citizen({ from: '13700000001' });
    const ring = await telephone.nextRing();
    expect(ring.invite).toMatch(/^From:.*12345/m);
    await remote.pop();
    await ring.answer();
    await until('the words are heard', () => ring.audio.count('other') > 20);
    expect(ring.audio.count(citizen.audio.voice)).toBe(0);
    expect((await remote.seat())?.state).toBe('ringing');
    await inside.desk.ready();
    await ring.ended(14_000);
    await remote.seatIs('rona');
    const next = await inside.phone.nextRing();
    expect(ring.audio.count(citizen.audio.voice)).toBe(0);
    await next.answer();
    await Promise.all([next.hears(citizen.audio), citizen.hears(next.audio)]);
  }, 40_000);

  it('takes the call with key 1, and survives the service; hold at the page, hanging up at the telephone', async () => {
    const telephone = await scene.outside(number);
    await remote.ready();
    const citizen = await scene.citizen({ from: '13700000002' });
    const ring = await telephone.nextRing();
    const { callId } = await remote.pop();
    await ring.answer();
    await until('the words are heard', () => ring.audio.count('other') > 5);
    await ring.audio.press('5');
    await ring.audio.press('1');
    await remote.seatIs('talking');
    await Promise.all([ring.hears(citizen.audio), citizen.hears(ring.audio)]);
    await remote.hold(callId);
    await remote.shows('held', ({ stage }) => stage === 'held');
    await remote.resume(callId);
    await Promise.all([ring.hears(citizen.audio), citizen.hears(ring.audio)]);
    await scene.service.kill9();
    await scene.restartService();
    expect(await remote.seat()).toMatchObject({ state: 'talking', telephone: '139****1234' });
    await Promise.all([ring.hears(citizen.audio), citizen.hears(ring.audio)]);
    await ring.hangUp();
    await citizen.ended();
    expect(await remote.record(callId)).toMatchObject({ outcome: 'answered', seats: [remote.personId] });
  }, 40_000);

  it('is consulted, in the talk with the key only, and passed the call', async () => {
    const telephone = await scene.outside(number);
    await inside.desk.ready();
    const citizen = await scene.citizen({ from: '13700000003' });
    const ring = await inside.phone.nextRing();
    const { callId } = await inside.desk.pop();
    await ring.answer();
    await Promise.all([ring.hears(citizen.audio), citizen.hears(ring.audio)]);
    await remote.ready();
    await inside.desk.invite(callId, 'consult', { kind: 'seat', seatId: remote.personId });
    const other = await telephone.nextRing();
    await other.answer();
    await until('the words are heard', () => other.audio.count('other') > 5);
    expect(other.audio.count(ring.audio.voice)).toBe(0);
    await other.audio.press('1');
    await Promise.all([ring.hears(other.audio), other.hears(ring.audio)]);
    await inside.desk.leave(callId);
    await Promise.all([citizen.hears(other.audio), other.hears(citizen.audio)]);
    await remote.hangUp(callId);
    await citizen.ended();
    await other.ended();
  }, 30_000);
});
