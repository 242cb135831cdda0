import type { LegId, ListenMode, Outcome } from '../call-control';
import { fieldsOf, textOf } from './ari-translate';
import type { AsteriskSnoops } from './asterisk-snoops.adapter';
import type { AsteriskTalks } from './asterisk-talks.adapter';
import type { LegBook } from './leg-book';
import { heardLegOf, listeningBridgeId, listeningSnoopId, MODES, snoopOf } from './snoop-names';

interface Listening {
  toLegId: LegId | null;
  mode: ListenMode;
}

/** A listening leg stands in a bridge of its own with a snoop channel on the leg it hears. */
export class AsteriskListening {
  private readonly listening = new Map<LegId, Listening>();

  constructor(
    private readonly snoops: AsteriskSnoops,
    private readonly talks: AsteriskTalks,
    private readonly book: LegBook,
  ) {}

  get size(): number {
    return this.listening.size;
  }

  async listen(legId: LegId, toLegId: LegId, mode: ListenMode): Promise<Outcome> {
    const before = this.listening.get(legId);
    if (before?.toLegId === toLegId && before.mode === mode) return 'done';
    // One of the same name hears another leg.
    if (before?.mode === mode) await this.unlisten(legId);
    const snoopId = listeningSnoopId(legId, mode);
    const whisper = mode === 'whisper' ? 'out' : 'none';
    const opened = await this.snoops.open(toLegId, snoopId, { spy: 'both', whisper });
    if (opened === 'gone') return 'gone';
    this.listening.set(legId, { toLegId, mode });
    const outcome = await this.enter(legId, snoopId).catch((fault: unknown) => {
      this.forget(legId);
      throw fault;
    });
    if (outcome === 'gone') this.forget(legId);
    else if (before && before.mode !== mode) await this.snoops.close(listeningSnoopId(legId, before.mode));
    return outcome;
  }

  /** A leg that is in its listening bridge stays there: put in again, it would leave it for a moment. */
  private enter(legId: LegId, snoopId: string): Promise<Outcome> {
    const bridgeId = listeningBridgeId(legId);
    const isIn = this.book.get(legId)?.bridgeId === bridgeId;
    return this.talks.join(bridgeId, isIn ? [snoopId] : [snoopId, legId]);
  }

  async unlisten(legId: LegId): Promise<Outcome> {
    if (!this.listening.delete(legId)) return 'gone';
    await this.closeAll(legId);
    await this.talks.part(listeningBridgeId(legId), legId);
    return 'done';
  }

  /** The leg has left its listening bridge: it has joined a talk, or is no more. */
  left(legId: LegId): void {
    if (this.listening.has(legId)) this.forget(legId);
  }

  /** The snoop channel has gone: what it heard has ended, unless the mode was changed. */
  snoopEnded(legId: LegId, mode: ListenMode): void {
    if (this.listening.get(legId)?.mode !== mode) return;
    this.listening.delete(legId);
    void this.talks.part(listeningBridgeId(legId), legId).catch(() => undefined);
  }

  /** After connecting, when the legs are known. `channels` are the snoop channels that the switch has, as it lists them. */
  takeStock(channels: unknown[]): void {
    this.listening.clear();
    for (const channel of channels.map(fieldsOf)) {
      const snoop = snoopOf(textOf(channel.id));
      if (snoop?.for !== 'listening') continue;
      const leg = this.book.get(snoop.legId);
      if (!leg) {
        this.forget(snoop.legId);
        continue;
      }
      leg.bridgeId ??= listeningBridgeId(snoop.legId);
      this.listening.set(snoop.legId, { toLegId: heardLegOf(textOf(channel.name)), mode: snoop.mode });
    }
  }

  private forget(legId: LegId): void {
    this.listening.delete(legId);
    void this.closeAll(legId).catch(() => undefined);
  }

  private closeAll(legId: LegId): Promise<Outcome[]> {
    return Promise.all(MODES.map((mode) => this.snoops.close(listeningSnoopId(legId, mode))));
  }
}
