import { directoryRoutes } from '../directory/directory.routes';
import { Directory } from '../directory/directory.service';
import { DirectoryStore } from '../directory/directory.store';
import { People, type OpenWork } from '../directory/people.service';
import { signInRoutes } from '../directory/sign-in.routes';
import { SignIn } from '../directory/sign-in.service';
import { PasswordHasher } from '../platform/password-hash';
import { Sessions } from '../platform/sessions';
import { SeatService } from '../seats/seat.service';
import { clock, type Ground } from './ground';

/** People and units, who may sign in, and the audit of both. */
export function buildDirectory(
  { config, log, bus, database, redis, audit, lifecycle, http }: Ground,
  sessions: Sessions,
  openWork: (personId: string) => Promise<OpenWork[]>,
): Directory {
  const store = new DirectoryStore(database);
  const directory = new Directory({ store, bus, clock, log });
  lifecycle.add('directory', directory);
  const passwords = new PasswordHasher();
  const people = new People({
    store,
    directory,
    sessions,
    audit,
    passwords,
    clock,
    openWork,
  });
  const signIn = new SignIn({ store, sessions, passwords, audit, redis, redisPrefix: config.REDIS_PREFIX });
  http.mount([
    ...signInRoutes({ signIn, sessions, directory }),
    ...directoryRoutes({ directory, people, audit }),
  ]);
  return directory;
}

/**
 * The agent at his extension. The switch's account is `seat-<extension>`: a citizen's number can never be taken for one.
 */
export function sitter(directory: Directory, personId: string) {
  const person = directory.person(personId);
  return person?.active && person.account !== null ? { ...person, account: `seat-${person.account}` } : null;
}

/**
 * Takes the seats of those who may sit no longer: their session has ended, but a phone of its own would go on ringing.
 * A seat in a call keeps it; the next look finds it free.
 */
export async function clearSeats(directory: Directory, seats: SeatService): Promise<void> {
  const gone = seats.seats().filter(({ seatId }) => {
    const person = directory.person(seatId);
    return person !== null && (!person.active || person.account === null);
  });
  await Promise.all(gone.map(({ seatId }) => seats.signOut(seatId, 'system').catch(() => undefined)));
}
