import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay that a test can cut, close for a while, or let hang. */
export class TcpProxy {
  private readonly pairs = new Set<[Socket, Socket]>();
  /** Changes what the server sends; must keep the length. */
  rewrite: (bytes: Buffer) => Buffer = (bytes) => bytes;
  private stalled = false;
  private closed = false;

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {
    server.on('connection', (near) => this.relay(near));
  }

  static async open(target: { host: string; port: number }): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(server, target);
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  /** Resets every connection and takes none until `mend`. */
  cut(): void {
    this.closed = true;
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  }

  mend(): void {
    this.closed = false;
  }

  /** Connections stay and take bytes, but nothing comes through in either direction until `flow`. */
  stall(): void {
    this.stalled = true;
    for (const [near, far] of this.pairs) [near, far].forEach((socket) => socket.pause());
  }

  flow(): void {
    this.stalled = false;
    for (const [near, far] of this.pairs) [near, far].forEach((socket) => socket.resume());
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private relay(near: Socket): void {
    if (this.closed) return void near.resetAndDestroy();
    const far = connect(this.target);
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [pair, [far, near]] as [Socket, Socket][]) {
      from.setNoDelay(true);
      from.on('data', (bytes) => to.write(from === far ? this.rewrite(bytes) : bytes));
      from.on('error', end);
      from.on('close', end);
      if (this.stalled) from.pause();
    }
  }
}
