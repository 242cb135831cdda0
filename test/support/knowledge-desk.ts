import { articleRoutes } from '../../src/knowledge/article.routes';
import { ArticleReading } from '../../src/knowledge/article-reading.service';
import { ArticleStore } from '../../src/knowledge/article.store';
import { DictionaryStore } from '../../src/knowledge/dictionary.store';
import { DirectAnswerStore } from '../../src/knowledge/direct-answer.store';
import { knowledgeTaskRoutes } from '../../src/knowledge/knowledge-task.routes';
import { KnowledgeTasks } from '../../src/knowledge/knowledge-task.service';
import { KnowledgeTaskStore } from '../../src/knowledge/knowledge-task.store';
import { KnowledgeService } from '../../src/knowledge/knowledge.service';
import { OwnWords } from '../../src/knowledge/own-words.service';
import { SearchIndex } from '../../src/knowledge/search-index.service';
import { SearchIndexStore } from '../../src/knowledge/search-index.store';
import { KnowledgeSearch } from '../../src/knowledge/search.service';
import { SearchStore } from '../../src/knowledge/search.store';
import { ChineseWords } from '../../src/platform/chinese-words.adapter';
import { writeSheet } from '../../src/lines/line-sheet.adapter';
import { UnitInboxStore } from '../../src/notifications/unit-inbox.store';
import { AuditStore } from '../../src/platform/audit.store';
import type { Clock } from '../../src/platform/clock';
import type { Database } from '../../src/platform/postgres';
import { CategoryStore } from '../../src/tickets/category.store';

export const UNITS: Record<string, string> = {
  'dept-gongjijin': '市住房公积金管理中心',
  'dept-renshe': '市人力资源和社会保障局',
  'util-gongre': '市供热公司',
  'county-luzhou': '潞州区便民热线办公室',
};

/** The knowledge base of one service, wired as src/hotline/knowledge.ts does; several on one database are several services. */
export function knowledgeDesk(db: Database, clock: Clock) {
  const store = new ArticleStore(db);
  const dictionary = new DictionaryStore(db);
  const categories = new CategoryStore(db);
  const audit = new AuditStore(db, clock);
  const unitName = (unitId: string) => UNITS[unitId] ?? null;
  const unit = (unitId: string) => (UNITS[unitId] ? { unitId, name: UNITS[unitId] } : null);
  const index = new SearchIndex({
    words: new ChineseWords(),
    dictionary,
    store: new SearchIndexStore(db),
    names: () => ({ units: Object.values(UNITS), lines: ['12345热线'] }),
    clock,
  });
  const knowledge = new KnowledgeService({
    ...{ store, index, unit, audit, clock },
    category: (code) => categories.find(code),
  });
  const reading = new ArticleReading({ store, unitName, clock, audit, writeSheet });
  const search = new KnowledgeSearch({ store: new SearchStore(db), index, unitName, clock });
  const tasks = new KnowledgeTasks({
    ...{ unit, unitName, audit, clock },
    store: new KnowledgeTaskStore(db),
    inbox: new UnitInboxStore(db),
    catalogue: (...place) => categories.candidates(...place),
    category: (code) => categories.find(code),
    citable: (articleId) => knowledge.citable(articleId),
  });
  const words = new OwnWords({ store: dictionary, audit, clock, hurry: () => undefined });
  const routes = [
    ...articleRoutes({ knowledge, reading, search }),
    ...knowledgeTaskRoutes({ tasks, directAnswers: new DirectAnswerStore(db), words }),
  ];
  return { store, index, knowledge, reading, search, tasks, routes };
}
