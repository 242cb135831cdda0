import { REFUSALS, type RefusalCode } from '../../errors';

/** A refusal of the service (`application/problem+json`), or a failure to reach it (`unreachable`). */
export type ProblemCode = RefusalCode | 'unreachable' | 'unknown';

export interface Problem {
  code: ProblemCode;
  /** HTTP status; 0 when no answer came. */
  status: number;
  /** The service's own Chinese sentence, when it sent one. */
  detail: string | null;
  /** Faults per field of the request, for `invalid-input`. */
  fields: { path: string; message: string }[];
  facts: Record<string, unknown>;
}

/** Every failed request throws this. `message` is Chinese and may be shown as it is. */
export class ProblemError extends Error implements Problem {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string | null;
  readonly fields: { path: string; message: string }[];
  readonly facts: Record<string, unknown>;

  constructor(problem: Problem) {
    super(problemWords(problem));
    this.name = 'ProblemError';
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.fields = problem.fields;
    this.facts = problem.facts;
  }
}

const UNKNOWN = '操作失败，请稍后重试';

const WORDS: Partial<Record<ProblemCode, string>> = {
  'not-signed-in': '登录已失效，请重新登录',
  'wrong-password': '账号或密码不正确',
  'too-many-attempts': '尝试次数过多，请稍后再试',
  'not-allowed': '您没有进行此操作的权限',
  'csrf-missing': '页面已过期，请刷新后重试',
  'not-found': '没有找到相应的内容',
  'invalid-input': '填写的内容不符合要求',
  'too-large': '内容过大，无法提交',
  'stale-version': '内容已被他人修改，请刷新后再试',
  'wrong-state': '当前状态不能进行此操作',
  'already-exists': '已存在相同的内容',
  'idempotency-mismatch': '此前已用同一凭证提交过不同内容，请核对后重新填写',
  'line-not-mergeable': '该热线不属于整合范围',
  'line-overlaps': '号码与其他热线的有效期重叠',
  'return-too-late': '已超过退单时限（1 个工作日）',
  'calendar-unknown': '工作日历没有该年度的安排，请先维护日历',
  'no-destination': '没有可用的转接目的地',
  'switch-unavailable': '电话交换系统暂时无法连接，请稍后重试',
  'not-ready': '系统正在启动，请稍候',
  'store-unavailable': '数据库暂时无法连接，请稍后重试',
  'internal-fault': '系统内部错误，请联系管理员',
  unreachable: '无法连接服务器，请检查网络',
};

/** The Chinese sentence for a problem: the service's own words first, ours by code otherwise. */
export function problemWords(problem: Pick<Problem, 'code' | 'detail'>): string {
  const own = problem.detail?.trim();
  return own && /[\u4e00-\u9fff]/.test(own) ? own : (WORDS[problem.code] ?? UNKNOWN);
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function fieldFaults(value: unknown): Problem['fields'] {
  if (!Array.isArray(value)) return [];
  return value.map(record).map((item) => ({
    path: String(item['path'] ?? '').replace(/^body\./, ''),
    message: String(item['message'] ?? ''),
  }));
}

/** Reads a problem from an answer's status and parsed body, whatever a proxy in between made of it. */
export function readProblem(status: number, body: unknown): Problem {
  const said = record(body);
  const code =
    typeof said['code'] === 'string' && Object.hasOwn(REFUSALS, said['code'])
      ? (said['code'] as ProblemCode)
      : codeOf(status);
  const detail = typeof said['detail'] === 'string' ? said['detail'] : null;
  return {
    code,
    status,
    detail,
    fields: fieldFaults(said['errors']),
    facts: said,
  };
}

function codeOf(status: number): ProblemCode {
  if (status === 0 || status === 502 || status === 504) return 'unreachable';
  if (status === 401) return 'not-signed-in';
  if (status === 403) return 'not-allowed';
  if (status === 404) return 'not-found';
  if (status === 413) return 'too-large';
  if (status === 429) return 'too-many-attempts';
  if (status === 503) return 'not-ready';
  return status >= 500 ? 'internal-fault' : 'unknown';
}

/** The sentence to show for anything that was thrown. */
export function faultWords(fault: unknown): string {
  return fault instanceof ProblemError ? fault.message : UNKNOWN;
}
