import { createServer, type Socket } from 'node:net';

/** What Debian's clamd answers to the EICAR test file. */
const EICAR = 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE';

/**
 * A stand-in for clamd, which cannot be had here: speaks its INSTREAM command on the wire. `mode` changes how it answers:
 * as it should, with an error, or never.
 */
export async function clamdStandIn() {
  const scanned: number[] = [];
  const state: { mode: 'scan' | 'error' | 'mute' } = { mode: 'scan' };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      const content = streamed(received);
      if (content === null || state.mode === 'mute') return;
      if (state.mode === 'error') return void socket.end('INSTREAM size limit exceeded. ERROR\0');
      scanned.push(content.length);
      socket.end(content.includes(EICAR) ? 'stream: Eicar-Signature FOUND\0' : 'stream: OK\0');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `tcp://127.0.0.1:${port}`,
    scanned,
    state,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The content of a whole INSTREAM request; null while something is missing. */
function streamed(received: Buffer): Buffer | null {
  const command = 'zINSTREAM\0';
  if (received.length < command.length) return null;
  if (received.toString('latin1', 0, command.length) !== command) throw new Error('not INSTREAM');
  const chunks: Buffer[] = [];
  for (let at = command.length; at + 4 <= received.length;) {
    const length = received.readUInt32BE(at);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(received.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}
