import type { Clock } from '../platform/clock';
import { RepeatedTask } from '../platform/repeated-task';
import type { AttachmentFiles } from './attachment-files.adapter';
import type { AttachmentStore } from './attachment.store';
import type { ScanVerdict } from './clamd.adapter';

const TIDY_SECONDS = 3600;
const ORPHAN_MS = 3_600_000;
const BATCH = 50;

/** What happens to contents beside the requests: the virus scan, and the end of those that no attachment has any more. */
export class AttachmentSweep {
  private readonly scanning: RepeatedTask | null;
  private readonly tidying: RepeatedTask;

  constructor(
    private readonly parts: {
      store: AttachmentStore;
      files: AttachmentFiles;
      /** Null: no scanner is set. */
      scan: ((path: string) => Promise<ScanVerdict>) | null;
      sweepSeconds: number;
      clock: Clock;
      log: { warn(facts: object, words: string): void };
    },
  ) {
    const warn = (words: string) => (fault: unknown) => parts.log.warn({ err: fault }, words);
    this.scanning = parts.scan
      ? new RepeatedTask(
          parts.sweepSeconds,
          () => this.scan(),
          warn('attachments wait for the virus scanner'),
        )
      : null;
    this.tidying = new RepeatedTask(TIDY_SECONDS, () => this.tidy(), warn('old attachments not deleted now'));
  }

  start(): void {
    this.scanning?.start();
    this.tidying.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.scanning?.stop(), this.tidying.stop()]);
  }

  /** Something was added: scans soon. */
  hurry(): void {
    this.scanning?.hurry();
  }

  /** Scans what waits. A scanner that is away leaves it waiting; one content it cannot scan does not hold up the others. */
  private async scan(): Promise<void> {
    const { store, files, scan, log } = this.parts;
    for (const sha256 of await store.pending(BATCH)) {
      if (!(await files.has(sha256))) continue;
      const verdict = await scan?.(files.path(sha256)).catch((fault: unknown) => {
        log.warn({ err: fault, sha256 }, 'attachment not scanned, will be tried again');
        return null;
      });
      if (!verdict) continue;
      if (!verdict.clean) log.warn({ sha256, found: verdict.found }, 'an attachment is infected');
      await store.scanned(
        sha256,
        verdict.clean ? 'clean' : 'infected',
        verdict.clean ? null : verdict.found.slice(0, 200),
      );
    }
  }

  /** Deletes contents without a row: of uploads that were cut off, and of removed attachments. */
  async tidy(): Promise<void> {
    const { store, files, clock } = this.parts;
    for await (const contents of files.olderThan(new Date(clock.now().getTime() - ORPHAN_MS))) {
      const used = await store.stillUsed(contents);
      for (const sha256 of contents.filter((one) => !used.has(one)))
        await store.command(async (trx) => {
          await store.lockContent(trx, sha256);
          if (!(await store.stillUsed([sha256], trx)).has(sha256)) await files.remove(sha256);
        });
    }
  }
}
