import { hash, verify } from '@node-rs/argon2';
import { HotlineError } from '../errors';

/** Argon2id as OWASP recommends it: 19 MiB, two passes, one lane (the library's default algorithm is Argon2id). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing is dear on purpose: only so many at once, and only so many waiting. */
const AT_ONCE = 3;
const MOST_WAITING = 500;

/** Hashes and checks passwords, a few at a time, so that a flood of sign-ins cannot take the whole machine. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private nobody: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return hash(password, COST);
  }

  /** Runs a check when it is its turn. Throws `too-many-attempts` when too many wait already. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= MOST_WAITING)
      throw new HotlineError('too-many-attempts', '登录的人太多，请稍后再试', { retryAfterSeconds: 5 });
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  /** Whether the password is right. For an unknown person (null) it takes the same time and is never right. */
  async matches(passwordHash: string | null, password: string): Promise<boolean> {
    this.nobody ??= this.hash('nobody signs in with this');
    const right = await verify(passwordHash ?? (await this.nobody), password);
    return passwordHash !== null && right;
  }
}
