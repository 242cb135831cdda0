import { maskNumbersIn } from '../lines/phone-number';

/** One parameter of a template: its Chinese name, its most characters, and what a preview shows. */
export interface TemplateParam {
  words: string;
  max: number;
  example: string;
  /** The message is of no use without it: it must stand in the words. */
  required?: boolean;
  /** Opens something: never shown to those who look at the list of messages. */
  secret?: boolean;
  /** Free words of a person: telephone numbers in them are masked. */
  free?: boolean;
  /** An address; a provider's template has its beginning in the words and takes only what follows the last slash. */
  link?: boolean;
}

export interface MessageTemplate {
  title: string;
  audience: 'citizen' | 'unit';
  /** Sent in the quiet hours too. */
  urgent?: boolean;
  words: string;
  params: Record<string, TemplateParam>;
}

const number = { words: '工单编号', max: 30, example: '20261124-000001', required: true } as const;
const dueAt = { words: '办理期限', max: 20, example: '2026年12月1日 18:00', required: true } as const;
// Providers take free texts of 35 characters: what must not be cut has a parameter of its own.
const explanation = { words: '说明', max: 35, required: true } as const;
const reason = { words: '理由', max: 35, free: true } as const;
const decision = { words: '审核结果', max: 10, example: '已同意', required: true } as const;

/**
 * Every message the hotline sends. A unit's messages have no parameter that could say who the citizen is. An
 * administrator may change the words; parameters, audience and urgency are the program's.
 */
export const TEMPLATES = {
  ticketAccepted: {
    title: '受理告知',
    audience: 'citizen',
    // He has just spoken with the hotline and waits for it.
    urgent: true,
    words: '您反映的事项已受理，工单编号{number}，查询码{code}，可凭此查询办理情况，请勿将查询码告知他人。',
    params: {
      number,
      code: { words: '查询码', max: 20, example: '738291', required: true, secret: true },
    },
  },
  ticketConcluded: {
    title: '办结告知',
    audience: 'citizen',
    words: '您反映的事项（工单{number}）已办结，办理结果可凭编号和查询码查询，感谢您的支持。',
    params: { number },
  },
  ticketExtended: {
    title: '延期说明',
    audience: 'citizen',
    // T2: what cannot be concluded in time is explained to the citizen.
    words: '您反映的事项（工单{number}）延期至{dueAt}办结，原因：{explanation}。敬请谅解。',
    params: { number, dueAt, explanation: { ...explanation, example: '需现场勘查' } },
  },
  ticketRefused: {
    title: '不予受理说明',
    audience: 'citizen',
    // D3: explained, and told who is competent.
    words: '您反映的事项（工单{number}）不属于受理范围：{explanation}。请向{guidedTo}反映。',
    params: {
      number,
      explanation: { ...explanation, example: '属于法院管辖' },
      guidedTo: { words: '引导去向', max: 35, required: true, example: '市中级人民法院12368' },
    },
  },
  followUpInvitation: {
    title: '评价邀请',
    audience: 'citizen',
    // E1
    words: '您反映的事项（工单{number}）已办结，请您评价：{link}',
    params: {
      number,
      link: {
        words: '评价链接',
        max: 200,
        example: 'https://12345.example/e/7Qm2',
        required: true,
        secret: true,
        link: true,
      },
    },
  },
  unitDispatched: {
    title: '派单通知',
    audience: 'unit',
    words: '新派工单{number}，请登录平台签收，并于{dueAt}前办结。',
    params: { number, dueAt },
  },
  unitDueSoon: {
    title: '到期提醒',
    audience: 'unit',
    words: '工单{number}将于{dueAt}到期，请抓紧办理。',
    params: { number, dueAt },
  },
  unitOverdue: {
    title: '超期提醒',
    audience: 'unit',
    words: '工单{number}已超过办理期限{dueAt}，请立即办理。',
    params: { number, dueAt },
  },
  unitReturnDecided: {
    title: '退单审核结果',
    audience: 'unit',
    words: '工单{number}的退单申请{decision}。{reason}',
    params: { number, decision, reason: { ...reason, example: '不属于本单位职责' } },
  },
  unitExtensionDecided: {
    title: '延期审核结果',
    audience: 'unit',
    words: '工单{number}的延期申请{decision}，办理期限为{dueAt}。',
    params: { number, decision, dueAt },
  },
  unitEvaluated: {
    title: '评价结果',
    audience: 'unit',
    words: '工单{number}已回访，评价结果：{result}，详情请登录平台查看。',
    params: { number, result: { words: '评价结果', max: 20, free: true, example: '满意', required: true } },
  },
} as const satisfies Record<string, MessageTemplate>;

