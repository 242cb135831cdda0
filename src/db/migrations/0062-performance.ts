import type { Migration } from '../migrate';

/** Assessment (P1): scoring schemes with versions, closed months with their rows, and what was corrected in them since. */
export const performance: Migration = {
  name: '0062-performance',
  async up(db) {
    await db.schema.createTable('score_schemes', (table) => {
      table.increments('version');
      table.text('name').notNullable();
      table.text('valid_from').notNullable().comment('YYYY-MM');
      table.jsonb('rows').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').notNullable();
      table.text('by_name').notNullable();
    });
    const row = (figure: string, full: number, target: number, perPoint: number, floor: number) => ({
      ...{ figure, full, target, perPoint, floor },
      zeroAt: figure === 'acknowledged' ? 80 : null,
    });
    await db('score_schemes').insert({
      name: '默认方案',
      valid_from: '2020-12',
      rows: JSON.stringify([
        row('acknowledged', 10, 100, 0.5, 0),
        row('onTime', 25, 100, 1, 0),
        row('response', 15, 100, 0.5, 0),
        row('resolution', 25, 95, 0.5, 12.5),
        row('satisfaction', 25, 95, 0.5, 12.5),
      ]),
      at: new Date('2020-11-25T00:00:00Z'),
      by_id: 'system',
      by_name: '系统',
    });
    await db.schema.createTable('performance_months', (table) => {
      table.text('month').primary().comment('YYYY-MM of the city');
      table.integer('scheme_version').notNullable().references('score_schemes.version');
      table.text('words').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').notNullable();
      table.text('by_name').notNullable();
    });
    await db.schema.createTable('performance_rows', (table) => {
      table.text('month').notNullable().references('performance_months.month');
      table.text('figure').notNullable();
      table.text('ref').notNullable().comment('The work order, part or evaluation counted');
      table.text('ticket_id').notNullable();
      table.text('number').notNullable();
      table.text('unit_id').nullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('area_code').nullable();
      table.text('category_code').notNullable();
      table.boolean('hit').notNullable();
      table.boolean('excluded').notNullable();
      table.boolean('counts').notNullable().defaultTo(true).comment('False once a correction took it out');
      table.primary(['month', 'figure', 'ref']);
      table.index(['ticket_id']);
    });
    await db.schema.createTable('performance_corrections', (table) => {
      table.bigIncrements('correction_seq');
      table.text('month').notNullable().references('performance_months.month');
      table.text('figure').notNullable();
      table.text('ref').notNullable();
      table.text('ticket_id').notNullable();
      table.text('unit_id').nullable();
      table.jsonb('before').notNullable();
      table.jsonb('after').notNullable();
      table.text('cause').notNullable();
      table.text('words').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').notNullable();
      table.text('by_name').notNullable();
      table.index(['month', 'correction_seq']);
    });
    for (const column of ['due_at', 'dispatched_at', 'acknowledge_by', 'closed_at', 'first_opinion_by'])
      await db.raw('create index ?? on ticket_parts (??)', [`ticket_parts_by_${column}`, column]);
  },
  async down(db) {
    for (const column of ['due_at', 'dispatched_at', 'acknowledge_by', 'closed_at', 'first_opinion_by'])
      await db.raw('drop index ??', [`ticket_parts_by_${column}`]);
    for (const table of [
      'performance_corrections',
      'performance_rows',
      'performance_months',
      'score_schemes',
    ])
      await db.schema.dropTable(table);
  },
};
