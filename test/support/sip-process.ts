import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { closeSync, openSync, readFileSync, readSync, watch, writeFileSync, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/runtime/free-port.service';
import { testFolder, testServers } from './servers';

/** One SIP message that SIPp sent or received, with SIPp's own time stamp (ms since the epoch, with microseconds). */
export interface SipMessage {
  at: number;
  sent: boolean;
  /** First line. */
  first: string;
  /** Method of a request, null for a response. */
  method: string | null;
  /** Status of a response, 0 for a request. */
  status: number;
  /** `INVITE`, `BYE`…, of the CSeq header. */
  of: string;
  callId: string;
  text: string;
}

export interface SipProcessOptions {
  /** Name for folders and faults. */
  name: string;
  /** The scenario; bytes, because a header may hold any. */
  scenario: Buffer;
  to: { host: string; port: number };
  localPort?: number;
  address?: string;
  /** Lines of the injection file, each with `;` between its fields. */
  fields?: string[];
  args?: string[];
}

const HEAD = /-{20,} (\S+)\nUDP message (sent|received) \[(\d+)\] bytes:\n\n/g;
const running = new Set<SipProcess>();

/**
 * A SIPp process. Its scenario is steered from outside by requests with methods of our own (`XHANGUP`, `XANSWER` …) sent
 * to its port with the Call-ID of one of its calls; its message log tells what happened and when.
 */
export class SipProcess {
  private read = 0;
  private rest: Buffer = Buffer.alloc(0);
  private readonly log: number;
  private readonly watcher: FSWatcher;
  readonly exit: Promise<number | null>;
  private over = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
    private readonly options: SipProcessOptions,
    private readonly onMessage: (message: SipMessage) => void,
  ) {
    const file = join(folder, 'messages.log');
    this.log = openSync(file, 'r');
    this.watcher = watch(file, () => this.drain());
    this.exit = new Promise((resolve) => {
      child.once('exit', (code) => {
        this.drain();
        this.finish();
        resolve(code);
      });
      child.once('error', () => resolve(null));
    });
    running.add(this);
  }

  static async start(
    options: SipProcessOptions,
    onMessage: (message: SipMessage) => void,
  ): Promise<SipProcess> {
    const folder = testFolder(`sipp-${options.name}`);
    const port = options.localPort ?? (await freePort());
    const address = options.address ?? '127.0.0.1';
    const file = (name: string): string => join(folder, name);
    writeFileSync(file('scenario.xml'), options.scenario);
    writeFileSync(file('messages.log'), '');
    if (options.fields) writeFileSync(file('fields.csv'), `SEQUENTIAL\n${options.fields.join('\n')}\n`);
    const args = [
      `${options.to.host}:${options.to.port}`,
      ...['-sf', file('scenario.xml'), '-i', address, '-p', String(port), '-nostdin', '-bind_local'],
      // The opening bracket is SIPp's own sign: `[lb]` writes one, `[sp]` a blank.
      ...['-key', 'lb', '[', '-key', 'sp', ' ', '-cid_str', `c%u-${port}-%p`],
      ...[
        '-trace_msg',
        '-message_file',
        file('messages.log'),
        '-trace_err',
        '-error_file',
        file('errors.log'),
      ],
      ...(options.fields ? ['-inf', file('fields.csv')] : []),
      ...(options.args ?? []),
    ];
    const out = openSync(file('screen.log'), 'w');
    const child = spawn(testServers().sipp, args, { stdio: ['ignore', out, out], cwd: '/' });
    closeSync(out);
    return new SipProcess(child, folder, port, options, onMessage);
  }

  get running(): boolean {
    return !this.over;
  }

  /** Sends one of our own requests into a call; `extra` are header lines. */
  command(method: string, callId: string, extra: string[] = []): Promise<void> {
    const lines = [
      `${method} sip:x@127.0.0.1 SIP/2.0`,
      'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx',
      'From: <sip:test@127.0.0.1>;tag=x',
      'To: <sip:x@127.0.0.1>',
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      ...extra,
      'Content-Length: 0',
    ];
    const socket = createSocket('udp4');
    return new Promise((resolve) => {
      const text = `${lines.join('\r\n')}\r\n\r\n`;
      socket.send(text, this.port, this.options.address ?? '127.0.0.1', () => {
        socket.close();
        resolve();
      });
    });
  }

  /** Ends the process at once, as a phone whose plug is pulled. */
  async kill(): Promise<void> {
    if (!this.over) this.child.kill('SIGKILL');
    await this.exit;
  }

  /** What SIPp says of its errors, for the text of a failure. */
  errors(): string {
    const part = (name: string): string => {
      try {
        return readFileSync(join(this.folder, name), 'utf8').slice(-2000);
      } catch {
        return '';
      }
    };
    return part('errors.log') || part('screen.log');
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    running.delete(this);
    this.watcher.close();
    closeSync(this.log);
  }

  private drain(): void {
    if (this.over) return;
    for (;;) {
      const chunk = Buffer.alloc(65_536);
      const length = readSync(this.log, chunk, 0, chunk.length, this.read);
      if (length === 0) break;
      this.read += length;
      this.rest = Buffer.concat([this.rest, chunk.subarray(0, length)]);
    }
    this.parse();
  }

  private parse(): void {
    const { messages, read } = readMessages(this.rest);
    this.rest = this.rest.subarray(read);
    for (const message of messages) this.onMessage(message);
  }
}

/** The whole messages of a message log, and how many bytes of it they take. */
export function readMessages(log: Buffer): { messages: SipMessage[]; read: number } {
  // Latin-1, so that positions in the text are positions in the bytes.
  const text = log.toString('latin1');
  const messages: SipMessage[] = [];
  HEAD.lastIndex = 0;
  let read = 0;
  for (let head = HEAD.exec(text); head; head = HEAD.exec(text)) {
    const [, at = '', direction, length = '0'] = head;
    const end = HEAD.lastIndex + Number(length);
    if (end > text.length) break;
    const message = readMessage(at, direction === 'sent', log.subarray(HEAD.lastIndex, end));
    HEAD.lastIndex = read = end;
    if (message) messages.push(message);
  }
  return { messages, read };
}

/** Ends every SIPp of this test file; for afterAll. */
export async function stopSipp(): Promise<void> {
  await Promise.all([...running].map((each) => each.kill()));
}

function readMessage(at: string, sent: boolean, bytes: Buffer): SipMessage | null {
  const text = bytes.toString('utf8');
  const first = text.trimStart().split('\r\n', 1)[0] ?? '';
  const status = Number(/^SIP\/2\.0 (\d{3})/.exec(first)?.[1] ?? 0);
  const method = status ? null : (first.split(' ', 1)[0] ?? '');
  if (method?.startsWith('X')) return null;
  const header = (name: string): string => new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';
  const of = header('CSeq').split(' ')[1] ?? '';
  return { at: instant(at), sent, first, method, status, of, callId: header('Call-ID'), text };
}

/** `2026-11-24T02:47:59.085713Z` as ms since the epoch, the microseconds kept. */
function instant(text: string): number {
  const micros = Number(/\.(\d{6})/.exec(text)?.[1] ?? 0);
  return Math.floor(Date.parse(text) / 1000) * 1000 + micros / 1000;
}
