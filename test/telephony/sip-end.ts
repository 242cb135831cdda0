import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

/** Silence in A-law, also two of it mixed. */
const SILENCES = new Set([0xd5, 0x55, 0xd4, 0x54]);

type OnInvite = 'answer' | 'ring' | 'reject' | 'busy';

/**
 * One SIP phone over UDP that a test moves by hand: it registers, calls, rings, answers, cancels, sends tones and digits,
 * and counts what it hears. It holds one call at a time.
 */
export class SipEnd {
  onInvite: OnInvite = 'answer';
  /** Status codes that came for our INVITE. */
  readonly answers: number[] = [];
  /** 'idle' → 'ringing' (we are rung, or wait for an answer) → 'up' → 'over'. */
  state: 'idle' | 'ringing' | 'up' | 'over' = 'idle';
  cancelled = false;
  rtpPackets = 0;
  /** Packets with anything but silence in them. */
  loudPackets = 0;
  /** Silence is sent instead of the tone. */
  quiet = false;
  fromHeader = '';
  assertedHeader = '';
  /** Key presses that have come (RFC 4733), in order. */
  digits = '';
  private lastDigitAt = -1;
  private callId = randomBytes(8).toString('hex');
  private readonly tag = randomBytes(4).toString('hex');
  private cseq = 1;
  private local = '';
  private from = '';
  private to = '';
  private target = '';
  private invite = '';
  private registering: ((text: string) => void) | null = null;
  private credentials: { account: string; secret: string } | null = null;
  private media: { port: number; host: string } | null = null;
  private sending: NodeJS.Timeout | null = null;
  private sequence = 0;
  private pressedAt = 0;

  private constructor(
    private readonly sip: Socket,
    private readonly rtp: Socket,
    private readonly server: { host: string; port: number },
  ) {
    this.local = `127.0.0.1:${sip.address().port}`;
    sip.on('message', (message) => this.heard(message.toString('latin1')));
    rtp.on('message', (packet) => {
      if ((packet[1]! & 0x7f) === 101) return this.hearDigit(packet);
      if ((packet[1]! & 0x7f) !== 8) return;
      this.rtpPackets++;
      if (packet.subarray(12).some((sample) => !SILENCES.has(sample))) this.loudPackets++;
    });
  }

