import { may, type Action, type Role } from '../permissions';
import type { ArticleState } from './article';

/**
 * The walk of an article (D1) as one table of states × actions; the browser imports it too.
 *
 *   draft ─review→ reviewed ─publish→ published ─withdraw, or its last day→ expired
 *     ↑←─ sendBack ───┘                   │                                    │
 *     └←────────────── change (a new edition) ─────────────────────────────────┘
 *
 * Changing a published article begins a new edition and leaves the published one in force until the new one replaces
 * it, or somebody withdraws it: agents never lose an answer to a correction under way.
 */
export type ArticleAction = 'change' | 'review' | 'sendBack' | 'publish' | 'withdraw';

export interface ArticleRule {
  /** From which state to which; one that is not named refuses. */
  moves: Partial<Record<ArticleState, ArticleState>>;
  /** Only while an edition is published. */
  published?: true;
  permission: Action;
  words: string;
  clause: 'D1';
}

export const ARTICLE_ACTIONS: Record<ArticleAction, ArticleRule> = {
  change: {
    moves: { draft: 'draft', reviewed: 'draft', published: 'draft', expired: 'draft' },
    permission: 'knowledge.write',
    words: '修改',
    clause: 'D1',
  },
  review: { moves: { draft: 'reviewed' }, permission: 'knowledge.review', words: '审核通过', clause: 'D1' },
  sendBack: { moves: { reviewed: 'draft' }, permission: 'knowledge.review', words: '退回修改', clause: 'D1' },
  publish: { moves: { reviewed: 'published' }, permission: 'knowledge.review', words: '发布', clause: 'D1' },
  withdraw: {
    moves: { published: 'expired', draft: 'draft', reviewed: 'reviewed' },
    published: true,
    permission: 'knowledge.write',
    words: '下架',
    clause: 'D1',
  },
};

/** Where an article stands towards somebody. */
export interface ArticleStanding {
  /** As people see it (`articleState`). */
  state: ArticleState;
  /** An edition is published. */
  published: boolean;
  role: Role;
  /** The asker's unit is the owner, or the asker is of the hotline itself. */
  own: boolean;
}

/** The state an action leads to, or null when it is not possible now. */
export function moveOf(
  action: ArticleAction,
  { state, published }: Pick<ArticleStanding, 'state' | 'published'>,
) {
  const rule = ARTICLE_ACTIONS[action];
  return rule.published && !published ? null : (rule.moves[state] ?? null);
}

/** What somebody may do with an article now. */
export function articleActions(standing: ArticleStanding): ArticleAction[] {
  const { role, own } = standing;
  return (Object.keys(ARTICLE_ACTIONS) as ArticleAction[]).filter(
    (action) => own && may(role, ARTICLE_ACTIONS[action].permission) && moveOf(action, standing) !== null,
  );
}
