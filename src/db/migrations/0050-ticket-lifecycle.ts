import type { Migration } from '../migrate';

/** The whole walk of a work order (B1): draft to archive, each unit's own part, requests, urges, joint meetings, merging. */
export const ticketLifecycle: Migration = {
  name: '0050-ticket-lifecycle',
  async up(db) {
    await db('tickets').where({ state: 'concluded' }).update({ state: 'answered' });
    await db.schema.alterTable('tickets', (table) => {
      table
        .text('query_code')
        .nullable()
        .comment('With the number, what the citizen asks for the state with');
      table.text('external_number').nullable().comment('The number another platform knows it by');
      table.text('level').notNullable().defaultTo('city').comment('county, city, cross-city, province (R2)');
      table.text('township').notNullable().defaultTo('');
      table.double('longitude').nullable().comment('GCJ-02, as Chinese maps give it');
      table.double('latitude').nullable();
      table.text('parties').notNullable().defaultTo('').comment('Whom it complains about');
      table.text('company').notNullable().defaultTo('');
      table.integer('urges').notNullable().defaultTo(0).comment('催办 by the citizen');
      table.integer('reopened').notNullable().defaultTo(0);
      table.timestamp('acknowledged_at', { useTz: true }).nullable();
      table.timestamp('replied_at', { useTz: true }).nullable();
      table.timestamp('checked_at', { useTz: true }).nullable();
      table.timestamp('followed_up_at', { useTz: true }).nullable();
      table.timestamp('archived_at', { useTz: true }).nullable();
      table.text('article_id').nullable().comment('D1: the knowledge article of a direct answer');
      table.integer('article_version').nullable();
      table.text('article_title').nullable();
      table.text('refusal_kind').nullable().comment('D3: which of the eight');
      table.text('refusal_explanation').nullable();
      table.text('guided_to').nullable();
      table.boolean('hard_case').notNullable().defaultTo(false);
      table.text('excluded_reason').nullable().comment('Left out of the assessment, after approval');
      table.text('merged_into').nullable().references('tickets.ticket_id');
      table.text('timeline_hash').nullable().comment('Head of its timeline’s chain');
    });
    await db.raw(`
      create unique index tickets_external on tickets (channel, external_number) where external_number is not null;
      create index tickets_merged on tickets (merged_into) where merged_into is not null;
      create index tickets_place on tickets (area_code, category_code, number desc);
      create index tickets_opened on tickets (opened_at);
      create index tickets_contact on tickets (contact_number, number desc) where contact_number is not null;
      drop index tickets_caller_open;
      create index tickets_caller_open on tickets (caller_number, number desc)
        where caller_number is not null
          and state not in ('answered', 'refused', 'checked', 'followedUp', 'archived', 'merged', 'discarded');
      drop index tickets_due;
      create index tickets_due on tickets (due_at) where state in ('dispatched', 'acknowledged', 'returned', 'replied');
    `);
    await db.schema.alterTable('ticket_parts', (table) => {
      table.dropUnique(['ticket_id', 'unit_id']);
      table
        .integer('round')
        .notNullable()
        .defaultTo(1)
        .comment('Which dispatch of this ticket it belongs to');
      table.boolean('current').notNullable().defaultTo(true).comment('False once returned or redone');
      table.timestamp('acknowledge_by', { useTz: true }).nullable();
      table.timestamp('acknowledged_at', { useTz: true }).nullable();
      table.timestamp('first_opinion_at', { useTz: true }).nullable();
      table.text('first_opinion').nullable();
      table.timestamp('replied_at', { useTz: true }).nullable();
      table.timestamp('closed_at', { useTz: true }).nullable();
      table
        .jsonb('due_limit')
        .nullable()
        .comment('The limit chosen at dispatch; a table edited later leaves it');
      table.integer('extension_days').notNullable().defaultTo(0).comment('Working days granted (T2)');
      table.boolean('final').notNullable().defaultTo(false).comment('Final ruling: cannot be returned');
      table.jsonb('pauses').notNullable().defaultTo('[]');
      table.text('handling').nullable().comment('What was done, for the hotline');
      table.text('public_answer').nullable().comment('What the citizen is told');
      table.boolean('truthful').nullable();
      table.boolean('solved').nullable();
      table.text('unsolved_why').nullable();
      table.timestamp('contacted_at', { useTz: true }).nullable().comment('The unit told the citizen (T1)');
    });
    await db.raw(`
      update ticket_parts set state = 'withdrawn', current = false where state = 'concluded';
      create unique index ticket_parts_current on ticket_parts (ticket_id, unit_id) where current;
      drop index ticket_parts_open;
      create index ticket_parts_open on ticket_parts (calendar_version) where state in ('dispatched', 'acknowledged');
      create index ticket_parts_unit_state on ticket_parts (unit_id, state, due_at) where current;
      create index ticket_parts_due on ticket_parts (due_at);
    `);
    // What a unit asks 12345 to decide: return (T3), extension (T2), objection to a refused return, appeal.
    await db.schema.createTable('ticket_requests', (table) => {
      table.text('request_id').primary();
      table.text('ticket_id').notNullable().references('tickets.ticket_id');
      table.text('part_id').notNullable().references('ticket_parts.part_id');
      table.text('unit_id').notNullable();
      table.text('kind').notNullable().comment('return, extension, objection');
      table.text('reason').notNullable();
      table.integer('working_days').nullable().comment('Extension: how many are asked');
      table.text('suggested_unit_id').nullable();
      table.boolean('late').notNullable().defaultTo(false);
      table.timestamp('asked_at', { useTz: true }).notNullable();
      table.text('asked_by').notNullable();
      table.text('asked_by_name').notNullable();
      table.text('state').notNullable().comment('pending, granted, refused, withdrawn');
      table.timestamp('decided_at', { useTz: true }).nullable();
      table.text('decided_by').nullable();
      table.text('decided_by_name').nullable();
      table.text('decision').nullable();
      table.integer('granted_days').nullable();
      table.index(['ticket_id']);
      table.index(['unit_id', 'asked_at']);
    });
    await db.raw(
      "create unique index ticket_requests_one on ticket_requests (part_id) where state = 'pending'",
    );
    await db.schema.createTable('ticket_urges', (table) => {
      table.text('ticket_id').notNullable().references('tickets.ticket_id');
      table.integer('number').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('channel').notNullable();
      table.text('call_id').nullable();
      table.text('words').notNullable();
      table.text('by_id').nullable();
      table.text('by_name').nullable();
      table.primary(['ticket_id', 'number']);
    });
    await db.schema.createTable('joint_meetings', (table) => {
      table.text('meeting_id').primary();
      table.text('ticket_id').notNullable().references('tickets.ticket_id');
      table.timestamp('held_at', { useTz: true }).notNullable();
      table.text('place').notNullable();
      table.specificType('unit_ids', 'text[]').notNullable();
      table.text('members').notNullable();
      table.text('decision').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').notNullable();
      table.text('by_name').notNullable();
      table.index(['ticket_id']);
    });
    await db.schema.alterTable('ticket_timeline', (table) => {
      table.text('previous_hash').nullable();
      table.text('hash').nullable();
    });
  },
  async down(db) {
    for (const table of ['joint_meetings', 'ticket_urges', 'ticket_requests'])
      await db.schema.dropTable(table);
  },
};
