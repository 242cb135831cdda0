import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD_APT_OPTIONS } from '../../src/runtime/private-root.service';
import { testFolder } from '../support/servers';

/** A signed mirror that was valid until 2020-01-08, with the key it was signed with. */
const FROZEN = join(__dirname, '../support/expired-mirror');

/** What the machine's own apt makes of a copy of the mirror, with and without the options the root is built with. */
function update(options: readonly string[], spoil: (folder: string) => void = () => undefined) {
  const folder = testFolder('mirror');
  const mirror = join(folder, 'mirror');
  for (const name of ['mirror', 'lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['InRelease', 'Packages', 'key.asc'])
    copyFileSync(join(FROZEN, name), join(mirror, name));
  spoil(mirror);
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${mirror}/key.asc] file:${mirror} ./\n`);
  const apart = [
    `Dir::Etc::SourceList=${folder}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State=${folder}`,
    `Dir::State::Lists=${folder}/lists`,
    `Dir::State::Status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    'APT::Sandbox::User=root',
    'APT::Update::Error-Mode=any',
    // As apt is without anybody's settings.
    'Acquire::Check-Date=true',
    'Acquire::Check-Valid-Until=true',
  ];
  const words = [...apart, ...options.map((option) => option.replace(/ "(.*)"$/, '=$1'))];
  const run = spawnSync('apt-get', [...words.flatMap((word) => ['-o', word]), 'update'], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return { code: run.status, said: run.stdout + run.stderr };
}

/** Another file in the place of a signed one, as whoever sits between us and the mirror would put it. */
const replaceIn =
  (file: string, from: string, to: string) =>
  (folder: string): void => {
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  };

describe('a mirror whose Valid-Until has passed', () => {
  it('is refused by apt as it is, and taken with the options of the private root', () => {
    expect(update([])).toMatchObject({ code: 100, said: expect.stringMatching(/expired/i) });
    expect(update(BUILD_APT_OPTIONS)).toMatchObject({ code: 0 });
  });

  it.each([
    ['its signed list', 'InRelease', 'frozen', 'frozem'],
    ['what the list names', 'Packages', 'hello-hotline', 'hello-badline'],
  ])('is refused all the same when somebody has changed %s', (_what, file, from, to) => {
    const { code, said } = update(BUILD_APT_OPTIONS, replaceIn(file, from, to));
    expect(code).toBe(100);
    expect(said).toMatch(/BADSIG|invalid|not signed|unexpected size|Hash Sum mismatch/i);
  });
});
