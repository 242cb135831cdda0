import type { Config } from '../config';
import { AuditStore } from '../platform/audit.store';
import { Bus } from '../platform/bus';
import { systemClock } from '../platform/clock';
import { HttpServer } from '../platform/http-server';
import { Lifecycle } from '../platform/lifecycle';
import type { Logger } from '../platform/logger';
import { type Database } from '../platform/postgres';
import { type RedisClient } from '../platform/redis';

export const clock = systemClock;

/** What every part is built on. */
export interface Ground {
  config: Config;
  log: Logger;
  bus: Bus;
  database: Database;
  redis: RedisClient;
  audit: AuditStore;
  lifecycle: Lifecycle;
  http: HttpServer;
}
