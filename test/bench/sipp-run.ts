import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMessages, type SipMessage } from '../support/sip-process';

const SDP =
  'v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 9 RTP/AVP 8\na=rtpmap:8 PCMA/8000';
const BODY = `Content-Type: application/sdp\nContent-Length: [len]\n\n${SDP}`;
const SAME = '[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]';
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port]>';

const send = (message: string, attributes = ''): string =>
  `<send${attributes}><![CDATA[\n\n${message}\n\n]]></send>\n`;
const scenario = (steps: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="bench">\n${steps.join('')}</scenario>\n`;

/** A citizen who hangs up some time after the answer. Fields: dialled number, own number. */
export function callersScenario(talkMs: number): string {
  const request = (method: string, to: string, branch: string, number: number, rest: string): string =>
    [
      `${method} sip:[field0]@[remote_ip]:[remote_port] SIP/2.0`,
      `Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK${branch}[call_id]`,
      'Max-Forwards: 70',
      'From: <sip:[field1]@[local_ip]:[local_port]>;tag=[call_id]',
      `To: <sip:[field0]@[remote_ip]>${to}`,
      'Call-ID: [call_id]',
      `CSeq: ${number} ${method}`,
      rest,
    ].join('\n');
  return scenario([
    send(request('INVITE', '', 'i', 1, `${CONTACT}\n${BODY}`)),
    ...[100, 180, 183].map((status) => `<recv response="${status}" optional="true"/>\n`),
    '<recv response="200"/>\n',
    send(request('ACK', '[peer_tag_param]', 'a', 1, 'Content-Length: 0')),
    `<pause milliseconds="${talkMs}"/>\n`,
    send(request('BYE', '[peer_tag_param]', 'b', 2, 'Content-Length: 0')),
    '<recv response="200"/>\n',
  ]);
}

/** Phones that answer at once and wait for the end. */
export function phonesScenario(): string {
  return scenario([
    '<recv request="INVITE"/>\n',
    send(
      `SIP/2.0 180 Ringing\n${SAME.replace('[last_To:]', '[last_To:];tag=[call_number]')}\n${CONTACT}\nContent-Length: 0`,
    ),
    send(
      `SIP/2.0 200 OK\n${SAME.replace('[last_To:]', '[last_To:];tag=[call_number]')}\n${CONTACT}\n${BODY}`,
    ),
    '<recv request="ACK" optional="true"/>\n',
    '<recv request="BYE"/>\n',
    send(`SIP/2.0 200 OK\n${SAME}\nContent-Length: 0`),
  ]);
}

export interface SippRun {
  /** Resolves with what was said, once it has ended by itself or by `stop`. */
  messages: Promise<SipMessage[]>;
  stop(): void;
}

/** Runs SIPp to its end; nothing is read while it runs, so that measuring does not disturb what is measured. */
export function runSipp(options: {
  sipp: string;
  folder: string;
  scenario: string;
  to: { host: string; port: number };
  port: number;
  fields?: string[];
  args?: string[];
}): SippRun {
  const { folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('scenario.xml'), options.scenario);
  if (options.fields) writeFileSync(file('fields.csv'), `SEQUENTIAL\n${options.fields.join('\n')}\n`);
  const args = [
    `${options.to.host}:${options.to.port}`,
    ...['-sf', file('scenario.xml'), '-i', '127.0.0.1', '-p', String(options.port), '-nostdin'],
    ...['-cid_str', `%u-${options.port}-%p`, '-trace_msg', '-message_file', file('messages.log')],
    ...['-trace_err', '-error_file', file('errors.log')],
    ...(options.fields ? ['-inf', file('fields.csv')] : []),
    ...(options.args ?? []),
  ];
  const out = openSync(file('screen.log'), 'w');
  const child = spawn(options.sipp, args, { stdio: ['ignore', out, out], cwd: '/' });
  closeSync(out);
  const messages = new Promise<SipMessage[]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      try {
        resolve(readMessages(readFileSync(file('messages.log'))).messages);
      } catch {
        reject(new Error(`SIPp said nothing: ${readFileSync(file('screen.log'), 'utf8').slice(-500)}`));
      }
    });
  });
  return { messages, stop: () => void child.kill('SIGKILL') };
}
