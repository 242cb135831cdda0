import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { cityDay } from '../deadlines/city-time';
import { HotlineError } from '../errors';
import type { AuditEntry } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { articleState, validOn, type ArticleInput } from './article';
import { ARTICLE_ACTIONS, articleActions, moveOf, type ArticleAction } from './article-lifecycle';
import { inForceDays, validityOf, type ArticleRow, type EditionText } from './article-row';
import type { ArticleHead, ArticleStore } from './article.store';
import { isOwn, scopeOf } from './knowledge-access';
import type { SearchIndex } from './search-index.service';

export interface KnowledgeParts {
  store: ArticleStore;
  index: Pick<SearchIndex, 'put' | 'remove'>;
  /** A unit that can own articles; null for one unknown or no longer active. */
  unit(unitId: string): { unitId: string; name: string } | null;
  category(code: string): Promise<{ code: string; leaf: boolean } | null>;
  audit: { append(entry: AuditEntry, within?: Knex.Transaction): Promise<void> };
  clock: Clock;
}

/**
 * The commands on knowledge articles (D1). Each is one transaction with its row in the audit trail. What somebody may do
 * stands in `ARTICLE_ACTIONS`. Attachments belong to an article by its id; `access` says who may touch them.
 */
export class KnowledgeService {
  constructor(private readonly parts: KnowledgeParts) {}

  /**
   * Writes a new article as a draft. With a request key the same person's repeated request answers the article it made.
   * Throws `invalid-input` (category, unit, days), `not-allowed` (another unit's article).
   */
  async create(input: ArticleInput, caller: Caller, requestKey: string | null = null): Promise<string> {
    const at = this.parts.clock.now();
    const owner = this.ownerOf(input, caller);
    const text = await this.textOf(input);
    const key = requestKey === null ? null : `${caller.personId}:${requestKey}`;
    return this.parts.store.command(async (trx) => {
      const before = key === null ? null : await this.parts.store.findByRequest(trx, key);
      if (before !== null) return before;
      const articleId = randomUUID();
      await this.parts.store.insert(trx, {
        ...{ article_id: articleId, version: 1, state: 'draft', owner_unit_id: owner, edition: 1 },
        ...{ published_edition: null, created_at: at, updated_at: at, request_key: key },
      });
      await this.parts.store.writeEdition(trx, articleId, 1, text, {
        at,
        id: caller.personId,
        name: caller.name,
      });
      await this.audit(trx, 'create', articleId, caller, {
        edition: 1,
        title: text.title,
        ownerUnitId: owner,
      });
      return articleId;
    });
  }

  /**
   * Changes an article. What was published or has expired stays as it is, and readable: the change begins a new edition
   * as a draft. Throws `not-found`, `stale-version`, `invalid-input`, `not-allowed`.
   */
  async change(articleId: string, version: number, input: ArticleInput, caller: Caller): Promise<void> {
    const text = await this.textOf(input);
    await this.act(articleId, version, 'change', caller, async (trx, row, at) => {
      const owner = this.ownerOf({ ...input, ownerUnitId: input.ownerUnitId ?? row.owner_unit_id }, caller);
      const published = row.published_at !== null;
      const edition = published ? row.newest_edition + 1 : row.newest_edition;
      const by = { at, id: caller.personId, name: caller.name };
      await this.parts.store.writeEdition(trx, articleId, edition, text, by);
      return {
        changes: { edition, owner_unit_id: owner },
        facts: { edition, title: text.title, ownerUnitId: owner },
      };
    });
  }

  /** Says that a draft is right. Throws `not-found`, `stale-version`, `wrong-state`, as the following do. */
  review(articleId: string, version: number, caller: Caller): Promise<void> {
    return this.act(articleId, version, 'review', caller, async (trx, row, at) => {
      const marks = { reviewed_at: at, reviewed_by_name: caller.name };
      await this.parts.store.signEdition(trx, articleId, row.newest_edition, marks);
      return { changes: {} };
    });
  }

