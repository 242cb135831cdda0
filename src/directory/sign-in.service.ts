import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Caller } from '../platform/http-route';
import type { PasswordHasher } from '../platform/password-hash';
import type { RedisClient } from '../platform/redis';
import type { Sessions } from '../platform/sessions';
import { Throttle } from '../platform/throttle';
import type { DirectoryStore } from './directory.store';
import { passwordFault } from './password-rules';
import type { Person } from './person';

/** Wrong passwords allowed: for one name from one address, for one name from anywhere, from one address. */
const LIMITS = {
  pair: { name: 'sign-in-pair', points: 5, windowSeconds: 300 },
  name: { name: 'sign-in-name', points: 20, windowSeconds: 900 },
  address: { name: 'sign-in-address', points: 60, windowSeconds: 900 },
};
const KNOWN_DAYS = 30;

export interface SignInDeps {
  store: DirectoryStore;
  sessions: Sessions;
  passwords: PasswordHasher;
  audit: AuditStore;
  redis: RedisClient;
  redisPrefix: string;
}

/**
 * Sign-in. Attempts are counted before the password is looked at, and given back when it is right: guesses made at the
 * same time cannot slip through. The count per name spares addresses where that person has signed in before, so that
 * nobody can lock an agent out from elsewhere.
 */
export class SignIn {
  private readonly pair: Throttle;
  private readonly name: Throttle;
  private readonly address: Throttle;

  constructor(private readonly deps: SignInDeps) {
    const throttle = (limit: (typeof LIMITS)[keyof typeof LIMITS]) =>
      new Throttle(deps.redis, deps.redisPrefix, limit);
    this.pair = throttle(LIMITS.pair);
    this.name = throttle(LIMITS.name);
    this.address = throttle(LIMITS.address);
  }

  /** Opens a session. Throws `wrong-password` (unknown, ended and wrong alike) or `too-many-attempts`. */
  async signIn(
    name: string,
    password: string,
    address: string,
  ): Promise<{ person: Person; token: string; csrf: string }> {
    return this.deps.passwords.inTurn(async () => {
      const person = await this.proven(name, password, address);
      const { token, csrf } = await this.deps.sessions.open(person);
      await this.remember(name, address);
      return { person, token, csrf };
    });
  }

  /** Changes one's own password and ends one's other sessions. */
  async changePassword(caller: Caller, person: Person, old: string, next: string): Promise<void> {
    const fault = passwordFault(next, [person.name, person.signInName]);
    if (fault) throw new HotlineError('invalid-input', fault);
    await this.deps.passwords.inTurn(async () => {
      const current = await this.proven(person.signInName, old, caller.address);
      const passwordHash = await this.deps.passwords.hash(next);
      await this.deps.store.transaction(async (within) => {
        await this.deps.store.update(within, current, passwordHash);
        const entry = {
          who: caller.personId,
          action: 'people.own-password',
          subject: caller.personId,
          address: caller.address,
        };
        await this.deps.audit.append(entry, within);
      });
    });
    await this.deps.sessions.endAllOf(caller.personId, caller.sessionId);
  }

  private async proven(name: string, password: string, address: string): Promise<Person> {
    const pairKey = `${name} ${address}`;
    const known = await this.isKnown(name, address);
    await refuseIfOver(this.address.take(address));
    await refuseIfOver(this.pair.take(pairKey));
    if (!known) await refuseIfOver(this.name.take(name));
    const found = await this.deps.store.credentials(name);
    const right = await this.deps.passwords.matches(
      found?.person.active ? found.passwordHash : null,
      password,
    );
    if (!right || !found) throw new HotlineError('wrong-password', '登录名或密码不正确');
    await Promise.all([
      this.address.giveBack(address),
      this.pair.forget(pairKey),
      known ? null : this.name.giveBack(name),
    ]);
    return found.person;
  }

  private knownKey(name: string, address: string): string {
    return `${this.deps.redisPrefix}:signed-in-from:${name} ${address}`;
  }

  private async isKnown(name: string, address: string): Promise<boolean> {
    if (this.deps.redis.status !== 'ready') return false;
    return (await this.deps.redis.exists(this.knownKey(name, address)).catch(() => 0)) === 1;
  }

  private async remember(name: string, address: string): Promise<void> {
    if (this.deps.redis.status !== 'ready') return;
    await this.deps.redis
      .set(this.knownKey(name, address), '1', 'EX', KNOWN_DAYS * 86_400)
      .catch(() => undefined);
  }
}

async function refuseIfOver(taken: Promise<number | null>): Promise<void> {
  const wait = await taken;
  if (wait !== null)
    throw new HotlineError('too-many-attempts', `尝试次数过多，请 ${Math.ceil(wait / 60)} 分钟后再试`, {
      retryAfterSeconds: wait,
    });
}
