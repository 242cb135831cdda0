import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { applyChange, type CalendarChange } from './calendar-change';
import type { CalendarStore } from './calendar.store';
import { cityDay } from './city-time';
import { buildCalendar, type WorkingCalendar } from './working-calendar';

/** The working calendar for everyone else: read by version, changed by an administrator. */
export class CalendarService {
  private cached: WorkingCalendar | null = null;

  constructor(
    private readonly store: CalendarStore,
    private readonly clock: Clock,
    private readonly audit: Pick<AuditStore, 'append'>,
    /** Called after a change is stored: recounts open due dates. The sweep does the same, should this not happen. */
    private readonly onChanged: () => Promise<unknown> = async () => undefined,
  ) {}

  /** The calendar in force. Asks the database for its version each time, so that every service counts alike; inside a transaction give it. */
  async current(trx?: Knex): Promise<WorkingCalendar> {
    const version = await this.store.version(trx);
    if (this.cached?.version !== version) this.cached = buildCalendar(await this.store.load(trx));
    return this.cached;
  }

  /** The calendar as an administrator sees it, and the coming year when nobody has entered it yet. */
  async show() {
    const calendar = await this.current();
    const record = await this.store.load();
    const thisYear = Number(cityDay(this.clock.now()).slice(0, 4));
    return {
      version: calendar.version,
      hours: calendar.hours,
      knownYears: [...calendar.knownYears].sort((a, b) => a - b),
      declaredYears: record.declaredYears,
      /** This year and the next, as far as they are missing: dispatching into them is refused. */
      missingYears: [thisYear, thisYear + 1].filter((year) => !calendar.knownYears.has(year)),
      overrides: record.days,
    };
  }

  /** Days of one year that differ from their weekday, published and own. */
  async days(year: number) {
    const calendar = await this.current();
    return [...calendar.days.values()]
      .filter(({ day }) => day.startsWith(`${year}-`))
      .sort((a, b) => (a.day < b.day ? -1 : 1));
  }

  /** Stores an edit as the next version, then recounts open due dates. Throws `stale-version`, `invalid-input`. */
  async change(change: CalendarChange, caller: Caller) {
    const before = await this.store.load();
    const after = before.version === change.version ? applyChange(before, change) : null;
    const by = { id: caller.personId, name: caller.name, at: this.clock.now() };
    const entry = {
      who: caller.personId,
      action: 'calendar.change',
      subject: 'calendar',
      facts: { version: after?.version, reason: change.reason },
      address: caller.address,
    };
    const saved =
      after &&
      (await this.store.save(change.version, after, change, by, (within) =>
        this.audit.append(entry, within),
      ));
    if (!saved)
      throw new HotlineError('stale-version', '日历已被他人修改，请刷新后再改。', {
        version: before.version,
      });
    await this.onChanged();
    return this.show();
  }

  history() {
    return this.store.history(200);
  }
}
