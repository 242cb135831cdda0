import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Config } from '../config';

export interface Certificate {
  cert: string;
  key: string;
}

const RENEW_DAYS = 30;
const VALID_DAYS = 825;
const DAY_MS = 86_400_000;

type TlsSettings = Pick<Config, 'TLS' | 'TLS_CERT_FILE' | 'TLS_KEY_FILE' | 'VAR_DIR' | 'HTTP_HOST'>;

/** The certificate for HTTPS by setting: the administrator's files, a self-signed one kept in VAR_DIR, or none. */
export async function certificateFor(config: TlsSettings, now: Date): Promise<Certificate | null> {
  if (config.TLS === 'off') return null;
  if (config.TLS === 'files') {
    const read = (setting: 'TLS_CERT_FILE' | 'TLS_KEY_FILE') =>
      readFile(config[setting] ?? '', 'utf8').catch((fault: Error) => {
        throw new Error(`${setting}: ${fault.message}`);
      });
    return { cert: await read('TLS_CERT_FILE'), key: await read('TLS_KEY_FILE') };
  }
  const folder = join(config.VAR_DIR, 'tls');
  return (await kept(folder, now)) ?? makeOne(folder, config.HTTP_HOST, now);
}

async function kept(folder: string, now: Date): Promise<Certificate | null> {
  try {
    const found = {
      cert: await readFile(join(folder, 'cert.pem'), 'utf8'),
      key: await readFile(join(folder, 'key.pem'), 'utf8'),
    };
    const ends = Date.parse(new X509Certificate(found.cert).validTo);
    return ends - now.getTime() > RENEW_DAYS * DAY_MS ? found : null;
  } catch {
    return null;
  }
}

async function makeOne(folder: string, host: string, now: Date): Promise<Certificate> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((entry) => entry.address),
  );
  const ips = [...new Set(['127.0.0.1', '::1', ...addresses])].filter((ip) => !ip.includes('%'));
  const made = await generate([{ name: 'commonName', value: '12345 hotline' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - DAY_MS),
    notAfterDate: new Date(now.getTime() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...new Set(['localhost', hostname(), host])]
            .filter(isName)
            .map((value) => ({ type: 2 as const, value })),
          ...ips.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, 'key.pem'), made.private);
  await replaceFile(join(folder, 'cert.pem'), made.cert);
  return { cert: made.cert, key: made.private };
}

const isName = (text: string) => /^[a-z][a-z0-9.-]*$/i.test(text);

/** Written aside and renamed, so that a kill in between leaves no half file. */
async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
