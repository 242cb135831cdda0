import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cityDay, shiftDay } from '../deadlines/city-time';
import type { Clock } from '../platform/clock';
import type { CarriedMessage, MessageCarrier, Outcome } from './message-carrier';

/** For trials: each SMS becomes one line of JSON in a file of the city's day. Nobody receives anything. */
export class FileSms implements MessageCarrier {
  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {}

  async send({ messageId, address, template, text, params }: CarriedMessage): Promise<Outcome> {
    const now = this.clock.now();
    const line = { id: messageId, at: now.toISOString(), to: address, template, text, params };
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = await open(this.of(cityDay(now)), 'a', 0o600);
    try {
      await file.appendFile(`${JSON.stringify(line)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    return { kind: 'taken', providerId: null };
  }

  async wasTaken({ messageId, createdAt }: CarriedMessage): Promise<boolean> {
    const today = cityDay(this.clock.now());
    for (let day = cityDay(createdAt); day <= today; day = shiftDay(day, 1))
      if (await this.holds(day, messageId)) return true;
    return false;
  }

  private async holds(day: string, messageId: string): Promise<boolean> {
    try {
      return (await readFile(this.of(day), 'utf8')).includes(`{"id":"${messageId}"`);
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw fault;
    }
  }

  private of(day: string): string {
    return join(this.folder, `${day}.jsonl`);
  }
}
