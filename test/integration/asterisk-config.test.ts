import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { ownAsterisk, type OwnAsterisk } from '../support/servers';
import { RawCaller } from '../support/raw-sip';

interface Arrival {
  args: string[];
  channel: {
    id: string;
    caller: { number: string };
    dialplan: { exten: string };
    channelvars: Record<string, string>;
  };
}

/** A Stasis application that only notes who arrives. */
function listen(asterisk: OwnAsterisk, app = 'hotline'): Promise<{ arrivals: Arrival[]; close(): void }> {
  const key = `${asterisk.ariUsername}:${asterisk.ariPassword}`;
  const socket = new WebSocket(
    `${asterisk.ariUrl.replace('http', 'ws')}/ari/events?app=${app}&api_key=${key}`,
  );
  const arrivals: Arrival[] = [];
  socket.on('message', (text) => {
    const event = JSON.parse(String(text)) as Arrival & { type: string };
    if (event.type === 'StasisStart') arrivals.push(event);
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ arrivals, close: () => socket.close() }));
    socket.once('error', reject);
  });
}

const until = async (what: () => boolean, limitMs = 4000): Promise<boolean> => {
  const end = Date.now() + limitMs;
  while (!what() && Date.now() < end) await new Promise((done) => setTimeout(done, 20));
  return what();
};
const plain = (text: string | undefined): string[] =>
  (text ?? '')
    .split('|')
    .filter(Boolean)
    .map((part) => Buffer.from(part, 'base64').toString('latin1'));

