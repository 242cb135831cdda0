import { createSocket } from 'node:dgram';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeLock } from './lock-file.service';
import { RuntimeFault } from './machine.service';

/** Whether nobody listens on the TCP port. */
export function tcpFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether nobody listens on the UDP port. */
export function udpFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

/** Marks a port as ours among all runtimes of this machine, until this process ends. */
function reserve(port: number): boolean {
  const folder = join(tmpdir(), 'hotline-12345-ports');
  mkdirSync(folder, { recursive: true, mode: 0o1777 });
  return takeLock(join(folder, String(port)));
}

/** A port below the kernel's own range that is free for TCP and UDP, and that no other runtime is given. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await tcpFree(port)) && (await udpFree(port)) && reserve(port)) return port;
  }
  throw new RuntimeFault('no free port between 20000 and 29999');
}

/** Enough for 50 legs at once (two ports each, and as many again until they are given back). */
export const RTP_PORTS_EACH = 200;
const RTP_FROM = 11_000;
const RTP_BLOCKS = 45;

/** The first of a block of RTP ports that no other runtime is given. */
export async function freeRtpBlock(): Promise<number> {
  const first = Math.floor(Math.random() * RTP_BLOCKS);
  for (let step = 0; step < RTP_BLOCKS; step++) {
    const start = RTP_FROM + ((first + step) % RTP_BLOCKS) * RTP_PORTS_EACH;
    if ((await udpFree(start)) && reserve(start)) return start;
  }
  throw new RuntimeFault(`no free block of RTP ports from ${RTP_FROM} on`);
}
