import { causeFromQ850 } from '../hangup-cause';
import { cleanText, textFromBase64 } from '../caller-text';
import type { ArrivedLeg, LegSnapshot, SwitchEvent } from '../call-control';
import { parseDiversion, parseHistoryInfo } from '../diversion';
import { parseSipAddress } from '../sip-address';
import { callIdOf } from '../user-to-user';
import { isListeningBridge } from './snoop-names';

/** Argument of our Stasis application for legs that we dialled. */
export const DIALLED = 'dialled';
/** Channel variable that holds our note (`remember`). */
export const NOTE = 'HOTLINE';

type Fields = Record<string, unknown>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The time an ARI event says it happened; `now` when it says none. */
function timeOf(event: Fields, now: Date): Date {
  const at = new Date(textOf(event.timestamp));
  return Number.isNaN(at.getTime()) ? now : at;
}

/**
 * One ARI event in our words; null when it means nothing to the hotline (unknown types too). A leg we dialled counts
 * as answered at its StasisStart, not at its state change just before: only then it can be joined to a talk.
 */
export function translate(raw: unknown, now: Date): SwitchEvent | null {
  const event = fieldsOf(raw);
  const channel = fieldsOf(event.channel);
  const legId = textOf(channel.id);
  const at = timeOf(event, now);
  switch (event.type) {
    case 'StasisStart':
      // A dialplan whose pattern also matches `h` hands a dead leg over once more.
      if (fieldsOf(channel.dialplan).exten === 'h') return null;
      if (textOf(listOf(event.args)[0]) === DIALLED) return { kind: 'legAnswered', legId, at };
      return { kind: 'legArrived', leg: arrivedLeg(channel, textOf(listOf(event.args)[0])), at };
    case 'ChannelStateChange':
      if (channel.state === 'Ringing') return { kind: 'legRinging', legId, at };
      if (channel.state === 'Up' && fieldsOf(channel.dialplan).app_name === 'Stasis')
        return { kind: 'legAnswered', legId, at };
      return null;
    case 'ChannelDtmfReceived':
      return /^[0-9*#A-D]$/.test(textOf(event.digit))
        ? { kind: 'digitPressed', legId, digit: textOf(event.digit), at }
        : null;
    case 'ChannelEnteredBridge':
      return { kind: 'legsTalking', talkId: textOf(fieldsOf(event.bridge).id), legId, at };
    case 'ChannelLeftBridge':
      return { kind: 'legsApart', talkId: textOf(fieldsOf(event.bridge).id), legId, at };
    case 'ChannelDestroyed': {
      const q850 = typeof event.cause === 'number' ? event.cause : 0;
      return { kind: 'legEnded', legId, cause: causeFromQ850(q850), q850, at };
    }
    case 'PlaybackFinished':
      return promptEnded(fieldsOf(event.playback), at);
    case 'DeviceStateChanged':
      return phoneReachable(fieldsOf(event.device_state), at);
    default:
      return null;
  }
}

function promptEnded(playback: Fields, at: Date): SwitchEvent | null {
  const target = /^channel:(.+)$/s.exec(textOf(playback.target_uri))?.[1];
  if (!target) return null;
  return {
    kind: 'promptEnded',
    promptId: textOf(playback.id),
    legId: target,
    completed: playback.state === 'done',
    at,
  };
}

function phoneReachable(device: Fields, at: Date): SwitchEvent | null {
  const account = /^PJSIP\/(.+)$/s.exec(textOf(device.name))?.[1];
  if (!account) return null;
  return {
    kind: 'phoneReachable',
    account,
    reachable: !['UNAVAILABLE', 'INVALID', 'UNKNOWN'].includes(textOf(device.state)),
    at,
  };
}

/**
 * An arriving channel. The dialplan hands over raw headers as base64 in channel variables, because Asterisk drops an
 * event whose JSON would hold bytes that are not UTF-8 (a display name in GBK). Several headers are joined by `|`.
 */
function arrivedLeg(channel: Fields, side: string): ArrivedLeg {
  const vars = fieldsOf(channel.channelvars);
  const headers = (name: string) =>
    textOf(vars[name]).split('|').filter(Boolean).slice(0, 20).map(textFromBase64);
  const caller = fieldsOf(channel.caller);
  const from = parseSipAddress(headers('HOTLINE_FROM')[0] ?? '');
  const dialled = cleanText(textOf(vars.HOTLINE_DIALLED) || textOf(fieldsOf(channel.dialplan).exten), 64);
  const number = cleanText(textOf(caller.number) || (from?.user ?? ''), 64);
  const hidden = isHidden(headers('HOTLINE_PRIVACY'), textOf(vars.HOTLINE_PRESENTATION), number);
  const name = from?.displayName || cleanText(textOf(caller.name), 80);
  return {
    legId: textOf(channel.id),
    side: side === 'phone' ? 'phone' : 'trunk',
    account: side === 'phone' ? accountOf(channel) : null,
    callerNumber: hidden || number === '' ? null : number,
    callerName: hidden ? '' : name,
    callerHidden: hidden,
    dialled,
    diversions: [
      ...parseDiversion(headers('HOTLINE_DIVERSION')),
      ...parseHistoryInfo(headers('HOTLINE_HISTORY'), dialled),
    ],
    earlierCallId: callIdOf(headers('HOTLINE_CONTEXT')[0] ?? ''),
  };
}

/** RFC 3323 privacy, Asterisk's presentation, or a number that says so itself. */
function isHidden(privacy: string[], presentation: string, number: string): boolean {
  const words = privacy
    .join(';')
    .toLowerCase()
    .split(/[;,\s]+/);
  if (words.some((word) => ['id', 'user', 'header', 'full'].includes(word))) return true;
  return presentation.startsWith('prohib') || /^(anonymous|unknown|restricted|unavailable)$/i.test(number);
}

/** `PJSIP/1001-0000002a` → `1001`. */
function accountOf(channel: Fields): string | null {
  return /^PJSIP\/(.+)-[0-9a-f]{8}$/.exec(textOf(channel.name))?.[1] ?? null;
}

/**
 * What the switch holds under our control, from its lists. `mine` are the channel ids our application is subscribed to.
 */
export function snapshots(channels: unknown, bridges: unknown, mine: ReadonlySet<string>): LegSnapshot[] {
  const talks = new Map<string, string>();
  for (const bridge of listOf(bridges).map(fieldsOf))
    if (!isListeningBridge(textOf(bridge.id)))
      for (const member of listOf(bridge.channels)) talks.set(textOf(member), textOf(bridge.id));
  return listOf(channels)
    .map(fieldsOf)
    .filter((channel) => mine.has(textOf(channel.id)))
    .map((channel) => ({
      legId: textOf(channel.id),
      state: stateOf(textOf(channel.state)),
      data: textOf(fieldsOf(channel.channelvars)[NOTE]) || null,
      talkId: talks.get(textOf(channel.id)) ?? null,
      createdAt: new Date(textOf(channel.creationtime)).getTime() || 0,
    }));
}

function stateOf(state: string): LegSnapshot['state'] {
  if (state === 'Up') return 'up';
  return state === 'Ring' || state === 'Ringing' || state === 'Dialing' ? 'ringing' : 'down';
}
