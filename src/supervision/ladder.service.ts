import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { defaultLadder, ladderFault, type Rung } from './escalation-ladder';
import type { LadderStore } from './ladder.store';

/** The ladder in force: the notice's (version 0) until the city sets its own. */
export class LadderService {
  constructor(
    private readonly parts: {
      store: LadderStore;
      audit: Pick<AuditStore, 'append'>;
      clock: Clock;
      /** Setting REMIND_WORKING_HOURS_BEFORE. */
      workingHoursBefore: number;
    },
  ) {}

  async current(trx?: Knex): Promise<readonly Rung[]> {
    return (await this.parts.store.newest(trx))?.rungs ?? defaultLadder(this.parts.workingHoursBefore);
  }

  async show(): Promise<{ version: number; rungs: readonly Rung[] }> {
    const own = await this.parts.store.newest();
    return own ?? { version: 0, rungs: defaultLadder(this.parts.workingHoursBefore) };
  }

  /**
   * Sets the city's ladder: it counts for rungs written from then on; each row keeps the rule it was written by. Throws
   * `stale-version`, and `invalid-input` for rungs out of order.
   */
  async change(change: { version: number; rungs: Rung[]; reason: string }, caller: Caller) {
    const fault = ladderFault(change.rungs);
    if (fault) throw new HotlineError('invalid-input', fault, { field: 'rungs' });
    const before = await this.show();
    const version = change.version + 1;
    const row = {
      ...{ version, rungs: change.rungs, at: this.parts.clock.now(), reason: change.reason },
      ...{ by_id: caller.personId, by_name: caller.name },
    };
    const saved =
      before.version === change.version &&
      (await this.parts.store.add(row, (trx) =>
        this.parts.audit.append(
          {
            who: caller.personId,
            action: 'ladder.change',
            subject: 'ladder',
            facts: { version, reason: change.reason },
            address: caller.address,
          },
          trx,
        ),
      ));
    if (!saved)
      throw new HotlineError('stale-version', '督办层级已被他人修改，请刷新后再改。', {
        version: before.version,
      });
    return this.show();
  }

  async history() {
    return (await this.parts.store.history(100)).map(({ version, rungs, at, by_name: byName, reason }) => ({
      ...{ version, rungs, at: at.toISOString(), byName, reason },
    }));
  }
}
