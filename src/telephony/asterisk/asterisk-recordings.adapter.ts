import type { LegId, Outcome, RecordingId, SwitchEvent } from '../call-control';
import { writeStereo } from '../stereo-file.adapter';
import { checkRecordingId } from '../switch-names';
import { isDone, refused, type AriCommands } from './ari-command.adapter';
import { ariFile } from './ari-http.adapter';
import type { AriLinkOptions } from './ari-link';
import { fieldsOf, listOf, textOf } from './ari-translate';
import type { AsteriskSnoops } from './asterisk-snoops.adapter';
import type { LegBook } from './leg-book';
import {
  heardLegOf,
  recordingOf,
  recordingSnoopId,
  SIDES,
  snoopOf,
  soundName,
  type Side,
} from './snoop-names';

/** So long after a recording the end of its leg may be told. */
const LAST_WORD_MS = 1000;
interface Running {
  legId: LegId | null;
  /** Sides whose snoop channel is there. */
  sides: Set<Side>;
  /** Both sides are being recorded: from now on there is something to save. */
  begun: boolean;
  /** Asked to end, or its failure has been told. */
  ending: boolean;
}

/**
 * A recording is two snoop channels on the leg, one for each direction, each recorded by Asterisk itself into a WAV file.
 * A snoop channel gives a frame every 20 ms, silence when there is nothing, so the two sides stay beside each other.
 */
export class AsteriskRecordings {
  private readonly running = new Map<RecordingId, Running>();

  constructor(
    private readonly ari: AriCommands,
    private readonly snoops: AsteriskSnoops,
    private readonly book: LegBook,
    private readonly options: AriLinkOptions,
    private readonly tell: (event: SwitchEvent) => void,
  ) {}

  get size(): number {
    return this.running.size;
  }

  async record(legId: LegId, recordingId: RecordingId): Promise<Outcome> {
    checkRecordingId(recordingId);
    if (this.running.has(recordingId)) return 'done';
    const running: Running = { legId, sides: new Set(SIDES), begun: false, ending: false };
    this.running.set(recordingId, running);
    try {
      running.begun = await this.begin(legId, recordingId);
    } finally {
      if (!running.begun) {
        this.running.delete(recordingId);
        await this.hangUp(recordingId).catch(() => undefined);
      }
    }
    if (running.begun && running.sides.size === 0) this.saved(recordingId);
    return running.begun ? 'done' : 'gone';
  }

  /** Both sides are got ready first, so that they begin at the same moment. False when the leg has gone. */
  private async begin(legId: LegId, recordingId: RecordingId): Promise<boolean> {
    const ready = await Promise.all(
      SIDES.map((side) =>
        this.snoops.open(legId, recordingSnoopId(recordingId, side), {
          spy: side === 'left' ? 'in' : 'out',
          whisper: 'none',
        }),
      ),
    );
    if (ready.includes('gone')) return false;
    const replies = await Promise.all(
      SIDES.map((side) =>
        this.ari.ask('channels.record', {
          channelId: recordingSnoopId(recordingId, side),
          name: soundName(recordingId, side),
          format: 'wav',
          ifExists: 'fail',
        }),
      ),
    );
    const fault = replies.find((reply) => !isDone(reply));
    // One side that has begun is kept as it is: half a recording is better than none.
    if (!fault || replies.some(isDone)) return true;
    const leg = await this.ari.ask('channels.get', { channelId: legId });
    if (isDone(leg)) throw refused('channels.record', fault);
    return false;
  }

  async pause(recordingId: RecordingId, on: boolean): Promise<Outcome> {
    checkRecordingId(recordingId);
    const operation = on ? 'recordings.mute' : 'recordings.unmute';
    const outcomes = await Promise.all(
      SIDES.map((side) => this.ari.command(operation, { recordingName: soundName(recordingId, side) })),
    );
    return outcomes.includes('gone') ? 'gone' : 'done';
  }

  async end(recordingId: RecordingId): Promise<Outcome> {
    checkRecordingId(recordingId);
    const running = this.running.get(recordingId);
    if (running) running.ending = true;
    return (await this.hangUp(recordingId)).includes('done') ? 'done' : 'gone';
  }

  /** The leg is no longer ours, although it lives on. */
  endOf(legId: LegId): void {
    for (const [recordingId, running] of this.running)
      if (running.legId === legId) void this.end(recordingId).catch(() => undefined);
  }