  /** Gives a reviewed edition back to its writer, with the reason. */
  sendBack(articleId: string, version: number, reason: string, caller: Caller): Promise<void> {
    return this.act(articleId, version, 'sendBack', caller, async (trx, row) => {
      const marks = { reviewed_at: null, reviewed_by_name: null };
      await this.parts.store.signEdition(trx, articleId, row.newest_edition, marks);
      return { changes: {}, facts: { reason } };
    });
  }

  /** Publishes the reviewed edition: from now on agents find it, in the place of the one before. */
  publish(articleId: string, version: number, caller: Caller): Promise<void> {
    return this.act(articleId, version, 'publish', caller, async (trx, row, at) => {
      if (row.valid_until !== null && row.valid_until < cityDay(at))
        throw new HotlineError('wrong-state', '失效日期已过，请先修改。', { validUntil: row.valid_until });
      const marks = { published_at: at, published_by_name: caller.name };
      await this.parts.store.signEdition(trx, articleId, row.newest_edition, marks);
      return { changes: { published_edition: row.newest_edition } };
    });
  }

  /** Takes the published edition out of force at once, with the reason; an edition under work stays. */
  withdraw(articleId: string, version: number, reason: string, caller: Caller): Promise<void> {
    return this.act(articleId, version, 'withdraw', caller, async () => ({
      changes: { published_edition: null },
      facts: { reason },
    }));
  }

  /** Counts that somebody opened the article from a search, with what was asked. Throws `not-found` when it is not in force. */
  async opened(articleId: string, query: string, caller: Caller): Promise<void> {
    const at = this.parts.clock.now();
    await this.parts.store.command(async (trx) => {
      const row = await this.inForce(articleId, at, trx);
      if (!row) throw new HotlineError('not-found', '没有这个知识条目。');
      await this.parts.store.use(trx, { articleId, edition: row.edition, at, by: caller.personId, query });
    });
  }

  /**
   * Notes, within a ticket's own transaction, that a ticket is answered by an article (D1), and gives what the ticket
   * keeps of it: its title and, as version, the number of the edition cited, which stays readable. Counted once for a
   * ticket. Throws `invalid-input` for an article that is not published and in force today.
   */
  async cited(
    trx: Knex,
    articleId: string,
    ticketId: string,
  ): Promise<{ articleId: string; title: string; version: number }> {
    const at = this.parts.clock.now();
    const row = await this.inForce(articleId, at, trx);
    if (!row) throw wrong('articleId', '没有这个知识条目，或未发布、已失效，不能引用。');
    await this.parts.store.use(trx, { articleId, edition: row.edition, at, by: null, ticketId });
    return { articleId, title: row.title, version: row.edition };
  }

  /** Whether agents find the article today. */
  async citable(articleId: string): Promise<boolean> {
    return (await this.inForce(articleId, this.parts.clock.now())) !== null;
  }

  /** What a caller may do with an article and its attachments; null: not even know of it. */
  async access(articleId: string, caller: Caller): Promise<'write' | 'read' | null> {
    const row = await this.parts.store.find(articleId);
    if (!row) return null;
    if (isOwn(row.owner_unit_id, caller)) return 'write';
    return isInForce(row, cityDay(this.parts.clock.now())) ? 'read' : null;
  }

  /** Writes what was done to the article's attachments into the audit trail. */
  noteAttachment(trx: Knex.Transaction, articleId: string, words: string, caller: Caller): Promise<void> {
    return this.audit(trx, 'attachment', articleId, caller, { words });
  }

  /** The published edition if agents find it at this time. */
  private async inForce(articleId: string, at: Date, trx?: Knex): Promise<ArticleRow | null> {
    const row = await this.parts.store.find(articleId, 'published', trx);
    return row && isInForce(row, cityDay(at)) ? row : null;
  }

