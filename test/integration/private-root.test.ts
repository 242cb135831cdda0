import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILD_APT_OPTIONS, privateRoot, rootFolder } from '../../src/runtime/private-root.service';

const before = { ...process.env };
let folder: string;
let root: string;
const said: string[] = [];
const build = () => privateRoot('servers', (line) => said.push(line));

/** A tool that notes how it was called and makes the folder named after the suite. */
function tool(name: string, body: string): void {
  const file = join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/asked"\n${body}\n`);
  chmodSync(file, 0o755);
}

const MAKES_ROOT = 'for word; do case $word in *.building) mkdir -p "$word/etc";; esac; done';
const asked = (): string[] => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'root-'));
  mkdirSync(join(folder, 'bin'));
  process.env.XDG_CACHE_HOME = folder;
  process.env.PATH = `${join(folder, 'bin')}:${before.PATH}`;
  root = rootFolder('servers');
  said.length = 0;
});
afterEach(() => {
  jest.restoreAllMocks();
  Object.assign(process.env, before);
  if (before.XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  rmSync(folder, { recursive: true, force: true });
});

it('says in one sentence what to do without root and without servers', async () => {
  jest.spyOn(process, 'getuid').mockReturnValue(1000);
  const fault = await build().catch((reason: Error) => reason.message);
  expect(fault).toMatch(
    /^asterisk, redis-server, postgresql, ffmpeg, fonts-wqy-microhei: not installed here[^\n]*"docker compose up"\.$/,
  );
});

describe('as root', () => {
  beforeEach(() => void jest.spyOn(process, 'getuid').mockReturnValue(0));

  it('builds once, and tolerates an expired mirror without giving up its signatures', async () => {
    tool('mmdebstrap', MAKES_ROOT);
    expect(await build()).toBe(root);
    for (const option of BUILD_APT_OPTIONS) expect(asked()).toContain(`--aptopt=${option}`);
    expect(asked()).toContain('--include=asterisk,redis-server,postgresql,ffmpeg,fonts-wqy-microhei');
    expect(asked().join(' ')).not.toMatch(/unauthenticated|insecure|trusted|no-check-gpg/i);
    rmSync(join(folder, 'asked'));
    expect(await build()).toBe(root);
    expect(existsSync(join(folder, 'asked'))).toBe(false);
  });

  it('rebuilds a half-built one', async () => {
    tool('mmdebstrap', MAKES_ROOT);
    for (const half of [root, `${root}.building`]) {
      mkdirSync(half, { recursive: true });
      writeFileSync(join(half, 'torn'), '');
    }
    await build();
    expect([existsSync(join(root, 'etc')), existsSync(join(root, 'torn'))]).toEqual([true, false]);
    expect(existsSync(`${root}.building`)).toBe(false);
  });

  it('says why a build failed, keeps nothing of it for whole, and builds the next time', async () => {
    tool('mmdebstrap', `${MAKES_ROOT}; echo 'E: no space left' >&2; exit 1`);
    await expect(build()).rejects.toThrow(/could not be built[\s\S]*no space left/);
    expect(existsSync(root)).toBe(false);
    tool('mmdebstrap', MAKES_ROOT);
    expect(await build()).toBe(root);
  });
});
