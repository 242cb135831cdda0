import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './machine.service';
import type { Place } from './programs.service';

/** What differs from one Asterisk to the next; everything else is asterisk-config/ as it is. */
export interface AsteriskSettings {
  /** Its own folder; made new at each start. */
  folder: string;
  ariPort: number;
  ariPassword: string;
  sipHost: string;
  sipPort: number;
  rtpStart: number;
  rtpEnd: number;
  /** Name of the service's Stasis application. */
  app: string;
  /** Addresses or networks whose SIP is the carrier's. */
  trunkAddresses: string[];
  /** Where calls to the carrier go: host or host:port. */
  trunkHost: string;
  /** More lines for the end of extensions.conf and queues.conf; tests and the benchmark only. */
  extraDialplan?: string;
  extraQueues?: string;
  extraPjsip?: string;
}

/**
 * The include files below `local/`, by name. asterisk-config includes them where an address, a port or a secret stands;
 * docker-compose.yml gives the same files.
 */
export function localFiles(settings: AsteriskSettings): Record<string, string> {
  const lines = (...text: string[]): string => `${text.join('\n')}\n`;
  return {
    'http-address.conf': lines('bindaddr=127.0.0.1', `bindport=${settings.ariPort}`),
    'ari-password.conf': lines(`password=${settings.ariPassword}`),
    'udp-address.conf': lines(`bind=${settings.sipHost}:${settings.sipPort}`),
    'tcp-address.conf': lines(`bind=${settings.sipHost}:${settings.sipPort}`),
    'trunk-addresses.conf': lines(...settings.trunkAddresses.map((address) => `match=${address}`)),
    'trunk-contact.conf': lines(`contact=sip:${settings.trunkHost}`),
    'rtp-ports.conf': lines(`rtpstart=${settings.rtpStart}`, `rtpend=${settings.rtpEnd}`),
    'globals.conf': lines(`HOTLINE_APP=${settings.app}`, `HOTLINE_SIP_PORT=${settings.sipPort}`),
    'extensions.conf': settings.extraDialplan ?? '',
    'queues.conf': settings.extraQueues ?? '',
    'pjsip.conf': settings.extraPjsip ?? '',
  };
}

/**
 * Lays the folders out that one Asterisk works in: links to asterisk-config/ and dialplans/, the local include files, and
 * its own data, log, spool and run folders. Links work inside a private root because the checkout is shown there under
 * its own name.
 *
 * @returns the path of asterisk.conf
 */
export function layOutAsterisk(place: Place, settings: AsteriskSettings): string {
  const folder = settings.folder;
  const etc = join(folder, 'etc');
  rmSync(etc, { recursive: true, force: true });
  for (const name of ['etc/local', 'data', 'lib/keys', 'log', 'spool/recording', 'run'])
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  const shipped = join(PROJECT, 'asterisk-config');
  for (const name of readdirSync(shipped)) {
    if (name.endsWith('.conf') && name !== 'asterisk.conf') link(join(shipped, name), join(etc, name));
  }
  link(join(PROJECT, 'dialplans/asterisk'), join(etc, 'dialplans'));
  for (const [name, text] of Object.entries(localFiles(settings))) {
    writeFileSync(join(etc, 'local', name), text, { mode: 0o600 });
  }
  const data = join(folder, 'data');
  layOutSounds(shipped, settings.folder, join(data, 'sounds'));
  link(join(shipped, 'moh'), join(data, 'moh'));
  for (const name of ['documentation', 'rest-api', 'static-http'])
    link(join(sharedFolder(place), name), join(data, name));
  const file = join(etc, 'asterisk.conf');
  writeFileSync(file, mainFile(folder, moduleFolder(place), join(shipped, 'options.conf')));
  return file;
}

/** zh: the shipped recordings; zh_CN: those the service puts in their place, looked for first. */
function layOutSounds(shipped: string, folder: string, sounds: string): void {
  rmSync(sounds, { recursive: true, force: true });
  for (const made of [sounds, promptsFolder(folder)]) mkdirSync(made, { recursive: true, mode: 0o755 });
  link(join(shipped, 'sounds/zh'), join(sounds, 'zh'));
  link(promptsFolder(folder), join(sounds, 'zh_CN'));
}

/** Where this Asterisk looks for replaced recordings: the service's PROMPTS_DIR. */
export function promptsFolder(folder: string): string {
  return join(folder, 'prompts');
}

function link(to: string, at: string): void {
  rmSync(at, { force: true, recursive: true });
  symlinkSync(to, at);
}

/** Only the folders: the options are asterisk-config's own. */
function mainFile(folder: string, modules: string, options: string): string {
  const directories = {
    astetcdir: join(folder, 'etc'),
    astmoddir: modules,
    astvarlibdir: join(folder, 'lib'),
    astdbdir: join(folder, 'lib'),
    astkeydir: join(folder, 'lib'),
    astdatadir: join(folder, 'data'),
    astagidir: join(folder, 'data'),
    astspooldir: join(folder, 'spool'),
    astrundir: join(folder, 'run'),
    astlogdir: join(folder, 'log'),
  };
  const lines = Object.entries(directories).map(([name, path]) => `${name} => ${path}`);
  return `[directories]\n${lines.join('\n')}\n#include "${options}"\n`;
}

const firstOf = (place: Place, folders: string[]): string =>
  folders.find((folder) => existsSync(join(place.root ?? '/', folder))) ?? folders[0]!;

function moduleFolder(place: Place): string {
  return firstOf(place, [
    '/usr/lib/x86_64-linux-gnu/asterisk/modules',
    '/usr/lib/aarch64-linux-gnu/asterisk/modules',
    '/usr/lib/asterisk/modules',
  ]);
}

/** Where the distribution put the API description and the option documentation, which Asterisk needs at run time. */
function sharedFolder(place: Place): string {
  return firstOf(place, ['/usr/share/asterisk/documentation', '/var/lib/asterisk/documentation']).replace(
    /\/documentation$/,
    '',
  );
}
