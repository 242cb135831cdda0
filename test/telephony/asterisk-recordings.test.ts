import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { AsteriskCallControl } from '../../src/telephony/asterisk/asterisk.adapter';
import { testFolder } from '../support/servers';
import { loudness, StereoWav } from '../support/wav';
import { asteriskWorld, type AsteriskWorld } from './asterisk-world';
import { Ear, eventually, pause } from './call-control.conformance';
import { SipEnd } from './sip-end';

describe.each(['direct', 'ari-client'] as const)('recordings on Asterisk through the %s link', (link) => {
  let world: AsteriskWorld;
  let control: AsteriskCallControl;
  let ear: Ear;
  const ends: SipEnd[] = [];

  beforeAll(async () => {
    world = await asteriskWorld(link);
    control = world.control();
    ear = new Ear();
    await control.start(ear.listen);
  }, 60_000);
  afterAll(async () => {
    await control.stop();
    for (const end of ends) end.close();
    await world.close();
  }, 30_000);

  async function answered(number: string) {
    const end = await SipEnd.open(world.sip);
    ends.push(end);
    end.call('12345', [], `<sip:${number}@carrier>`);
    const { leg } = await ear.hear('legArrived', (event) => event.leg.callerNumber === number);
    await control.answer(leg.legId);
    await eventually(() => end.state === 'up');
    return { end, legId: leg.legId };
  }
  async function soundOf(recordingId: string): Promise<StereoWav> {
    await ear.hear('recordingSaved', (event) => event.recordingId === recordingId);
    const file = join(testFolder('recordings'), 'sound.wav');
    await control.fetchRecording(recordingId, file);
    await control.discardRecording(recordingId);
    return StereoWav.read(file);
  }

  it('keeps both sides beside each other', async () => {
    const [one, other] = [await answered('13800000001'), await answered('13800000002')];
    one.end.quiet = other.end.quiet = true;
    await control.join(randomUUID(), [one.legId, other.legId]);
    const offsets: number[] = [];
    for (let round = 0; round < 5; round++) {
      const recordingId = randomUUID();
      await control.record(one.legId, recordingId);
      await pause(300);
      one.end.quiet = other.end.quiet = false;
      await pause(200);
      one.end.quiet = other.end.quiet = true;
      await pause(100);
      await control.endRecording(recordingId);
      const { left, right } = await soundOf(recordingId);
      const beginning = (samples: Int16Array) => samples.findIndex((sample) => Math.abs(sample) > 1000) / 8;
      expect(beginning(left)).toBeGreaterThan(100);
      offsets.push(Math.abs(beginning(left) - beginning(right)));
      expect(Math.abs(left.length - right.length)).toBeLessThan(8 * 60);
    }
    // Each side is clocked by frames of 20 ms, and what is heard has gone through a bridge.
    expect(Math.max(...offsets)).toBeLessThanOrEqual(80);
    for (const { legId } of await control.legs()) await control.hangUp(legId, 'normal');
  }, 20_000);

  it('keeps time where no sound comes at all', async () => {
    const { end, legId } = await answered('13800000003');
    const recordingId = randomUUID();
    await control.record(legId, recordingId);
    // Alone in silence: Asterisk has nothing to send, so the right side is made of nothing.
    await pause(1000);
    end.hangUp();
    const { left, right, durationMs } = await soundOf(recordingId);
    expect(durationMs).toBeGreaterThan(800);
    expect(loudness(left)).toBeGreaterThan(0.4);
    expect(loudness(right)).toBe(0);
  }, 20_000);

  it('says that a recording failed that the switch cannot write', async () => {
    const { end, legId } = await answered('13800000004');
    const [first, second] = [randomUUID(), randomUUID()];
    await control.record(legId, first);
    await control.endRecording(first);
    await ear.hear('recordingSaved', (event) => event.recordingId === first);
    // A saved recording is evidence: another of its name is refused, and does not touch it.
    await expect(control.record(legId, first)).rejects.toMatchObject({ code: 'switch-unavailable' });
    expect((await soundOf(first)).durationMs).toBeGreaterThanOrEqual(0);
    expect(await control.record(legId, second)).toBe('done');
    await pause(100);
    const channel = world.asterisk
      .console('core show channels concise')
      .split('\n')
      .find((line) => line.startsWith('Snoop/'))!
      .split('!')[0]!;
    world.asterisk.console(`channel request hangup ${channel}`);
    expect(await ear.hear('recordingFailed', (event) => event.recordingId === second)).toMatchObject({
      why: 'broke off',
    });
    await soundOf(second);
    end.hangUp();
    await eventually(async () => (await world.channels()) === 0);
    expect(control.holds).toMatchObject({ recordings: 0, listening: 0 });
  }, 20_000);

  it('shows the hotline’s number to whom it calls', async () => {
    const legId = randomUUID();
    const to = { number: '13900139000' };
    const request = {
      legId,
      to,
      callerNumber: '035512345',
      callerName: '12345',
      timeoutSeconds: 9,
      data: '{}',
    };
    expect(await control.dial(request)).toBe('done');
    await ear.hear('legAnswered', (event) => event.legId === legId);
    const { fromHeader, assertedHeader } = world.outside.end;
    expect(fromHeader).toMatch(/^From: "?12345"? <sip:035512345@/);
    expect(assertedHeader).toMatch(/^P-Asserted-Identity: "?12345"? <sip:035512345@/);
    await control.hangUp(legId, 'normal');
  });
});
