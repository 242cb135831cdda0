import type { Knex } from 'knex';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cityDay } from '../../deadlines/city-time';
import type { AuditStore } from '../../platform/audit.store';
import type { Clock } from '../../platform/clock';
import { RepeatedTask } from '../../platform/repeated-task';
import type { CallControl } from '../../telephony/call-control';
import { keptAs, readRecordingId } from './recording';
import type { KeptRecording, RecordingAlarm, RecordingStore } from './recording.store';
import { WaveformPen } from './waveform';

interface Deps {
  switch: Pick<CallControl, 'fetchRecording' | 'discardRecording'>;
  store: RecordingStore;
  audit: AuditStore;
  /** Where the sound is kept. */
  folder: string;
  /** Days; 0 keeps everything. */
  keepDays: number;
  sweepSeconds: number;
  clock: Clock;
  /** A failure, for the metric. */
  failed(): void;
  log: { info(facts: object, words: string): void; warn(facts: object, words: string): void };
}

const DAY_MS = 86_400_000;
const HEADER_BYTES = 44;
/** A recording that could not be fetched so often raises the alarm; it is tried further all the same. */
const TRIES_BEFORE_ALARM = 20;
/** After so many files that cannot be deleted a sweep gives up. */
const MOST_STUCK = 20;

/**
 * Brings recordings from the switch into files of our own with their hash, and deletes them when their time is over. The
 * switch gives a recording up only when its row is in PostgreSQL, and tells of it again after each connection: whatever
 * is away meanwhile, nothing is lost.
 */
export class RecordingKeeping {
  /** Recordings that wait on the switch, with the tries so far. */
  private readonly waiting = new Map<string, number>();
  private readonly alarms = new Map<string, Omit<RecordingAlarm, 'seenAt' | 'seenBy'>>();
  private readonly bringing: RepeatedTask;
  private readonly sweeping: RepeatedTask;

  constructor(private readonly deps: Deps) {
    const { log, sweepSeconds } = deps;
    const warn = (words: string) => (fault: unknown) => log.warn({ fault: String(fault) }, words);
    this.bringing = new RepeatedTask(3, () => this.bring(), warn('recordings not brought now'));
    this.sweeping = new RepeatedTask(
      sweepSeconds,
      () => this.sweep(),
      warn('old recordings not deleted now'),
    );
  }

  start(): void {
    this.bringing.start();
    this.sweeping.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.bringing.stop(), this.sweeping.stop()]);
  }

  /** How many recordings wait on the switch. */
  get lag(): number {
    return this.waiting.size;
  }

  /** A recording is whole on the switch. */
  saved(recordingId: string): void {
    if (!this.waiting.has(recordingId)) this.waiting.set(recordingId, 0);
    this.bringing.hurry();
  }

  alarm(recordingId: string, callId: string, why: string): void {
    const alarmId = randomUUID();
    this.alarms.set(alarmId, { alarmId, recordingId, callId, why, at: this.deps.clock.now() });
    this.deps.failed();
    this.deps.log.warn({ recordingId, callId, why }, 'a recording failed');
    this.bringing.hurry();
  }

  /** The file of a kept recording. */
  fileOf(recording: Pick<KeptRecording, 'file'>): string {
    return join(this.deps.folder, recording.file);
  }

  /** Reads the sound again: is it what was saved? Raises the alarm when it is not. */
  async verify(recording: KeptRecording): Promise<{ whole: boolean; sha256: string | null }> {
    const { recordingId, callId, sha256: expected } = recording;
    const found = await this.read(this.fileOf(recording)).catch(() => null);
    const whole = found?.sha256 === expected;
    if (!whole) this.alarm(recordingId, callId, found ? '录音文件与保存时的摘要不符' : '录音文件不存在');
    return { whole, sha256: found?.sha256 ?? null };
  }

  private async bring(): Promise<void> {
    for (const [alarmId, alarm] of this.alarms) {
      await this.deps.store.raise(alarm);
      this.alarms.delete(alarmId);
    }
    let fault: unknown = null;
    for (const [recordingId, tries] of [...this.waiting])
      try {
        await this.bringOne(recordingId);
        this.waiting.delete(recordingId);
      } catch (thrown) {
        fault = thrown;
        this.waiting.set(recordingId, tries + 1);
        const callId = readRecordingId(recordingId)?.callId ?? recordingId;
        if (tries + 1 === TRIES_BEFORE_ALARM)
          this.alarm(recordingId, callId, `录音未能保存：${String(thrown)}`);
      }
    if (fault !== null) throw fault;
  }

  private async bringOne(recordingId: string): Promise<void> {
    const { switch: port, store, folder, clock, log } = this.deps;
    const of = readRecordingId(recordingId);
    if (!of) return log.warn({ recordingId }, 'the switch has a recording that is none of ours');
    if (!(await store.recording(recordingId))) {
      const savedAt = clock.now();
      const file = keptAs(recordingId, cityDay(savedAt));
      const place = join(folder, file);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      const fetched = await port.fetchRecording(recordingId, `${place}.part`);
      if (!fetched) return this.alarm(recordingId, of.callId, '交换机上找不到录音');
      await rename(`${place}.part`, place);
      const facts = await this.read(place);
      await store.save({ recordingId, ...of, ...fetched, ...facts, savedAt, file });
      log.info({ recordingId, ...fetched }, 'recording kept');
    }
    await port.discardRecording(recordingId);
  }

  private async read(file: string): Promise<Pick<KeptRecording, 'bytes' | 'sha256' | 'waveform'>> {
    const { size: bytes } = await stat(file);
    const pen = new WaveformPen(bytes - HEADER_BYTES);
    const hash = createHash('sha256');
    let skipped = 0;
    for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(part);
      const header = Math.min(HEADER_BYTES - skipped, part.length);
      skipped += header;
      pen.draw(part.subarray(header));
    }
    return { bytes, sha256: hash.digest('hex'), waveform: pen.waveform };
  }

  /** Deletes what is older than its time, one after another, each with its entry in the audit trail. */
  private async sweep(): Promise<void> {
    const { store, keepDays, clock } = this.deps;
    if (keepDays === 0) return;
    const before = new Date(clock.now().getTime() - keepDays * DAY_MS);
    const stuck: string[] = [];
    while (await store.transaction((trx) => this.deleteOne(trx, before, stuck)));
    if (stuck.length > 0) throw new Error(`files cannot be deleted: ${stuck.join(' ')}`);
  }

  /** False when nothing is left to be deleted. */
  private async deleteOne(trx: Knex.Transaction, before: Date, stuck: string[]): Promise<boolean> {
    const { store, audit, keepDays, clock } = this.deps;
    const old = await store.lockOld(trx, before, stuck);
    if (!old) return false;
    const { recordingId: subject, callId, sha256, savedAt } = old;
    const gone = await rm(this.fileOf(old), { force: true }).then(
      () => true,
      () => false,
    );
    if (!gone) stuck.push(subject);
    if (!gone) return stuck.length < MOST_STUCK;
    await store.deleted(trx, subject, clock.now());
    const facts = { callId, sha256, savedAt: savedAt.toISOString(), keepDays };
    await audit.append({ who: 'system', action: 'recording.delete', subject, facts }, trx);
    return true;
  }
}
