import type { z } from 'zod';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { checkWhole, type limitChange } from './time-limit-input';
import type { TimeLimits } from './time-limit';
import type { TimeLimitStore } from './time-limit.store';

/** The city's time limits: in force for what is dispatched from now on. What is under way keeps its own. */
export class TimeLimitService {
  constructor(
    private readonly store: TimeLimitStore,
    private readonly clock: Clock,
    private readonly audit: Pick<AuditStore, 'append'>,
  ) {}

  /** Asks the database each time, so that every service counts alike. */
  async current(): Promise<TimeLimits> {
    return (await this.store.current()).limits;
  }

  show(): Promise<{ version: number; limits: TimeLimits }> {
    return this.store.current();
  }

  /** Stores the next version. Throws `stale-version`, `invalid-input`. */
  async change({ version, reason, limits }: z.output<typeof limitChange>, caller: Caller) {
    checkWhole(limits);
    const row = { at: this.clock.now(), by_id: caller.personId, by_name: caller.name, reason, limits };
    const entry = {
      who: caller.personId,
      action: 'time-limits.change',
      subject: 'time-limits',
      facts: { version: version + 1, reason },
      address: caller.address,
    };
    if (!(await this.store.save(version, row, (trx) => this.audit.append(entry, trx))))
      throw new HotlineError('stale-version', '办理期限已被他人修改，请刷新后再改。');
    return this.show();
  }

  async history() {
    return (await this.store.history(100)).map(({ version, at, by_name, reason, limits }) => ({
      version,
      at: at.toISOString(),
      byName: by_name,
      reason,
      limits,
    }));
  }
}
