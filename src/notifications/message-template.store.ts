import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { templateOf, type TemplateCode } from './message-template';

/** A template as it is used now. */
export interface CurrentTemplate {
  code: TemplateCode;
  version: number;
  words: string;
  /** The SMS provider's own code; empty: not entered yet. */
  providerCode: string;
  /** Whether messages of it are sent at all. */
  enabled: boolean;
}

interface Row {
  code: TemplateCode;
  version: number;
  words: string;
  provider_code: string;
  enabled: boolean;
}

/** Table `message_templates`: what an administrator changed; everything else is as the program has it. */
export class MessageTemplateStore {
  constructor(private readonly db: Database) {}

  async current(code: TemplateCode, within: Knex = this.db): Promise<CurrentTemplate> {
    const row = await within<Row>('message_templates').where({ code }).first();
    const { words } = templateOf(code);
    if (!row) return { code, version: 1, words, providerCode: '', enabled: true };
    return {
      code,
      version: row.version,
      words: row.words,
      providerCode: row.provider_code,
      enabled: row.enabled,
    };
  }

  /** Writes a template over the version before it; false when somebody was faster. */
  async replace(trx: Knex, template: CurrentTemplate, by: string, at: Date): Promise<boolean> {
    const { code, version, words, providerCode, enabled } = template;
    const row = { version, words, provider_code: providerCode, enabled, changed_at: at, changed_by: by };
    if (version === 2) {
      const added = await trx('message_templates')
        .insert({ code, ...row })
        .onConflict('code')
        .ignore()
        .returning('code');
      return added.length > 0;
    }
    return (
      (await trx('message_templates')
        .where({ code, version: version - 1 })
        .update(row)) > 0
    );
  }
}
