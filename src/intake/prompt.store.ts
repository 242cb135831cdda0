import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { PromptVersion } from './prompt-catalogue';

interface Row {
  version_id: string;
  name: string;
  action: PromptVersion['action'];
  words: string;
  seconds: number | null;
  source: string;
  who_id: string;
  who_name: string;
  at: Date;
  sha256: string | null;
}

/** What is stored of a new version; its id and instant are given. */
export interface NewVersion extends Omit<PromptVersion, 'versionId' | 'at'> {
  name: string;
  audio: Buffer | null;
  sha256: string | null;
  at: Date;
}

/** A recording that must be in the switch's folder. */
export interface PlayedVersion {
  name: string;
  versionId: string;
  sha256: string;
  bytes: number;
}

const FIELDS = [
  'version_id',
  'name',
  'action',
  'words',
  'seconds',
  'source',
  'who_id',
  'who_name',
  'at',
  'sha256',
] as const;

/** Table `prompt_versions`: rows are only ever added. The newest of a name counts. */
export class PromptStore {
  constructor(private readonly database: Database) {}

  /** The newest version of every name that ever had one. */
  async current(): Promise<Map<string, PromptVersion>> {
    const rows = (await this.newest().select(...FIELDS)) as Row[];
    return new Map(rows.map((row) => [row.name, versionOf(row)]));
  }

  /** Those of them that are played, with what tells their files apart. */
  async played(): Promise<PlayedVersion[]> {
    const rows = await this.newest()
      .select('version_id', 'name', 'sha256', 'action')
      .select(this.database.raw('octet_length(audio) bytes'));
    return (rows as (Row & { bytes: number | null })[])
      .filter(({ sha256 }) => sha256 !== null)
      .map((row) => ({
        name: row.name,
        versionId: row.version_id,
        sha256: row.sha256 ?? '',
        bytes: row.bytes ?? 0,
      }));
  }

  /** Every version of a name, newest first. */
  async history(name: string): Promise<PromptVersion[]> {
    const rows = (await this.database('prompt_versions')
      .where({ name })
      .orderBy('version_id', 'desc')
      .limit(200)
      .select(...FIELDS)) as Row[];
    return rows.map(versionOf);
  }

  /** One version of this name with its sound. */
  async version(name: string, versionId: string): Promise<(PromptVersion & { audio: Buffer | null }) | null> {
    const row = (await this.database('prompt_versions')
      .where({ name, version_id: versionId })
      .first(...FIELDS, 'audio')) as (Row & { audio: Buffer | null }) | undefined;
    return row ? { ...versionOf(row), audio: row.audio } : null;
  }

  /** Adds a version; `beside` joins the transaction (audit) and is told what counted before. */
  async add(
    version: NewVersion,
    beside: (transaction: Knex.Transaction, before: PromptVersion | null) => Promise<void>,
  ): Promise<PromptVersion> {
    return this.database.transaction(async (trx) => {
      // Two who replace it at once follow each other, so that each one's `before` is true.
      await trx.raw('select pg_advisory_xact_lock(hashtext(?))', [`prompt_versions:${version.name}`]);
      const before = (await trx('prompt_versions')
        .where({ name: version.name })
        .orderBy('version_id', 'desc')
        .first(...FIELDS)) as Row | undefined;
      await beside(trx, before ? versionOf(before) : null);
      const [row] = (await trx('prompt_versions')
        .insert({
          name: version.name,
          action: version.action,
          words: version.words,
          audio: version.audio,
          sha256: version.sha256,
          seconds: version.seconds,
          source: version.source,
          who_id: version.whoId,
          who_name: version.whoName,
          at: version.at,
        })
        .returning([...FIELDS])) as [Row];
      return versionOf(row);
    });
  }

  private newest() {
    return this.database('prompt_versions').whereIn(
      'version_id',
      this.database('prompt_versions').max('version_id').groupBy('name'),
    );
  }
}

function versionOf(row: Row): PromptVersion {
  return {
    versionId: String(row.version_id),
    action: row.action,
    words: row.words,
    seconds: row.seconds,
    source: row.source,
    whoId: row.who_id,
    whoName: row.who_name,
    at: row.at.toISOString(),
  };
}
