import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import { maskAddress } from '../notifications/outgoing';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { PasswordHasher } from '../platform/password-hash';
import type { Sessions } from '../platform/sessions';
import type { Directory } from './directory.service';
import type { DirectoryStore } from './directory.store';
import { passwordFault } from './password-rules';
import { personFault, type Person, type PersonChange, type PersonInput } from './person';

/** Work a person still has: shown before they are ended. */
export interface OpenWork {
  /** Chinese words. */
  what: string;
  count: number;
}

export interface PeopleDeps {
  store: DirectoryStore;
  directory: Directory;
  sessions: Sessions;
  audit: AuditStore;
  passwords: PasswordHasher;
  clock: Clock;
  openWork(personId: string): Promise<OpenWork[]>;
}

/** Creates, changes and ends people. Each act and its audit row are one transaction; a changed right ends the sessions. */
export class People {
  constructor(private readonly deps: PeopleDeps) {}

  async create(caller: Caller, input: PersonInput): Promise<Person> {
    const { password, ...facts } = input;
    const person: Person = {
      ...facts,
      skills: [...new Set(facts.skills)],
      personId: randomUUID(),
      active: true,
      version: 1,
    };
    this.check(person, password);
    const passwordHash = await this.deps.passwords.hash(password);
    await this.deps.store.transaction(async (within) => {
      await this.deps.store.insert(within, person, passwordHash, this.deps.clock.now());
      await this.deps.audit.append(
        entry(caller, 'people.create', person.personId, { after: factsOf(person) }),
        within,
      );
    });
    await this.deps.directory.refresh();
    return person;
  }

  /** Throws `stale-version` when the change was made on an older version. */
  async change(caller: Caller, personId: string, change: PersonChange): Promise<Person> {
    const { password, version, ...facts } = change;
    const before = this.known(personId);
    if (!before.active) throw new HotlineError('wrong-state', '此人已停用');
    const after: Person = { ...before, ...facts, version };
    if (before.personId === caller.personId && after.role !== before.role)
      throw new HotlineError('wrong-state', '不能更改自己的角色');
    this.check(after, password);
    const passwordHash = password === undefined ? undefined : await this.deps.passwords.hash(password);
    const saved = await this.deps.store.transaction(async (within) => {
      const written = await this.deps.store.update(within, after, passwordHash);
      const audited = { before: factsOf(before), after: factsOf(after), passwordSet: password !== undefined };
      await this.deps.audit.append(entry(caller, 'people.change', personId, audited), within);
      return written;
    });
    const otherRights = after.role !== before.role || after.unitId !== before.unitId;
    if (otherRights || password !== undefined)
      await this.deps.sessions.endAllOf(personId, personId === caller.personId ? caller.sessionId : null);
    await this.deps.directory.refresh();
    return saved;
  }

  /** Ends a person. With open work it is refused, naming the work, until `confirmed`. */
  async end(caller: Caller, personId: string, version: number, confirmed: boolean): Promise<Person> {
    const before = this.known(personId);
    if (personId === caller.personId) throw new HotlineError('wrong-state', '不能停用自己');
    if (!before.active) throw new HotlineError('wrong-state', '此人已停用');
    const openWork = (await this.deps.openWork(personId)).filter((work) => work.count > 0);
    if (openWork.length > 0 && !confirmed) {
      const words = openWork.map((work) => `${work.what} ${work.count} 项`).join('、');
      throw new HotlineError('wrong-state', `此人还有未完成的工作：${words}。请先移交，或确认停用`, {
        openWork,
      });
    }
    const ended: Person = { ...before, active: false, account: null, version };
    const saved = await this.deps.store.transaction(async (within) => {
      const written = await this.deps.store.update(within, ended, undefined, this.deps.clock.now());
      await this.deps.audit.append(
        entry(caller, 'people.end', personId, { before: factsOf(before), openWork }),
        within,
      );
      return written;
    });
    await this.deps.sessions.endAllOf(personId);
    await this.deps.directory.refresh();
    return saved;
  }

  private known(personId: string): Person {
    const person = this.deps.directory.person(personId);
    if (!person) throw new HotlineError('not-found', '没有此人');
    return person;
  }

  private check(person: Person, password: string | undefined): void {
    const names = [person.name, person.signInName];
    const fault = personFault(person) ?? (password === undefined ? null : passwordFault(password, names));
    if (fault) throw new HotlineError('invalid-input', fault);
    if (person.unitId && !this.deps.directory.unit(person.unitId))
      throw new HotlineError('invalid-input', '没有这个单位');
  }
}

/** As the audit trail keeps a person: where messages reach him, masked. */
function factsOf({ signInName, name, role, unitId, skills, account, mobile, email, active }: Person) {
  const reach = {
    mobile: mobile && maskAddress('sms', mobile),
    email: email && maskAddress('email', email),
  };
  return { signInName, name, role, unitId, skills, account, ...reach, active };
}

function entry(caller: Caller, action: string, subject: string, facts: Record<string, unknown>) {
  return { who: caller.personId, action, subject, facts, address: caller.address };
}
