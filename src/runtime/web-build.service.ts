import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdLock } from './lock-file.service';
import { PROJECT, RuntimeFault } from './machine.service';

const SERVER_ONLY = /\.(store|service|routes|jobs|adapter)\.ts$/;

/** What the pages are made of: the web folder, and the plain files they may share with the service. */
function sourcesHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(PROJECT, 'package-lock.json')));
  const files = readdirSync(join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !SERVER_ONLY.test(file) && !/\/src\/(runtime|db)\//.test(file))
    .sort();
  for (const file of files) hash.update(file.slice(PROJECT.length)).update(readFileSync(file));
  return hash.digest('hex');
}

/** Builds the web pages into build/web when their sources have changed since the last time. */
export async function buildWeb(say: (line: string) => void): Promise<void> {
  const config = join(PROJECT, 'src/web/vite.config.mts');
  if (!existsSync(config)) return say('there are no web pages to build');
  mkdirSync(join(PROJECT, 'var'), { recursive: true });
  const release = await holdLock(join(PROJECT, 'var/web-build.lock'), () =>
    say('waiting for another build of the web pages'),
  );
  try {
    const stamp = join(PROJECT, 'build/web-sources');
    const hash = sourcesHash();
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && existsSync(join(PROJECT, 'build/web')))
      return;
    say('building the web pages');
    await runVite(config);
    writeFileSync(stamp, hash);
  } finally {
    release();
  }
}

function runVite(config: string): Promise<void> {
  const vite = join(PROJECT, 'node_modules/vite/bin/vite.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vite, 'build', '--config', config, '--logLevel', 'warn'], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = (): void => void child.kill();
    process.once('exit', stop);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', stop);
      if (code === 0) resolve();
      else reject(new RuntimeFault(`the web pages could not be built:\n${output.slice(-3000)}`));
    });
  });
}
