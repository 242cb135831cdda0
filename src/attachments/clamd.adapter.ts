import { createReadStream } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

export type ScanVerdict = { clean: true } | { clean: false; found: string };

const TIMEOUT_MS = 60_000;
const LONGEST_REPLY = 4096;

/**
 * Asks clamd, or whatever speaks its protocol, about a file: the command INSTREAM, the content in chunks with their length
 * before each, a chunk of length 0, and one line as answer (`stream: OK`, `stream: … FOUND`, `… ERROR`).
 *
 * @param address `tcp://host:port` or `unix:/path`
 */
export function clamd(address: string): (path: string) => Promise<ScanVerdict> {
  const place = placeOf(address);
  return async (path) => verdictOf(await ask(connect(place), path));
}

function placeOf(address: string): NetConnectOpts {
  const url = new URL(address);
  return url.protocol === 'unix:'
    ? { path: decodeURIComponent(url.pathname) }
    : { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 3310) };
}

/** Throws when it cannot be reached, is too slow, or says that it could not scan. */
function verdictOf(line: string): ScanVerdict {
  const found = /^stream: (.*) FOUND$/.exec(line);
  if (found) return { clean: false, found: found[1] ?? '' };
  if (line === 'stream: OK') return { clean: true };
  throw new Error(`the virus scanner answered “${line.slice(0, 200)}”`);
}

function ask(socket: Socket, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let reply = '';
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the virus scanner does not answer')));
    socket.on('data', (data) => {
      reply += data.toString('latin1');
      const end = reply.indexOf('\0');
      if (end < 0 && reply.length <= LONGEST_REPLY) return;
      resolve(reply.slice(0, Math.max(end, 0)));
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the virus scanner ended the connection without an answer')));
    socket.on('connect', () => {
      send(socket, path).catch((fault: Error) => socket.destroy(fault));
    });
  });
}

async function send(socket: Socket, path: string): Promise<void> {
  socket.write('zINSTREAM\0');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    // One that has said enough (the size limit) hangs up: its answer tells more than our fault.
    if (socket.destroyed || !socket.writable) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    socket.write(length);
    if (!socket.write(chunk)) await drained(socket);
  }
  socket.write(Buffer.alloc(4));
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
