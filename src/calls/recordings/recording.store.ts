import type { Knex } from 'knex';
import type { Database } from '../../platform/postgres';
import type { RecordingKind } from './recording';
import type { Waveform } from './waveform';

/** A recording whose sound is kept here. */
export interface KeptRecording {
  recordingId: string;
  callId: string;
  kind: RecordingKind;
  savedAt: Date;
  durationMs: number;
  bytes: number;
  sha256: string;
  /** Below the folder of recordings. */
  file: string;
  waveform: Waveform;
  /** Why it is kept beyond its time; null when it is not. */
  keepReason: string | null;
  /** Its time was over: the sound is gone, the facts stay. */
  deletedAt: Date | null;
}

/** A recording that failed, in part or whole. */
export interface RecordingAlarm {
  alarmId: string;
  recordingId: string;
  callId: string;
  why: string;
  at: Date;
  seenAt: Date | null;
  seenBy: string | null;
}

interface Row {
  recording_id: string;
  call_id: string;
  kind: RecordingKind;
  saved_at: Date;
  duration_ms: number;
  bytes: string;
  sha256: string;
  file: string;
  waveform: Waveform;
  keep_reason: string | null;
  kept_by: string | null;
  deleted_at: Date | null;
}

interface AlarmRow {
  alarm_id: string;
  recording_id: string;
  call_id: string;
  why: string;
  at: Date;
  seen_at: Date | null;
  seen_by: string | null;
}

/** Tables `recordings` and `recording_alarms`. */
export class RecordingStore {
  constructor(private readonly db: Database) {}

  /** Written once: the same recording fetched again changes nothing. */
  async save(recording: Omit<KeptRecording, 'keepReason' | 'deletedAt'>): Promise<void> {
    const { recordingId, callId, kind, savedAt, durationMs, bytes, sha256, file, waveform } = recording;
    await this.db('recordings')
      .insert({
        recording_id: recordingId,
        call_id: callId,
        kind,
        saved_at: savedAt,
        duration_ms: durationMs,
        bytes,
        sha256,
        file,
        waveform: JSON.stringify(waveform),
      })
      .onConflict('recording_id')
      .ignore();
  }

  async recording(recordingId: string): Promise<KeptRecording | null> {
    const row = await this.db<Row>('recordings').where({ recording_id: recordingId }).first();
    return row ? kept(row) : null;
  }

  async ofCall(callId: string): Promise<KeptRecording[]> {
    const rows = await this.db<Row>('recordings').where({ call_id: callId }).orderBy('saved_at');
    return rows.map(kept);
  }

  /** `reason` null: it is deleted when its time is over. False when there is no such recording any more. */
  async keep(trx: Knex, recordingId: string, reason: string | null, by: string): Promise<boolean> {
    const changed = await trx('recordings')
      .where({ recording_id: recordingId, deleted_at: null })
      .update({ keep_reason: reason, kept_by: reason === null ? null : by });
    return changed > 0;
  }

  /** The oldest recording saved before a moment that nobody keeps, locked; one that another service holds is passed over. */
  async lockOld(trx: Knex, before: Date, except: readonly string[]): Promise<KeptRecording | null> {
    const row = await trx<Row>('recordings')
      .where('saved_at', '<', before)
      .whereNull('deleted_at')
      .whereNull('keep_reason')
      .whereNotIn('recording_id', [...except])
      .orderBy('saved_at')
      .forUpdate()
      .skipLocked()
      .first();
    return row ? kept(row) : null;
  }

  async deleted(trx: Knex, recordingId: string, at: Date): Promise<void> {
    await trx('recordings').where({ recording_id: recordingId }).update({ deleted_at: at });
  }

  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  async raise({ alarmId, recordingId, callId, why, at }: Omit<RecordingAlarm, 'seenAt' | 'seenBy'>) {
    await this.db('recording_alarms')
      .insert({ alarm_id: alarmId, recording_id: recordingId, call_id: callId, why, at })
      .onConflict('alarm_id')
      .ignore();
  }

  /** Newest first. */
  async alarms(filter: { open: boolean; limit: number }): Promise<RecordingAlarm[]> {
    const query = this.db<AlarmRow>('recording_alarms').orderBy('at', 'desc').limit(filter.limit);
    if (filter.open) void query.whereNull('seen_at');
    return (await query).map((row) => ({
      alarmId: row.alarm_id,
      recordingId: row.recording_id,
      callId: row.call_id,
      why: row.why,
      at: row.at,
      seenAt: row.seen_at,
      seenBy: row.seen_by,
    }));
  }

  /** False when there is no such alarm. Seen twice, the first time counts. */
  async see(alarmId: string, by: string, at: Date): Promise<boolean> {
    const alarm = this.db('recording_alarms').where({ alarm_id: alarmId });
    const found = await alarm.clone().whereNull('seen_at').update({ seen_at: at, seen_by: by });
    return found > 0 || (await alarm.first('alarm_id')) !== undefined;
  }
}

function kept(row: Row): KeptRecording {
  return {
    recordingId: row.recording_id,
    callId: row.call_id,
    kind: row.kind,
    savedAt: row.saved_at,
    durationMs: row.duration_ms,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    file: row.file,
    waveform: row.waveform,
    keepReason: row.keep_reason,
    deletedAt: row.deleted_at,
  };
}
