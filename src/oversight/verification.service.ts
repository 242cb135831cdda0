import { cityInstant } from '../deadlines/city-time';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { TimelineChainStore } from '../tickets/timeline-chain.store';
import type { Anchor } from './anchor';
import { begun, isWhole, type Verification } from './verification';

/** So long a result is given to whoever asks without wanting a new one. */
const FRESH_MS = 3_600_000;

/** Walks the audit trail and the timelines of all work orders, and compares both with what was noted elsewhere (G1). */
export class ChainVerifier {
  private latest: Verification | null = null;
  private underWay: Promise<Verification> | null = null;

  constructor(
    private readonly parts: {
      audit: Pick<AuditStore, 'verify' | 'hashAt'>;
      timelines: Pick<TimelineChainStore, 'verify' | 'digest'>;
      anchors(): Promise<Anchor[]>;
      clock: Clock;
      onFault?(fault: unknown): void;
    },
  ) {}

  /** The verification under way, or the last one; begins one when there is none, it is old, or a new one is wanted. */
  look(anew: boolean): Verification {
    const age = this.parts.clock.now().getTime() - (this.latest?.startedAt.getTime() ?? 0);
    if (!this.underWay && (anew || !this.latest || age > FRESH_MS || this.latest.state === 'failed'))
      void this.run().catch((fault: unknown) => this.parts.onFault?.(fault));
    return this.latest ?? begun(this.parts.clock.now());
  }

  /** Verifies everything; one that is under way is joined. Throws when a store or the anchor file cannot be read. */
  run(onProgress: (so: Verification) => void = () => undefined): Promise<Verification> {
    this.underWay ??= this.verify(onProgress).finally(() => (this.underWay = null));
    return this.underWay;
  }

  private async verify(onProgress: (so: Verification) => void): Promise<Verification> {
    const so = begun(this.parts.clock.now());
    this.latest = so;
    try {
      await this.parts.audit.verify((audit) => {
        Object.assign(so.audit, audit);
        onProgress(so);
      });
      await this.parts.timelines.verify((timelines) => {
        Object.assign(so.timelines, timelines);
        onProgress(so);
      });
      await this.compare(so);
      so.state = isWhole(so) ? 'whole' : 'broken';
    } catch (fault) {
      so.state = 'failed';
      throw fault;
    } finally {
      so.finishedAt = this.parts.clock.now();
    }
    return so;
  }

  private async compare(so: Verification): Promise<void> {
    for (const { day, audit, timelines } of await this.parts.anchors()) {
      const now = await this.parts.timelines.digest(cityInstant(day, '00:00'), cityInstant(day, '24:00'));
      const trail = audit.rows === 0 || (await this.parts.audit.hashAt(audit.rows)) === audit.head;
      const chain = !trail ? 'audit' : now.digest !== timelines.digest ? 'timelines' : null;
      so.anchors.checked += 1;
      if (chain === null) continue;
      so.anchors.brokenAt = { day, chain };
      return;
    }
  }
}
