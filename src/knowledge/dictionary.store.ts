import type { Database } from '../platform/postgres';

export type WordOrigin = 'term' | 'unit' | 'line' | 'own';

export interface DictionaryWord {
  word: string;
  /** Grows with every word; words are never removed. */
  seq: number;
  origin: WordOrigin;
}

/** Table `knowledge_words`. */
export class DictionaryStore {
  constructor(private readonly db: Database) {}

  /** Adds words that are not there yet; answers how many. */
  async add(words: readonly string[], origin: WordOrigin, at: Date): Promise<number> {
    // Asked first: a refused insert would use up a number of the sequence each time.
    const known = (await this.db('knowledge_words')
      .whereIn('word', [...words])
      .pluck('word')) as string[];
    const fresh = [...new Set(words)].filter((word) => !known.includes(word));
    if (fresh.length === 0) return 0;
    return this.db.transaction(async (trx) => {
      // One after another: whoever reads up to a number has seen every smaller one.
      await trx.raw("select pg_advisory_xact_lock(hashtext('knowledge_words'))");
      const added = await trx('knowledge_words')
        .insert(fresh.map((word) => ({ word, origin, at })))
        .onConflict('word')
        .ignore()
        .returning('word');
      return added.length;
    });
  }

  /** Words added after `seq`, in order. */
  async after(seq: number): Promise<DictionaryWord[]> {
    const rows = await this.db('knowledge_words')
      .where('seq', '>', seq)
      .orderBy('seq')
      .select<{ word: string; seq: string; origin: WordOrigin }[]>('word', 'seq', 'origin');
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }
}
