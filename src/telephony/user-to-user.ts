/** A call's id as we give them out. */
const CALL_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Our call's id as the value of a User-to-User header (RFC 7433), for the exchange a call goes on to. */
export function userToUser(callId: string): string {
  const hex = [...callId].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return `${hex};encoding=hex`;
}

/** The call's id out of such a header, with or without a protocol octet before it; null for anybody else's. */
export function callIdOf(header: string): string | null {
  const hex = /^\s*(?:00|04)?((?:[0-9a-f]{2}){36})\s*(?:;|$)/i.exec(header)?.[1];
  const text = hex?.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)));
  return text !== undefined && CALL_ID.test(text) ? text : null;
}
