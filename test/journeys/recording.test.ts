import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgres } from '../../src/platform/postgres';
import type { DeskClient } from '../support/desk-client';
import { testFolder } from '../support/servers';
import { pass, until } from '../support/until';
import { longestSilenceMs, shareOf, StereoWav } from '../support/wav';
import { Scene, type Agent } from './scene';

interface RecordingView {
  recordingId: string;
  state: 'recording' | 'kept' | 'failed' | 'deleted';
  startedAt: number;
  seconds: number | null;
  sha256: string | null;
  failed: string | null;
  keepReason: string | null;
  marks: { from: number; to: number; who: string; reason: string }[];
}
interface Opened {
  audio: string;
  seconds: number;
  waveform: { left: number[]; right: number[] };
  marks: RecordingView['marks'];
}

describe('recordings (录音)', () => {
  let scene: Scene;
  let folder: string;
  let first: Agent;
  let second: Agent;
  let supervisor: DeskClient;
  beforeAll(async () => {
    folder = testFolder('recordings');
    scene = await Scene.open({
      agents: 2,
      ownPostgres: true,
      env: { RECORD_CALLS: 'true', RECORDINGS_DIR: folder, SWEEP_SECONDS: '1', RECORDING_KEEP_DAYS: '30' },
    });
    [first, second] = scene.agents as [Agent, Agent];
    supervisor = await scene.desk('supervisor');
    await supervisor.connect();
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  async function talk(from: string) {
    await first.desk.ready();
    const citizen = await scene.citizen({ from });
    const ring = await first.phone.nextRing();
    const { callId } = await first.desk.pop();
    await ring.answer();
    await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
    await recorded(callId, 'running');
    return { citizen, ring, callId };
  }
  const recorded = (callId: string, state: 'running' | 'paused') =>
    until(`${callId} is ${state}`, async () => {
      const path = `/desk/calls/${callId}/recording`;
      return (await first.desk.ask<{ state: string }>('GET', path)).state === state;
    });
  const recordings = async (callId: string, desk = first.desk) =>
    (await desk.ask<{ recordings: RecordingView[] }>('GET', `/calls/${callId}/recordings`)).recordings;
  const kept = (callId: string, limitMs = 10_000): Promise<RecordingView> => {
    let last: unknown = null;
    return until(
      `the recording of ${callId} is kept`,
      async () => {
        last = await recordings(callId);
        return (last as RecordingView[]).find(({ state }) => state === 'kept');
      },
      limitMs,
      () => JSON.stringify(last),
    );
  };
  const open = (recordingId: string, desk = first.desk) =>
    desk.ask<Opened>('POST', `/recordings/${recordingId}/plays`);
  const audited = async (action: string, subject: string) => {
    const admin = await scene.desk('admin');
    return admin.ask<{ who: string; facts: object }[]>('GET', `/audit?action=${action}&subject=${subject}`);
  };
  const refused = (work: Promise<unknown>, status: number) => expect(work).rejects.toMatchObject({ status });

  it('keeps both voices apart through a pause and the death of the service; heard, verified and audited', async () => {
    const { citizen, ring, callId } = await talk('13700000001');
    const began = Date.now();
    await pass(600);
    await refused(second.desk.ask('POST', `/desk/calls/${callId}/recording/pause`, {}), 409);
    await first.desk.ask('POST', `/desk/calls/${callId}/recording/pause`, { reason: '银行卡号' });
    await recorded(callId, 'paused');
    await pass(1200);
    await first.desk.ask('POST', `/desk/calls/${callId}/recording/resume`);
    await recorded(callId, 'running');
    await pass(500);
    await scene.service.kill9();
    await pass(500);
    await scene.restartService();
    await recorded(callId, 'running');
    expect(await recordings(callId)).toMatchObject([{ state: 'recording', seconds: null }]);
    await pass(300);
    await citizen.hangUp();
    const talked = (Date.now() - began) / 1000;

    const recording = await kept(callId);
    const { recordingId } = recording;
    expect(await recordings(callId)).toHaveLength(1);
    expect(Math.abs((recording.seconds ?? 0) - talked)).toBeLessThan(1.5);
    const opened = await open(recordingId);
    const [mark] = opened.marks;
    expect(opened.marks).toEqual([
      {
        from: expect.any(Number),
        to: expect.any(Number),
        who: expect.stringMatching(/./),
        reason: '银行卡号',
      },
    ]);
    expect(mark!.to - mark!.from).toBeGreaterThan(1);
    expect(Math.max(...opened.waveform.left)).toBeGreaterThan(0);

    const part = await first.desk.file(opened.audio, 'bytes=0-43');
    expect([part.status, part.bytes.length]).toEqual([206, 44]);
    expect(part.range).toMatch(/^bytes 0-43\/\d+$/);
    const { status, bytes } = await first.desk.file(opened.audio);
    expect(status).toBe(200);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(recording.sha256);
    const sound = new StereoWav(bytes);
    const voices = { citizen: citizen.audio.voice, seat: ring.audio.voice };
    expect(shareOf(voices.citizen, sound.left)).toBeGreaterThan(0.4);
    expect(shareOf(voices.seat, sound.right)).toBeGreaterThan(0.4);
    expect(shareOf(voices.seat, sound.left) + shareOf(voices.citizen, sound.right)).toBe(0);
    for (const side of [sound.left, sound.right]) {
      expect(longestSilenceMs(side)).toBeGreaterThan(900);
      // Both have gone on after the pause, and after the death of the service.
      expect(
        shareOf(side === sound.left ? voices.citizen : voices.seat, side.subarray(-4000)),
      ).toBeGreaterThan(0.4);
    }
    const middle = Math.round(((mark!.from + mark!.to) / 2) * 8000);
    expect(longestSilenceMs(sound.left.subarray(middle - 1600, middle + 1600))).toBe(400);

    // Nobody else's ears: another seat, another's player, a unit.
    await refused(recordings(callId, second.desk), 404);
    await refused(open(recordingId, second.desk), 404);
    expect((await second.desk.file(opened.audio)).status).toBe(404);
    expect((await supervisor.file(opened.audio)).status).toBe(403);
    expect((await first.desk.file(opened.audio.replace(/play=.*/, `play=${'0'.repeat(32)}`))).status).toBe(
      403,
    );
    const clerk = await scene.desk('clerk-zhujian');
    await refused(recordings(callId, clerk), 403);
    await refused(open(recordingId, clerk), 403);
    expect((await clerk.file(opened.audio)).status).toBe(403);

    // One look, one entry, however many ranges were asked for.
    expect(await audited('recording.play', recordingId)).toMatchObject([
      { who: first.desk.personId, facts: { callId } },
    ]);
    const verify = () => supervisor.ask('POST', `/recordings/${recordingId}/verify`);
    expect(await verify()).toMatchObject({ whole: true, found: recording.sha256 });
    const file = join(
      folder,
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.includes(recordingId))!,
    );
    writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, -1), Buffer.from([1])]));
    expect(await verify()).toMatchObject({ whole: false });
    const alarm = await until('the alarm is raised', async () =>
      (await alarms()).find((each) => each.callId === callId),
    );
    expect(alarm).toMatchObject({ recordingId, why: '录音文件与保存时的摘要不符' });
    expect(await audited('recording.verify', recordingId)).toHaveLength(2);
    await supervisor.ask('POST', `/recordings/alarms/${alarm.alarmId}/seen`);
    expect(await alarms()).toEqual([]);
  }, 60_000);

  const figure = async (name: string): Promise<number> => {
    const text = await (await fetch(`${scene.service.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  const alarms = async () =>
    (
      await supervisor.ask<{
        alarms: { alarmId: string; callId: string; recordingId: string; why: string }[];
      }>('GET', '/recordings/alarms')
    ).alarms;

  it('raises the alarm when a recording breaks off, and goes on in a second part', async () => {
    const failuresBefore = await figure('hotline_recording_failures_total');
    const { citizen, callId } = await talk('13700000002');
    await pass(300);
    const channel = scene.asterisk
      .console('core show channels concise')
      .split('\n')
      .find((line) => line.startsWith('Snoop/'))!;
    scene.asterisk.console(`channel request hangup ${channel.split('!')[0]}`);
    await until('supervisors are told', () =>
      supervisor.events.find((event) => event.kind === 'recordingFailed' && event['callId'] === callId),
    );
    await until('a second part is recorded', async () => (await recordings(callId)).length === 2);
    expect(
      await until('the alarm is stored', async () => (await alarms()).find((each) => each.callId === callId)),
    ).toMatchObject({
      recordingId: `${callId}-talk`,
      why: 'broke off',
    });
    expect(await figure('hotline_recording_failures_total')).toBe(failuresBefore + 1);
    await recorded(callId, 'running');
    await pass(400);
    await citizen.hangUp();
    const both = await until(
      'both parts are kept',
      async () => {
        const found = await recordings(callId);
        return found.every(({ state }) => state === 'kept') ? found : null;
      },
      10_000,
    );
    expect(both.map(({ recordingId }) => recordingId)).toEqual([`${callId}-talk`, `${callId}-talk-2`]);
    expect(both[1]!.seconds).toBeGreaterThan(0.3);
    await supervisor.ask('POST', `/recordings/alarms/${(await alarms())[0]!.alarmId}/seen`);
  }, 30_000);

  it('loses nothing while PostgreSQL is away; deletes what is old, and keeps what is in dispute', async () => {
    const one = await talk('13700000003');
    await scene.postgres.server?.stop();
    await pass(300);
    await one.citizen.hangUp();
    await one.ring.ended();
    await pass(3500);
    await scene.postgres.server?.restart();
    const old = await kept(one.callId, 20_000);
    await first.desk.seatIs('ready', 8000);
    const other = await talk('13700000004');
    await other.citizen.hangUp();
    const disputed = await kept(other.callId);

    const keep = { reason: '投诉争议' };
    await refused(first.desk.ask('PUT', `/recordings/${disputed.recordingId}/keep`, keep), 403);
    await refused(supervisor.ask('PUT', `/recordings/${disputed.recordingId}/keep`, { reason: ' ' }), 400);
    await supervisor.ask('PUT', `/recordings/${disputed.recordingId}/keep`, keep);
    const files = () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wav'));
    const fileOf = (recordingId: string) => files().find((name) => name.includes(recordingId));
    const place = join(folder, fileOf(old.recordingId)!);
    const db = openPostgres(scene.postgres.url, 1);
    await db('recordings')
      .whereIn('recording_id', [old.recordingId, disputed.recordingId])
      .update({ saved_at: new Date(Date.now() - 31 * 86_400_000) });
    await db.destroy();
    await until(
      'the old one is deleted',
      async () => (await recordings(one.callId))[0]?.state === 'deleted',
      8000,
    );
    expect(existsSync(place)).toBe(false);
    await refused(open(old.recordingId), 409);
    const [entry] = await until('it is audited', async () => {
      const found = await audited('recording.delete', old.recordingId);
      return found.length ? found : null;
    });
    expect(entry).toMatchObject({
      who: 'system',
      facts: { callId: one.callId, sha256: old.sha256, keepDays: 30 },
    });
    expect(await recordings(other.callId)).toMatchObject([{ state: 'kept', keepReason: '投诉争议' }]);
    expect(fileOf(disputed.recordingId)).toBeDefined();
    // Nothing stays behind on the switch.
    await until('the switch has none', async () => (await figure('hotline_recordings_waiting')) === 0);
  }, 60_000);
});
