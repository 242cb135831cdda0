import { z } from 'zod';

const port = (byDefault: number) => z.coerce.number().int().min(1).max(65535).default(byDefault);

/** Settings of `npm start` alone, beside those of src/config.ts. */
export const runtimeSettings = z.object({
  SIP_HOST: z.ipv4().default('127.0.0.1').describe('Address Asterisk takes SIP on'),
  SIP_PORT: port(5060).describe('Port Asterisk takes SIP on (UDP and TCP)'),
  ARI_PORT: port(8088).describe(
    'Port of Asterisk’s HTTP server (ARI and the phones’ WebSocket), loopback only',
  ),
  REDIS_PORT: port(16379).describe('Port of Redis, loopback only'),
  POSTGRES_PORT: port(15432).describe('Port of PostgreSQL, loopback only'),
  RTP_START: port(10000).describe('First UDP port for audio'),
  RTP_END: port(10999).describe('Last UDP port for audio'),
  TRUNK_ADDRESSES: z
    .string()
    .regex(/^[0-9a-fA-F.:/, ]+$/, 'IP addresses or networks with commas between')
    .default('127.0.0.1')
    .describe('Addresses or networks whose SIP is the carrier’s; everybody else is refused'),
  TRUNK_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.-]+(:\d+)?$/, 'host or host:port')
    .default('127.0.0.1:5080')
    .describe('Where calls to the carrier are sent'),
  DEMO_CITY: z
    .enum(['true', 'false'])
    .default('true')
    .describe('Put the demonstration city into the database'),
});

export type RuntimeSettings = z.infer<typeof runtimeSettings>;

/** One port that a server wants. */
export interface WantedPort {
  port: number;
  host: string;
  protocol: 'tcp' | 'udp';
  /** Who wants it, for people. */
  server: string;
  /** The setting that moves it. */
  setting: string;
}

/** Says which port is taken and how to move it. */
export function takenPort(wanted: WantedPort): string {
  return (
    `Port ${wanted.port}/${wanted.protocol} on ${wanted.host} is taken, and ${wanted.server} wants it. ` +
    `Stop what listens there, or give another one: ${wanted.setting}=${wanted.port + 1} npm start`
  );
}

/** The first port two servers of ours would both take, as a sentence; null when there is none. */
export function portsInConflict(wanted: WantedPort[]): string | null {
  for (const [index, one] of wanted.entries()) {
    const other = wanted
      .slice(0, index)
      .find((each) => each.port === one.port && each.protocol === one.protocol);
    if (other)
      return `${other.setting} and ${one.setting} are both ${one.port}: give ${one.server} another port.`;
  }
  return null;
}
