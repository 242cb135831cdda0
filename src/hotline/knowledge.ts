import type { OwnerRules } from '../attachments/attachment.service';
import { Directory } from '../directory/directory.service';
import { articleRoutes } from '../knowledge/article.routes';
import { ArticleReading } from '../knowledge/article-reading.service';
import { ArticleStore } from '../knowledge/article.store';
import { DictionaryStore } from '../knowledge/dictionary.store';
import { DirectAnswerStore } from '../knowledge/direct-answer.store';
import { knowledgeTaskRoutes } from '../knowledge/knowledge-task.routes';
import { KnowledgeTasks } from '../knowledge/knowledge-task.service';
import { KnowledgeTaskStore } from '../knowledge/knowledge-task.store';
import { KnowledgeService } from '../knowledge/knowledge.service';
import { OwnWords } from '../knowledge/own-words.service';
import { SearchIndex } from '../knowledge/search-index.service';
import { SearchIndexStore } from '../knowledge/search-index.store';
import { KnowledgeSearch } from '../knowledge/search.service';
import { SearchStore } from '../knowledge/search.store';
import { ChineseWords } from '../platform/chinese-words.adapter';
import { writeSheet } from '../lines/line-sheet.adapter';
import type { LineService } from '../lines/line.service';
import { UnitInboxStore } from '../notifications/unit-inbox.store';
import { RepeatedTask } from '../platform/repeated-task';
import { CategoryStore } from '../tickets/category.store';
import { clock, type Ground } from './ground';

const REFRESH_SECONDS = 30;

/** Knowledge articles (D1): kept by their units, searched by agents, cited by work orders. */
export function buildKnowledge(
  { log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  lines: Pick<LineService, 'list'>,
): { knowledge: KnowledgeService; owner: OwnerRules } {
  const store = new ArticleStore(database);
  const dictionary = new DictionaryStore(database);
  const categories = new CategoryStore(database);
  const unit = (unitId: string) => directory.unit(unitId);
  const unitName = (unitId: string) => unit(unitId)?.name ?? null;
  const index = new SearchIndex({
    words: new ChineseWords(),
    dictionary,
    store: new SearchIndexStore(database),
    names: () => ({
      units: directory.units().map(({ name }) => name),
      lines: lines.list().map(({ name }) => name),
    }),
    clock,
  });
  const refresh = new RepeatedTask(
    REFRESH_SECONDS,
    () => index.refresh(),
    (fault) => log.warn({ err: fault }, 'knowledge: dictionary and index not refreshed'),
  );
  lifecycle.add('knowledge', refresh);
  const knowledge = new KnowledgeService({
    store,
    index,
    unit,
    category: (code) => categories.find(code),
    audit,
    clock,
  });
  const reading = new ArticleReading({ store, unitName, clock, audit, writeSheet });
  const search = new KnowledgeSearch({ store: new SearchStore(database), index, unitName, clock });
  const tasks = new KnowledgeTasks({
    store: new KnowledgeTaskStore(database),
    inbox: new UnitInboxStore(database),
    catalogue: (...place) => categories.candidates(...place),
    category: (code) => categories.find(code),
    unit,
    unitName,
    citable: (articleId) => knowledge.citable(articleId),
    audit,
    clock,
  });
  http.mount([
    ...articleRoutes({ knowledge, reading, search }),
    ...knowledgeTaskRoutes({
      tasks,
      directAnswers: new DirectAnswerStore(database),
      words: new OwnWords({ store: dictionary, audit, clock, hurry: () => refresh.hurry() }),
    }),
  ]);
  return { knowledge, owner: articleOwner(knowledge) };
}

/** An article's attachments: read by whoever may read the article, changed by its keepers; no citizen is in them. */
export function articleOwner(knowledge: Pick<KnowledgeService, 'access' | 'noteAttachment'>): OwnerRules {
  return {
    mayRead: async (caller, articleId) => (await knowledge.access(articleId, caller)) !== null,
    mayWrite: async (caller, articleId) => (await knowledge.access(articleId, caller)) === 'write',
    maySeeCitizen: async () => true,
    isConfidential: async () => false,
    note: (trx, articleId, words, caller) => knowledge.noteAttachment(trx, articleId, words, caller),
  };
}