describe('asterisk-config on a real Asterisk', () => {
  let asterisk: OwnAsterisk;
  let to: { host: string; port: number };
  beforeAll(async () => {
    asterisk = await ownAsterisk();
    to = { host: asterisk.sipHost, port: asterisk.sipPort };
  }, 60_000);
  afterAll(() => asterisk.stop());

  it('starts without a complaint of its own', () => {
    const log = readFileSync(asterisk.configFile.replace('etc/asterisk.conf', 'asterisk.log'), 'utf8');
    expect(
      log
        .split('\n')
        .filter((line) => /WARNING|ERROR/.test(line) && !/for an extension is strongly/.test(line)),
    ).toEqual([]);
  });

  it('hands a trunk call over unanswered, with every Diversion and History-Info header', async () => {
    const app = await listen(asterisk);
    const caller = await RawCaller.open(to, '12345');
    caller.invite([
      'Diversion: <sip:03552012319@x>;reason=unconditional;counter=1',
      'Diversion: "a, b" <sip:12319@x>;reason=no-answer',
      'History-Info: <sip:12319@x>;index=1',
      'History-Info: <sip:12345@x>;index=1.1',
      'Privacy: id',
    ]);
    expect(await until(() => app.arrivals.length === 1)).toBe(true);
    const { args, channel } = app.arrivals[0]!;
    expect(args).toEqual(['trunk']);
    expect(channel.dialplan.exten).toBe('12345');
    expect(channel.caller.number).toBe('13835512345');
    expect(plain(channel.channelvars.HOTLINE_DIVERSION)).toEqual([
      '<sip:03552012319@x>;reason=unconditional;counter=1',
      '"a, b" <sip:12319@x>;reason=no-answer',
    ]);
    expect(plain(channel.channelvars.HOTLINE_HISTORY)).toEqual([
      '<sip:12319@x>;index=1',
      '<sip:12345@x>;index=1.1',
    ]);
    expect(plain(channel.channelvars.HOTLINE_PRIVACY)).toEqual(['id']);
    expect(caller.answers.every((answer) => answer.status < 200)).toBe(true);
    caller.close();
    app.close();
  });

  it('gathers details of a call that has any, however its headers are written, and of no other', async () => {
    const app = await listen(asterisk);
    const arrival = async (headers: string[], from: string): Promise<Record<string, string>> => {
      const caller = await RawCaller.open(to, '12345');
      caller.invite([`From: ${from};tag=d`, ...headers]);
      expect(await until(() => app.arrivals.length === 1)).toBe(true);
      caller.close();
      return app.arrivals.pop()!.channel.channelvars;
    };
    const plainFrom = '<sip:13800000001@x>';
    const usual = await arrival(['Subject: none'], plainFrom);
    expect(Object.values(usual).join('')).toBe('');
    const diverted = await arrival(['dIVERSION: <sip:12319@x>'], plainFrom);
    expect(plain(diverted.HOTLINE_DIVERSION)).toEqual(['<sip:12319@x>']);
    const retargeted = await arrival(['history-info: <sip:12319@x>;index=1'], plainFrom);
    expect(plain(retargeted.HOTLINE_HISTORY)).toEqual(['<sip:12319@x>;index=1']);
    const asserted = await arrival(['P-Asserted-Identity: <sip:13900000002@x>'], plainFrom);
    expect(plain(asserted.HOTLINE_FROM)).toEqual([`${plainFrom};tag=d`]);
    const named = await arrival([], `"Li" ${plainFrom}`);
    expect(plain(named.HOTLINE_FROM)).toEqual([`"Li" ${plainFrom};tag=d`]);
    const hiding = await arrival(['privacy: id'], plainFrom);
    expect(plain(hiding.HOTLINE_PRIVACY)).toEqual(['id']);
    app.close();
  });

  it('serves who hides the number, and any dialled number', async () => {
    const app = await listen(asterisk);
    const hidden = await RawCaller.open(to, '12345');
    hidden.invite(['From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', 'Privacy: id']);
    const odd = await RawCaller.open(to, '+86(355)*12345%23;phone-context=x');
    odd.invite();
    expect(await until(() => app.arrivals.length === 2)).toBe(true);
    for (const caller of [hidden, odd]) caller.close();
    app.close();
  });

  it('passes hostile headers on as plain text', async () => {
    const app = await listen(asterisk);
    const hostile = [
      '${SHELL(touch /tmp/never)}',
      '$[1/0]',
      'a,b)|c(d}e{f"g\\h\'i;j',
      '%FF%0D%0AEvil: 1',
      '<script>alert(1)</script>',
      'x'.repeat(1500),
    ];
    for (const text of hostile) {
      const caller = await RawCaller.open(to, '12345');
      caller.invite([`Diversion: <sip:1@x>;reason=${text}`, 'Diversion: <sip:2@x>']);
      const came = await until(() => app.arrivals.length === 1);
      expect({ text, came }).toEqual({ text, came: true });
      expect(plain(app.arrivals[0]!.channel.channelvars.HOTLINE_DIVERSION)).toEqual([
        `<sip:1@x>;reason=${text}`,
        '<sip:2@x>',
      ]);
      app.arrivals.length = 0;
      caller.close();
    }
    const gbk = Buffer.concat([
      Buffer.from('From: "'),
      Buffer.from([0xd5, 0xc5, 0xc8, 0xfd, 0xff]),
      Buffer.from('" <sip:13900000000@x>;tag=2'),
    ]);
    const caller = await RawCaller.open(to, '12345');
    caller.invite([gbk]);
    expect(await until(() => app.arrivals.length === 1)).toBe(true);
    expect(plain(app.arrivals[0]!.channel.channelvars.HOTLINE_FROM)[0]).toContain('\xd5\xc5\xc8\xfd\xff');
    caller.close();
    app.close();
  });

  it('refuses SIP from an address that is not the trunk’s', async () => {
    const caller = await RawCaller.open(to, '12345', '127.0.0.2');
    caller.invite();
    expect(await caller.final()).toBe(401);
    caller.close();
  });

  it('does not take a citizen for a phone, nor a phone for the carrier', async () => {
    const app = await listen(asterisk);
    await admit(asterisk, 'seat-8001');
    const citizen = await RawCaller.open(to, '12345');
    citizen.invite(['From: <sip:8001@127.0.0.1>;tag=3']);
    expect(await until(() => app.arrivals.length === 1)).toBe(true);
    expect(app.arrivals[0]!.args).toEqual(['trunk']);
    citizen.close();
    const pretender = await RawCaller.open(to, '12345');
    pretender.invite(['From: <sip:seat-8001@127.0.0.1>;tag=4']);
    expect(await pretender.final()).toBe(401);
    pretender.close();
    const status = await inviteOverWebSocket(asterisk);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(app.arrivals).toHaveLength(1);
    app.close();
  });

  it('answers with the apology and keeps the call when the service is not there', async () => {
    const caller = await RawCaller.open(to, '12345');
    caller.invite();
    expect(await caller.final()).toBe(200);
    await new Promise((done) => setTimeout(done, 9000));
    expect(caller.over).toBe(false);
    expect(asterisk.console('queue show hotline-fallback')).toMatch(/has 1 calls/);
    const before = caller.rtpPackets;
    expect(before).toBeGreaterThan(300);
    await new Promise((done) => setTimeout(done, 1000));
    expect(caller.rtpPackets - before).toBeGreaterThan(30);
    // The service comes back: within the half minute it is asked again and gets the caller.
    const app = await listen(asterisk);
    expect(await until(() => app.arrivals.length === 1, 35_000)).toBe(true);
    expect(app.arrivals[0]!.args).toEqual(['trunk']);
    expect(app.arrivals[0]!.channel.caller.number).toBe('13835512345');
    app.close();
    caller.close();
  }, 60_000);

  it('rings the seats’ phones by itself when the service is not there', async () => {
    const phone = await RawCaller.open(to);
    await admit(asterisk, 'seat-8002', phone.contact);
    const caller = await RawCaller.open(to, '12345');
    caller.invite();
    expect(await caller.final()).toBe(200);
    expect(await until(() => phone.invited !== '', 15_000)).toBe(true);
    expect(phone.invited).toMatch(/^From: "12345" <sip:138\*\*\*\*2345@/im);
    expect(phone.invited).not.toContain('13835512345');
    caller.close();
    phone.close();
  }, 30_000);
});

