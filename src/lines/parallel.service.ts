import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Caller } from '../platform/http-route';
import type { Kept } from '../platform/kept';
import type { Line } from './line';
import {
  NO_OVERFLOW,
  overflows,
  type ParallelInput,
  type ParallelLine,
  type ParallelSettings,
} from './parallel';
import type { ParallelStore } from './parallel.store';

interface Deps {
  store: Pick<ParallelStore, 'put'>;
  kept: Pick<Kept<ParallelSettings[]>, 'now' | 'refresh'>;
  audit: Pick<AuditStore, 'append'>;
  /** Every line, and whether it serves today. */
  lines(): readonly Line[];
  serves(line: Line): boolean;
  normal(number: string): string;
}

/** A parallel line in service, with everything the call path needs of it. */
export interface ParallelInService extends ParallelLine {
  line: Line;
  settings: ParallelInput;
}

/** Parallel lines (M3): how each works together with the hotline; read from memory by the call path. */
export class ParallelLines {
  constructor(private readonly deps: Deps) {}

  /** The parallel lines in service today, with their settings. */
  inService(): ParallelInService[] {
    const { lines, serves } = this.deps;
    return lines().flatMap((line) =>
      line.mode === 'parallel' && serves(line) ? [this.withSettings(line)] : [],
    );
  }

  /** The parallel lines a unit answers itself. */
  ofUnit(unitId: string): Line[] {
    return this.deps.lines().filter((line) => line.mode === 'parallel' && line.unitId === unitId);
  }

  /** The settings of every parallel line. */
  all(): ParallelSettings[] {
    return this.deps
      .lines()
      .filter(({ mode }) => mode === 'parallel')
      .map(({ lineId }) => this.settings(lineId));
  }

  settings(lineId: string): ParallelSettings {
    return (
      this.deps.kept.now.find((each) => each.lineId === lineId) ?? { ...NO_OVERFLOW, lineId, version: 0 }
    );
  }

  async change(
    lineId: string,
    version: number,
    input: ParallelInput,
    by: Pick<Caller, 'personId' | 'address'>,
  ): Promise<ParallelSettings> {
    const line = this.deps.lines().find((each) => each.lineId === lineId);
    if (line?.mode !== 'parallel') throw new HotlineError('not-found', '没有这条并行接听的热线', { lineId });
    if (overflows(input) && line.parallelDestination === null)
      throw new HotlineError('no-destination', '该热线没有自己的接听号码，不能溢出', { field: 'overflow' });
    const entry = {
      who: by.personId,
      action: 'line.parallel',
      subject: `line:${lineId}`,
      facts: { before: this.settings(lineId), after: input },
      address: by.address,
    };
    await this.deps.store.put(lineId, version, input, (within) => this.deps.audit.append(entry, within));
    await this.deps.kept.refresh();
    return { ...input, lineId, version: version + 1 };
  }

  private withSettings(line: Line): ParallelInService {
    const settings = this.settings(line.lineId);
    const { lineId, parallelDestination } = line;
    const destination = parallelDestination === null ? null : this.deps.normal(parallelDestination);
    return { lineId, destination, exchange: settings.exchange, line, settings };
  }
}
