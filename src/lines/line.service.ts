import { randomUUID } from 'node:crypto';
import type { AuditStore } from '../platform/audit.store';
import type { Bus } from '../platform/bus';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Logger } from '../platform/logger';
import type { Diversion } from '../telephony/call-control';
import { HotlineError } from '../errors';
import { checkLine, overlapOf, overlapRefusal } from './line-check';
import { buildLineIndex, type LineIndex, type LineSettings } from './line-index';
import { type LineMatch, matchLine } from './line-match';
import type { LineNews } from './line-news.store';
import { type Beside, type ChangeNote, isOverlap, type LineStore, sameInput } from './line.store';
import { inputOf, type Line, type LineChange, type LineInput } from './line';

/** What it asks of the directory: the unit with this id, null when there is none. */
export type FindUnit = (unitId: string) => { name: string; kind: string } | null;

export interface LineDeps {
  store: LineStore;
  /** Makes the listener for other services' changes, e.g. `(onNews) => new LineNews(url, onNews, log)`. */
  news: (onNews: () => void) => Pick<LineNews, 'start' | 'stop'>;
  settings: LineSettings;
  audit: Pick<AuditStore, 'append'>;
  findUnit: FindUnit;
  /** Whether there is a recording of this name; every name is taken when left out. */
  soundKnown?: (name: string) => boolean;
  bus: Bus;
  clock: Clock;
  log: Pick<Logger, 'warn' | 'info'>;
  /** How often to look for changes that no news told of, in milliseconds (default 5000). */
  lookEveryMs?: number;
}

type Who = Pick<Caller, 'personId' | 'name' | 'address'>;

/**
 * Lines in memory for the call path, and their changes in PostgreSQL. A change made here takes effect on the next
 * call; changes of other services arrive by PostgreSQL's notifications, with a look at the table every few seconds as
 * safety net. While PostgreSQL is away the last known lines stay in use, and with none known 12345 itself answers.
 */
export class LineService {
  private lines: ReadonlyMap<string, Line> = new Map();
  private index: LineIndex;
  private revision: string | null = null;
  private generation = 0;
  private refreshing: Promise<void> | null = null;
  private again = false;
  private away = false;
  private timer: NodeJS.Timeout | null = null;
  private readonly news: Pick<LineNews, 'start' | 'stop'>;

  constructor(private readonly deps: LineDeps) {
    this.index = buildLineIndex([], deps.settings);
    this.news = deps.news(() => void this.refresh().catch(() => undefined));
  }

  /** Loads the lines once if PostgreSQL is there, and keeps them fresh. Never rejects because PostgreSQL is away. */
  async start(): Promise<void> {
    await this.refresh().catch(() => undefined);
    this.news.start();
    this.timer = setInterval(() => void this.look(), this.deps.lookEveryMs ?? 5000);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.news.stop();
    await this.refreshing?.catch(() => undefined);
  }

  /** Whether the lines were read from PostgreSQL at least once. */
  get loaded(): boolean {
    return this.revision !== null;
  }

  /** Which line a call is for: pure look-up in memory, for the call path. See `matchLine`. */
  match(dialled: string, diversions: readonly Diversion[], at: Date): LineMatch {
    return matchLine(this.index, dialled, diversions, at);
  }

  /** The line with this id, ended or not; the built-in 12345 line while the table has none. */
  line(lineId: string): Line | null {
    return this.lines.get(lineId) ?? (this.index.builtIn.lineId === lineId ? this.index.builtIn : null);
  }

  /** Every known line, ended ones too. */
  list(): Line[] {
    return [...this.lines.values()];
  }

  /** Makes a line. Throws `line-not-mergeable` (M0), `line-overlaps`, `invalid-input`. */
  async create(input: LineInput, caller: Who): Promise<Line> {
    const checked = this.check(input, null);
    const line: Line = { ...checked, lineId: randomUUID(), version: 1 };
    const audit = this.audit('line.create', line, {}, caller);
    await this.save(line, () => this.deps.store.insert(line, this.note('created', caller), audit));
    return line;
  }

  /**
   * Changes a line. `version` is the one the caller saw: `stale-version` when somebody was faster. A change that
   * changes nothing makes no new version.
   */
  async change(lineId: string, version: number, input: LineInput, caller: Who): Promise<Line> {
    const before = await this.known(lineId, version);
    const checked = this.check(input, lineId);
    if (sameInput(checked, inputOf(before))) return before;
    return this.replace(before, checked, 'changed', caller);
  }

  /** Ends a line with a last day (inclusive, city's zone). Its numbers then fall back to 12345. */
  async end(lineId: string, version: number, lastDay: string, caller: Who): Promise<Line> {
    const before = await this.known(lineId, version);
    const input: LineInput = { ...inputOf(before), lastDay };
    if (before.mode === 'own') throw new HotlineError('wrong-state', '12345本线不能停用', { lineId });
    if (before.lastDay === lastDay) return before;
    const unitMayBeGone = before.unitId !== null && !this.deps.findUnit(before.unitId);
    const checked = this.check(unitMayBeGone ? { ...input, unitId: null } : input, lineId);
    return this.replace(before, { ...checked, unitId: before.unitId }, 'ended', caller);
  }

