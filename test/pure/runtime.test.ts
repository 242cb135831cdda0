import { debianMirror } from '../../src/runtime/apt-mirror';
import {
  portsInConflict,
  runtimeSettings,
  takenPort,
  type WantedPort,
} from '../../src/runtime/runtime-settings';
import { readVersion, tooOld } from '../../src/runtime/server-version';

describe('the machine’s own Debian mirror', () => {
  const list = (text: string) => [{ name: '/etc/apt/sources.list', text }];
  const sources = (text: string) => [{ name: '/etc/apt/sources.list.d/debian.sources', text }];

  it.each([
    ['one line', 'deb http://mirror.example/debian bookworm main', 'http://mirror.example/debian'],
    [
      'with options',
      'deb [arch=amd64 signed-by=/x] https://m.example/debian/ trixie main non-free',
      'https://m.example/debian',
    ],
    [
      'after a comment',
      '# deb http://no/debian bookworm main\ndeb http://yes/debian stable main',
      'http://yes/debian',
    ],
    ['security only', 'deb http://m.example/debian-security bookworm-security main', null],
    ['another vendor', 'deb https://packages.example/apt cloud-sdk-bookworm main', null],
    ['Ubuntu', 'deb http://archive.ubuntu.com/ubuntu noble main', null],
    ['a CD', 'deb cdrom:[Debian]/ bookworm main', null],
    ['nothing', '', null],
  ])('%s', (_name, text, mirror) => expect(debianMirror(list(text))).toBe(mirror));

  it('reads deb822 stanzas, skipping disabled ones, sources and security', () => {
    const text = [
      'Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no',
      'Types: deb-src\nURIs: http://src.example/debian\nSuites: bookworm\nComponents: main',
      '# A comment\nTypes: deb\nURIs: http://s.example/debian-security\nSuites: bookworm-security\nComponents: main',
      'Types: deb deb-src\n# http://snapshot.example/\nURIs:\n http://on.example/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: /x',
    ].join('\n\n');
    expect(debianMirror(sources(text))).toBe('http://on.example/debian');
  });
});

describe('which server will do', () => {
  it.each([
    ['asterisk', 'Asterisk 22.10.1+dfsg', [22, 10]],
    ['asterisk', 'Asterisk certified/20.7-cert3', [20, 7]],
    ['asterisk', 'Asterisk 16.2.1~dfsg', [16, 2]],
    ['redis', 'Redis server v=8.0.2 sha=0:1 malloc=jemalloc', [8, 0]],
    ['postgres', 'postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', [15, 18]],
    ['postgres', 'postgres (PostgreSQL) 18beta1', [18, 0]],
    ['postgres', 'command not found', null],
  ] as const)('%s: %s', (name, printed, version) => expect(readVersion(name, printed)).toEqual(version));

  it('refuses what is too old or unknown, with the reason', () => {
    expect(tooOld('redis', [6, 2])).toBeNull();
    expect(tooOld('redis', [6, 0])).toBe('version 6.0 is older than 6.2');
    expect(tooOld('asterisk', [16, 28])).toBe('version 16.28 is older than 20.0');
    expect(tooOld('postgres', [18, 0])).toBeNull();
    expect(tooOld('postgres', null)).toContain('cannot be read');
  });
});

describe('ports', () => {
  const sip: WantedPort = {
    host: '127.0.0.1',
    port: 5060,
    protocol: 'udp',
    server: 'Asterisk (SIP)',
    setting: 'SIP_PORT',
  };

  it('names the port, who wants it, and the setting that moves it', () => {
    expect(takenPort(sip)).toBe(
      'Port 5060/udp on 127.0.0.1 is taken, and Asterisk (SIP) wants it. Stop what listens there, or give another one: SIP_PORT=5061 npm start',
    );
  });

  it('sees two settings with one port, but not the same port of two protocols', () => {
    const tcp: WantedPort = { ...sip, protocol: 'tcp' };
    expect(portsInConflict([sip, tcp])).toBeNull();
    expect(portsInConflict([tcp, { ...tcp, server: 'Redis', setting: 'REDIS_PORT' }])).toBe(
      'SIP_PORT and REDIS_PORT are both 5060: give Redis another port.',
    );
  });
});

describe('settings of the runtime', () => {
  it('has a default for everything, and takes no line breaks into Asterisk’s files', () => {
    expect(runtimeSettings.parse({}).SIP_PORT).toBe(5060);
    expect(runtimeSettings.safeParse({ TRUNK_ADDRESSES: '127.0.0.1\ncontext=evil' }).success).toBe(false);
    expect(runtimeSettings.safeParse({ TRUNK_HOST: 'a\nb' }).success).toBe(false);
    expect(runtimeSettings.safeParse({ TRUNK_ADDRESSES: '10.1.2.0/24, 2001:db8::/32' }).success).toBe(true);
  });
});
