import type { Migration } from '../migrate';

/** Messages to citizens and units: a row is written with its cause and is the truth of what became of it. */
export const outgoing: Migration = {
  name: '0057-outgoing',
  async up(db) {
    await db.raw(`
      create table message_templates (
        code text primary key,
        version integer not null check (version > 1),
        words text not null,
        provider_code text not null default '',
        enabled boolean not null,
        changed_at timestamptz not null,
        changed_by text not null
      );
      comment on table message_templates is 'Only templates that were changed; the others are as the program has them';

      create table outgoing_messages (
        message_id text primary key,
        seq bigint generated always as identity unique,
        source_id text not null,
        channel text not null check (channel in ('sms', 'email', 'inApp')),
        address text not null,
        unit_id text,
        template text not null,
        text text not null,
        params jsonb not null,
        ticket_id text,
        state text not null
          check (state in ('waiting', 'sending', 'sent', 'delivered', 'failed', 'cancelled', 'skipped')),
        attempts integer not null default 0,
        attempts_before integer not null default 0,
        next_at timestamptz not null,
        handed_at timestamptz,
        hand_overs integer not null default 0,
        unsure boolean not null default false,
        provider_id text,
        why text not null default '',
        created_at timestamptz not null,
        sent_at timestamptz,
        ended_at timestamptz,
        unique (source_id, channel, address)
      );
      comment on column outgoing_messages.next_at is 'Waiting: not before. Sending: when the claim lapses';
      comment on column outgoing_messages.attempts_before is 'Attempts before somebody asked for it again';
      comment on column outgoing_messages.unsure is 'An earlier attempt may have been taken by the provider';
      create index outgoing_messages_open on outgoing_messages (next_at) where state in ('waiting', 'sending');
      create index outgoing_messages_state on outgoing_messages (state, seq);
      create index outgoing_messages_address on outgoing_messages (address, seq);
      create index outgoing_messages_ticket on outgoing_messages (ticket_id) where ticket_id is not null;

      alter table people add column mobile text, add column email text;
    `);
  },
  async down(db) {
    await db.raw('alter table people drop column mobile, drop column email');
    await db.schema.dropTable('outgoing_messages');
    await db.schema.dropTable('message_templates');
  },
};
