import { readConfig } from './config';
import { startHotline } from './hotline';
import { openLogger } from './platform/logger';

/** After this long a stop that has not ended is cut off. */
const STOP_MS = 8000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = openLogger(config.LOG_LEVEL);
  const hotline = { running: null as { stop(): Promise<void> } | null };

  let stopping = false;
  const stop = (why: string, code: number) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => {
      log.warn('not stopped in time');
      process.exit(1);
    }, STOP_MS).unref();
    void (hotline.running?.stop() ?? Promise.resolve()).then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };

  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  // What nobody expected leaves the process in a state nobody knows: say it, and end; calls live in the switch and go on.
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(kind, (fault: unknown) => {
      log.fatal({ err: fault }, kind);
      process.exit(1);
    });
  }

  hotline.running = await startHotline(config, log);
}

main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exit(1);
});
