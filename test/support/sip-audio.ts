import { createSocket, type Socket } from 'node:dgram';

const FRAME_MS = 20;
const FRAME_BYTES = 160;
const KEPT_FRAMES = 3000;
/** Silence in A-law: no voice. */
const SILENCES = new Set([0xd5, 0x55, 0xd4, 0x54]);

const speaking = new Set<SipAudio>();
let ticker: NodeJS.Timeout | null = null;
let voices = 0;

/**
 * The audio of one SIPp leg: SIPp says this port in its SDP. It speaks with a voice of its own (frames of one A-law
 * value, which Asterisk passes on as they are) and counts whose voice it hears, so a test knows who hears whom.
 */
export class SipAudio {
  readonly voice: number;
  /** Packets heard, by voice; `other` is everything else: prompts and music. */
  readonly heard = new Map<number | 'other' | 'silence', number>();
  lastPacketAt = 0;
  /** Frames of prompts and music in the order heard, as Latin-1 text; see sip-prompt.ts. */
  readonly frames: string[] = [];
  /** The number of frames heard when a voice was heard first. */
  readonly framesBefore = new Map<number, number>();
  private target: { host: string; port: number } | null = null;
  private readonly packet = Buffer.alloc(12 + FRAME_BYTES);
  private sequence = 0;
  private closed = false;
  private pressing = false;

  private constructor(private readonly socket: Socket) {
    do voices = (voices + 1) % 120;
    while (SILENCES.has(0x80 + voices));
    this.voice = 0x80 + voices;
    this.packet.fill(this.voice, 12);
    this.packet[0] = 0x80;
    this.packet[1] = 8;
    this.packet.writeUInt32BE(Math.floor(Math.random() * 0xffffffff), 8);
    socket.on('message', (message) => this.hear(message));
  }

  static open(): Promise<SipAudio> {
    const socket = createSocket('udp4');
    return new Promise((resolve) => {
      socket.bind({ address: '127.0.0.1' }, () => resolve(new SipAudio(socket)));
    });
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** Speaks to the address of an SDP from now on; closed, it stays silent (an answer's SDP may come late). */
  speakTo(sdp: string): void {
    if (this.closed) return;
    const host = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
    const port = Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);
    if (!host || !port) return;
    this.target = { host, port };
    speaking.add(this);
    ticker ??= setInterval(() => {
      for (const each of speaking) each.speak();
    }, FRAME_MS);
    ticker.unref();
  }

  /** Presses a key for 100 ms, as RFC 4733 (formerly 2833) events instead of the voice; resolves when it is let go. */
  async press(digit: string): Promise<void> {
    const code = '0123456789*#'.indexOf(digit);
    this.pressing = true;
    const start = ((this.sequence + 1) * FRAME_BYTES) >>> 0;
    for (let step = 1; step <= 8; step++) {
      // The end is said three times, at once.
      const event = Buffer.from([code, (step >= 6 ? 0x80 : 0) | 10, 0, 0]);
      event.writeUInt16BE(Math.min(step, 6) * FRAME_BYTES, 2);
      const packet = Buffer.concat([this.packet.subarray(0, 12), event]);
      packet[1] = 101 | (step === 1 ? 0x80 : 0);
      this.send(packet, start);
      if (step < 6) await new Promise((done) => setTimeout(done, FRAME_MS));
    }
    this.pressing = false;
  }

  /** How many packets with this voice have come so far. */
  count(voice: number | 'other' | 'silence'): number {
    return this.heard.get(voice) ?? 0;
  }

  /** How many packets with one of these voices have come so far. */
  countAny(voices: readonly number[]): number {
    return voices.reduce((sum, voice) => sum + this.count(voice), 0);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    speaking.delete(this);
    if (speaking.size === 0 && ticker) {
      clearInterval(ticker);
      ticker = null;
    }
    this.target = null;
    this.socket.close();
  }

  private speak(): void {
    if (!this.pressing) this.send(this.packet, ((this.sequence + 1) * FRAME_BYTES) >>> 0);
  }

  private send(packet: Buffer, timestamp: number): void {
    if (!this.target || this.closed) return;
    this.sequence = (this.sequence + 1) & 0xffff;
    packet.writeUInt16BE(this.sequence, 2);
    packet.writeUInt32BE(timestamp, 4);
    this.socket.send(packet, this.target.port, this.target.host);
  }

  private hear(message: Buffer): void {
    // Voices have a value of 0x80 and more in every byte; the payload type is A-law's.
    if (message.length < 12 + 16 || (message[1]! & 0x7f) !== 8) return;
    this.lastPacketAt = Date.now();
    const payload = message.subarray(12);
    const value = payload[0]!;
    const even = payload.every((byte) => byte === value);
    const kind = !even ? 'other' : SILENCES.has(value) ? 'silence' : value;
    this.heard.set(kind, this.count(kind) + 1);
    if (kind === 'other') {
      if (this.frames.length < KEPT_FRAMES) this.frames.push(payload.toString('latin1'));
    } else if (kind !== 'silence' && !this.framesBefore.has(kind))
      this.framesBefore.set(kind, this.frames.length);
  }
}

/**
 * The voices that may be heard where several speak at once: Asterisk adds them up and encodes the sum in A-law (G.711),
 * which may round to the step below or above.
 */
export function mixOf(voices: readonly SipAudio[]): number[] {
  const [first] = voices;
  if (voices.length === 1 && first) return [first.voice];
  const code = toALaw(voices.reduce((sum, { voice }) => sum + fromALaw(voice), 0)) ^ 0x55;
  return [code - 1, code, code + 1].map((near) => near ^ 0x55);
}

function fromALaw(code: number): number {
  const value = code ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = ((value & 0x0f) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return value & 0x80 ? size : -size;
}

function toALaw(sample: number): number {
  const size = Math.min(Math.abs(sample), 0x7fff);
  let exponent = 7;
  while (exponent > 0 && size < 0x100 << (exponent - 1)) exponent -= 1;
  const mantissa = (exponent === 0 ? size >> 4 : size >> (exponent + 3)) & 0x0f;
  return ((sample >= 0 ? 0x80 : 0) | (exponent << 4) | mantissa) ^ 0x55;
}
