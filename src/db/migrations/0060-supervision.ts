import type { Migration } from '../migrate';

/** Supervision (S1–S5): the ladder, its rungs as timers written ahead, official letters, and what a person raises. */
export const supervision: Migration = {
  name: '0060-supervision',
  async up(db) {
    await db.schema.alterTable('due_timers', (table) => {
      table.text('part_id').nullable().alter();
      table.text('unit_id').nullable().alter();
      table.text('rung').nullable().comment('Code of the rung it is; dates of a matter have none');
      table.integer('step').nullable().comment('Its place in the ladder: a later one never goes first');
      table.timestamp('due_at', { useTz: true }).nullable().comment('The due date it was written for');
      table.jsonb('rule').nullable().comment('The rung as the ladder had it then');
      table.text('why').notNullable().defaultTo('');
      table.integer('calendar_version').nullable();
      table.text('matter_id').nullable().comment('Of a date: the matter it belongs to');
      table.text('date_code').nullable();
      table.index(['ticket_id']);
    });
    await db.raw(`
      update due_timers t set kind = 'rung', rung = 'remindBefore', step = 0, due_at = p.due_at,
             calendar_version = p.calendar_version,
             rule = '{"code":"remindBefore","clause":"S1","name":"到期前提醒","when":{"kind":"beforeDue","workingHours":8},
                      "action":"remind","automatic":true,"words":"到期前提醒","replyDays":null,"on":true}'
        from ticket_parts p where p.part_id = t.part_id and t.kind = 'remind';
      create unique index due_timers_raised on due_timers (part_id, rung, due_at) where state = 'fired' and kind = 'rung';
      create unique index due_timers_ahead on due_timers (part_id, rung)
        where state in ('waiting', 'held') and kind = 'rung';
    `);
    await db.schema.createTable('supervision_ladders', (table) => {
      table.integer('version').primary();
      table.jsonb('rungs').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').notNullable();
      table.text('by_name').notNullable();
      table.text('reason').notNullable();
    });
    await db.schema.createTable('letter_counters', (table) => {
      table.integer('year').primary();
      table.integer('last').notNullable();
    });
    await db.schema.createTable('supervision_letters', (table) => {
      table.text('letter_id').primary();
      table.bigIncrements('letter_seq', { primaryKey: false }).unique();
      table.integer('version').notNullable();
      table.text('state').notNullable();
      table.integer('year').nullable();
      table.integer('serial').nullable();
      table
        .text('number')
        .nullable()
        .unique()
        .comment('督〔2026〕12号: given when it is issued, without gaps');
      table.text('ticket_id').notNullable().references('tickets.ticket_id');
      table.text('part_id').notNullable().references('ticket_parts.part_id');
      table.text('unit_id').notNullable();
      table.text('unit_name').notNullable();
      table.text('timer_id').nullable().unique().comment('The rung that drafted it');
      table.text('facts').notNullable();
      table.text('demand').notNullable();
      table.timestamp('reply_by', { useTz: true }).notNullable();
      table.integer('reply_days').notNullable();
      for (const act of ['drafted', 'issued', 'received', 'answered', 'withdrawn']) {
        const at = table.timestamp(`${act}_at`, { useTz: true });
        if (act === 'drafted') at.notNullable();
        else at.nullable();
        table.text(`${act}_by`).nullable().comment('Null: the system');
        table.text(`${act}_by_name`).nullable();
      }
      table.text('answer').nullable();
      table.text('withdrawn_reason').nullable();
      table.unique(['year', 'serial']);
      table.index(['ticket_id']);
      table.index(['unit_id', 'letter_seq']);
    });
    await db.raw(
      `create unique index supervision_letters_open on supervision_letters (part_id)
         where state in ('drafted', 'issued', 'received')`,
    );
    await db.schema.createTable('supervision_matters', (table) => {
      table.text('matter_id').primary();
      table.bigIncrements('matter_seq', { primaryKey: false }).unique();
      table.integer('version').notNullable();
      table.text('kind').notNullable().comment('specialCase, instruction, system13710, onSite');
      table.text('state').notNullable();
      table.text('title').notNullable();
      table.jsonb('facts').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').nullable();
      table.text('by_name').nullable();
      table.text('timer_id').nullable().unique();
      table.index(['kind', 'matter_seq']);
    });
    await db.schema.createTable('supervision_matter_tickets', (table) => {
      table.text('matter_id').notNullable().references('supervision_matters.matter_id');
      table.text('ticket_id').notNullable().references('tickets.ticket_id');
      table.primary(['matter_id', 'ticket_id']);
      table.index(['ticket_id']);
    });
    await db.schema.createTable('supervision_matter_units', (table) => {
      table.text('matter_id').notNullable().references('supervision_matters.matter_id');
      table.text('unit_id').notNullable();
      table.text('unit_name').notNullable();
      table.primary(['matter_id', 'unit_id']);
      table.index(['unit_id']);
    });
    await db.schema.createTable('supervision_matter_steps', (table) => {
      table.text('matter_id').notNullable().references('supervision_matters.matter_id');
      table.integer('seq').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('action').notNullable();
      table.text('words').notNullable();
      table.jsonb('facts').notNullable();
      table.text('by_id').nullable();
      table.text('by_name').nullable();
      table.primary(['matter_id', 'seq']);
    });
  },
  async down(db) {
    for (const table of [
      'supervision_matter_steps',
      'supervision_matter_units',
      'supervision_matter_tickets',
      'supervision_matters',
      'supervision_letters',
      'letter_counters',
      'supervision_ladders',
    ])
      await db.schema.dropTable(table);
    await db('due_timers').whereNull('part_id').delete();
    await db.raw('drop index due_timers_raised; drop index due_timers_ahead');
    await db.schema.alterTable('due_timers', (table) => {
      table.dropIndex(['ticket_id']);
      table.dropColumns(
        'rung',
        'step',
        'due_at',
        'rule',
        'why',
        'calendar_version',
        'matter_id',
        'date_code',
      );
    });
  },
};
