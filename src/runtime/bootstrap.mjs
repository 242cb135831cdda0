// The door of `npm start`, `npm test`, `npm run bench` and `npm run verify`. Plain JavaScript without dependencies: node_modules may be missing.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
const commands = {
  start: '../../src/runtime/start.service.ts',
  test: '../../src/runtime/test-run.service.ts',
  bench: '../../test/bench/bench.ts',
  'bench:knowledge': '../../test/bench/knowledge.bench.ts',
  'bench:tickets': '../../test/bench/tickets.ts',
  'load:demo': '../../src/runtime/load-command.ts',
  verify: './verify.service.ts',
};

/** Waits for the only right to install: two starts at once would tear each other's node_modules apart. */
async function installAlone() {
  const file = join(project, 'var', 'npm-install.lock');
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      if (!alive(file)) rmSync(file, { force: true });
      else if (!told) console.log('[setup] another start is installing npm packages; waiting for it …');
      await new Promise((done) => setTimeout(done, 500));
    }
  }
  process.once('exit', () => rmSync(file, { force: true }));
  await installPackages();
  rmSync(file, { force: true });
}

function alive(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

/** Installs the packages the lock file names, once per lock file. */
async function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .digest('hex');
  const stamp = join(project, 'node_modules', '.hotline-lock-hash');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  if (alreadyInstalled()) return writeFileSync(stamp, lock);
  console.log('[setup] installing npm packages (npm ci), about a minute the first time …');
  if (!(await npm('ci'))) {
    // A registry may lack optional packages that the lock file names; npm install goes on without them.
    console.log('[setup] npm ci failed; trying npm install, which needs less …');
    if (!(await npm('install', '--no-save'))) {
      console.error('[setup] npm install failed too; see the lines above. Is the npm registry reachable?');
      process.exit(1);
    }
  }
  writeFileSync(stamp, lock);
}

/** Runs npm, which says nothing until it is done: so the time is told meanwhile. */
async function npm(...words) {
  const quiet = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const began = Date.now();
  const child = spawn('npm', [...words, ...quiet], { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
  const progress = setInterval(
    () => console.log(`[setup] … ${Math.round((Date.now() - began) / 1000)} s`),
    10_000,
  );
  const stop = () => {
    child.kill();
    process.exit(1);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const done = await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  clearInterval(progress);
  process.off('SIGTERM', stop).off('SIGINT', stop);
  return done;
}

/** Whether node_modules is at least as new as the lock file: somebody ran npm ci or npm install by hand. */
function alreadyInstalled() {
  const hidden = join(project, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages ?? {})
      .filter(([path, entry]) => path && !entry.optional)
      .map(([path, entry]) => `${path}@${entry.version}`)
      .sort()
      .join();
  return versions(hidden) === versions(join(project, 'package-lock.json'));
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed; this is ${process.versions.node}.`);
  process.exit(1);
}
const command = process.argv[2] ?? '';
if (!(command in commands)) {
  console.error(
    `Usage: npm start | npm test [-- jest arguments] | npm run ${Object.keys(commands).slice(2).join(' | ')}`,
  );
  process.exit(1);
}
process.chdir(project);
await installAlone();
await import('tsx');
// tsx gives a CommonJS file as the default export.
const file = await import(commands[command]);
const { main } = file.default ?? file;
await main(process.argv.slice(3));
