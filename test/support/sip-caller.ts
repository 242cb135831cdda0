import { mixOf, SipAudio } from './sip-audio';
import { SipProcess, type SipMessage } from './sip-process';
import { callerScenario } from './sip-scenarios';
import { until } from './until';

export interface CallOptions {
  /** Who is called: the user part of the request line. */
  to?: string;
  /** The citizen's number. */
  from?: string;
  /** Written in quotes as it is. */
  displayName?: string;
}

export interface CallsOptions {
  /** Where Asterisk listens. */
  at: { host: string; port: number };
  /** Local address it calls from. */
  sourceAddress?: string;
  /** The numbers the call was diverted from, the most recent first. */
  diversion?: string[];
  historyInfo?: string[];
  /** Whole header lines; a From among them replaces ours. */
  rawHeaders?: (string | Buffer)[];
  /** Calls per second when there are several. */
  perSecond?: number;
}

/** One call of a citizen, made by SIPp. Instants are SIPp's own, ms since the epoch. */
export class CitizenCall {
  inviteAt = 0;
  answeredAt: number | null = null;
  endedAt: number | null = null;
  /** How it ended. */
  result: 'hung-up' | 'was-hung-up' | 'cancelled' | 'refused' | null = null;
  /** The final status of the INVITE. */
  status = 0;
  sipCallId = '';
  private acknowledged = false;

  constructor(
    readonly from: string,
    readonly audio: SipAudio,
    private readonly control: { command(method: string, callId: string): Promise<void>; errors(): string },
  ) {}

  get over(): boolean {
    return this.endedAt !== null;
  }

  answered(limitMs = 5000): Promise<number> {
    return until(
      `call of ${this.from} is answered`,
      () => this.answeredAt,
      limitMs,
      () => this.story(),
    );
  }

  ended(limitMs = 5000): Promise<number> {
    return until(
      `call of ${this.from} ends`,
      () => this.endedAt,
      limitMs,
      () => this.story(),
    );
  }

  async hangUp(): Promise<void> {
    // A CANCEL that crosses the answer is not what SIPp can end cleanly: give the answer a moment.
    await this.answered(400).catch(() => undefined);
    // SIPp takes a command only when it is done with the answer.
    await until('SIPp acknowledges', () => !this.answeredAt || this.acknowledged || this.over, 3000);
    if (!this.over) await this.control.command('XHANGUP', this.sipCallId);
    await this.ended();
  }

  /** Resolves when this end hears somebody's voice (several: mixed) from now on, for `packets` × 20 ms. */
  async hears(other: SipAudio | SipAudio[], packets = 5, limitMs = 4000): Promise<void> {
    const voices = mixOf([other].flat());
    const before = this.audio.countAny(voices);
    await until(
      `${this.from} hears the other (voices ${voices.join(', ')})`,
      () => this.audio.countAny(voices) - before >= packets,
      limitMs,
      () => this.story(),
    );
  }

  hear(message: SipMessage): void {
    const { of, status, sent, method, at } = message;
    if (sent && method === 'INVITE' && !this.inviteAt) {
      this.inviteAt = at;
      this.sipCallId = message.callId;
    } else if (!sent && of === 'INVITE' && status >= 200 && !this.status) {
      this.status = status;
      if (status < 300) {
        this.answeredAt = at;
        this.audio.speakTo(message.text);
      } else this.end(status === 487 ? 'cancelled' : 'refused', at);
    } else if (sent && method === 'ACK') this.acknowledged = true;
    else if (method === 'BYE') this.end(sent ? 'hung-up' : 'was-hung-up', at);
  }

  private end(result: CitizenCall['result'], at: number): void {
    this.result ??= result;
    this.endedAt ??= at;
    this.audio.close();
  }

  private story(): string {
    const { inviteAt, answeredAt, endedAt, result, status } = this;
    return `${JSON.stringify({ inviteAt, answeredAt, endedAt, result, status, heard: [...this.audio.heard] })} ${this.control.errors()}`;
  }
}

/** Calls Asterisk as one citizen; resolves when the INVITE is out. */
export async function callCitizen(options: CallsOptions & CallOptions): Promise<CitizenCall> {
  const [call] = await callCitizens(options, [options]);
  return call!;
}

/** Several citizens from one SIPp, in order; resolves when all INVITEs are out. */
export async function callCitizens(options: CallsOptions, calls: CallOptions[]): Promise<CitizenCall[]> {
  const headers: (string | Buffer)[] = [
    ...(options.diversion ?? []).map(
      (number) => `Diversion: <sip:${number}@carrier.invalid>;reason=unconditional`,
    ),
    ...(options.historyInfo ?? []).map(
      (number, index) => `History-Info: <sip:${number}@carrier.invalid>;index=1${'.1'.repeat(index)}`,
    ),
    ...(options.rawHeaders ?? []),
  ];
  const made: CitizenCall[] = [];
  const fields: string[] = [];
  const control: { process: SipProcess | null } = { process: null };
  for (const call of calls) {
    const audio = await SipAudio.open();
    const from = call.from ?? '13835512345';
    const name = call.displayName === undefined ? '' : `"${call.displayName}" `;
    fields.push([call.to ?? '12345', from, name, audio.port].join(';'));
    made.push(
      new CitizenCall(from, audio, {
        command: async (method, callId) => control.process?.command(method, callId),
        errors: () => control.process?.errors() ?? '',
      }),
    );
  }
  // SIPp numbers its calls from 1 in the order of the fields.
  control.process = await SipProcess.start(
    {
      name: 'citizen',
      scenario: callerScenario(headers),
      to: options.at,
      ...(options.sourceAddress ? { address: options.sourceAddress } : {}),
      fields,
      args: ['-m', String(calls.length), '-r', String(options.perSecond ?? 20), '-l', String(calls.length)],
    },
    (message) => made[Number(/^c(\d+)-/.exec(message.callId)?.[1] ?? 0) - 1]?.hear(message),
  );
  await until(
    'SIPp sends its INVITEs',
    () => made.every((call) => call.inviteAt > 0),
    10_000 + calls.length * 100,
    () => control.process?.errors() ?? '',
  );
  return made;
}
