import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import type { DialRules } from './dial-rule.service';
import { DIALLING_ROLES, DIAL_KINDS, dialRule, dialRules, type DialKind } from './dial-rules';

const TAG = '外呼规则';
const kind = z.enum(Object.keys(DIAL_KINDS) as [DialKind, ...DialKind[]]);
const ruleSet = z.object({
  version: z.int(),
  rules: z.array(dialRule),
  at: z.iso.datetime().nullable(),
  whoName: z.string().nullable(),
});
const verdict = z.object({
  allowed: z.boolean(),
  dial: z.string().nullable(),
  number: z.string().nullable(),
  kind,
  rule: z.string(),
  words: z.string(),
});

/** What a role may dial: looking is for supervisors and administrators, changing for administrators. */
export function dialRuleRoutes({ rules }: { rules: DialRules }): Route[] {
  return [
    route({
      method: 'get',
      path: '/dial-rules',
      tag: TAG,
      summary: '现行外呼规则，按判断顺序；版本0为内置规则',
      action: 'dial-rule.view',
      reply: ruleSet,
      handle: async () => rules.inForce(),
    }),
    route({
      method: 'get',
      path: '/dial-rules/history',
      tag: TAG,
      summary: '历次外呼规则，最新在前',
      action: 'dial-rule.view',
      query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) }),
      reply: z.object({ sets: z.array(ruleSet) }),
      handle: async ({ query }) => ({ sets: await rules.history(query.limit) }),
    }),
    route({
      method: 'put',
      path: '/dial-rules',
      tag: TAG,
      summary: '替换全部外呼规则（下一次外呼即生效，记入审计）',
      action: 'dial-rule.edit',
      body: z.strictObject({ version: z.int().min(0), rules: dialRules }),
      reply: ruleSet,
      handle: async ({ body, caller }) => {
        return rules.replace(body.version, body.rules, caller);
      },
    }),
    route({
      method: 'post',
      path: '/dial-rules/try',
      tag: TAG,
      summary: '试算：某角色拨打某号码，是否允许，依据哪条规则，送出什么号码；可附尚未保存的规则',
      action: 'dial-rule.view',
      body: z.strictObject({
        role: z.enum(DIALLING_ROLES),
        number: z.string().max(5000),
        rules: dialRules.optional(),
      }),
      reply: verdict,
      handle: async ({ body: { role, number, rules: drafted } }) =>
        rules.verdict(role, number, drafted ?? rules.inForce().rules),
    }),
  ];
}