export type TemplateCode = keyof typeof TEMPLATES;
/** Templates by whom they address. */
export type TemplateFor<A extends MessageTemplate['audience']> = {
  [T in TemplateCode]: (typeof TEMPLATES)[T]['audience'] extends A ? T : never;
}[TemplateCode];
export type ParamsOf<T extends TemplateCode> = Record<keyof (typeof TEMPLATES)[T]['params'], string>;

export const TEMPLATE_CODES = Object.keys(TEMPLATES) as [TemplateCode, ...TemplateCode[]];
export const templateOf = (code: TemplateCode): MessageTemplate => TEMPLATES[code];

/** What a preview and a test message are made of. */
export function exampleParams(code: TemplateCode): Record<string, string> {
  return Object.fromEntries(
    Object.entries(templateOf(code).params).map(([name, { example }]) => [name, example]),
  );
}

const PLACE = /\{([^{}]*)\}/g;
const LONGEST_WORDS = 300;

/** Why words cannot be those of a template, in Chinese, or null. */
export function wordsFault(code: TemplateCode, words: string): string | null {
  const { params } = templateOf(code);
  if (words.trim() === '') return '内容不能为空';
  if (words.length > LONGEST_WORDS) return `内容不能超过${LONGEST_WORDS}个字`;
  if (UNFIT.test(words)) return '内容含换行或不可用的字符';
  if (/[【】]/.test(words)) return '签名由服务商添加，内容不能含【】';
  const used = [...words.matchAll(PLACE)].map(([, name]) => name ?? '');
  const unknown = used.find((name) => !Object.hasOwn(params, name));
  if (unknown !== undefined) return `没有参数{${unknown}}`;
  if (/[{}]/.test(words.replace(PLACE, ''))) return '花括号不成对';
  const missing = Object.entries(params).find(([name, { required }]) => required && !used.includes(name));
  return missing ? `缺少参数{${missing[0]}}（${missing[1].words}）` : null;
}

/**
 * The parameters of a message as they may be sent: every declared one, cleaned. Throws an Error for one that is missing
 * or not declared: whoever writes a message knows its template.
 */
export function cleanParams(code: TemplateCode, params: Record<string, string>): Record<string, string> {
  const declared = templateOf(code).params;
  const unknown = Object.keys(params).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined) throw new Error(`message template ${code} has no parameter ${unknown}`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, param]) => {
      const value = params[name];
      if (value === undefined) throw new Error(`message template ${code} lacks its parameter ${name}`);
      return [name, cleanValue(value, param)];
    }),
  );
}

/** The words with their parameters put in, once: a value that looks like a parameter stays what it is. */
export function renderMessage(words: string, params: Record<string, string>): string {
  return words.replace(PLACE, (place, name: string) => params[name] ?? place).trim();
}

/** Control characters, line breaks, half surrogate pairs, invisible ones and those that turn the reading direction. */
const UNFIT = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

function cleanValue(value: string, { max, free }: TemplateParam): string {
  const line = value
    .replace(new RegExp(UNFIT, 'gu'), ' ')
    .replace(/【/g, '[')
    .replace(/】/g, ']')
    .replace(/\s+/g, ' ')
    .trim();
  const shown = [...(free ? maskNumbersIn(line) : line)];
  return shown.length > max ? `${shown.slice(0, max - 1).join('')}…` : shown.join('');
}

/** A message as those see it who look after messages: without what would open something. */
export function shownText(code: TemplateCode, text: string, params: Record<string, string>): string {
  return Object.entries(templateOf(code).params).reduce((shown, [name, { secret }]) => {
    const value = params[name];
    return secret && value ? shown.replaceAll(value, '****') : shown;
  }, text);
}

/** One SMS holds 70 characters; a longer message is cut into pieces of 67. */
const WHOLE = 70;
const PIECE = 67;

/** How long a text is as an SMS with its signature 【…】, and in how many pieces it is charged. */
export function smsLength(text: string, signName: string): { characters: number; segments: number } {
  const characters = text.length + (signName ? signName.length + 2 : 0);
  return { characters, segments: characters <= WHOLE ? 1 : Math.ceil(characters / PIECE) };
}
