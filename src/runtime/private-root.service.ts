import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { debianMirror } from './apt-mirror';
import { holdLock } from './lock-file.service';
import { isRoot, onPath, RuntimeFault } from './machine.service';

const SUITE = 'testing';

/** What is in the private roots. docker-compose.yml builds its images from the same names (a test compares them). */
export const PACKAGES = {
  servers: ['asterisk', 'redis-server', 'postgresql', 'ffmpeg', 'fonts-wqy-microhei'],
  tools: ['sip-tester', 'chromium', 'fonts-wqy-microhei'],
} as const;

/** How apt fetches them: a frozen mirror may have expired, but its signatures are checked. */
export const BUILD_APT_OPTIONS = [
  'Acquire::Check-Valid-Until "false"',
  'Acquire::Retries "3"',
  'APT::Install-Recommends "false"',
] as const;

export type RootName = keyof typeof PACKAGES;

type Say = (line: string) => void;

/** Where the roots are kept: the user's cache folder, shared by every checkout. */
function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hotline-12345');
}

/** The folder of a root: its name says which packages of which release it has. */
export function rootFolder(name: RootName): string {
  const content = createHash('sha256')
    .update([SUITE, ...PACKAGES[name]].join())
    .digest('hex')
    .slice(0, 12);
  return join(cacheFolder(), `${name}-${content}`);
}

const completeMark = (root: string): string => join(root, '.hotline-complete');

/**
 * Gives the folder of a private Debian root, built first when it is missing or half-built.
 *
 * @throws RuntimeFault in one clear sentence: not root, or the build failed
 */
export async function privateRoot(name: RootName, say: Say): Promise<string> {
  const root = rootFolder(name);
  if (existsSync(completeMark(root))) return root;
  if (!isRoot()) {
    throw new RuntimeFault(
      `${PACKAGES[name].join(', ')}: not installed here, and only root can build a private copy; install them, run this as root, or use "docker compose up".`,
    );
  }
  mkdirSync(cacheFolder(), { recursive: true });
  const release = await holdLock(`${root}.lock`, () => say(`waiting for another start that builds ${root}`));
  try {
    if (!existsSync(completeMark(root))) await build(name, root, say);
  } finally {
    release();
  }
  return root;
}

async function build(name: RootName, root: string, say: Say): Promise<void> {
  const half = `${root}.building`;
  for (const folder of [half, root]) rmSync(folder, { recursive: true, force: true });
  const tool = bootstrapTool(say);
  const mirror = hostMirror();
  say(`building a private Debian ${SUITE} with ${PACKAGES[name].join(', ')} (once, 1-3 minutes) in ${root}`);
  say(`from ${mirror ?? "the tool's default mirror"} with ${tool}`);
  await runVerbosely(
    tool === 'mmdebstrap' ? mmdebstrap(name, half, mirror) : debootstrap(name, half, mirror),
    say,
  );
  writeFileSync(completeMark(half), `${new Date().toISOString()}\n`);
  renameSync(half, root);
}

function mmdebstrap(name: RootName, folder: string, mirror: string | null): string[] {
  return [
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    ...BUILD_APT_OPTIONS.map((option) => `--aptopt=${option}`),
    `--include=${PACKAGES[name].join(',')}`,
    SUITE,
    folder,
    ...(mirror ? [mirror] : []),
  ];
}

function debootstrap(name: RootName, folder: string, mirror: string | null): string[] {
  const base = [
    'debootstrap',
    '--force-check-gpg',
    '--variant=minbase',
    SUITE,
    folder,
    ...(mirror ? [mirror] : []),
  ];
  const install = `apt-get -o Acquire::Check-Valid-Until=false update && apt-get -y -o APT::Install-Recommends=false install ${PACKAGES[name].join(' ')}`;
  const script =
    '"$@" && DEBIAN_FRONTEND=noninteractive chroot "$0" sh -c "$INSTALL" && rm -rf "$0"/var/cache/apt/archives/*.deb';
  return ['env', `INSTALL=${install}`, 'sh', '-c', script, folder, ...base];
}

/** The name of a tool that builds Debian roots; installs mmdebstrap where neither is there. */
function bootstrapTool(say: Say): 'mmdebstrap' | 'debootstrap' {
  if (onPath('mmdebstrap')) return 'mmdebstrap';
  if (onPath('apt-get')) {
    say('installing mmdebstrap with apt-get');
    const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['-o', 'Acquire::Check-Valid-Until=false', 'update'], options);
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'mmdebstrap'], options);
    if (onPath('mmdebstrap')) return 'mmdebstrap';
  }
  if (onPath('debootstrap')) return 'debootstrap';
  throw new RuntimeFault(
    'mmdebstrap could not be installed: install mmdebstrap or debootstrap, or use "docker compose up".',
  );
}

function hostMirror(): string | null {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((file) => join(folder, file))
    : [];
  const files = ['/etc/apt/sources.list', ...names].filter(
    (file) => /\.(list|sources)$/.test(file) && existsSync(file),
  );
  return debianMirror(files.map((name) => ({ name, text: readFileSync(name, 'utf8') })));
}

/** Runs a long command, telling how it goes every few seconds. */
function runVerbosely([command, ...args]: string[], say: Say): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'], env: process.env });
    let last = '';
    let output = '';
    const began = Date.now();
    const hear = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4000);
      last =
        chunk
          .toString()
          .split(/[\r\n]/)
          .map((line) => line.trim())
          .filter((line) => /^I:|^E:|Setting up|Get:/.test(line))
          .at(-1) ?? last;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const progress = setInterval(
      () => say(`… ${Math.round((Date.now() - began) / 1000)} s ${last.slice(0, 100)}`),
      5000,
    );
    const stop = (): void => void child.kill('SIGTERM');
    process.once('SIGTERM', stop).once('SIGINT', stop);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(progress);
      process.off('SIGTERM', stop).off('SIGINT', stop);
      if (code === 0) resolve();
      else
        reject(
          new RuntimeFault(
            `the private Debian root could not be built (${command} ended with ${code}):\n${output.slice(-1500)}`,
          ),
        );
    });
  });
}
