import { join } from 'node:path';
import pino from 'pino';
import { AudioConverter } from '../../src/intake/audio-conversion.adapter';
import type { PromptLine } from '../../src/intake/prompt-catalogue';
import { PromptFolder, ShippedPrompts } from '../../src/intake/prompt-folder.adapter';
import { PromptService } from '../../src/intake/prompt.service';
import { PromptStore } from '../../src/intake/prompt.store';
import { AuditStore } from '../../src/platform/audit.store';
import { systemClock } from '../../src/platform/clock';
import type { Database } from '../../src/platform/postgres';
import { testServers } from '../support/servers';

/** One recording of the same words in every format that is taken. */
export const SOUNDS = join(__dirname, '../support/sounds');

/** A line with a greeting of its own and a digit menu. */
export const LINE: PromptLine = {
  lineId: 'line-lamps',
  name: '路灯热线',
  greetingSound: 'greeting-lamps',
  greetingText: '',
};

/** A prompt service on a database, as hotline.ts wires it, that keeps `folder` in step. */
export function openPrompts(db: Database, folder: string): PromptService {
  const log = pino({ level: 'silent' });
  return new PromptService({
    store: new PromptStore(db),
    folder: new PromptFolder(folder),
    shipped: new ShippedPrompts('asterisk-config'),
    converter: new AudioConverter(testServers().ffmpeg, log),
    audit: new AuditStore(db, systemClock),
    clock: systemClock,
    log,
    lines: () => [LINE],
    linesWithMenu: () => [LINE.lineId],
  });
}