  /** A line's changes, newest first. Throws `not-found`. */
  async history(lineId: string): Promise<LineChange[]> {
    const changes = await this.deps.store.history(lineId);
    if (changes.length === 0) throw new HotlineError('not-found', '没有这条热线', { lineId });
    return changes;
  }

  /** Checks a line without saving, against the lines known or those given (a sheet's earlier rows). */
  check(input: LineInput, lineId: string | null, others: readonly Line[] = this.list()): LineInput {
    const unit = input.unitId === null ? null : this.deps.findUnit(input.unitId);
    const sound = input.greetingSound;
    const unchanged = lineId !== null && this.line(lineId)?.greetingSound === sound;
    if (!unchanged && this.deps.soundKnown?.(sound) === false)
      throw new HotlineError('invalid-input', `没有名为“${sound}”的录音`, { field: 'greetingSound' });
    return checkLine(input, { ...this.deps.settings, unit, lineId, others });
  }

  /** Reads the lines again now. Rejects when PostgreSQL is away; calls that overlap share the work. */
  refresh(): Promise<void> {
    this.again = true;
    this.refreshing ??= this.read();
    return this.refreshing;
  }

  /** Reads until nobody has asked again meanwhile; leaving the loop and being free for the next refresh are one step. */
  private async read(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        const generation = this.generation;
        const revision = await this.deps.store.revision();
        const lines = await this.deps.store.all();
        if (generation !== this.generation) this.again = true;
        else this.adopt(lines, revision);
        this.reached(true);
      }
    } catch (fault) {
      this.reached(false, fault);
      throw fault;
    } finally {
      this.refreshing = null;
    }
  }

  /** Safety net beside the notifications: one cheap look, a full read only when something differs. */
  private async look(): Promise<void> {
    try {
      const revision = await this.deps.store.revision();
      if (revision !== this.revision) await this.refresh();
      this.reached(true);
    } catch (fault) {
      this.reached(false, fault);
    }
  }

  private reached(there: boolean, fault?: unknown): void {
    if (there === !this.away) return;
    this.away = !there;
    if (there) this.deps.log.info('lines can be read again');
    else this.deps.log.warn({ err: fault }, 'lines cannot be read; the last known stay in use');
  }

  private adopt(lines: readonly Line[], revision: string): void {
    const first = this.revision === null;
    const before = this.lines;
    this.lines = new Map(lines.map((line) => [line.lineId, line]));
    this.index = buildLineIndex(lines, this.deps.settings);
    this.revision = revision;
    if (first) return;
    for (const line of lines)
      if (before.get(line.lineId)?.version !== line.version) this.announce(line.lineId);
  }

  /** A change of our own counts from this moment; a read that began before it is repeated. */
  private adoptOne(line: Line): void {
    this.generation += 1;
    this.lines = new Map(this.lines).set(line.lineId, line);
    this.index = buildLineIndex([...this.lines.values()], this.deps.settings);
    this.announce(line.lineId);
  }

  private announce(lineId: string): void {
    this.deps.bus.announce({ kind: 'linesChanged', at: this.deps.clock.now(), lineId });
  }

  private async known(lineId: string, version: number): Promise<Line> {
    if (this.lines.get(lineId)?.version !== version) await this.refresh();
    const line = this.lines.get(lineId);
    if (!line) throw new HotlineError('not-found', '没有这条热线', { lineId });
    if (line.version !== version)
      throw new HotlineError('stale-version', '该热线已被他人修改，请刷新后再试', { version: line.version });
    return line;
  }

  private async replace(
    before: Line,
    input: LineInput,
    action: 'changed' | 'ended',
    caller: Who,
  ): Promise<Line> {
    const line: Line = { ...input, lineId: before.lineId, version: before.version + 1 };
    const audit = this.audit(
      action === 'ended' ? 'line.end' : 'line.change',
      line,
      changedFields(before, line),
      caller,
    );
    await this.save(line, () =>
      this.deps.store.replace(line, before.version, this.note(action, caller), audit),
    );
    return line;
  }

  private async save(line: Line, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (fault) {
      if (!isOverlap(fault)) throw fault;
      await this.refresh();
      const overlap = overlapOf(line, line.lineId, this.list());
      throw overlap
        ? overlapRefusal(overlap.number, overlap.line)
        : new HotlineError('line-overlaps', '号码在同一时期已属于其他热线', {});
    }
    this.adoptOne(line);
  }

  private note(action: ChangeNote['action'], caller: Who): ChangeNote {
    return { at: this.deps.clock.now(), action, whoId: caller.personId, whoName: caller.name };
  }

  /** The audit entry, written in the change's own transaction: no change without its trace (G1). */
  private audit(action: string, line: Line, changes: Record<string, unknown>, caller: Who): Beside {
    const facts = { name: line.name, version: line.version, numbers: line.numbers, ...changes };
    const entry = {
      who: caller.personId,
      action,
      subject: `line:${line.lineId}`,
      facts,
      address: caller.address,
    };
    return (transaction) => this.deps.audit.append(entry, transaction);
  }
}

/** The fields that differ, with their values before and after. */
function changedFields(before: Line, after: Line): Record<string, unknown> {
  const keys = Object.keys(inputOf(after)) as (keyof LineInput)[];
  const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return {
    before: Object.fromEntries(changed.map((key) => [key, before[key]])),
    after: Object.fromEntries(changed.map((key) => [key, after[key]])),
  };
}
