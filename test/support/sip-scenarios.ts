/** The SIPp scenarios of a citizen's phone, a seat's phone and a registration, as bytes (a header may hold any). */

const SDP = (port: string): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 [local_ip]',
    's=-',
    'c=IN IP4 [local_ip]',
    't=0 0',
    `m=audio ${port} RTP/AVP 8 101`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=ptime:20',
  ].join('\n');

const send = (message: string, attributes = ''): string =>
  `<send${attributes}><![CDATA[\n\n${message}\n\n]]></send>\n`;
const jump = (label: number): string => `<nop next="${label}"/>\n`;
const label = (number: number): string => `<label id="${number}"/>\n`;
const heard = (request: string, next: number): string =>
  `<recv request="${request}" optional="true" next="${next}"/>\n`;
const body = (sdp: string): string => `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp}`;
const EMPTY = 'Content-Length: 0';
const END = 99;

const whole = (name: string, steps: string[]): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<scenario name="${name}">`,
    ...steps,
    label(END),
    '</scenario>\n',
  ].join('\n');

const SAME = '[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]';
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port]>';

/** Header text as it must stand in a scenario: SIPp reads `[…]` and backslashes itself, and takes blanks from the beginning of a line. */
function literal(text: string): string {
  return text
    .replaceAll('\\', '\\x5c')
    .replaceAll('[', '[lb]')
    .replace(/\n[ \t]/g, '\n[sp]');
}

/**
 * A citizen. Fields of each call: dialled number, From user, display name with its quotes and a blank (or empty), audio
 * port. `headers` are lines for the INVITE. It hangs up on `XHANGUP`, before the answer too.
 */
export function callerScenario(headers: (string | Buffer)[]): Buffer {
  const lines = headers.map((header) =>
    literal(typeof header === 'string' ? Buffer.from(header).toString('latin1') : header.toString('latin1')),
  );
  const from = lines.some((line) => /^from:/i.test(line))
    ? lines.find((line) => /^from:/i.test(line))!
    : 'From: [field2]<sip:[field1]@[local_ip]:[local_port]>;tag=[call_id]';
  const others = lines.filter((line) => !/^from:/i.test(line));
  const request = (method: string, to: string, branch: string, number: number, rest: string[]): string =>
    [
      `${method} sip:[field0]@[remote_ip]:[remote_port] SIP/2.0`,
      `Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK${branch}[call_id]`,
      'Max-Forwards: 70',
      from,
      to,
      'Call-ID: [call_id]',
      `CSeq: ${number} ${method}`,
      ...rest,
    ].join('\n');
  const TO = 'To: <sip:[field0]@[remote_ip]>';
  const TAGGED = 'To: <sip:[field0]@[remote_ip]>[peer_tag_param]';
  const refusals = [400, 401, 403, 404, 408, 480, 484, 486, 487, 488, 500, 503, 600, 603];
  const scenario = whole('citizen', [
    send(
      request('INVITE', TO, 'i', 1, [
        CONTACT,
        'Allow: INVITE, ACK, BYE, CANCEL, UPDATE',
        ...others,
        body(SDP('[field3]')),
      ]),
    ),
    ...[100, 180, 181, 183].map((status) => `<recv response="${status}" optional="true"/>\n`),
    heard('XHANGUP', 1),
    ...refusals.map((status) => `<recv response="${status}" optional="true" next="2"/>\n`),
    '<recv response="200"/>\n',
    label(5),
    send(request('ACK', TAGGED, 'a', 1, [EMPTY])),
    label(10),
    heard('INVITE', 11),
    heard('ACK', 10),
    heard('UPDATE', 12),
    heard('XHANGUP', 13),
    '<recv request="BYE"/>\n',
    send(`SIP/2.0 200 OK\n${SAME}\n${EMPTY}`),
    jump(END),
    label(11),
    send(`SIP/2.0 200 OK\n${SAME}\n${CONTACT}\n${body(SDP('[field3]'))}`),
    jump(10),
    label(12),
    send(`SIP/2.0 200 OK\n${SAME}\n${CONTACT}\n${EMPTY}`),
    jump(10),
    label(13),
    send(request('BYE', TAGGED, 'b', 2, [EMPTY])),
    // Both may hang up at once.
    label(14),
    heard('INVITE', 15),
    heard('BYE', 16),
    '<recv response="200" next="99"/>\n',
    label(15),
    send(`SIP/2.0 481 Gone\n${SAME}\n${EMPTY}`),
    jump(14),
    label(16),
    send(`SIP/2.0 200 OK\n${SAME}\n${EMPTY}`),
    jump(14),
    label(1),
    send(request('CANCEL', TO, 'i', 1, [EMPTY])),
    '<recv response="200" optional="true"/>\n',
    '<recv response="487"/>\n',
    label(2),
    send(request('ACK', TAGGED, 'i', 1, [EMPTY])),
  ]);
  return Buffer.from(scenario, 'latin1');
}

const INVITED = 'Via:[$via]\nFrom:[$from]\nTo:[$to];tag=seat[call_number]\n[last_Call-ID:]\nCSeq:[$cseq]';

/**
 * The phones of seats. Each rings and then does what it is told: `XANSWER` (with the header X-Audio: port), `XBUSY`
 * (486), `XDECLINE` (603), and in the talk `XHANGUP`.
 */
export function seatScenario(): Buffer {
  const take = (header: string, variable: string, regexp = '.*'): string =>
    `<ereg regexp="${regexp}" search_in="hdr" header="${header}:" assign_to="${variable}"/>`;
  const scenario = whole('seat', [
    `<recv request="INVITE"><action>${take('Via', 'via')}${take('From', 'from')}${take('To', 'to')}${take('CSeq', 'cseq')}${take('Contact', 'peer', 'sip:[^&gt;]*')}</action></recv>\n`,
    send(`SIP/2.0 180 Ringing\n${INVITED}\n${CONTACT}\n${EMPTY}`),
    label(1),
    heard('CANCEL', 20),
    heard('UPDATE', 2),
    heard('XBUSY', 40),
    heard('XDECLINE', 50),
    `<recv request="XANSWER"><action>${take('X-Audio', 'audio', '[0-9]+')}</action></recv>\n`,
    send(`SIP/2.0 200 OK\n${INVITED}\n${CONTACT}\n${body(SDP('[$audio]'))}`),
    label(30),
    heard('ACK', 30),
    heard('INVITE', 31),
    heard('UPDATE', 32),
    heard('CANCEL', 33),
    heard('XHANGUP', 34),
    '<recv request="BYE"/>\n',
    send(`SIP/2.0 200 OK\n${SAME}\n${EMPTY}`),
    jump(END),
    label(2),
    send(`SIP/2.0 200 OK\n${SAME}\n${CONTACT}\n${EMPTY}`),
    jump(1),
    label(31),
    send(`SIP/2.0 200 OK\n${SAME}\n${CONTACT}\n${body(SDP('[$audio]'))}`),
    jump(30),
    label(32),
    send(`SIP/2.0 200 OK\n${SAME}\n${CONTACT}\n${EMPTY}`),
    jump(30),
    label(33),
    send(`SIP/2.0 200 OK\n${SAME}\n${EMPTY}`),
    jump(30),
    label(34),
    send(
      [
        'BYE [$peer] SIP/2.0',
        'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bKb[call_id]',
        'Max-Forwards: 70',
        'From:[$to];tag=seat[call_number]',
        'To:[$from]',
        '[last_Call-ID:]',
        'CSeq: 1 BYE',
        EMPTY,
      ].join('\n'),
    ),
    label(35),
    heard('BYE', 36),
    heard('INVITE', 37),
    '<recv response="200" next="99"/>\n',
    label(36),
    send(`SIP/2.0 200 OK\n${SAME}\n${EMPTY}`),
    jump(35),
    label(37),
    send(`SIP/2.0 481 Gone\n${SAME}\n${EMPTY}`),
    jump(35),
    label(20),
    send(`SIP/2.0 200 OK\n${SAME}\n${EMPTY}`),
    send(`SIP/2.0 487 Request Terminated\n${INVITED}\n${EMPTY}`),
    '<recv request="ACK" next="99"/>\n',
    label(40),
    send(`SIP/2.0 486 Busy Here\n${INVITED}\n${EMPTY}`),
    '<recv request="ACK" next="99"/>\n',
    label(50),
    send(`SIP/2.0 603 Decline\n${INVITED}\n${EMPTY}`),
    '<recv request="ACK" next="99"/>\n',
  ]);
  return Buffer.from(scenario, 'latin1');
}

/** Registers accounts; fields: account, secret. */
export function registerScenario(expires: number): Buffer {
  const register = (number: number, rest: string[]): string =>
    [
      'REGISTER sip:[remote_ip]:[remote_port] SIP/2.0',
      `Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bKr${number}[call_id]`,
      'Max-Forwards: 70',
      'From: <sip:[field0]@[remote_ip]>;tag=[call_id]',
      'To: <sip:[field0]@[remote_ip]>',
      'Call-ID: [call_id]',
      `CSeq: ${number} REGISTER`,
      'Contact: <sip:[field0]@[local_ip]:[local_port]>',
      `Expires: ${expires}`,
      ...rest,
      EMPTY,
    ].join('\n');
  const scenario = whole('register', [
    send(register(1, []), ' retrans="500"'),
    '<recv response="401" auth="true"/>\n',
    send(register(2, ['[authentication username=[field0] password=[field1]]']), ' retrans="500"'),
    '<recv response="200"/>\n',
  ]);
  return Buffer.from(scenario, 'latin1');
}
