import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';

/**
 * One SIP caller made by hand over UDP: for requests no well-behaved tool sends (raw bytes, foreign addresses). It sends
 * an INVITE, acknowledges whatever final answer comes, and counts the audio packets it hears.
 */
export class RawCaller {
  readonly answers: { status: number; text: string }[] = [];
  rtpPackets = 0;
  private readonly callId = randomBytes(8).toString('hex');
  private readonly tag = randomBytes(4).toString('hex');
  private toHeader = '';
  private ended = false;

  private constructor(
    private readonly sip: Socket,
    private readonly rtp: Socket,
    private readonly to: { host: string; port: number },
    private readonly user: string,
  ) {
    sip.on('message', (message: Buffer, from: RemoteInfo) => this.heard(message.toString('latin1'), from));
    rtp.on('message', () => this.rtpPackets++);
  }

  /** @param address the local address it calls from */
  static async open(
    to: { host: string; port: number },
    user = '12345',
    address = '127.0.0.1',
  ): Promise<RawCaller> {
    const bound = (): Promise<Socket> =>
      new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.bind({ address }, () => resolve(socket));
      });
    return new RawCaller(await bound(), await bound(), to, user);
  }

  /** @param headers header lines as they go out: bytes, or Latin-1 text; From is given when none is among them */
  invite(headers: (string | Buffer)[] = []): void {
    const texts = headers.map((header) =>
      typeof header === 'string' ? Buffer.from(header, 'latin1') : header,
    );
    const hasFrom = texts.some((text) => /^from:/i.test(text.toString('latin1')));
    const from = hasFrom ? [] : [Buffer.from(`From: <sip:13835512345@127.0.0.1>;tag=${this.tag}`)];
    const body = [
      'v=0',
      `o=- 1 1 IN IP4 ${this.rtp.address().address}`,
      's=-',
      `c=IN IP4 ${this.rtp.address().address}`,
      't=0 0',
      `m=audio ${this.rtp.address().port} RTP/AVP 8`,
      'a=rtpmap:8 PCMA/8000',
      '',
    ].join('\r\n');
    const lines = [
      Buffer.from(`INVITE ${this.uri()} SIP/2.0`),
      ...this.common('INVITE', 1).map((line) => Buffer.from(line)),
      Buffer.from(`To: <${this.uri()}>`),
      ...from,
      ...texts,
      Buffer.from(`Contact: <sip:x@${this.local()}>`),
      Buffer.from('Content-Type: application/sdp'),
      Buffer.from(`Content-Length: ${body.length}`),
    ];
    this.fromLine = [...from, ...texts]
      .map((text) => text.toString('latin1'))
      .find((text) => /^from:/i.test(text))!;
    const message = Buffer.concat([
      ...lines.flatMap((line) => [line, Buffer.from('\r\n')]),
      Buffer.from(`\r\n${body}`),
    ]);
    this.sip.send(message, this.to.port, this.to.host);
  }

  private fromLine = '';

  /** The final answer's status, or null when none comes in time. */
  async final(limitMs = 5000): Promise<number | null> {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      const last = this.answers.find((answer) => answer.status >= 200);
      if (last) return last.status;
      await new Promise((done) => setTimeout(done, 20));
    }
    return null;
  }

  /** Whether the other side has said BYE. */
  get over(): boolean {
    return this.ended;
  }

  /** Gives up: CANCEL before the answer, BYE after it. */
  close(): void {
    const method = this.toHeader ? 'BYE' : 'CANCEL';
    if (!this.ended) this.request(method, method === 'BYE' ? 2 : 1);
    setTimeout(() => {
      this.sip.close();
      this.rtp.close();
    }, 50);
  }

  /** Where it can be called, as a SIP address. */
  get contact(): string {
    return `sip:phone@${this.local()}`;
  }

  /** The INVITE of whoever has called it; it only rings. */
  invited = '';

  private uri(): string {
    return `sip:${this.user}@${this.to.host}:${this.to.port}`;
  }

  private local(): string {
    return `${this.sip.address().address}:${this.sip.address().port}`;
  }

  private common(method: string, number: number): string[] {
    return [
      `Via: SIP/2.0/UDP ${this.local()};branch=z9hG4bK${this.callId}${number}${method === 'ACK' ? 'a' : ''};rport`,
      'Max-Forwards: 70',
      `Call-ID: ${this.callId}`,
      `CSeq: ${number} ${method}`,
    ];
  }

  private request(method: string, number: number): void {
    const to = this.toHeader || `To: <${this.uri()}>`;
    const lines = [
      `${method} ${this.uri()} SIP/2.0`,
      ...this.common(method, number),
      to,
      this.fromLine,
      'Content-Length: 0',
    ];
    this.sip.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), this.to.port, this.to.host);
  }

  private heard(text: string, from: RemoteInfo): void {
    const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1];
    if (status) {
      this.answers.push({ status: Number(status), text });
      if (Number(status) >= 200 && /^CSeq: *1 INVITE/im.test(text)) {
        this.toHeader = Number(status) < 300 ? /^To:.*$/im.exec(text)![0].trim() : '';
        const kept = this.toHeader;
        this.toHeader = /^To:.*$/im.exec(text)![0].trim();
        this.request('ACK', 1);
        this.toHeader = kept;
      }
      return;
    }
    if (/^BYE /.test(text)) this.ended = true;
    if (/^INVITE /.test(text)) this.invited = text;
    const reply = /^INVITE /.test(text) ? '180 Ringing' : '200 OK';
    const echo = text.split('\r\n').filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
    this.sip.send(
      Buffer.from(`SIP/2.0 ${reply}\r\n${echo.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`, 'latin1'),
      from.port,
      from.address,
    );
  }
}
