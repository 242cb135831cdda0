import type { Readable } from 'node:stream';
import type { ZodType, z } from 'zod';
import type { Action, Role } from '../permissions';

/** Who is asking: filled from the server-side session, never from the request's own words. */
export interface Caller {
  personId: string;
  name: string;
  role: Role;
  /** The unit of a clerk (role `unit`); null for the hotline's own people. */
  unitId: string | null;
  sessionId: string;
  /** Remote address, for the audit trail. */
  address: string;
}

/** What a handler must answer: what its route documents, and nothing where it documents nothing. */
type Answer<R> = R extends 'file'
  ? FileReply
  : R extends 'stored-file'
    ? StoredFileReply
    : R extends 'stream'
      ? StreamReply
      : R extends ZodType
        ? z.output<R> | ReplyWithHeaders
        : void | ReplyWithHeaders;

type Parsed<T> = T extends ZodType ? z.output<T> : undefined;

export interface RouteRequest<P, Q, B, C = Caller | null> {
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
  /** Null only on routes whose `action` is 'public'. */
  caller: C;
  /** The `Idempotency-Key` of the request; a handler that stores it in its own transaction is exactly-once even over a crash. */
  idempotencyKey?: string;
  /** Always set by the HTTP server: whose browser this is, before anyone is signed in. */
  client?: { address: string; sessionToken: string | null; secure: boolean };
  /** The raw bytes of a non-JSON body (uploads), when the route says `upload`. */
  upload?: { bytes: Buffer; contentType: string; fileName: string };
}

/** A file as answer: sent as it is with a download name. */
export interface FileReply {
  file: Buffer;
  contentType: string;
  fileName: string;
}

/**
 * A file as answer that is made while it is sent, of any length in little memory. The stream is destroyed when the
 * client goes; when the stream fails, the connection breaks, so that half a file never looks like a whole one.
 */
export interface StreamReply {
  stream: Readable;
  contentType: string;
  fileName: string;
}

/** A file of this machine as answer, for a player: in ranges where the browser asks for them. */
export interface StoredFileReply {
  /** Never made of anything a caller sent. */
  path: string;
  contentType: string;
  /** Given: to be saved under this name, not shown. */
  fileName?: string;
}

/** An answer with headers of its own (a cookie). */
export class ReplyWithHeaders {
  constructor(
    readonly body: unknown,
    readonly headers: Record<string, string>,
  ) {}
}

/**
 * One HTTP operation. The same schemas check the request, describe it in OpenAPI and type the handler.
 * `signed-in` needs a session only; `public` needs none; otherwise the caller's role must be allowed the action.
 * Unsafe methods need the CSRF header; creating requests may carry `Idempotency-Key` when `idempotent` is true.
 */
export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Express path below `/api`, e.g. `/lines/:lineId`. */
  path: string;
  summary: string;
  tag: string;
  action: Action | 'public' | 'signed-in';
  params?: ZodType;
  query?: ZodType;
  body?: ZodType;
  /** Largest upload in bytes; the route then takes the raw body instead of JSON. */
  upload?: number;
  idempotent?: boolean;
  status?: number;
  reply?: ZodType | 'file' | 'stored-file' | 'stream';
  handle(request: RouteRequest<ZodType, ZodType, ZodType>): Promise<unknown>;
}

/** Whoever is asking has been let in: nobody is only on public routes. */
type CallerOf<A> = A extends 'public' ? Caller | null : Caller;

/** Declares a route with its handler's arguments and answer typed by its own schemas: what the documents promise is there. */
export function route<
  P extends ZodType | undefined = undefined,
  Q extends ZodType | undefined = undefined,
  B extends ZodType | undefined = undefined,
  R extends ZodType | 'file' | 'stored-file' | 'stream' | undefined = undefined,
  A extends Route['action'] = Route['action'],
>(
  definition: Omit<Route, 'action' | 'params' | 'query' | 'body' | 'reply' | 'handle'> & {
    action: A;
    params?: P;
    query?: Q;
    body?: B;
    reply?: R;
    handle(request: RouteRequest<P, Q, B, CallerOf<A>>): Promise<Answer<R>>;
  },
): Route {
  return definition as unknown as Route;
}
