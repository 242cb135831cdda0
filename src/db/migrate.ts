import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { directory } from './migrations/0001-directory';
import { audit } from './migrations/0002-audit';
import { lines } from './migrations/0010-lines';
import { calls } from './migrations/0020-calls';
import { tickets } from './migrations/0030-tickets';
import { deadlines } from './migrations/0031-deadlines';
import { citizens } from './migrations/0032-citizens';
import { recordings } from './migrations/0040-recordings';
import { prompts } from './migrations/0041-prompts';
import { nuisance } from './migrations/0042-nuisance';
import { dialRules } from './migrations/0043-dial-rules';
import { callbacks } from './migrations/0044-callbacks';
import { messages } from './migrations/0045-messages';
import { board } from './migrations/0046-board';
import { routing } from './migrations/0047-routing';
import { parallel } from './migrations/0048-parallel';
import { ticketLifecycle } from './migrations/0050-ticket-lifecycle';
import { timeLimits } from './migrations/0051-time-limits';
import { knowledge } from './migrations/0056-knowledge';
import { outgoing } from './migrations/0057-outgoing';
import { timelineChain } from './migrations/0058-timeline-chain';
import { attachments } from './migrations/0059-attachments';
import { webhooks } from './migrations/0059-webhooks';
import { supervision } from './migrations/0060-supervision';
import { evaluation } from './migrations/0061-evaluation';
import { performance } from './migrations/0062-performance';
import { ticketSearch } from './migrations/0063-ticket-search';
import { dispatching } from './migrations/0064-dispatching';
import { open311 } from './migrations/0064-open311';

export interface Migration {
  name: string;
  up(db: Knex): Promise<void>;
  down(db: Knex): Promise<void>;
}

/** Every migration in order. A module adds its own file and one line here; landed ones never change. */
const MIGRATIONS: Migration[] = [
  directory, // 0001
  audit, // 0002
  lines, // 0010
  calls, // 0020
  tickets, // 0030
  deadlines, // 0031
  citizens, // 0032
  recordings, // 0040
  prompts, // 0041
  nuisance, // 0042
  dialRules, // 0043
  callbacks, // 0044
  messages, // 0045
  board, // 0046
  routing, // 0047
  parallel, // 0048
  ticketLifecycle, // 0050
  timeLimits, // 0051
  knowledge, // 0056
  outgoing, // 0057
  timelineChain, // 0058
  attachments, // 0059
  webhooks, // 0059
  supervision, // 0060
  evaluation, // 0061
  performance, // 0062
  ticketSearch, // 0063
  dispatching, // 0064
  open311, // 0064, after it
];

const source: Knex.MigrationSource<Migration> = {
  getMigrations: async () => MIGRATIONS,
  getMigrationName: (migration) => migration.name,
  getMigration: async (migration) => ({ up: migration.up, down: migration.down }),
};

/** Brings the database to the newest schema; safe when several services start at once (knex takes a lock). */
export async function migrate(db: Database): Promise<void> {
  await db.migrate.latest({ migrationSource: source });
}
