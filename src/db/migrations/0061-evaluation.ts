import type { Knex } from 'knex';
import type { Migration } from '../migrate';

/** Follow-up and evaluation (E1): tasks with their attempts, survey links, results, appeals, exclusions, 不合理诉求. */
export const evaluation: Migration = {
  name: '0061-evaluation',
  async up(db) {
    await followUps(db);
    await results(db);
    await assessment(db);
  },
  async down(db) {
    for (const table of [
      'unreasonable_demands',
      'exclusions',
      'appeals',
      'evaluations',
      'survey_links',
      'follow_up_attempts',
      'follow_ups',
    ])
      await db.schema.dropTable(table);
  },
};

const ofTicket = (table: Knex.CreateTableBuilder) =>
  table.text('ticket_id').notNullable().references('tickets.ticket_id');

async function followUps(db: Knex): Promise<void> {
  await db.schema.createTable('follow_ups', (table) => {
    table.text('follow_up_id').primary();
    ofTicket(table);
    table.integer('round').notNullable().comment('Which conclusion of the matter: 1, and one more each redo');
    table.text('cause').notNullable().comment('checked, answered');
    table.text('state').notNullable();
    table.integer('version').notNullable();
    table.timestamp('made_at', { useTz: true }).notNullable();
    table.timestamp('due_at', { useTz: true }).nullable().comment('Null where the calendar does not reach');
    table.timestamp('next_at', { useTz: true }).nullable();
    table.integer('attempts').notNullable().defaultTo(0);
    table.text('taken_by').nullable();
    table.text('taken_by_name').nullable();
    table.text('evaluation_id').nullable();
    table.timestamp('ended_at', { useTz: true }).nullable();
    table.unique(['ticket_id', 'round']);
  });
  await db.raw(
    "create index follow_ups_open on follow_ups (made_at, follow_up_id) where state in ('open', 'taken')",
  );
  await db.schema.createTable('follow_up_attempts', (table) => {
    table.text('follow_up_id').notNullable().references('follow_ups.follow_up_id');
    table.integer('number').notNullable();
    table.timestamp('at', { useTz: true }).notNullable();
    table.text('outcome').notNullable();
    table.text('words').notNullable();
    table.timestamp('next_at', { useTz: true }).nullable();
    table.text('call_id').nullable();
    table.text('by_id').notNullable();
    table.text('by_name').notNullable();
    table.primary(['follow_up_id', 'number']);
  });
  await db.schema.createTable('survey_links', (table) => {
    table.text('token_hash').primary().comment('SHA-256: the token itself is kept nowhere');
    ofTicket(table);
    table.integer('round').notNullable();
    table.text('channel').notNullable();
    table.timestamp('made_at', { useTz: true }).notNullable();
    table.timestamp('expires_at', { useTz: true }).notNullable();
    table.index(['ticket_id']);
  });
}

async function results(db: Knex): Promise<void> {
  await db.schema.createTable('evaluations', (table) => {
    table.text('evaluation_id').primary();
    ofTicket(table);
    table.integer('round').notNullable();
    table.text('channel').notNullable();
    table.text('outcome').notNullable();
    table.boolean('final').notNullable().comment('The one that counts for its matter');
    table.text('unit_id').nullable();
    table.text('unit_name').nullable();
    table.boolean('truthful').nullable();
    table.boolean('unit_contacted').nullable();
    table.boolean('solved').nullable();
    table.integer('first_level').nullable();
    table.integer('level').nullable();
    table.boolean('counts').notNullable().defaultTo(true);
    table.boolean('counted_solved').nullable();
    table.integer('counted_level').nullable();
    table.text('words').notNullable();
    table.text('advice').notNullable();
    table.text('call_id').nullable();
    table.text('consequence').notNullable();
    table.text('review').nullable().comment('A supervisor’s look: waiting, done');
    table.text('review_words').nullable();
    table.timestamp('reviewed_at', { useTz: true }).nullable();
    table.text('reviewed_by').nullable();
    table.text('reviewed_by_name').nullable();
    table.timestamp('appeal_until', { useTz: true }).nullable();
    table.timestamp('at', { useTz: true }).notNullable();
    table.text('by_id').nullable().comment('Null: the citizen himself');
    table.text('by_name').nullable();
    table.integer('version').notNullable();
    table.index(['ticket_id', 'at']);
    table.index(['unit_id', 'at']);
    table.index(['at']);
  });
  await db.raw(`
    create unique index evaluations_final on evaluations (ticket_id) where final;
    create unique index evaluations_citizen on evaluations (ticket_id, round) where by_id is null;
    create index evaluations_review on evaluations (at) where review = 'waiting';
  `);
}

async function assessment(db: Knex): Promise<void> {
  await db.schema.createTable('appeals', (table) => {
    table.text('appeal_id').primary();
    table.text('evaluation_id').notNullable().unique().references('evaluations.evaluation_id');
    ofTicket(table);
    table.text('unit_id').notNullable();
    table.text('reason').notNullable();
    table.text('evidence').notNullable();
    table.text('state').notNullable();
    table.integer('version').notNullable();
    table.timestamp('asked_at', { useTz: true }).notNullable();
    table.text('asked_by').notNullable();
    table.text('asked_by_name').notNullable();
    table.timestamp('decided_at', { useTz: true }).nullable();
    table.text('decided_by').nullable();
    table.text('decided_by_name').nullable();
    table.text('decision').nullable();
    table.index(['unit_id', 'asked_at']);
    table.index(['state', 'asked_at']);
  });
  await db.schema.createTable('exclusions', (table) => {
    table.text('exclusion_id').primary();
    ofTicket(table);
    table.text('reason').notNullable();
    table.text('state').notNullable();
    table.integer('version').notNullable();
    for (const act of ['proposed', 'decided', 'revoked'] as const) {
      table.timestamp(`${act}_at`, { useTz: true }).nullable();
      table.text(`${act}_by`).nullable();
      table.text(`${act}_by_name`).nullable();
    }
    table.text('decision').nullable();
    table.text('revocation').nullable();
    table.index(['state', 'proposed_at']);
  });
  await db.schema.createTable('unreasonable_demands', (table) => {
    table.text('demand_id').primary();
    ofTicket(table);
    table.text('kind').notNullable();
    table.text('reason').notNullable();
    for (const act of ['marked', 'lifted'] as const) {
      table.timestamp(`${act}_at`, { useTz: true }).nullable();
      table.text(`${act}_by`).nullable();
      table.text(`${act}_by_name`).nullable();
    }
    table.text('lift_reason').nullable();
  });
  await db.raw(`
    create unique index exclusions_one on exclusions (ticket_id) where state in ('proposed', 'approved');
    create unique index unreasonable_one on unreasonable_demands (ticket_id) where lifted_at is null;
  `);
}
