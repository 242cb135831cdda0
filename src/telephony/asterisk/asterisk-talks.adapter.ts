import type { LegId, Outcome, TalkId } from '../call-control';
import { isDone, isGone, refused, type AriCommands } from './ari-command.adapter';
import { fieldsOf, listOf, textOf } from './ari-translate';
import type { LegBook } from './leg-book';
import { snoopOf } from './snoop-names';

/** A leg we dialled answers a moment before Asterisk lets it into a bridge. */
const ENTERING_MS = 1000;

/** Talks are mixing bridges with our ids. Empty ones are removed. */
export class AsteriskTalks {
  /** Talks that legs are being put into just now: not to be removed although they are empty. */
  private readonly joining = new Map<TalkId, number>();

  constructor(
    private readonly ari: AriCommands,
    private readonly book: LegBook,
    private readonly app: string,
  ) {}

  get busy(): number {
    return this.joining.size;
  }

  async join(talkId: TalkId, legIds: LegId[]): Promise<Outcome> {
    this.joining.set(talkId, (this.joining.get(talkId) ?? 0) + 1);
    let outcome: Outcome | null = null;
    try {
      await Promise.all([this.make(talkId), ...legIds.map((legId) => this.quieten(legId))]);
      const outcomes = await Promise.all(legIds.map((legId) => this.add(talkId, legId)));
      outcome = outcomes.includes('gone') ? 'gone' : 'done';
      return outcome;
    } finally {
      const left = (this.joining.get(talkId) ?? 1) - 1;
      if (left > 0) this.joining.set(talkId, left);
      else this.joining.delete(talkId);
      if (outcome !== 'done') void this.removeIfEmpty(talkId).catch(() => undefined);
    }
  }

  async part(talkId: TalkId, legId: LegId): Promise<Outcome> {
    await this.quieten(legId);
    const reply = await this.ari.ask('bridges.removeChannel', { bridgeId: talkId, channel: legId });
    if (isDone(reply)) return 'done';
    if (reply.status === 400 || isGone(reply)) return this.book.get(legId) ? 'done' : 'gone';
    throw refused('bridges.removeChannel', reply);
  }

  /** A bridge that Asterisk reports as empty, unless somebody is about to enter. */
  async removeIfEmpty(talkId: TalkId): Promise<void> {
    if (this.joining.has(talkId)) return;
    const reply = await this.ari.ask('bridges.get', { bridgeId: talkId });
    if (!isDone(reply) || listOf(fieldsOf(reply.body).channels).length > 0 || this.joining.has(talkId))
      return;
    await this.ari.ask('bridges.destroy', { bridgeId: talkId });
  }

  /** Removes what a service that died left behind. */
  async removeEmpty(): Promise<void> {
    const { body } = await this.ari.ask('bridges.list');
    const empty = listOf(body)
      .map(fieldsOf)
      .filter((bridge) => bridge.name === this.app && listOf(bridge.channels).length === 0);
    for (const bridge of empty) await this.removeIfEmpty(textOf(bridge.id));
  }

  private async make(talkId: TalkId): Promise<void> {
    const reply = await this.ari.ask('bridges.createWithId', {
      bridgeId: talkId,
      type: 'mixing,dtmf_events',
      name: this.app,
    });
    // 409: it is there already.
    if (!isDone(reply) && reply.status !== 409) throw refused('bridges.createWithId', reply);
  }

  /**
   * Stops what plays to the leg. Asterisk works a leg's commands off one after another, so that answering it, or putting
   * it into a bridge or out of it, would wait for the end of a prompt.
   */
  async quieten(legId: LegId): Promise<void> {
    const leg = this.book.get(legId);
    if (!leg) return;
    const playbacks = [...leg.prompts].flatMap((promptId) => this.book.promptStopped(promptId) ?? []);
    const stops = playbacks.map((playbackId) => this.ari.command('playbacks.stop', { playbackId }));
    if (leg.music !== false) stops.push(this.ari.command('channels.stopMoh', { channelId: legId }));
    leg.music = false;
    await Promise.all(stops);
  }

  private async add(talkId: TalkId, legId: LegId): Promise<Outcome> {
    await this.leaveOther(talkId, legId);
    for (const until = Date.now() + ENTERING_MS; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const reply = await this.ari.ask('bridges.addChannel', { bridgeId: talkId, channel: legId });
      if (isDone(reply)) return 'done';
      const leg = this.book.get(legId);
      const mayStillEnter = leg !== undefined && !leg.entered && reply.status !== 404;
      const talkIsGone = reply.status === 404 && (leg !== undefined || snoopOf(legId) !== null);
      if ((!mayStillEnter && !talkIsGone) || Date.now() > until) {
        if (reply.status === 400 || isGone(reply)) return 'gone';
        throw refused('bridges.addChannel', reply);
      }
      if (talkIsGone) await this.make(talkId);
    }
  }

  /**
   * A leg that Asterisk moves from one bridge to another keeps hold of the first: destroyed, its id could not be used
   * again while the leg stays in the other. A leg that is taken out first does not.
   */
  private async leaveOther(talkId: TalkId, legId: LegId): Promise<void> {
    const bridgeId = this.book.get(legId)?.bridgeId;
    if (bridgeId && bridgeId !== talkId)
      await this.ari.ask('bridges.removeChannel', { bridgeId, channel: legId });
  }
}
