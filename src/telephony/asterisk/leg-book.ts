import type { LegId, LegSnapshot, PromptId, SwitchEvent } from '../call-control';

/** What the adapter knows of a leg beyond what the switch reports; rebuilt from the switch after every loss. */
export interface KnownLeg {
  /** The switch takes commands for it (it has entered our application). */
  entered: boolean;
  answered: boolean;
  ringing: boolean;
  /** Null: not known (a leg taken over), so music is stopped to be sure. */
  music: boolean | null;
  prompts: Set<PromptId>;
  /** The bridge it is in, as far as the switch has told: its talk, or where it listens. */
  bridgeId: string | null;
  /** Sent back to the dialplan: leaving our application is its end for us. */
  handedBack: boolean;
}

/** At most this many prompts wait on one leg. */
export function playbackIds(legId: LegId): string[] {
  return [0, 1, 2, 3, 4, 5].map((place) => `${legId}~${place}`);
}

const fresh = (): KnownLeg => ({
  entered: false,
  answered: false,
  ringing: false,
  music: false,
  prompts: new Set(),
  bridgeId: null,
  handedBack: false,
});

/**
 * The legs under our control and the prompts playing to them. It turns the switch's raw stream into the port's
 * promises: each of legRinging, legAnswered, promptEnded and legEnded once, and nothing about legs that are not ours.
 */
export class LegBook {
  private readonly legs = new Map<LegId, KnownLeg>();
  private readonly prompts = new Map<PromptId, { legId: LegId; playbackId: string; stopped: boolean }>();

  get(legId: LegId): KnownLeg | undefined {
    return this.legs.get(legId);
  }

  get ids(): LegId[] {
    return [...this.legs.keys()];
  }

  get size(): { legs: number; prompts: number } {
    return { legs: this.legs.size, prompts: this.prompts.size };
  }

  dialled(legId: LegId): void {
    this.legs.set(legId, fresh());
  }

  forget(legId: LegId): void {
    for (const promptId of this.legs.get(legId)?.prompts ?? []) this.prompts.delete(promptId);
    this.legs.delete(legId);
  }

  /**
   * Gives the playback's id on the switch. It tells its leg and is one of a few, so that a successor of this service can
   * stop what it has inherited.
   */
  promptStarted(promptId: PromptId, legId: LegId): string {
    const taken = new Set([...this.prompts.values()].map(({ playbackId }) => playbackId));
    const playbackId = playbackIds(legId).find((id) => !taken.has(id)) ?? promptId;
    this.prompts.set(promptId, { legId, playbackId, stopped: false });
    this.legs.get(legId)?.prompts.add(promptId);
    return playbackId;
  }

  /** The playback's id, null when no such prompt is playing. */
  promptStopped(promptId: PromptId): string | null {
    const prompt = this.prompts.get(promptId);
    if (prompt) prompt.stopped = true;
    return prompt?.playbackId ?? null;
  }

  promptForgotten(promptId: PromptId): void {
    const prompt = this.prompts.get(promptId);
    if (prompt) this.legs.get(prompt.legId)?.prompts.delete(promptId);
    this.prompts.delete(promptId);
  }

  /** After a loss: learns the legs the switch has, forgets those of `before` that it has no more. Returns the new ones. */
  resync(snapshots: readonly LegSnapshot[], before: readonly LegId[]): LegId[] {
    const now = new Set(snapshots.map(({ legId }) => legId));
    for (const legId of before) if (!now.has(legId)) this.forget(legId);
    const inherited = snapshots.map(({ legId }) => legId).filter((legId) => !this.legs.has(legId));
    for (const { legId, state, talkId } of snapshots) {
      const leg = this.legs.get(legId) ?? { ...fresh(), entered: true, music: null };
      this.legs.set(legId, { ...leg, answered: leg.answered || state === 'up', bridgeId: talkId });
    }
    return inherited;
  }

  /** The switch has put a leg into a bridge, or taken it out of one. */
  moved(legId: LegId, bridgeId: string, isIn: boolean): void {
    const leg = this.legs.get(legId);
    if (!leg) return;
    if (isIn) leg.bridgeId = bridgeId;
    else if (leg.bridgeId === bridgeId) leg.bridgeId = null;
  }

  /** Everything that plays, as the switch names it. */
  get playing(): { playbackId: string; legId: LegId }[] {
    return [...this.prompts.values()];
  }

  /** What of a translated event the listener may hear, in order. */
  admit(event: SwitchEvent): SwitchEvent[] {
    switch (event.kind) {
      case 'legArrived':
        this.legs.set(event.leg.legId, { ...fresh(), entered: true });
        return [event];
      case 'legRinging':
        return this.once(event.legId, 'ringing') ? [event] : [];
      case 'legAnswered':
        return this.once(event.legId, 'answered') ? [event] : [];
      case 'promptEnded':
        return this.endPrompt(event);
      case 'legEnded':
        return this.endLeg(event);
      case 'digitPressed':
      case 'legsTalking':
      case 'legsApart':
        return this.legs.has(event.legId) ? [event] : [];
      default:
        return [event];
    }
  }

  private once(legId: LegId, mark: 'ringing' | 'answered'): boolean {
    const leg = this.legs.get(legId);
    if (!leg || leg[mark]) return false;
    leg[mark] = true;
    return true;
  }

  /** Here the event still names the playback. */
  private endPrompt(event: Extract<SwitchEvent, { kind: 'promptEnded' }>): SwitchEvent[] {
    const entry = [...this.prompts].find(([, { playbackId }]) => playbackId === event.promptId);
    if (!entry) return [];
    const [promptId, { stopped }] = entry;
    this.promptForgotten(promptId);
    return [{ ...event, promptId, completed: event.completed && !stopped }];
  }

  private endLeg(event: Extract<SwitchEvent, { kind: 'legEnded' }>): SwitchEvent[] {
    const leg = this.legs.get(event.legId);
    if (!leg) return [];
    const cutOff = [...leg.prompts].map((promptId): SwitchEvent => ({
      kind: 'promptEnded',
      promptId,
      legId: event.legId,
      completed: false,
      at: event.at,
    }));
    this.forget(event.legId);
    return [...cutOff, event];
  }
}
