/** The servers the runtime starts, and the oldest version that has what we use. */
export const OLDEST = { asterisk: [20, 0], redis: [6, 2], postgres: [14, 0] } as const;

export type ServerName = keyof typeof OLDEST;

/** Finds the version in what `asterisk -V`, `redis-server --version` or `postgres --version` print; null when there is none. */
export function readVersion(name: ServerName, printed: string): [number, number] | null {
  const patterns: Record<ServerName, RegExp> = {
    asterisk: /Asterisk (?:certified[-/])?(\d+)(?:\.(\d+))?/i,
    redis: /v=(\d+)\.(\d+)/,
    postgres: /PostgreSQL\) (\d+)(?:\.(\d+))?/,
  };
  const match = patterns[name].exec(printed);
  return match ? [Number(match[1]), Number(match[2] ?? 0)] : null;
}

/** Why a server of this version cannot be used, or null when it can. */
export function tooOld(name: ServerName, version: [number, number] | null): string | null {
  if (!version) return 'its version cannot be read';
  const [major, minor] = OLDEST[name];
  const enough = version[0] > major || (version[0] === major && version[1] >= minor);
  return enough ? null : `version ${version.join('.')} is older than ${major}.${minor}`;
}

/** Asterisk modules the hotline cannot do without, without their `.so`. */
export const ASTERISK_MODULES = [
  'app_queue',
  'app_stasis',
  'chan_pjsip',
  'codec_alaw',
  'res_ari_channels',
  'res_http_websocket',
  'res_pjsip_endpoint_identifier_ip',
  'res_pjsip_header_funcs',
  'res_pjsip_transport_websocket',
  'res_sorcery_memory',
  'res_srtp',
];