  /** One action by the table: checks, moves, keeps the search in step and writes the audit row, all or nothing. */
  private async act(
    articleId: string,
    version: number,
    action: ArticleAction,
    caller: Caller,
    work: (
      trx: Knex.Transaction,
      row: ArticleRow,
      at: Date,
    ) => Promise<{ changes: Partial<ArticleHead>; facts?: Record<string, unknown> }>,
  ): Promise<void> {
    const at = this.parts.clock.now();
    await this.parts.store.command(async (trx) => {
      const row = await this.parts.store.find(articleId, 'newest', trx);
      const to = checked(row, version, action, caller, cityDay(at));
      const { changes, facts } = await work(trx, to.row, at);
      if (
        !(await this.parts.store.move(trx, articleId, version, {
          ...changes,
          state: to.state,
          updated_at: at,
        }))
      )
        throw stale();
      if (changes.published_edition) await this.parts.index.put(trx, searched(to.row));
      if (changes.published_edition === null) await this.parts.index.remove(trx, articleId);
      await this.audit(trx, action, articleId, caller, { edition: to.row.newest_edition, ...facts });
    });
  }

  private ownerOf(input: ArticleInput, caller: Caller): string {
    const own = scopeOf(caller);
    const unitId = input.ownerUnitId ?? own;
    if (unitId === null) throw wrong('ownerUnitId', '请指定归口单位。');
    if (own !== null && unitId !== own) throw new HotlineError('not-allowed', '只能维护本单位的知识条目。');
    if (!this.parts.unit(unitId)) throw wrong('ownerUnitId', '没有这个单位，或该单位已停用。');
    return unitId;
  }

  private async textOf(input: ArticleInput): Promise<EditionText> {
    const category = await this.parts.category(input.categoryCode);
    if (!category) throw wrong('categoryCode', '没有这个类别。');
    return {
      ...{ title: input.title, question: input.question, body: input.body },
      keywords: [...new Set(input.keywords)],
      category_code: category.code,
      ...{ valid_from: input.validFrom, valid_until: input.validUntil },
    };
  }

  private audit(
    trx: Knex.Transaction,
    what: string,
    articleId: string,
    caller: Caller,
    facts: Record<string, unknown>,
  ): Promise<void> {
    const entry = {
      who: caller.personId,
      action: `knowledge.${what}`,
      subject: `article:${articleId}`,
      facts,
    };
    return this.parts.audit.append({ ...entry, address: caller.address }, trx);
  }
}

/** The row and the state an action leads to. Throws what stands in its way, in the order in which it helps. */
function checked(
  row: ArticleRow | null,
  version: number,
  action: ArticleAction,
  caller: Caller,
  day: string,
): { row: ArticleRow; state: ArticleHead['state'] } {
  const own = row !== null && isOwn(row.owner_unit_id, caller);
  if (!row || (!own && !isInForce(row, day))) throw new HotlineError('not-found', '没有这个知识条目。');
  if (!own) throw new HotlineError('not-allowed', '只能维护本单位的知识条目。');
  if (row.version !== version) throw stale();
  const standing = {
    state: articleState(row.state, validityOf(row), day),
    published: row.published_edition !== null,
  };
  const state = moveOf(action, standing);
  if (state === null || !articleActions({ ...standing, role: caller.role, own }).includes(action))
    throw new HotlineError('wrong-state', `该知识条目当前不能${ARTICLE_ACTIONS[action].words}。`, {
      state: standing.state,
    });
  return { row, state };
}

/** Whether agents find the article on a day of the city. */
export function isInForce(row: ArticleRow, day: string): boolean {
  return row.published_edition !== null && validOn(inForceDays(row), day);
}

function searched({ article_id, newest_edition, title, question, body, keywords }: ArticleRow) {
  return { articleId: article_id, edition: newest_edition, title, question, body, keywords };
}

function stale(): HotlineError {
  return new HotlineError('stale-version', '该知识条目已被他人修改，请刷新后再试。');
}

function wrong(field: string, detail: string): HotlineError {
  return new HotlineError('invalid-input', detail, { field });
}
