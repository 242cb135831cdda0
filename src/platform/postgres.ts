import knex, { type Knex } from 'knex';

export type Database = Knex;

/** Opens a pool on PostgreSQL. Queries fail within seconds when the server is away, so that nothing waits for it in silence. */
export function openPostgres(url: string, poolSize = 10): Database {
  return knex({
    client: 'pg',
    connection: { connectionString: url, connectionTimeoutMillis: 3000, keepAlive: true },
    pool: { min: 0, max: poolSize },
    acquireConnectionTimeout: 4000,
    // Faults reach whoever asked; knex need not print them as well.
    log: { warn: silent, error: silent, debug: silent, deprecate: silent },
  });
}

function silent(): void {}
