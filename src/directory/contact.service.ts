import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Caller } from '../platform/http-route';
import type { Kept } from '../platform/kept';
import { CONTACT_COLUMNS, contactNumber, readContactCells, type Contact, type ContactInput } from './contact';
import type { ContactStore } from './contact.store';

interface Deps {
  store: Pick<ContactStore, 'insert' | 'replace'>;
  kept: Pick<Kept<Contact[]>, 'now' | 'refresh'>;
  audit: Pick<AuditStore, 'append'>;
  unitKnown(unitId: string): boolean;
  areaCode: string;
}

type Who = Pick<Caller, 'personId' | 'address'>;

/** What became of one row of a sheet; `row` is its number there. */
export interface ContactRow {
  row: number;
  outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  name: string;
  reason: string | null;
}

/** Outside contacts, read from memory by the desk and the call path, changed with their audit entry. */
export class Contacts {
  constructor(private readonly deps: Deps) {}

  all(): readonly Contact[] {
    return this.deps.kept.now;
  }

  /** The contact with this id; null when there is none (any more). */
  contact(contactId: string): Contact | null {
    return this.all().find((contact) => contact.contactId === contactId) ?? null;
  }

  async create(input: ContactInput, by: Who): Promise<Contact> {
    const contact: Contact = { ...this.check(input), contactId: randomUUID(), version: 1 };
    await this.deps.store.insert(
      contact,
      this.audit('contact.create', contact.contactId, { after: input }, by),
    );
    await this.deps.kept.refresh();
    return contact;
  }

  async change(contactId: string, version: number, input: ContactInput, by: Who): Promise<Contact> {
    const before = await this.known(contactId);
    const after = this.check(input);
    if (before.version === version && isDeepStrictEqual(inputOf(before), after)) return before;
    const facts = { before: inputOf(before), after };
    await this.deps.store.replace(
      contactId,
      version,
      after,
      this.audit('contact.change', contactId, facts, by),
    );
    await this.deps.kept.refresh();
    return { ...after, contactId, version: version + 1 };
  }

  async remove(contactId: string, version: number, by: Who): Promise<void> {
    const before = inputOf(await this.known(contactId));
    await this.deps.store.replace(
      contactId,
      version,
      null,
      this.audit('contact.remove', contactId, { before }, by),
    );
    await this.deps.kept.refresh();
  }

  /** Takes a sheet row by row: a contact of the same name is changed, any other is made. A dry run only says so. */
  async take(
    sheet: readonly { number: number; cells: string[]; fault: string | null }[],
    dryRun: boolean,
    by: Who,
  ): Promise<ContactRow[]> {
    const [head, ...rows] = sheet;
    const columns = (head?.cells ?? []).map((cell) => cell.normalize('NFKC').trim());
    const fault = headFault(columns);
    if (fault) throw new HotlineError('invalid-input', fault, { field: 'header' });
    const report: ContactRow[] = [];
    const names = new Set<string>();
    for (const { number, cells, fault: unread } of rows) {
      const read = unread ?? readContactCells(columns, cells);
      if (typeof read === 'string') {
        const name = (cells[columns.indexOf('名称')] ?? '').slice(0, 60);
        report.push({ row: number, name, outcome: 'refused', reason: read });
      } else if (names.has(read.name))
        report.push({ row: number, name: read.name, outcome: 'refused', reason: '表中名称重复' });
      else report.push({ row: number, name: read.name, ...(await this.row(read, dryRun, by)) });
      if (typeof read !== 'string') names.add(read.name);
    }
    return report;
  }

  private async row(
    input: ContactInput,
    dryRun: boolean,
    by: Who,
  ): Promise<Pick<ContactRow, 'outcome' | 'reason'>> {
    try {
      const checked = this.check(input);
      const before = this.all().find(({ name }) => name === checked.name);
      if (before && isDeepStrictEqual(inputOf(before), checked))
        return { outcome: 'unchanged', reason: null };
      if (!dryRun && before) await this.change(before.contactId, before.version, checked, by);
      if (!dryRun && !before) await this.create(checked, by);
      return { outcome: before ? 'changed' : 'created', reason: null };
    } catch (fault) {
      if (!(fault instanceof HotlineError) || fault.code === 'store-unavailable') throw fault;
      return { outcome: 'refused', reason: fault.detail };
    }
  }

  private check(input: ContactInput): ContactInput {
    const number = contactNumber(input.number, this.deps.areaCode);
    if (number === null) throw new HotlineError('invalid-input', '号码无法识别', { field: 'number' });
    if (input.unitId !== null && !this.deps.unitKnown(input.unitId))
      throw new HotlineError('invalid-input', '没有这个单位', { field: 'unitId' });
    return { ...input, number };
  }

  private async known(contactId: string): Promise<Contact> {
    if (!this.contact(contactId)) await this.deps.kept.refresh();
    const found = this.contact(contactId);
    if (!found) throw new HotlineError('not-found', '没有这个转接目标', { contactId });
    return found;
  }

  private audit(action: string, contactId: string, facts: Record<string, unknown>, by: Who) {
    const entry = { who: by.personId, action, subject: `contact:${contactId}`, facts, address: by.address };
    return (within: Parameters<AuditStore['append']>[1]) => this.deps.audit.append(entry, within);
  }
}

function inputOf({ contactId: _contactId, version: _version, ...input }: Contact): ContactInput {
  return input;
}

function headFault(columns: readonly string[]): string | null {
  const missing = ['类别', '名称', '号码'].filter((title) => !columns.includes(title));
  if (missing.length > 0) return `表头缺少列：${missing.join('、')}`;
  const unknown = columns.find((cell) => cell && !(CONTACT_COLUMNS as readonly string[]).includes(cell));
  if (unknown) return `表头中有无法识别的列：${unknown.slice(0, 20)}`;
  return new Set(columns).size < columns.length ? '表头中有重复的列' : null;
}
