import { z, type ZodType } from 'zod';
import { problemSchema } from './http-problem';
import type { Route } from './http-route';

type Json = Record<string, unknown>;

/** A zod schema as JSON schema (draft 2020-12, as OpenAPI 3.1 wants it); instants appear as date-time strings. */
function jsonSchema(schema: ZodType, io: 'input' | 'output'): Json {
  const result = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: out }) => {
      if (zodSchema._zod.def.type === 'date') Object.assign(out, { type: 'string', format: 'date-time' });
      // A reply may say more than it promises.
      if (io === 'output' && out.additionalProperties === false) delete out.additionalProperties;
    },
  }) as Json;
  delete result['$schema'];
  return result;
}

function parameters(schema: ZodType | undefined, where: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties, required } = jsonSchema(schema, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties ?? {}).map(([name, part]) => ({
    name,
    in: where,
    required: where === 'path' || (required ?? []).includes(name),
    schema: part,
  }));
}

const header = (name: string, required: boolean, description: string): Json => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string' },
});

function operationOf(route: Route): Json {
  const changes = route.method !== 'get';
  const needsSession = route.action !== 'public';
  const status = String(route.status ?? (route.reply ? 200 : 204));
  const replyContent =
    typeof route.reply === 'string'
      ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
      : route.reply && { 'application/json': { schema: jsonSchema(route.reply, 'output') } };
  return {
    summary: route.summary,
    tags: [route.tag],
    'x-action': route.action,
    ...(needsSession ? { security: [{ session: [] }] } : {}),
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...(changes && needsSession ? [header('X-CSRF-Token', true, '登录或 GET /api/me 返回的 csrf')] : []),
      ...(route.idempotent ? [header('Idempotency-Key', false, '24 小时内同键同内容只执行一次')] : []),
      ...(route.upload ? [header('X-File-Name', false, '文件名（百分号编码）')] : []),
    ],
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
          },
        }
      : {}),
    ...(route.upload
      ? { requestBody: { required: true, content: { '*/*': {} }, 'x-max-bytes': route.upload } }
      : {}),
    responses: {
      [status]: { description: '成功', ...(replyContent ? { content: replyContent } : {}) },
      default: {
        description: '拒绝，code 为稳定代码',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** The OpenAPI 3.1 document of the mounted routes, made from the very schemas that check the requests. */
export function openApiOf(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `/api${route.path.replace(/:(\w+)/g, '{$1}')}`;
    (paths[path] ??= {})[route.method] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: { title: '12345 政务服务热线', version },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'hotline_session' } },
    },
  };
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A readable page of the same document: plain HTML, no script, nothing from elsewhere. */
export function apiPageOf(routes: readonly Route[], version: string): string {
  const tags = [...new Set(routes.map((route) => route.tag))].sort();
  const sections = tags.map((tag) => {
    const entries = routes.filter((route) => route.tag === tag).map(entryHtml);
    return `<section><h2>${escapeHtml(tag)}</h2>${entries.join('')}</section>`;
  });
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>接口文档 · 12345</title>
<meta name="viewport" content="width=device-width"><style>
body{font:15px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
summary{cursor:pointer;padding:.3rem 0}code{font-family:ui-monospace,monospace}b.m{display:inline-block;width:4.5rem}
pre{background:#f5f5f5;padding:.7rem;overflow:auto;font-size:13px}small{color:#666}</style></head><body>
<h1>12345 政务服务热线 · 接口</h1><p>版本 ${escapeHtml(version)} · <a href="/api/openapi.json">openapi.json</a></p>
<p>会话用 Cookie；除 GET 外须带 <code>X-CSRF-Token</code>。拒绝均为 <code>application/problem+json</code>，含稳定的 <code>code</code>。</p>
${sections.join('\n')}</body></html>`;
}

function entryHtml(route: Route): string {
  const details: Json = { action: route.action };
  for (const name of ['params', 'query', 'body'] as const) {
    const schema = route[name];
    if (schema) details[name] = jsonSchema(schema, 'input');
  }
  if (typeof route.reply === 'object') details.reply = jsonSchema(route.reply, 'output');
  return `<details><summary><b class="m"><code>${route.method.toUpperCase()}</code></b> <code>/api${escapeHtml(route.path)}</code>
 ${escapeHtml(route.summary)} <small>${escapeHtml(route.action)}</small></summary>
<pre>${escapeHtml(JSON.stringify(details, null, 2))}</pre></details>`;
}
