/**
 * The few ARI operations the hotline uses, by the name Asterisk's own API description gives them, with their method and
 * path. Parameters that are not in the path go into the body (POST, PUT) or the query (GET, DELETE).
 */
export const ARI_OPERATIONS = {
  'applications.get': ['GET', '/applications/{applicationName}'],
  'applications.subscribe': ['POST', '/applications/{applicationName}/subscription'],
  'applications.unsubscribe': ['DELETE', '/applications/{applicationName}/subscription'],
  'asterisk.deleteObject': ['DELETE', '/asterisk/config/dynamic/{configClass}/{objectType}/{id}'],
  'asterisk.getModule': ['GET', '/asterisk/modules/{moduleName}'],
  'asterisk.setGlobalVar': ['POST', '/asterisk/variable'],
  'asterisk.updateObject': ['PUT', '/asterisk/config/dynamic/{configClass}/{objectType}/{id}'],
  'bridges.addChannel': ['POST', '/bridges/{bridgeId}/addChannel'],
  'bridges.createWithId': ['POST', '/bridges/{bridgeId}'],
  'bridges.destroy': ['DELETE', '/bridges/{bridgeId}'],
  'bridges.get': ['GET', '/bridges/{bridgeId}'],
  'bridges.list': ['GET', '/bridges'],
  'bridges.removeChannel': ['POST', '/bridges/{bridgeId}/removeChannel'],
  'channels.answer': ['POST', '/channels/{channelId}/answer'],
  'channels.continueInDialplan': ['POST', '/channels/{channelId}/continue'],
  'channels.get': ['GET', '/channels/{channelId}'],
  'channels.hangup': ['DELETE', '/channels/{channelId}'],
  'channels.list': ['GET', '/channels'],
  'channels.mute': ['POST', '/channels/{channelId}/mute'],
  'channels.originateWithId': ['POST', '/channels/{channelId}'],
  'channels.playWithId': ['POST', '/channels/{channelId}/play/{playbackId}'],
  'channels.record': ['POST', '/channels/{channelId}/record'],
  'channels.rtpstatistics': ['GET', '/channels/{channelId}/rtp_statistics'],
  'channels.sendDTMF': ['POST', '/channels/{channelId}/dtmf'],
  'channels.setChannelVar': ['POST', '/channels/{channelId}/variable'],
  'channels.snoopChannelWithId': ['POST', '/channels/{channelId}/snoop/{snoopId}'],
  'channels.startMoh': ['POST', '/channels/{channelId}/moh'],
  'channels.stopMoh': ['DELETE', '/channels/{channelId}/moh'],
  'channels.unmute': ['DELETE', '/channels/{channelId}/mute'],
  'endpoints.get': ['GET', '/endpoints/{tech}/{resource}'],
  'playbacks.get': ['GET', '/playbacks/{playbackId}'],
  'playbacks.stop': ['DELETE', '/playbacks/{playbackId}'],
  'recordings.deleteStored': ['DELETE', '/recordings/stored/{recordingName}'],
  'recordings.getLive': ['GET', '/recordings/live/{recordingName}'],
  'recordings.listStored': ['GET', '/recordings/stored'],
  'recordings.mute': ['POST', '/recordings/live/{recordingName}/mute'],
  'recordings.unmute': ['DELETE', '/recordings/live/{recordingName}/mute'],
} as const satisfies Record<string, readonly ['GET' | 'POST' | 'PUT' | 'DELETE', string]>;

export type AriOperation = keyof typeof ARI_OPERATIONS;
export type AriParams = Record<
  string,
  string | number | boolean | string[] | Record<string, string> | Record<string, string>[] | AriField[]
>;

/** One attribute of a pushed configuration object. */
export interface AriField {
  attribute: string;
  value: string;
}

/** An operation as a plain HTTP request: `path` has no leading slash, every inserted value is percent-encoded. */
export interface AriHttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body: AriParams | null;
}

/** Turns an operation and its parameters into an HTTP request. A missing path parameter is a fault of ours and throws. */
export function httpRequestOf(operation: AriOperation, params: AriParams): AriHttpRequest {
  const [method, template] = ARI_OPERATIONS[operation];
  const rest = { ...params };
  const path = template.slice(1).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    if (typeof value !== 'string' || value === '') throw new Error(`${operation} needs ${name}`);
    delete rest[name];
    return encodeURIComponent(value);
  });
  if (Object.keys(rest).length === 0) return { method, path, body: null };
  if (method === 'POST' || method === 'PUT') return { method, path, body: rest };
  const query = Object.entries(rest).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return { method, path: `${path}?${query.join('&')}`, body: null };
}
