import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRoot, onPath, printed, PROJECT } from './machine.service';
import { privateRoot } from './private-root.service';
import { ASTERISK_MODULES, readVersion, tooOld, type ServerName } from './server-version';

/** Where a program is: on this machine, or inside a private Debian root. Plain data, handed on to test processes. */
export type Place = { root: string | null; file: string; version: number };

type Say = (line: string) => void;

/** Names under which Debian and others install each server. */
const FILE: Record<ServerName, string> = {
  asterisk: 'asterisk',
  redis: 'redis-server',
  postgres: 'postgres',
};

const VERSION_OPTION: Record<ServerName, string> = {
  asterisk: '-V',
  redis: '--version',
  postgres: '--version',
};

/**
 * Finds a server: a suitable one on the PATH, else in the private root (built when needed).
 *
 * @param say told why one on the PATH is passed over
 */
export async function findServer(name: ServerName, say: Say): Promise<Place> {
  const file = onPath(FILE[name]);
  if (file) {
    const version = readVersion(name, printed(file, [VERSION_OPTION[name]]));
    const reason = tooOld(name, version) ?? unsuitable(name, file);
    if (!reason && version) return { root: null, file, version: version[0] };
    say(`${file} is not used: ${reason}`);
  }
  const root = await privateRoot('servers', say);
  const inside = insideRoot(name, root);
  return { root, ...inside };
}

/** The user without rights inside a private root. */
const NOBODY = '65534';

/**
 * Gives the path of ffmpeg: the one on the PATH, else a script that runs the private root's, there as nobody.
 *
 * @param file where to write the script
 */
export async function findFfmpeg(file: string, say: Say): Promise<string> {
  const found = onPath('ffmpeg');
  if (found) return found;
  const root = await privateRoot('servers', say);
  return writeWrapper(file, { root, file: '/usr/bin/ffmpeg', version: 0 }, [], { user: NOBODY });
}

/** The Chinese font of official letters, where Debian's package puts it. */
const LETTER_FONT = '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc';

/** Gives the path of the letters' font: this machine's, else the private root's. */
export async function findLetterFont(say: Say): Promise<string> {
  if (existsSync(LETTER_FONT)) return LETTER_FONT;
  return join(await privateRoot('servers', say), LETTER_FONT);
}

function insideRoot(name: ServerName, root: string): { file: string; version: number } {
  if (name === 'postgres') {
    const versions = readdirSync(join(root, 'usr/lib/postgresql'))
      .map(Number)
      .sort((a, b) => b - a);
    return { file: `/usr/lib/postgresql/${versions[0]}/bin/postgres`, version: versions[0]! };
  }
  const file = name === 'asterisk' ? '/usr/sbin/asterisk' : '/usr/bin/redis-server';
  const version = readVersion(name, printed('chroot', [root, file, VERSION_OPTION[name]]));
  return { file, version: version?.[0] ?? 0 };
}

function unsuitable(name: ServerName, file: string): string | null {
  if (name === 'postgres') return unsuitablePostgres(file);
  if (name === 'asterisk') {
    const folder = asteriskModules();
    if (!folder) return 'its modules are not found';
    const missing = ASTERISK_MODULES.filter((module) => !existsSync(join(folder, `${module}.so`)));
    return missing.length > 0 ? `it lacks the modules ${missing.join(', ')}` : null;
  }
  return null;
}

function asteriskModules(): string | null {
  const folders = [
    '/usr/lib/asterisk/modules',
    '/usr/lib/x86_64-linux-gnu/asterisk/modules',
    '/usr/lib/aarch64-linux-gnu/asterisk/modules',
  ];
  return folders.find((folder) => existsSync(folder)) ?? null;
}

function unsuitablePostgres(file: string): string | null {
  if (!initdbOf(file)) return 'there is no initdb beside it';
  if (!isRoot()) return null;
  if (!onPath('setpriv')) return 'it does not run as root, and there is no setpriv to change the user';
  const user = postgresUser(null);
  if (!user) return 'it does not run as root, and there is no user postgres or nobody';
  // The data lie below the checkout, which that user must be able to enter.
  const tried = printed('setpriv', [
    '--reuid',
    user.name,
    '--clear-groups',
    'sh',
    '-c',
    'cd "$0" && echo yes',
    PROJECT,
  ]);
  return tried.includes('yes') ? null : `the user ${user.name} may not enter ${PROJECT}`;
}

/** The initdb that belongs to a postgres program outside a private root. */
export function initdbOf(file: string): string | null {
  const beside = join(dirname(file), 'initdb');
  return existsSync(beside) ? beside : null;
}

/** The user PostgreSQL runs as when we are root. */
export function postgresUser(root: string | null): { name: string; uid: number; gid: number } | null {
  const users = readFileSync(join(root ?? '/', 'etc/passwd'), 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = ['postgres', 'nobody'].map((name) => users.find((fields) => fields[0] === name)).find(Boolean);
  return user ? { name: user[0]!, uid: Number(user[2]), gid: Number(user[3]) } : null;
}

export interface RunAs {
  /** Arguments of the program. */
  args: string[];
  /** Another user, when we are root. */
  user?: string;
  /** What it gets when the process that starts it dies. */
  dieWith?: 'KILL' | 'TERM' | 'INT';
  /** Folders of this machine it must see, as `FROM` or `FROM=TO`; used for a private root only. */
  folders?: string[];
}

/** The command that runs a program at its place. */
export function commandOf(place: Place, run: RunAs): { command: string; args: string[] } {
  const signal = run.dieWith ?? 'KILL';
  if (place.root) {
    const script = join(__dirname, 'enter-root.sh');
    const folders = run.folders ?? [];
    return {
      command: '/bin/sh',
      args: [script, place.root, run.user ?? 'root', signal, ...folders, '--', place.file, ...run.args],
    };
  }
  if (!onPath('setpriv')) return { command: place.file, args: run.args };
  const other = isRoot() && run.user ? ['--reuid', run.user, '--regid', run.user, '--init-groups'] : [];
  return { command: 'setpriv', args: [...other, '--pdeathsig', signal, '--', place.file, ...run.args] };
}

/** Writes a script that runs a program at its place as if it were installed here. */
export function writeWrapper(
  file: string,
  place: Place,
  folders: string[],
  run: { args?: string[]; user?: string } = {},
): string {
  const { command, args } = commandOf(place, { args: [], folders, dieWith: 'KILL', ...run });
  const quoted = [command, ...args].map((word) => `'${word.replace(/'/g, `'\\''`)}'`).join(' ');
  writeFileSync(file, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  return file;
}
