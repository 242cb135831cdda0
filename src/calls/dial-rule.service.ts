import type { Role } from '../permissions';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Kept } from '../platform/kept';
import type { DialRuleSet, DialRuleStore } from './dial-rule.store';
import { decideDial, type DialRule, type DialVerdict } from './dial-rules';

interface Deps {
  store: Pick<DialRuleStore, 'replace' | 'sets'>;
  kept: Pick<Kept<DialRuleSet>, 'now' | 'refresh'>;
  areaCode: string;
  /** Whether this number (canonical) comes back to the hotline itself. */
  leadsHere(number: string): boolean;
  audit: Pick<AuditStore, 'append'>;
  clock: Clock;
}

/** What a role may dial (issue of every outgoing leg): decided in memory, changed by administrators. */
export class DialRules {
  constructor(private readonly deps: Deps) {}

  /** Whether this role may dial this number now, what is sent to the trunk, and why. For the call path. */
  decide(role: Role, number: string): DialVerdict {
    return this.verdict(role, number, this.deps.kept.now.rules);
  }

  /** The same with rules that are not in force: what an administrator is about to save. */
  verdict(role: Role, number: string, rules: readonly DialRule[]): DialVerdict {
    const { areaCode, leadsHere } = this.deps;
    return decideDial({ role, number }, { rules, areaCode, leadsHere });
  }

  inForce(): DialRuleSet {
    return this.deps.kept.now;
  }

  history(limit: number): Promise<DialRuleSet[]> {
    return this.deps.store.sets(limit);
  }

  /** Replaces all rules, in their order. `version` is the one that was seen. In force with the next call. */
  async replace(
    version: number,
    rules: readonly DialRule[],
    by: Pick<Caller, 'personId' | 'name' | 'address'>,
  ): Promise<DialRuleSet> {
    const { store, kept, audit, clock } = this.deps;
    await kept.refresh();
    const before = kept.now;
    const note = { at: clock.now(), whoId: by.personId, whoName: by.name };
    const entry = {
      who: by.personId,
      action: 'dial-rules.change',
      subject: 'dial-rules',
      facts: { version: version + 1, before: before.rules, after: rules },
      address: by.address,
    };
    await store.replace(version, rules, note, (within) => audit.append(entry, within));
    await kept.refresh();
    return kept.now;
  }
}
