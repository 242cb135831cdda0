import { stringifySetCookie } from 'cookie';
import { z } from 'zod';
import { HotlineError } from '../errors';
import { ROLES } from '../permissions';
import { ReplyWithHeaders, route, type Route } from '../platform/http-route';
import { csrfOf, SESSION_COOKIE, type Sessions } from '../platform/sessions';
import type { Directory } from './directory.service';
import type { SignIn } from './sign-in.service';

const me = z.object({
  person: z.object({
    personId: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    unitId: z.string().nullable(),
  }),
  /** To be sent as `X-CSRF-Token` with everything that changes something. */
  csrf: z.string(),
});
type Me = z.infer<typeof me>;

const password = z.string().min(1).max(200);

/** Sign-in, sign-out, who am I, own password. */
export function signInRoutes(deps: { signIn: SignIn; sessions: Sessions; directory: Directory }): Route[] {
  return [signInRoute(deps), signOutRoute(deps), meRoute(deps), passwordRoute(deps)];
}

function signInRoute({ signIn, sessions }: { signIn: SignIn; sessions: Sessions }): Route {
  return route({
    method: 'post',
    path: '/sign-in',
    summary: '登录',
    tag: '登录',
    action: 'public',
    body: z.strictObject({ name: z.string().min(1).max(64), password }),
    reply: me,
    async handle({ body, client }): Promise<ReplyWithHeaders> {
      const name = body.name.normalize('NFKC').trim().toLowerCase();
      const { address = '', sessionToken = null, secure = false } = client ?? {};
      const { person, token, csrf } = await signIn.signIn(name, body.password, address);
      // Whoever sits at this browser now is someone else's successor: the session it had ends.
      const before = await sessions.resolve(sessionToken, address, false);
      if (before) await sessions.end(before.sessionId);
      const reply: Me = { person: shown(person), csrf };
      return new ReplyWithHeaders(reply, { 'Set-Cookie': sessionCookie(token, secure) });
    },
  });
}

function signOutRoute({ sessions }: { sessions: Sessions }): Route {
  return route({
    method: 'post',
    path: '/sign-out',
    summary: '退出',
    tag: '登录',
    action: 'signed-in',
    async handle({ caller, client }): Promise<ReplyWithHeaders> {
      await sessions.end(caller.sessionId);
      return new ReplyWithHeaders(undefined, { 'Set-Cookie': sessionCookie('', client?.secure ?? false, 0) });
    },
  });
}

function meRoute({ directory }: { directory: Directory }): Route {
  return route({
    method: 'get',
    path: '/me',
    summary: '我是谁',
    tag: '登录',
    action: 'signed-in',
    reply: me,
    async handle({ caller, client }): Promise<Me> {
      const session = caller;
      const name = directory.person(session.personId)?.name ?? session.name;
      return { person: { ...shown(session), name }, csrf: csrfOf(client?.sessionToken ?? '') };
    },
  });
}

function passwordRoute({ signIn, directory }: { signIn: SignIn; directory: Directory }): Route {
  return route({
    method: 'post',
    path: '/me/password',
    summary: '修改本人密码',
    tag: '登录',
    action: 'signed-in',
    body: z.strictObject({ oldPassword: password, newPassword: password }),
    async handle({ caller, body }): Promise<void> {
      const session = caller;
      const person = directory.person(session.personId);
      if (!person) throw new HotlineError('not-found', '没有此人');
      await signIn.changePassword(session, person, body.oldPassword, body.newPassword);
      await directory.refresh();
    },
  });
}

function shown({ personId, name, role, unitId }: Me['person']): Me['person'] {
  return { personId, name, role, unitId };
}

/** Unreadable for scripts, never sent from other sites; it lives as long as the browser, the server ends it by idleness. */
function sessionCookie(token: string, secure: boolean, maxAge?: number): string {
  const flags = { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const;
  return stringifySetCookie({
    name: SESSION_COOKIE,
    value: token,
    ...flags,
    ...(maxAge === undefined ? {} : { maxAge }),
  });
}
