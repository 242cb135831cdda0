import type { AuditEntry } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { DictionaryStore, DictionaryWord } from './dictionary.store';
import { fold } from './search-query';

/** The search's own words, as people add them. */
export class OwnWords {
  constructor(
    private readonly deps: {
      store: DictionaryStore;
      audit: { append(entry: AuditEntry): Promise<void> };
      clock: Clock;
      /** Told after a change: articles are cut anew soon. */
      hurry(): void;
    },
  ) {}

  async list(): Promise<Pick<DictionaryWord, 'word' | 'origin'>[]> {
    return (await this.deps.store.after(0)).map(({ word, origin }) => ({ word, origin }));
  }

  /** Adds words; answers how many were new. */
  async add(words: readonly string[], by: Caller): Promise<number> {
    const { store, audit, clock, hurry } = this.deps;
    const added = await store.add(words.map(fold), 'own', clock.now());
    if (added > 0) {
      const entry = { who: by.personId, action: 'knowledge.words', subject: 'knowledge-words' };
      await audit.append({ ...entry, facts: { words, added }, address: by.address });
      hurry();
    }
    return added;
  }
}