  async fetch(recordingId: RecordingId, file: string): Promise<{ durationMs: number } | null> {
    checkRecordingId(recordingId);
    const [left = null, right = null] = await Promise.all(
      SIDES.map((side) => ariFile(this.options, `recordings/stored/${soundName(recordingId, side)}/file`)),
    );
    return left || right ? writeStereo(file, left, right) : null;
  }

  async discard(recordingId: RecordingId): Promise<void> {
    checkRecordingId(recordingId);
    await Promise.all(
      SIDES.map((side) =>
        this.ari.command('recordings.deleteStored', { recordingName: soundName(recordingId, side) }),
      ),
    );
  }

  /** A snoop channel of a recording has gone. */
  sideEnded(recordingId: RecordingId, side: Side): void {
    const running = this.running.get(recordingId);
    if (!running?.sides.delete(side) || !running.begun) return;
    this.suspect(recordingId, running);
    if (running.sides.size === 0) this.saved(recordingId);
  }

  /** RecordingFinished and RecordingFailed. */
  heard(event: unknown): void {
    const { type, recording } = fieldsOf(event);
    const { name, cause } = fieldsOf(recording);
    const of = recordingOf(textOf(name));
    const running = of && this.running.get(of.recordingId);
    if (!of || !running || running.ending) return;
    if (type === 'RecordingFailed')
      return this.failed(of.recordingId, running, textOf(cause) || 'not written');
    this.suspect(of.recordingId, running);
  }

  /** One side has ended by itself. That is well when the leg has ended too, of which we may hear a little later. */
  private suspect(recordingId: RecordingId, running: Running): void {
    if (running.ending) return;
    const look = () => {
      if (!running.ending && running.legId !== null && this.book.get(running.legId))
        this.failed(recordingId, running, 'broke off');
    };
    setTimeout(look, LAST_WORD_MS).unref();
  }

  /**
   * After connecting: what runs, and what was saved while nobody listened. Returns what the listener must hear of it.
   *
   * @param channels the snoop channels that the switch has, as it lists them
   */
  async takeStock(channels: unknown[], now: Date): Promise<SwitchEvent[]> {
    const found = new Map<RecordingId, Running>();
    for (const channel of channels.map(fieldsOf)) {
      const snoop = snoopOf(textOf(channel.id));
      if (snoop?.for !== 'recording') continue;
      const known = this.running.get(snoop.recordingId);
      const running = found.get(snoop.recordingId) ?? {
        legId: known?.legId ?? heardLegOf(textOf(channel.name)),
        sides: new Set(),
        begun: true,
        ending: known?.ending ?? false,
      };
      found.set(snoop.recordingId, running);
      running.sides.add(snoop.side);
    }
    this.running.clear();
    for (const [recordingId, running] of found) this.running.set(recordingId, running);
    await Promise.all([...found].map(([recordingId, running]) => this.examine(recordingId, running)));
    const { body } = await this.ari.ask('recordings.listStored');
    const stored = listOf(body).map((file) => recordingOf(textOf(fieldsOf(file).name))?.recordingId);
    return [...new Set(stored)]
      .filter((recordingId) => recordingId !== undefined && !found.has(recordingId))
      .map((recordingId) => ({ kind: 'recordingSaved', recordingId: recordingId!, at: now }));
  }

  /** A predecessor may have died between making the channels and recording them. */
  private async examine(recordingId: RecordingId, running: Running): Promise<void> {
    const replies = await Promise.all(
      SIDES.map((side) =>
        this.ari.ask('recordings.getLive', { recordingName: soundName(recordingId, side) }),
      ),
    );
    if (!replies.every(isDone)) this.failed(recordingId, running, 'not found running');
  }

  private saved(recordingId: RecordingId): void {
    this.running.delete(recordingId);
    this.tell({ kind: 'recordingSaved', recordingId, at: new Date() });
  }

  private failed(recordingId: RecordingId, running: Running, why: string): void {
    if (running.ending) return;
    running.ending = true;
    this.tell({ kind: 'recordingFailed', recordingId, why, at: new Date() });
    void this.hangUp(recordingId).catch(() => undefined);
  }

  private hangUp(recordingId: RecordingId): Promise<Outcome[]> {
    return Promise.all(SIDES.map((side) => this.snoops.close(recordingSnoopId(recordingId, side))));
  }
}
