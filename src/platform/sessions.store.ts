import type { Role } from '../permissions';
import type { Database } from './postgres';

/** A session as stored. The browser's token itself is never kept, only its SHA-256. */
export interface SessionRow {
  sessionId: string;
  tokenHash: string;
  personId: string;
  name: string;
  role: Role;
  unitId: string | null;
  beganAt: Date;
  usedAt: Date;
}

interface Stored {
  session_id: string;
  token_hash: string;
  person_id: string;
  name: string;
  role: string;
  unit_id: string | null;
  began_at: Date;
  used_at: Date;
}

/** Table `sessions`. */
export class SessionStore {
  constructor(private readonly db: Database) {}

  async insert(row: SessionRow): Promise<void> {
    await this.db<Stored>('sessions').insert({
      session_id: row.sessionId,
      token_hash: row.tokenHash,
      person_id: row.personId,
      name: row.name,
      role: row.role,
      unit_id: row.unitId,
      began_at: row.beganAt,
      used_at: row.usedAt,
    });
  }

  async byTokenHash(tokenHash: string): Promise<SessionRow | null> {
    const row = await this.db<Stored>('sessions').where({ token_hash: tokenHash }).first();
    return row ? fromStored(row) : null;
  }

  async used(sessionId: string, at: Date): Promise<void> {
    await this.db<Stored>('sessions')
      .where({ session_id: sessionId })
      .where('used_at', '<', at)
      .update({ used_at: at });
  }

  async remove(sessionId: string): Promise<void> {
    await this.db<Stored>('sessions').where({ session_id: sessionId }).delete();
  }

  /** Removes all sessions of a person but one; returns the ids removed. */
  async removeAllOf(personId: string, exceptSessionId: string | null): Promise<string[]> {
    const query = this.db<Stored>('sessions').where({ person_id: personId });
    if (exceptSessionId) query.whereNot({ session_id: exceptSessionId });
    const rows = await query.delete().returning('session_id');
    return rows.map((row) => row.session_id);
  }

  async removeUnusedSince(instant: Date): Promise<void> {
    await this.db<Stored>('sessions').where('used_at', '<', instant).delete();
  }
}

function fromStored(row: Stored): SessionRow {
  return {
    sessionId: row.session_id,
    tokenHash: row.token_hash,
    personId: row.person_id,
    name: row.name,
    role: row.role as Role,
    unitId: row.unit_id,
    beganAt: row.began_at,
    usedAt: row.used_at,
  };
}
