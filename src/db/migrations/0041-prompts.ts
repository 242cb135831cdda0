import type { Migration } from '../migrate';

/**
 * Recordings that replace or extend those of asterisk-config/sounds/zh, every version for ever: the newest of a name is
 * what is played; one without audio takes the name back to the built-in recording, or away where there is none.
 */
export const prompts: Migration = {
  name: '0041-prompts',
  async up(db) {
    await db.schema.createTable('prompt_versions', (table) => {
      table.bigIncrements('version_id');
      table.text('name').notNullable();
      table.enu('action', ['uploaded', 'restored', 'reverted']).notNullable();
      table.text('words').notNullable();
      table.binary('audio').comment('WAV, 8 kHz, mono, 16 bit; null: the built-in again');
      table.text('sha256');
      table.double('seconds');
      table.text('source').notNullable().comment('Kind and name of the uploaded file');
      table.text('who_id').notNullable();
      table.text('who_name').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.index(['name', 'version_id']);
    });
    await db.raw(
      "alter table prompt_versions add check ((audio is null) = (sha256 is null) and (audio is null) = (action = 'reverted'))",
    );
  },
  async down(db) {
    await db.schema.dropTable('prompt_versions');
  },
};
