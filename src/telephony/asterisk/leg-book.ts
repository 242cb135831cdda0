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
  /** Sent back to the dialplan: leaving our application is its end for us. */
  handedBack: boolean;
}

const fresh = (): KnownLeg => ({
  entered: false,
  answered: false,
  ringing: false,
  music: false,
  prompts: new Set(),
  handedBack: false,
});

/**
 * The legs under our control and the prompts playing to them. It turns the switch's raw stream into the port's
 * promises: each of legRinging, legAnswered, promptEnded and legEnded once, and nothing about legs that are not ours.
 */
export class LegBook {
  private readonly legs = new Map<LegId, KnownLeg>();
  private readonly prompts = new Map<PromptId, { legId: LegId; stopped: boolean }>();

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

  promptStarted(promptId: PromptId, legId: LegId): void {
    this.prompts.set(promptId, { legId, stopped: false });
    this.legs.get(legId)?.prompts.add(promptId);
  }

  /** False when no such prompt is playing. */
  promptStopped(promptId: PromptId): boolean {
    const prompt = this.prompts.get(promptId);
    if (prompt) prompt.stopped = true;
    return prompt !== undefined;
  }

  promptForgotten(promptId: PromptId): void {
    const prompt = this.prompts.get(promptId);
    if (prompt) this.legs.get(prompt.legId)?.prompts.delete(promptId);
    this.prompts.delete(promptId);
  }

  /** After a loss: learns the legs the switch has, forgets those of `before` that it has no more. */
  resync(snapshots: readonly LegSnapshot[], before: readonly LegId[]): void {
    const now = new Set(snapshots.map(({ legId }) => legId));
    for (const legId of before) if (!now.has(legId)) this.forget(legId);
    for (const { legId, state } of snapshots) {
      const leg = this.legs.get(legId) ?? { ...fresh(), entered: true, music: null };
      this.legs.set(legId, { ...leg, answered: leg.answered || state === 'up' });
    }
  }

  legOfPrompt(promptId: PromptId): LegId | undefined {
    return this.prompts.get(promptId)?.legId;
  }

  get playing(): PromptId[] {
    return [...this.prompts.keys()];
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

  private endPrompt(event: Extract<SwitchEvent, { kind: 'promptEnded' }>): SwitchEvent[] {
    const prompt = this.prompts.get(event.promptId);
    if (!prompt) return [];
    this.promptForgotten(event.promptId);
    return [{ ...event, completed: event.completed && !prompt.stopped }];
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
