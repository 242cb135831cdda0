import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { openPostgres } from '../../src/platform/postgres';
import {
  freshDatabase,
  freshRedis,
  startService,
  testServers,
  testFolder,
  ownAsterisk,
} from '../support/servers';

jest.setTimeout(60_000);
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));

test('first call', async () => {
  const db = await freshDatabase();
  const redis = await freshRedis();
  const pg = openPostgres(db.url, 2);
  const { accounts } = await seedDemoCity(pg, { passwords: {} });
  const ast = await ownAsterisk();
  const service = await startService({
    POSTGRES_URL: db.url,
    REDIS_URL: redis.url,
    ARI_URL: ast.ariUrl,
    ARI_PASSWORD: ast.ariPassword,
    ARI_USERNAME: ast.ariUsername,
    LOG_LEVEL: 'trace',
    WRAP_UP_SECONDS: '2',
  });
  try {
    const agent = accounts.find((a) => a.name === 'agent1')!;
    const signIn = await fetch(`${service.url}/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: service.url },
      body: JSON.stringify({ name: agent.name, password: agent.password }),
    });
    const cookie = signIn.headers.get('set-cookie')!.split(';')[0]!;
    const { csrf } = (await signIn.json()) as { csrf: string };
    const api = async (method: string, path: string, body?: unknown) => {
      const r = await fetch(`${service.url}/api${path}`, {
        method,
        headers: { 'content-type': 'application/json', cookie, 'x-csrf-token': csrf, origin: service.url },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await r.text();
      console.log(method, path, r.status, text.slice(0, 600));
      return text ? JSON.parse(text) : null;
    };
    const { phone } = await api('POST', '/desk/seat', { phone: 'sip' });
    const dir = testFolder('sipp');
    const reg = `<?xml version="1.0"?><scenario name="r"><send><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${phone.account}@[remote_ip]>;tag=[call_number]
To: <sip:${phone.account}@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:${phone.account}@[local_ip]:[local_port]>
Expires: 300
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="401" auth="true"/><send><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${phone.account}@[remote_ip]>;tag=[call_number]
To: <sip:${phone.account}@[remote_ip]>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:${phone.account}@[local_ip]:[local_port]>
[authentication username=${phone.account} password=${phone.secret}]
Expires: 300
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="200"/></scenario>`;
    writeFileSync(join(dir, 'reg.xml'), reg.replace(/\n/g, '\r\n'));
    const { sipHost, sipPort } = ast;
    const r = spawnSync(
      testServers().sipp,
      [
        `${sipHost}:${sipPort}`,
        '-sf',
        join(dir, 'reg.xml'),
        '-i',
        '127.0.0.1',
        '-p',
        '6071',
        '-m',
        '1',
        '-nostdin',
        '-timeout',
        '10s',
      ],
      { encoding: 'utf8', cwd: dir },
    );
    console.log('reg', r.status, r.stderr.slice(-500));
    const uas = spawn(
      testServers().sipp,
      ['-sn', 'uas', '-i', '127.0.0.1', '-p', '6071', '-m', '1', '-nostdin', '-timeout', '30s'],
      { cwd: dir },
    );
    uas.on('exit', (c) => console.log('uas exit', c));
    await sleep(500);
    await api('POST', '/desk/seat/ready');
    const uac = spawn(
      testServers().sipp,
      [
        '-sn',
        'uac',
        `${sipHost}:${sipPort}`,
        '-s',
        '12345',
        '-i',
        '127.0.0.1',
        '-p',
        '6072',
        '-m',
        '1',
        '-d',
        '8000',
        '-trace_msg',
        '-message_file',
        '/tmp/uac.log',
        '-trace_err',
        '-error_file',
        '/tmp/uac.err',
        '-nostdin',
        '-timeout',
        '30s',
      ],
      { cwd: dir },
    );
    uac.on('exit', (c) => console.log('uac exit', c));
    await sleep(6000);
    await api('GET', '/desk/seat');
    console.log(ast.console('core show channels'), ast.console('bridge show all'));
    await sleep(5000);
    console.log(ast.console('core show channels concise'), ast.console('core show channel PJSIP/trunk-00000000'));
    require('fs').copyFileSync(require('path').join(ast.configFile ?? '', '../../asterisk.log'), '/tmp/ast.log');
    await api('GET', '/desk/seat');
    const { calls } = await api('GET', '/desk/calls');
    await api('GET', `/calls/${calls[0]?.callId}`);
    await api('GET', '/queues');
  } finally {
    await service.stop();
    console.log(
      service
        .logs()
        .split('\n')
        .filter((l) => !l.includes('"msg":"request"'))
        .join('\n')
        .slice(-12000),
    );
    await ast.stop();
    await pg.destroy();
  }
});
