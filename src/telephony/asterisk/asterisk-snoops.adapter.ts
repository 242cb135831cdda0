import type { LegId, Outcome } from '../call-control';
import { isDone, isGone, refused, type AriCommands } from './ari-command.adapter';
import { SNOOP } from './snoop-names';

/** A snoop channel enters our application a moment after it was made; before that it takes no command. */
const ENTERING_MS = 1000;

/** Which direction of the leg is heard; who hears what is said into the snoop channel (`out`: the leg itself). */
export interface SnoopDirections {
  spy: 'in' | 'out' | 'both';
  whisper: 'none' | 'out';
}

/** Channels of the switch that hear a leg. */
export class AsteriskSnoops {
  private readonly entering = new Map<string, () => void>();

  constructor(
    private readonly ari: AriCommands,
    private readonly app: string,
  ) {}

  /** Makes one and waits until it takes commands. */
  async open(legId: LegId, snoopId: string, directions: SnoopDirections): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined;
    const entered = new Promise<void>((resolve) => {
      this.entering.set(snoopId, resolve);
      timer = setTimeout(resolve, ENTERING_MS);
    });
    try {
      const reply = await this.ari.ask('channels.snoopChannelWithId', {
        channelId: legId,
        snoopId,
        app: this.app,
        appArgs: SNOOP,
        ...directions,
      });
      if (isGone(reply)) return 'gone';
      if (!isDone(reply)) throw refused('channels.snoopChannelWithId', reply);
      await entered;
      return 'done';
    } finally {
      clearTimeout(timer);
      this.entering.delete(snoopId);
    }
  }

  /** Its StasisStart has come. */
  entered(snoopId: string): void {
    this.entering.get(snoopId)?.();
  }

  close(snoopId: string): Promise<Outcome> {
    return this.ari.command('channels.hangup', { channelId: snoopId });
  }
}
