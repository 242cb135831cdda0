import type { Migration } from '../migrate';

/** Work orders: the ticket, its parts (one per unit: lead and assisting, R3), timeline, outbox and the units' inbox. */
export const tickets: Migration = {
  name: '0030-tickets',
  async up(db) {
    await db.schema.createTable('ticket_categories', (table) => {
      table.text('category_code').primary();
      table.text('parent_code').references('ticket_categories.category_code').nullable();
      table.text('name').notNullable();
      table
        .boolean('utility')
        .notNullable()
        .defaultTo(false)
        .comment('Water, power, gas, heat: dispatched within 2 h');
      table.integer('regulation_days').nullable().comment('T4: working days by the matter’s own regulation');
      table.text('regulation_name').nullable();
      table.boolean('active').notNullable().defaultTo(true);
    });
    await db.schema.createTable('dispatch_catalogue', (table) => {
      table.text('category_code').notNullable().references('ticket_categories.category_code');
      table.text('area_code').notNullable().defaultTo('').comment('Empty: the whole city');
      table.text('unit_id').notNullable();
      table.primary(['category_code', 'area_code']);
    });
    await db.schema.createTable('ticket_counters', (table) => {
      table.text('day').primary().comment('YYYYMMDD in the city’s zone');
      table.integer('last').notNullable();
    });
    await db.schema.createTable('tickets', (table) => {
      table.text('ticket_id').primary();
      table.text('number').notNullable().unique();
      table.integer('version').notNullable();
      table.integer('timeline_seq').notNullable();
      table.text('state').notNullable();
      table.text('channel').notNullable().defaultTo('telephone');
      table.text('type').notNullable();
      table.text('urgency').notNullable();
      table.text('category_code').notNullable().references('ticket_categories.category_code');
      table.text('area_code').nullable();
      table.text('address').notNullable();
      table.text('title').notNullable();
      table.text('content').notNullable();
      table.boolean('confidential').notNullable();
      table.text('citizen_id').nullable();
      table.text('citizen_name').notNullable();
      table.text('caller_number').nullable().comment('Normalised; null when the caller hides it');
      table.text('contact_number').nullable();
      table.text('call_id').nullable();
      table.text('line_id').nullable();
      table.text('line_name').nullable();
      table.timestamp('opened_at', { useTz: true }).notNullable();
      table.text('opened_by').notNullable();
      table.text('opened_by_name').notNullable();
      table.timestamp('dispatch_by', { useTz: true }).notNullable();
      table.timestamp('dispatched_at', { useTz: true }).nullable();
      table.text('lead_unit_id').nullable();
      table.text('lead_unit_name').nullable().comment('As it was called at dispatch');
      table.timestamp('due_at', { useTz: true }).nullable();
      table.text('due_why').nullable();
      table.timestamp('concluded_at', { useTz: true }).nullable();
      table.text('answer').nullable();
      table.timestamp('updated_at', { useTz: true }).notNullable();
      table
        .text('request_key')
        .nullable()
        .unique()
        .comment('Person and Idempotency-Key: one request makes one ticket');
      table.index(['call_id']);
    });
    await db.raw(
      'create index tickets_caller on tickets (caller_number, number desc) where caller_number is not null',
    );
    await db.raw(
      "create index tickets_caller_open on tickets (caller_number, number desc) where state <> 'concluded' and caller_number is not null",
    );
    await db.raw(
      'create index tickets_unit on tickets (lead_unit_id, number desc) where lead_unit_id is not null',
    );
    await db.raw('create index tickets_state on tickets (state, number desc)');
    await db.raw("create index tickets_due on tickets (due_at) where state = 'dispatched'");
    await db.schema.createTable('ticket_parts', (table) => {
      table.text('part_id').primary();
      table.text('ticket_id').notNullable().references('tickets.ticket_id');
      table.text('unit_id').notNullable();
      table.text('unit_name').notNullable();
      table.text('role').notNullable().comment('lead 主办, assisting 协办 (R3)');
      table.text('state').notNullable();
      table.timestamp('dispatched_at', { useTz: true }).notNullable();
      table.timestamp('due_at', { useTz: true }).notNullable();
      table.timestamp('return_by', { useTz: true }).notNullable();
      table.timestamp('first_opinion_by', { useTz: true }).nullable();
      table.text('clause').notNullable();
      table.integer('working_days').notNullable();
      table.text('due_why').notNullable();
      table.jsonb('skipped').notNullable();
      table.integer('calendar_version').notNullable();
      table.unique(['ticket_id', 'unit_id']);
      table.index(['unit_id', 'ticket_id']);
    });
    await db.raw(
      "create index ticket_parts_open on ticket_parts (calendar_version) where state = 'dispatched'",
    );
    await db.schema.createTable('ticket_timeline', (table) => {
      table.text('ticket_id').notNullable().references('tickets.ticket_id');
      table.integer('seq').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('kind').notNullable();
      table.text('words').notNullable();
      table.text('by_id').nullable();
      table.text('by_name').nullable();
      table.jsonb('facts').notNullable();
      table.primary(['ticket_id', 'seq']);
    });
    await db.schema.createTable('outbox', (table) => {
      table.text('outbox_id').primary();
      table.text('kind').notNullable();
      table.text('ticket_id').notNullable();
      table.jsonb('facts').notNullable();
      table.timestamp('created_at', { useTz: true }).notNullable();
      table.text('state').notNullable();
      table.integer('attempt').notNullable().defaultTo(0);
      table.timestamp('next_at', { useTz: true }).notNullable();
      table.timestamp('delivered_at', { useTz: true }).nullable();
    });
    await db.raw("create index outbox_open on outbox (next_at) where state <> 'delivered'");
    await db.schema.createTable('unit_inbox', (table) => {
      table.bigIncrements('inbox_seq');
      table.text('unit_id').notNullable();
      table.text('kind').notNullable();
      table.text('ticket_id').notNullable();
      table.text('words').notNullable();
      table.text('source_id').notNullable().unique().comment('Outbox row or timer: one notice for one cause');
      table.timestamp('at', { useTz: true }).notNullable();
      table.timestamp('read_at', { useTz: true }).nullable();
      table.text('read_by').nullable();
      table.index(['unit_id', 'inbox_seq']);
    });
    await db.raw('create index unit_inbox_unread on unit_inbox (unit_id, inbox_seq) where read_at is null');
  },
  async down(db) {
    for (const table of [
      'unit_inbox',
      'outbox',
      'ticket_timeline',
      'ticket_parts',
      'tickets',
      'ticket_counters',
      'dispatch_catalogue',
      'ticket_categories',
    ])
      await db.schema.dropTable(table);
  },
};
