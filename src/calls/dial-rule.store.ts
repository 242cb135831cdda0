import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Source } from '../platform/kept';
import type { Database } from '../platform/postgres';
import { DEFAULT_DIAL_RULES, type DialRule } from './dial-rules';

/** The rules in force; version 0 are the built-in ones, which nobody has replaced yet. */
export interface DialRuleSet {
  version: number;
  rules: DialRule[];
  /** Instant, ISO 8601 in UTC; null for the built-in ones. */
  at: string | null;
  whoName: string | null;
}

export const BUILT_IN_SET: DialRuleSet = { version: 0, rules: DEFAULT_DIAL_RULES, at: null, whoName: null };

interface Row {
  version: number;
  rules: DialRule[];
  at: Date;
  who_name: string;
}

/** Table `dial_rule_sets`: each change is a new row; the newest is in force. */
export class DialRuleStore implements Source<DialRuleSet> {
  constructor(private readonly db: Database) {}

  async revision(): Promise<string> {
    const row = await this.db<Row>('dial_rule_sets').max({ version: 'version' }).first();
    return String(row?.version ?? 0);
  }

  async read(): Promise<DialRuleSet> {
    const [newest] = await this.sets(1);
    return newest ?? BUILT_IN_SET;
  }

  /** The sets there were, newest first. */
  async sets(limit: number): Promise<DialRuleSet[]> {
    const rows = await this.db<Row>('dial_rule_sets').orderBy('version', 'desc').limit(limit);
    return rows.map(({ version, rules, at, who_name: whoName }) => ({
      version,
      rules,
      at: at.toISOString(),
      whoName,
    }));
  }

  /** Puts a new set after `version`; throws `stale-version` when somebody was faster. `beside` (audit) joins in. */
  async replace(
    version: number,
    rules: readonly DialRule[],
    note: { at: Date; whoId: string; whoName: string },
    beside: (transaction: Knex.Transaction) => Promise<void>,
  ): Promise<void> {
    await this.db.transaction(async (trx) => {
      await trx.raw(`select pg_advisory_xact_lock(hashtext('dial rules'))`);
      const newest = await trx<Row>('dial_rule_sets').max({ version: 'version' }).first();
      const now = Number(newest?.version ?? 0);
      if (now !== version)
        throw new HotlineError('stale-version', '外呼规则已被他人修改，请刷新后再试', { version: now });
      await trx('dial_rule_sets').insert({
        version: version + 1,
        rules: JSON.stringify(rules),
        at: note.at,
        who_id: note.whoId,
        who_name: note.whoName,
      });
      await beside(trx);
    });
  }
}
