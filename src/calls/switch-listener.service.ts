import type { SwitchEvent } from '../telephony/call-control';
import type { CallService } from './call.service';
import type { MonitoringService } from './monitoring.service';
import type { ReconcileService } from './reconcile.service';

interface Deps {
  calls: Pick<CallService, 'hear'>;
  monitoring: Pick<MonitoringService, 'hear'>;
  reconcile: Pick<ReconcileService, 'takeOver'>;
  recorder: {
    heardSwitch(event: Extract<SwitchEvent, { kind: 'recordingSaved' | 'recordingFailed' }>): void;
    relinked(): void;
  };
  routing: { setOpen(open: boolean): void };
  /** Once the calls are taken over: phones are made known to the switch again. */
  afterTakeOver(): Promise<void>;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

/**
 * Hears the switch. While the calls found there are being taken over, further events wait, so that none of them meets a
 * call that is not known yet; while the link is lost nothing is offered.
 */
export class SwitchListener {
  private held: SwitchEvent[] | null = null;
  private linked = false;

  constructor(private readonly deps: Deps) {}

  get isLinked(): boolean {
    return this.linked && this.held === null;
  }

  hear(event: SwitchEvent): void {
    if (event.kind === 'switchLost') {
      this.linked = false;
      this.deps.routing.setOpen(false);
      this.deps.log.warn({}, 'link to the switch lost; calls there go on');
    } else if (this.held) this.held.push(event);
    else if (event.kind === 'switchBack') {
      this.linked = true;
      this.held = [];
      void this.takeOver(event);
    } else if (event.kind === 'recordingSaved' || event.kind === 'recordingFailed')
      this.deps.recorder.heardSwitch(event);
    else if (!this.deps.monitoring.hear(event)) this.deps.calls.hear(event);
  }

  private async takeOver(event: Extract<SwitchEvent, { kind: 'switchBack' }>): Promise<void> {
    const { reconcile, routing, afterTakeOver, log } = this.deps;
    try {
      await reconcile.takeOver(event.legs);
      log.info({ legs: event.legs.length }, 'linked to the switch');
    } catch (fault) {
      log.warn({ fault: String(fault) }, 'taking over was not whole; the reconciler goes on');
    }
    this.deps.recorder.relinked();
    const waiting = this.held ?? [];
    this.held = null;
    for (const each of waiting) this.hear(each);
    await afterTakeOver().catch((fault: unknown) =>
      log.warn({ fault: String(fault) }, 'phones not admitted now'),
    );
    if (this.linked) routing.setOpen(true);
  }
}