  static async open(server: { host: string; port: number }): Promise<SipEnd> {
    const bound = (): Promise<Socket> =>
      new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.bind({ address: '127.0.0.1' }, () => resolve(socket));
      });
    return new SipEnd(await bound(), await bound(), server);
  }

  /** Where it takes SIP. */
  get address(): string {
    return this.local;
  }

  async register(account: string, secret: string, expires = 300): Promise<number> {
    const uri = `sip:${this.server.host}`;
    const send = (cseq: number, authorization: string): Promise<string> =>
      new Promise((resolve) => {
        this.registering = resolve;
        this.send([
          `REGISTER ${uri} SIP/2.0`,
          this.via(),
          `From: <sip:${account}@${this.server.host}>;tag=${this.tag}`,
          `To: <sip:${account}@${this.server.host}>`,
          `Call-ID: r${this.callId}`,
          `CSeq: ${cseq} REGISTER`,
          `Contact: <sip:${account}@${this.local}>`,
          `Expires: ${expires}`,
          ...(authorization ? [authorization] : []),
        ]);
      });
    const challenge = await send(this.cseq++, '');
    this.credentials = { account, secret };
    const reply = await send(this.cseq++, this.authorization(challenge, 'REGISTER', uri));
    return Number(/^SIP\/2\.0 (\d{3})/.exec(reply)?.[1]);
  }

  /** @param headers more header lines; Latin-1 text goes out as the bytes it stands for */
  call(user: string, headers: string[] = [], from = '<sip:13835512345@carrier>'): void {
    this.state = 'ringing';
    this.target = `sip:${user}@${this.server.host}:${this.server.port}`;
    this.from = `From: ${from};tag=${this.tag}`;
    this.sendInvite(headers);
  }

  private sendInvite(headers: string[]): void {
    this.to = `To: <${this.target}>`;
    this.invite = `z9hG4bK${randomBytes(6).toString('hex')}`;
    this.send(
      [
        `INVITE ${this.target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${this.local};branch=${this.invite}`,
        this.from,
        this.to,
        `Call-ID: ${this.callId}`,
        `CSeq: ${++this.cseq} INVITE`,
        `Contact: <sip:caller@${this.local}>`,
        ...headers,
      ],
      this.sdp(),
    );
  }

  /** Picks up when rung. */
  answer(): void {
    this.reply('200 OK', this.invite, this.sdp());
    this.state = 'up';
    this.startTone();
  }

  hangUp(): void {
    if (this.state === 'ringing' && !this.answers.some((status) => status >= 200) && !this.cancelled) {
      this.cancelled = true;
      const cancel = [
        `Via: SIP/2.0/UDP ${this.local};branch=${this.invite}`,
        this.from,
        `To: <${this.target}>`,
      ];
      this.send([
        `CANCEL ${this.target} SIP/2.0`,
        ...cancel,
        `Call-ID: ${this.callId}`,
        `CSeq: ${this.cseq} CANCEL`,
      ]);
    } else if (this.state === 'up') this.inDialog('BYE');
    this.finish();
  }

  press(digit: string): void {
    const code = '0123456789*#'.indexOf(digit);
    this.pressedAt += 8000;
    // 100 ms of key press in packets of 20 ms, then the end three times (RFC 4733).
    const send = (step: number) => {
      const body = Buffer.from([code, (step >= 5 ? 0x80 : 0) | 10, 0, 0]);
      body.writeUInt16BE(Math.min(step + 1, 6) * 160, 2);
      this.packet(101, body, step === 0);
      if (step < 7) setTimeout(() => send(step + 1), step < 5 ? 20 : 0);
    };
    send(0);
  }

  private hearDigit(packet: Buffer): void {
    const pressedAt = packet.readUInt32BE(4);
    if (pressedAt === this.lastDigitAt) return;
    this.lastDigitAt = pressedAt;
    this.digits += '0123456789*#ABCD'.charAt(packet[12]!);
  }

  close(): void {
    if (this.state === 'up' || this.state === 'ringing') this.hangUp();
    setTimeout(() => {
      this.sip.close();
      this.rtp.close();
    }, 60);
  }

  private authorization(challenge: string, method: string, uri: string): string {
    const { account, secret } = this.credentials!;
    const part = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(challenge)?.[1] ?? '';
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const [nonce, realm, opaque] = [part('nonce'), part('realm'), part('opaque')];
    const response = md5(
      `${md5(`${account}:${realm}:${secret}`)}:${nonce}:00000001:abcd:auth:${md5(`${method}:${uri}`)}`,
    );
    return `Authorization: Digest username="${account}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abcd"${opaque ? `, opaque="${opaque}"` : ''}`;
  }

  private finish(): void {
    this.state = 'over';
    if (this.sending) clearInterval(this.sending);
    this.sending = null;
  }

  private startTone(): void {
    let step = 0;
    this.sending ??= setInterval(
      () => this.packet(8, Buffer.alloc(160, this.quiet ? 0xd5 : ++step % 2 ? 0x2a : 0x34), false),
      20,
    );
  }

  private packet(type: number, payload: Buffer, mark: boolean): void {
    if (!this.media) return;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = type | (mark ? 0x80 : 0);
    header.writeUInt16BE(++this.sequence & 0xffff, 2);
    header.writeUInt32BE(type === 101 ? this.pressedAt : (this.sequence * 160) >>> 0, 4);
    header.writeUInt32BE(0x1234, 8);
    this.rtp.send(Buffer.concat([header, payload]), this.media.port, this.media.host);
  }

  private via(): string {
    return `Via: SIP/2.0/UDP ${this.local};branch=z9hG4bK${randomBytes(6).toString('hex')};rport`;
  }

  private sdp(): string {
    const { port } = this.rtp.address();
    return `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n`;
  }

  private send(lines: string[], body = ''): void {
    const all = [...lines, 'Max-Forwards: 70', ...(body ? ['Content-Type: application/sdp'] : [])];
    const text = `${all.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    this.sip.send(Buffer.from(text, 'latin1'), this.server.port, this.server.host);
  }

  private inDialog(method: 'ACK' | 'BYE'): void {
    const cseq = method === 'ACK' ? this.cseq : ++this.cseq;
    const dialog = [this.from, this.to, `Call-ID: ${this.callId}`, `CSeq: ${cseq} ${method}`];
    this.send([`${method} ${this.target} SIP/2.0`, this.via(), ...dialog]);
  }

  private reply(status: string, request: string, body = ''): void {
    const echo = request.split('\r\n').filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
    const tagged = echo.map((line) =>
      /^to:/i.test(line) && !line.includes('tag=') ? `${line};tag=${this.tag}` : line,
    );
    const contact = `Contact: <sip:phone@${this.local}>`;
    const type = body ? ['Content-Type: application/sdp'] : [];
    const lines = [
      `SIP/2.0 ${status}`,
      ...tagged,
      contact,
      ...type,
      `Content-Length: ${body.length}`,
      '',
      body,
    ];
    this.sip.send(Buffer.from(lines.join('\r\n'), 'latin1'), this.server.port, this.server.host);
  }

  private heard(text: string): void {
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]);
    if (!status) return this.asked(text);
    if (/^CSeq: *\d+ REGISTER/im.test(text)) return this.registering?.(text);
    if (!/^CSeq: *\d+ INVITE/im.test(text)) return;
    if (status === 401 && this.credentials && this.state === 'ringing') return this.proveIdentity(text);
    this.answers.push(status);
    if (status < 200) return;
    this.to = /^To:.*$/im.exec(text)![0].trim();
    if (status >= 300) {
      this.acknowledgeRefusal();
      return this.finish();
    }
    this.inDialog('ACK');
    this.learnMedia(text);
    if (this.state !== 'ringing') return;
    this.state = 'up';
    this.startTone();
  }

  private acknowledgeRefusal(): void {
    const via = `Via: SIP/2.0/UDP ${this.local};branch=${this.invite}`;
    const dialog = [this.from, this.to, `Call-ID: ${this.callId}`, `CSeq: ${this.cseq} ACK`];
    this.send([`ACK ${this.target} SIP/2.0`, via, ...dialog]);
  }

  private proveIdentity(challenge: string): void {
    this.to = /^To:.*$/im.exec(challenge)![0].trim();
    this.acknowledgeRefusal();
    this.sendInvite([this.authorization(challenge, 'INVITE', this.target)]);
  }

  private asked(text: string): void {
    const method = /^(\w+)/.exec(text)?.[1];
    if (method === 'INVITE' && this.state === 'up') return this.reply('200 OK', text, this.sdp());
    if (method === 'INVITE') return this.rung(text);
    if (method === 'CANCEL') {
      this.cancelled = true;
      this.reply('200 OK', text);
      this.reply('487 Request Terminated', this.invite);
      return this.finish();
    }
    if (method === 'BYE') {
      this.reply('200 OK', text);
      return this.finish();
    }
    if (method !== 'ACK') this.reply('200 OK', text);
  }

  private rung(text: string): void {
    this.invite = text;
    this.fromHeader = /^From:.*$/im.exec(text)![0];
    this.assertedHeader = /^P-Asserted-Identity:.*$/im.exec(text)?.[0] ?? '';
    this.callId = /^Call-ID: *(.*)$/im.exec(text)![1]!.trim();
    this.target = /^Contact: *<([^>]+)>/im.exec(text)?.[1] ?? '';
    this.from = `${/^To:.*$/im.exec(text)![0].trim().replace(/^To/i, 'From')};tag=${this.tag}`;
    this.to = /^From:.*$/im.exec(text)![0].trim().replace(/^From/i, 'To');
    this.learnMedia(text);
    this.cancelled = false;
    this.state = 'ringing';
    this.reply('180 Ringing', text);
    if (this.onInvite === 'answer') this.answer();
    else if (this.onInvite !== 'ring') {
      this.reply(this.onInvite === 'busy' ? '486 Busy Here' : '603 Decline', text);
      this.finish();
    }
  }

  private learnMedia(text: string): void {
    const port = Number(/^m=audio (\d+)/m.exec(text)?.[1]);
    if (port) this.media = { port, host: /^c=IN IP4 (\S+)/m.exec(text)?.[1] ?? this.server.host };
  }
}