async function admit(asterisk: OwnAsterisk, account: string, contact?: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`hotline:${asterisk.ariPassword}`).toString('base64')}`;
  const put = async (type: string, fields: Record<string, string>): Promise<void> => {
    const reply = await fetch(`${asterisk.ariUrl}/ari/asterisk/config/dynamic/res_pjsip/${type}/${account}`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({
        fields: Object.entries(fields).map(([attribute, value]) => ({ attribute, value })),
      }),
    });
    expect(reply.status).toBe(200);
  };
  await put('auth', { auth_type: 'userpass', username: account, password: 'secret' });
  await put('aor', { max_contacts: '1', ...(contact ? { contact } : {}) });
  await put('endpoint', { auth: account, aors: account, context: 'phone', disallow: 'all', allow: 'alaw' });
}

/** An INVITE over the phones' WebSocket under a name no phone has; gives the final status. */
function inviteOverWebSocket(asterisk: OwnAsterisk): Promise<number> {
  const socket = new WebSocket(asterisk.phoneWsUrl, 'sip');
  const body =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n';
  const lines = [
    'INVITE sip:12345@127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/WS x.invalid;branch=z9hG4bKws1',
    'Max-Forwards: 70',
    'From: <sip:13899999999@127.0.0.1>;tag=w',
    'To: <sip:12345@127.0.0.1>',
    'Call-ID: ws1',
    'CSeq: 1 INVITE',
    'Contact: <sip:x@x.invalid;transport=ws>',
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
  ];
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`));
    socket.on('message', (text) => {
      const status = Number(/^SIP\/2\.0 (\d{3})/.exec(String(text))?.[1] ?? 0);
      if (status < 200) return;
      socket.close();
      resolve(status);
    });
  });
}
