import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readConfig, settings } from '../../src/config';
import { localFiles } from '../../src/runtime/asterisk-folder.service';
import { PACKAGES } from '../../src/runtime/private-root.service';
import { runtimeSettings } from '../../src/runtime/runtime-settings';

const project = resolve(__dirname, '../..');
const text = (name: string): string => readFileSync(join(project, name), 'utf8');

interface Service {
  build: { context?: string; dockerfile_inline: string; args?: { PACKAGES: string } };
  environment?: Record<string, string>;
  configs?: { source: string; target: string }[];
  volumes?: string[];
  depends_on?: Record<string, unknown>;
}

interface Compose {
  services: Record<'postgres' | 'redis' | 'asterisk' | 'hotline', Service>;
  configs: Record<string, { content: string }>;
  volumes: Record<string, unknown>;
}

/** What compose makes of `${NAME:-default}`, `${NAME:?fault}` and `$$`. */
const filled = (value: string): string =>
  value
    .replace(/\$\{([A-Z_]+):([-?])([^}]*)\}/g, (_all, _name, kind, word) => (kind === '-' ? word : 'secret'))
    .replace(/\$\$/g, '$');

describe('docker-compose.yml', () => {
  const compose = parse(text('docker-compose.yml'), { merge: true }) as Compose;

  it('has the four parts, from the package names of the private root', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['asterisk', 'hotline', 'postgres', 'redis']);
    const { postgres, redis, asterisk, hotline } = compose.services;
    const built = [asterisk, redis, postgres, hotline].flatMap((service) =>
      service.build.args?.PACKAGES.split(' '),
    );
    expect(built).toEqual([...PACKAGES.servers]);
    for (const service of [asterisk, redis, postgres])
      expect(service.build.dockerfile_inline).toMatch(/^FROM debian:testing/);
  });

  it('gives the service only settings it knows, with values it takes', () => {
    const environment = compose.services.hotline.environment!;
    const known = Object.keys(settings.shape);
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
    const values = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, filled(value)]),
    );
    const config = readConfig(values);
    expect(config.POSTGRES_URL).toContain(':15432/hotline');
    expect(config.REDIS_URL).toContain(':16379');
    expect(config.ARI_URL).toBe('http://127.0.0.1:8088');
  });

  it('asks for no setting that nobody knows', () => {
    const named = [...text('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1]!);
    const known = [
      ...Object.keys(settings.shape),
      ...Object.keys(runtimeSettings.shape),
      'POSTGRES_PASSWORD',
      'REDIS_PASSWORD',
    ];
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('gives Asterisk every include file of the runtime, with the same content', () => {
    const files = localFiles({
      folder: '/x',
      ariPort: 8088,
      ariPassword: 'secret',
      sipHost: '0.0.0.0',
      sipPort: 5060,
      rtpStart: 10000,
      rtpEnd: 10999,
      app: 'hotline',
      trunkAddresses: ['secret'],
      trunkHost: '127.0.0.1:5080',
    });
    const given = Object.fromEntries(
      compose.services.asterisk.configs!.map(({ source, target }) => [
        target.replace('/etc/asterisk/local/', ''),
        filled(compose.configs[source]!.content),
      ]),
    );
    // The empty ones are tried, not required, by asterisk-config.
    expect(given).toEqual(Object.fromEntries(Object.entries(files).filter(([, content]) => content !== '')));
  });

  it('lets Asterisk play what the service writes', () => {
    const mounted = (service: Service, volume: string) =>
      service.volumes?.map((each) => each.split(':')).find(([name]) => name === volume);
    const { asterisk, hotline } = compose.services;
    expect(mounted(hotline, 'prompts')).toEqual(['prompts', hotline.environment!.PROMPTS_DIR]);
    expect(mounted(asterisk, 'prompts')).toEqual(['prompts', '/usr/share/asterisk/sounds/zh_CN', 'ro']);
  });

  it('copies and mounts only what exists', () => {
    for (const service of Object.values(compose.services)) {
      for (const match of service.build.dockerfile_inline.matchAll(/^COPY (.+) \S+$/gm)) {
        for (const name of match[1]!.split(' '))
          expect({ name, there: existsSync(join(project, name)) }).toEqual({ name, there: true });
      }
      for (const volume of service.volumes ?? [])
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const name of Object.keys(service.depends_on ?? {}))
        expect(Object.keys(compose.services)).toContain(name);
    }
  });
});

describe('asterisk-config', () => {
  const files = readdirSync(join(project, 'asterisk-config')).filter((name) => name.endsWith('.conf'));

  it('includes only files that are shipped, or that each Asterisk is given', () => {
    const given = Object.keys(
      localFiles({
        folder: '',
        ariPort: 1,
        ariPassword: '',
        sipHost: '',
        sipPort: 1,
        rtpStart: 1,
        rtpEnd: 2,
        app: '',
        trunkAddresses: [],
        trunkHost: '',
      }),
    );
    for (const file of files) {
      for (const [, name] of text(`asterisk-config/${file}`).matchAll(/^#include (\S+)/gm)) {
        const known = name!.startsWith('local/')
          ? given.includes(name!.slice(6))
          : existsSync(
              join(
                project,
                name!.startsWith('dialplans/')
                  ? name!.replace('dialplans/', 'dialplans/asterisk/')
                  : `asterisk-config/${name!}`,
              ),
            );
        expect({ file, name, known }).toEqual({ file, name, known: true });
      }
    }
  });

  it('has a recording for every prompt and words for every recording', () => {
    const recordings = readdirSync(join(project, 'asterisk-config/sounds/zh')).map((name) =>
      name.replace(/\.wav$/, ''),
    );
    const words = text('asterisk-config/prompts.tsv')
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0]!);
    expect(recordings.sort()).toEqual([...words].sort());
    for (const name of recordings) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      const wav = readFileSync(join(project, 'asterisk-config/sounds/zh', `${name}.wav`));
      // PCM, mono, 8000 Hz, 16 bit
      expect([
        wav.readUInt16LE(20),
        wav.readUInt16LE(22),
        wav.readUInt32LE(24),
        wav.readUInt16LE(34),
      ]).toEqual([1, 1, 8000, 16]);
    }
  });
});

describe('package-lock.json', () => {
  it('names no host to download from: each machine uses its own registry', () => {
    expect(text('package-lock.json')).not.toMatch(
      /"resolved"|https?:\/\/[^"]*regist|regist[^"]*\.(com|org|cn)/,
    );
  });

  it('names the optional packages of every platform: npm ci refuses a lock file without them', () => {
    type Entry = { version?: string; optionalDependencies?: Record<string, string> };
    const { packages } = JSON.parse(text('package-lock.json')) as { packages: Record<string, Entry> };
    const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const missing = wanted.filter(
      (name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
    );
    expect(missing).toEqual([]);
    expect(Object.entries(packages).filter(([path, entry]) => path && !entry.version)).toEqual([]);
  });
});

describe('the repository', () => {
  it('has at its top level only what DESIGN §1 names, and dot-files', () => {
    const listed = execFileSync('git', ['ls-files'], { cwd: project, encoding: 'utf8' }).trim().split('\n');
    const top = new Set(
      listed.map((path) => path.split('/')[0] ?? '').filter((name) => !name.startsWith('.')),
    );
    const named =
      'package.json tsconfig.json src asterisk-config dialplans test docker-compose.yml README.md';
    const known = new Set([...named.split(' '), 'package-lock.json', 'LICENSE', 'CHANGELOG.md']);
    expect([...top].filter((name) => !known.has(name))).toEqual([]);
  });
});
