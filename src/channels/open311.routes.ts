import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express';
import { z } from 'zod';
import { REFUSALS } from '../errors';
import { asRefusal } from '../platform/http-problem';
import { route, type Route } from '../platform/http-route';
import { Open311Error, SPECIFICATION } from './open311';
import type { Open311 } from './open311.service';

const TAG = '开放接口';
/** The form of this interface's own documents. */
const CHANGESET = '2026-11-24T00:00:00Z';
const BODY_BYTES = 64 * 1024;

interface Deps {
  open311: Open311;
  xml(tree: Record<string, unknown>): string;
  addressOf(request: Request): string;
  /** Where the service is reached from outside, without the last slash; null: as the client has reached it. */
  publicUrl: string | null;
  contact: string;
}

/** Answers in the form its path asks for, or its `Accept`; XML where neither says, as the specification wants. */
function send(
  deps: Deps,
  request: Request,
  response: Response,
  json: unknown,
  xml: Record<string, unknown>,
): void {
  if (isJson(request)) response.type('application/json; charset=utf-8').send(JSON.stringify(json));
  else response.type('text/xml; charset=utf-8').send(deps.xml(xml));
}

const isJson = (request: Request): boolean => {
  const ending = /\.(json|xml)$/.exec(request.path)?.[1];
  return ending ? ending === 'json' : request.accepts(['xml', 'json']) === 'json';
};

/** GeoReport v2 at its own paths, without sessions: reads are public, sending needs a key. */
export function open311Router(deps: Deps): Router {
  const { open311 } = deps;
  const router = Router({ caseSensitive: true });
  const get = (paths: string[], answer: (request: Request, response: Response) => Promise<void>) =>
    router.get(
      paths.flatMap((path) => [path, `${path}.json`, `${path}.xml`]),
      answer,
    );
  const named = (request: Request, name: string) => String(request.params[name]).replace(/\.(json|xml)$/, '');
  router.use(async (request, _response, next) => {
    await open311.admit(request.query.jurisdiction_id, deps.addressOf(request));
    next();
  });
  get(['/discovery', '/v2/discovery'], async (request, response) => {
    const { head, endpoint, formats } = discovery(deps, request);
    send(
      deps,
      request,
      response,
      { ...head, endpoints: [{ ...endpoint, formats }] },
      {
        discovery: { ...head, endpoints: { endpoint: { ...endpoint, formats: { format: formats } } } },
      },
    );
  });
  get(['/v2/services'], async (request, response) => {
    const service = await open311.services();
    send(deps, request, response, service, { services: { service } });
  });
  router.get('/v2/services/:code', async (request, response) => {
    const { service_code } = await open311.service(named(request, 'code'));
    const definition = { service_code, attributes: [] };
    send(deps, request, response, definition, { service_definition: { service_code, attributes: null } });
  });
  const requests = (request: Request, response: Response, list: readonly object[]) =>
    send(deps, request, response, list, { service_requests: { request: list } });
  get(['/v2/requests'], async (request, response) =>
    requests(request, response, await open311.requests(request.query)),
  );
  router.get('/v2/requests/:id', async (request, response) =>
    requests(request, response, [await open311.request(named(request, 'id'))]),
  );
  router.get('/v2/tokens/:token', async (request, response) =>
    requests(request, response, [await open311.byToken(named(request, 'token'))]),
  );
  router.post(
    ['/v2/requests', '/v2/requests.json', '/v2/requests.xml'],
    express.urlencoded({ extended: false, limit: BODY_BYTES, parameterLimit: 100 }),
    async (request, response) => {
      const body = (request.body ?? {}) as Record<string, unknown>;
      await open311.admit(body.jurisdiction_id, deps.addressOf(request));
      const made = await open311.post(body, deps.addressOf(request));
      response.status(201);
      requests(request, response, [made]);
    },
  );
  router.use(() => {
    throw new Open311Error(404, 'there is no such resource');
  });
  router.use(refusals(deps));
  return router;
}

function discovery({ publicUrl, contact }: Deps, request: Request) {
  const host = /^[\w.:[\]-]{1,200}$/.exec(request.get('host') ?? '')?.[0] ?? '';
  return {
    head: { changeset: CHANGESET, contact, key_service: contact },
    endpoint: {
      specification: SPECIFICATION,
      url: `${publicUrl ?? `${request.protocol}://${host}`}/open311/v2`,
      changeset: CHANGESET,
      type: 'production',
    },
    formats: ['application/json', 'text/xml'],
  };
}

/** Every fault in the specification's form: a list of code and description. */
function refusals(deps: Deps): ErrorRequestHandler {
  return (fault: unknown, request, response, next) => {
    if (response.headersSent) return next(fault);
    const { status, description, retryAfterSeconds } = asOpen311(fault);
    // Ours: logged, and answered, as everywhere.
    if (status === 500) return next(fault);
    if (retryAfterSeconds !== null) response.setHeader('Retry-After', String(Math.ceil(retryAfterSeconds)));
    response.status(status);
    const error = [{ code: status, description }];
    send(deps, request, response, error, { errors: { error } });
  };
}

function asOpen311(fault: unknown): Open311Error {
  if (fault instanceof Open311Error) return fault;
  const { code, detail } = asRefusal(fault);
  const status = REFUSALS[code];
  if (code === 'store-unavailable') return new Open311Error(503, 'not available for the moment');
  return status < 500 ? new Open311Error(400, detail) : new Open311Error(500, '');
}

const keyView = z.object({
  keyId: z.string(),
  name: z.string(),
  contact: z.string(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});
const words = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\u0000]*$/);

/** The keys of other people's applications. */
export function open311KeyRoutes({ open311 }: Pick<Deps, 'open311'>): Route[] {
  return [
    route({
      method: 'get',
      path: '/open311-keys',
      summary: '开放接口（Open311）密钥',
      tag: TAG,
      action: 'open311.edit',
      reply: z.object({ items: z.array(keyView) }),
      handle: async () => ({ items: await open311.keys() }),
    }),
    route({
      method: 'post',
      path: '/open311-keys',
      summary: '发放开放接口密钥；密钥只显示这一次',
      tag: TAG,
      action: 'open311.edit',
      body: z.strictObject({ name: words(60), contact: words(120) }),
      status: 201,
      reply: keyView.extend({ key: z.string() }),
      handle: ({ body, caller }) => open311.addKey(body.name, body.contact, caller),
    }),
    route({
      method: 'delete',
      path: '/open311-keys/:keyId',
      summary: '停用开放接口密钥',
      tag: TAG,
      action: 'open311.edit',
      params: z.object({ keyId: words(80) }),
      handle: ({ params, caller }) => open311.revokeKey(params.keyId, caller),
    }),
  ];
}
