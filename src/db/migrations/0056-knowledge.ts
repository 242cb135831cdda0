import type { Migration } from '../migrate';

/** Knowledge articles (D1): editions, the search text of what is in force, uses, questions without an answer, own words. */
export const knowledge: Migration = {
  name: '0056-knowledge',
  async up(db) {
    await db.raw(`
      create table articles (
        article_id text primary key,
        number bigint generated always as identity unique,
        version integer not null check (version >= 1),
        state text not null check (state in ('draft', 'reviewed', 'published', 'expired')),
        owner_unit_id text not null,
        -- The newest edition, to which the state belongs, and the one that is published.
        edition integer not null,
        published_edition integer,
        hits integer not null default 0,
        citations integer not null default 0,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        -- Person and Idempotency-Key: one request makes one article.
        request_key text unique,
        check (state <> 'published' or coalesce(published_edition, 0) = edition),
        check (state <> 'expired' or published_edition is null)
      );
      create index articles_owner on articles (owner_unit_id, number desc);

      create table article_editions (
        article_id text not null references articles,
        edition integer not null check (edition >= 1),
        title text not null,
        question text not null,
        body text not null,
        keywords text[] not null,
        category_code text not null references ticket_categories,
        valid_from date,
        valid_until date,
        written_at timestamptz not null,
        written_by text not null,
        written_by_name text not null,
        reviewed_at timestamptz,
        reviewed_by_name text,
        published_at timestamptz,
        published_by_name text,
        primary key (article_id, edition),
        check (valid_until >= valid_from)
      );

      -- What is searched: the published edition of each article, cut into words by the service, one blank between two.
      create table article_search (
        article_id text primary key references articles,
        edition integer not null,
        category_code text not null,
        valid_from date,
        valid_until date,
        -- Title, question and key words, folded: for one-character and unknown words.
        heading text not null,
        title_words text not null,
        question_words text not null,
        body_words text not null,
        -- The newest dictionary word known when it was cut.
        dictionary bigint not null,
        words tsvector not null generated always as (
          setweight(to_tsvector('simple', title_words), 'A') ||
          setweight(to_tsvector('simple', question_words), 'B') ||
          setweight(to_tsvector('simple', body_words), 'C')) stored
      );
      -- Kept within the row: ranking reads them for every match, and fetching them from elsewhere takes four times as long.
      alter table article_search alter column words set storage main, alter column heading set storage main;
      create index article_search_words on article_search using gin (words) with (fastupdate = off);
      create index article_search_dictionary on article_search (dictionary);

      create table article_uses (
        use_id bigint generated always as identity primary key,
        article_id text not null references articles,
        edition integer not null,
        kind text not null check (kind in ('hit', 'citation')),
        at timestamptz not null,
        person_id text,
        query text,
        ticket_id text,
        check ((kind = 'citation') = (ticket_id is not null))
      );
      create unique index article_cited_once on article_uses (article_id, ticket_id) where kind = 'citation';
      create index article_uses_of on article_uses (article_id, at);

      create table knowledge_tasks (
        task_id text primary key,
        number bigint generated always as identity unique,
        version integer not null check (version >= 1),
        state text not null check (state in ('open', 'answered', 'closed')),
        question text not null,
        category_code text references ticket_categories,
        unit_id text not null,
        ticket_id text,
        call_id text,
        asked_at timestamptz not null,
        asked_by text not null,
        asked_by_name text not null,
        article_id text references articles,
        answered_at timestamptz,
        answered_by_name text,
        closed_at timestamptz,
        closed_by_name text,
        closed_why text,
        request_key text unique,
        check (state <> 'answered' or article_id is not null),
        check ((state = 'closed') = (closed_at is not null))
      );
      create index knowledge_tasks_unit on knowledge_tasks (unit_id, number desc);
      create index knowledge_tasks_state on knowledge_tasks (state, number desc);

      -- Words of this city that the general dictionary lacks: units, lines, terms. Never removed, so seq only grows.
      create table knowledge_words (
        word text primary key,
        seq bigint generated always as identity unique,
        origin text not null check (origin in ('term', 'unit', 'line', 'own')),
        at timestamptz not null
      );

      -- A notice about a question has no work order.
      alter table unit_inbox alter column ticket_id drop not null;
    `);
  },
  async down(db) {
    await db.raw(`
      delete from unit_inbox where ticket_id is null;
      alter table unit_inbox alter column ticket_id set not null;
    `);
    for (const table of [
      'knowledge_words',
      'knowledge_tasks',
      'article_uses',
      'article_search',
      'article_editions',
      'articles',
    ])
      await db.schema.dropTable(table);
  },
};
