import { readFileSync } from 'node:fs';
import { settings } from '../../src/config';
import { runtimeSettings } from '../../src/runtime/runtime-settings';

const readme = readFileSync('README.md', 'utf8');
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;

test.each([...Object.keys(settings.shape), ...Object.keys(runtimeSettings.shape)])(
  'the README explains %s',
  (setting) => {
    expect(readme).toContain(`| \`${setting}\` |`);
  },
);

test.each([...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.devDependencies ?? {})])(
  'the README gives a reason for %s',
  (name) => {
    const listed = readme.split('\n').some(
      (row) =>
        row.startsWith('| ') &&
        row
          .split('|')[1]
          ?.split(',')
          .some((cell) => cell.trim() === name),
    );
    expect(listed || name.startsWith('@types/')).toBe(true);
  },
);
