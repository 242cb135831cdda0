import { Client } from 'pg';
import type { Logger } from '../platform/logger';
import { LINES_CHANNEL } from './line.store';

/** Longest pause between two attempts to reach PostgreSQL, in milliseconds. */
const LONGEST_PAUSE = 5000;

/**
 * Hears from PostgreSQL that lines changed, on a connection of its own that is opened again for ever. `onNews` is also
 * called after each new connection, because what was said while it was away is lost.
 */
export class LineNews {
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly postgresUrl: string,
    private readonly onNews: () => void,
    private readonly log: Pick<Logger, 'warn' | 'info'>,
  ) {}

  /** Starts listening in the background; never rejects. */
  start(): void {
    this.stopped = false;
    void this.connect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.postgresUrl,
      connectionTimeoutMillis: 3000,
      keepAlive: true,
    });
    this.client = client;
    client.on('error', (fault) => this.lost(client, fault));
    client.on('end', () => this.lost(client, null));
    client.on('notification', () => this.onNews());
    try {
      await client.connect();
      await client.query(`listen ${LINES_CHANNEL}`);
      if (this.failures > 0) this.log.info('hearing changes of lines again');
      this.failures = 0;
      this.onNews();
    } catch (fault) {
      this.lost(client, fault);
    }
  }

  /** One connection may be reported lost several times: only the first counts. */
  private lost(client: Client, fault: unknown): void {
    if (this.client !== client) return;
    this.client = null;
    client.end().catch(() => undefined);
    if (this.stopped) return;
    if (this.failures === 0)
      this.log.warn({ err: fault }, 'cannot hear changes of lines; the last known stay in use');
    this.failures += 1;
    this.timer = setTimeout(
      () => void this.connect(),
      Math.min(200 * 2 ** Math.min(this.failures, 6), LONGEST_PAUSE),
    );
  }
}
