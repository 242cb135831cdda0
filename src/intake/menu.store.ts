import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { MenuChoice } from './intake';

type Row = MenuChoice & { line_id: string };

/** The optional digit menus of lines, kept in memory for the call path. */
export class MenuStore {
  private menus: ReadonlyMap<string, MenuChoice[]> = new Map();

  constructor(private readonly database: Database) {}

  /** Reads all menus anew; the last known stay when the database is away. */
  async refresh(): Promise<void> {
    const rows = (await this.database('line_menus')
      .select('line_id', 'digit', 'queue', 'words')
      .orderBy(['line_id', 'digit'])) as Row[];
    const menus = new Map<string, MenuChoice[]>();
    for (const { line_id, digit, queue, words } of rows)
      menus.set(line_id, [...(menus.get(line_id) ?? []), { digit, queue, words }]);
    this.menus = menus;
  }

  menuOf(lineId: string): MenuChoice[] {
    return this.menus.get(lineId) ?? [];
  }

  /**
   * Replaces the menu of a line; an empty list removes it. `beside` joins the transaction (audit) and is told what the
   * menu was before.
   */
  async replace(
    lineId: string,
    choices: readonly MenuChoice[],
    beside: (transaction: Knex.Transaction, before: MenuChoice[]) => Promise<void>,
  ): Promise<void> {
    await this.database.transaction(async (trx) => {
      // Two who edit at once follow each other, so that each one's `before` is true.
      await trx.raw('select pg_advisory_xact_lock(hashtext(?))', [`line_menus:${lineId}`]);
      const before = (await trx('line_menus')
        .where({ line_id: lineId })
        .orderBy('digit')
        .select('digit', 'queue', 'words')) as MenuChoice[];
      await beside(trx, before);
      await trx('line_menus').where({ line_id: lineId }).delete();
      if (choices.length)
        await trx('line_menus').insert(choices.map((choice) => ({ ...choice, line_id: lineId })));
    });
    await this.refresh();
  }
}
