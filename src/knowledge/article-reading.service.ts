import { cityDay, cityWords } from '../deadlines/city-time';
import { HotlineError } from '../errors';
import type { writeSheet } from '../lines/line-sheet.adapter';
import { may } from '../permissions';
import type { AuditEntry } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller, FileReply } from '../platform/http-route';
import { ARTICLE_STATES, validOn } from './article';
import { validityOf, type ArticleRow } from './article-row';
import { articleSummary, editionView } from './article-view';
import type { ArticleFilter, ArticleStore } from './article.store';
import { isOwn, scopeOf } from './knowledge-access';
import { isInForce } from './knowledge.service';

/** Most rows one export gives; a larger one is refused, never cut in silence. */
export const EXPORT_LIMIT = 20_000;

/**
 * Articles as each role may read them: its keepers (a unit's clerks their own, supervisors and administrators all) see
 * every edition; everybody else what is in force, and editions that once were.
 */
export class ArticleReading {
  constructor(
    private readonly parts: {
      store: ArticleStore;
      unitName(unitId: string): string | null;
      clock: Clock;
      audit: { append(entry: AuditEntry): Promise<void> };
      writeSheet: typeof writeSheet;
    },
  ) {}

  /** One page, newest first; `cursor` is the last answer's `nextCursor`. Agents: what is in force today. */
  async list(filter: ArticleFilter, page: { cursor?: string; limit: number }, caller: Caller) {
    const rows = await this.rows(filter, page.cursor ?? null, page.limit + 1, caller);
    const items = rows.slice(0, page.limit).map((row) => this.summary(row, caller));
    return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.number ?? null) : null };
  }

  /** One article: for its keepers the newest edition, for others the published one. Throws `not-found`. */
  async show(articleId: string, caller: Caller) {
    const row = await this.find(articleId, caller);
    return { ...this.summary(row, caller), ...editionView(row) };
  }

  /** Its editions, newest first: all for its keepers, for others those that were ever published. Throws `not-found`. */
  async editions(articleId: string, caller: Caller) {
    const newest = await this.parts.store.find(articleId);
    const own = newest !== null && isOwn(newest.owner_unit_id, caller);
    const readable = (await this.parts.store.editions(articleId)).filter((one) => own || one.published_at);
    if (!newest || readable.length === 0) throw missing();
    const day = this.day();
    return {
      items: readable.map((row) => ({
        ...editionView(row),
        inForce: row.edition === newest.published_edition && validOn(validityOf(row), day),
      })),
    };
  }

  /** The list as a file; written to the audit trail. Throws `too-large` beyond EXPORT_LIMIT rows. */
  async exportList(filter: ArticleFilter, format: 'csv' | 'xlsx', caller: Caller): Promise<FileReply> {
    const rows = await this.rows(filter, null, EXPORT_LIMIT + 1, caller);
    if (rows.length > EXPORT_LIMIT)
      throw new HotlineError('too-large', `一次最多导出 ${EXPORT_LIMIT} 条知识，请缩小范围。`, {
        limit: EXPORT_LIMIT,
      });
    await this.parts.audit.append({
      ...{ who: caller.personId, action: 'knowledge.export', subject: format, address: caller.address },
      facts: { rows: rows.length, filter },
    });
    const lines = rows.map((row) => {
      const article = this.summary(row, caller);
      return [
        ...[article.number, article.title, article.question, row.body, article.keywords.join('、')],
        ...[article.categoryName, article.unitName ?? article.unitId, ARTICLE_STATES[article.state]],
        ...[String(article.edition), article.validFrom ?? '', article.validUntil ?? ''],
        ...[String(article.hits), String(article.citations), cityWords(row.updated_at)],
      ];
    });
    const titles = ['编号', '标题', '问题', '答复', '关键词', '类别', '归口单位', '状态', '版本'];
    return this.parts.writeSheet(
      format,
      '知识条目',
      [...titles, '生效日期', '失效日期', '点击', '引用', '更新时间'],
      lines,
    );
  }

  private async rows(filter: ArticleFilter, before: string | null, limit: number, caller: Caller) {
    const page = { day: this.day(), before, limit };
    if (!may(caller.role, 'knowledge.write')) {
      // What a reader sees is published, whatever is being made of it.
      const { state, ...rest } = filter;
      if (state !== undefined && state !== 'published') return [];
      return this.parts.store.list(rest, { which: 'published', ...page });
    }
    const scope = scopeOf(caller);
    if (scope !== null && filter.unitId !== undefined && filter.unitId !== scope) return [];
    const narrowed = scope === null ? filter : { ...filter, unitId: scope };
    return this.parts.store.list(narrowed, { which: 'newest', ...page });
  }

  private async find(articleId: string, caller: Caller): Promise<ArticleRow> {
    const newest = await this.parts.store.find(articleId);
    if (newest && isOwn(newest.owner_unit_id, caller)) return newest;
    const published = newest && (await this.parts.store.find(articleId, 'published'));
    if (!published || !isInForce(published, this.day())) throw missing();
    return published;
  }

  private summary(row: ArticleRow, caller: Caller) {
    const own = isOwn(row.owner_unit_id, caller);
    const unitName = this.parts.unitName(row.owner_unit_id);
    return articleSummary(row, { role: caller.role, own, day: this.day(), unitName });
  }

  private day(): string {
    return cityDay(this.parts.clock.now());
  }
}

function missing(): HotlineError {
  return new HotlineError('not-found', '没有这个知识条目。');
}
