import type { Bus } from '../platform/bus';
import type { Clock } from '../platform/clock';
import type { Logger } from '../platform/logger';
import type { DirectoryStore } from './directory.store';
import type { Person } from './person';
import type { Unit } from './unit';

const LOOK_AGAIN_MS = 5000;

/**
 * People and units, read from memory: no query stands in a call's way, and while PostgreSQL is away the last known
 * stay. Refreshed on a change made here, and within seconds on one made by another service.
 */
export class Directory {
  private knownPeople = new Map<string, Person>();
  private knownUnits = new Map<string, Unit>();
  private mark = '';
  private looking = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: { store: DirectoryStore; bus: Bus; clock: Clock; log: Logger }) {}

  /** Reads everything once; fails if it cannot. */
  async start(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => void this.lookAgain(), LOOK_AGAIN_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** A person, ended ones too (their names stay on old records), or null. */
  person(personId: string): Person | null {
    return this.knownPeople.get(personId) ?? null;
  }

  /** Everyone, ended ones too, by sign-in name. */
  people(): Person[] {
    return [...this.knownPeople.values()];
  }

  unit(unitId: string): Unit | null {
    return this.knownUnits.get(unitId) ?? null;
  }

  units(): Unit[] {
    return [...this.knownUnits.values()];
  }

  /** Reads everything again and announces `directoryChanged` when something is different. */
  async refresh(): Promise<void> {
    const { store, bus, clock } = this.deps;
    const [mark, people, units] = await Promise.all([store.fingerprint(), store.people(), store.units()]);
    const changed = this.mark !== '' && this.mark !== mark;
    this.knownPeople = new Map(people.map((person) => [person.personId, person]));
    this.knownUnits = new Map(units.map((unit) => [unit.unitId, unit]));
    this.mark = mark;
    if (changed) bus.announce({ kind: 'directoryChanged', at: clock.now() });
  }

  private async lookAgain(): Promise<void> {
    // A hanging database must not collect one more waiting query every few seconds.
    if (this.looking) return;
    this.looking = true;
    try {
      if ((await this.deps.store.fingerprint()) !== this.mark) await this.refresh();
    } catch (fault) {
      this.deps.log.debug({ err: fault }, 'directory not read: going on with the last known');
    } finally {
      this.looking = false;
    }
  }
}
