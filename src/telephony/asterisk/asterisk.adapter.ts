import type {
  CallControl,
  DialRequest,
  LegId,
  LegSnapshot,
  ListenMode,
  Outcome,
  PhoneKind,
  PromptId,
  RecordingId,
  SwitchEvent,
  TalkId,
} from '../call-control';
import { userToUser } from '../user-to-user';
import { cleanText } from '../caller-text';
import { HANGUP_CAUSES, type HangupCause } from '../hangup-cause';
import { checkDigits, checkSounds, checkTarget } from '../switch-names';
import { AriCommands, isDone, isGone, refused } from './ari-command.adapter';
import { makeAriLink } from './ari-connect.adapter';
import { httpAri } from './ari-http.adapter';
import type { AriLink, AriLinkKind, AriLinkOptions } from './ari-link';
import { DIALLED, NOTE, fieldsOf, listOf, snapshots, textOf, translate } from './ari-translate';
import { AsteriskListening } from './asterisk-listening.adapter';
import { AsteriskPhones } from './asterisk-phones.adapter';
import { AsteriskRecordings } from './asterisk-recordings.adapter';
import { AsteriskSnoops } from './asterisk-snoops.adapter';
import { AsteriskTalks } from './asterisk-talks.adapter';
import { LegBook, playbackIds } from './leg-book';
import { DIALLED_FORMATS } from './phone-account';
import { isListeningBridge, snoopOf, type Snoop } from './snoop-names';

export interface AsteriskOptions extends AriLinkOptions {
  link?: AriLinkKind | 'auto';
}

/** After another client has taken our application away, this long passes before we take it back. */
const YIELD_MS = 15_000;
/** An arrived leg is followed this long after its arrival: ringing a seat goes first. */
const FOLLOW_MS = 20;
/** Events that mean nothing to us; there are more of them than of all others. */
const UNHEARD = [
  'ChannelCallerId',
  'ChannelConnectedLine',
  'ChannelDialplan',
  'ChannelHangupRequest',
  'ChannelVarset',
  'Dial',
];
/** How long after a leg has left our application the cause of its end may take to come. */
const LAST_WORD_MS = 200;

/** The port on Asterisk ≥ 16 over ARI. Which link carries it (ari-client or direct) makes no difference here. */
export class AsteriskCallControl implements CallControl {
  private readonly ari = new AriCommands();
  private readonly book = new LegBook();
  private readonly talks: AsteriskTalks;
  private readonly phones: AsteriskPhones;
  private readonly snoops: AsteriskSnoops;
  private readonly recordings: AsteriskRecordings;
  private readonly listening: AsteriskListening;
  /** Arrived legs whose end we have not asked to be told yet. */
  private readonly unfollowed = new Set<LegId>();
  /** Askings under way. */
  private readonly following = new Map<LegId, Promise<unknown>>();
  private readonly stopping = new AbortController();
  private link: AriLink | null = null;
  /** Whether the switch has EXPORT(), which writes to a leg at once. */
  private exports = false;
  private listener: (event: SwitchEvent) => void = () => undefined;
  /** Events that came while the switch's state was being read after a loss; null when it is known. */
  private held: SwitchEvent[] | null = [];

  constructor(private readonly options: AsteriskOptions) {
    this.talks = new AsteriskTalks(this.ari, this.book, options.app);
    this.phones = new AsteriskPhones(this.ari, options.app);
    this.snoops = new AsteriskSnoops(this.ari, options.app);
    this.recordings = new AsteriskRecordings(this.ari, this.snoops, this.book, options, (event) =>
      this.tell(event),
    );
    this.listening = new AsteriskListening(this.snoops, this.talks, this.book);
  }

  async start(listener: (event: SwitchEvent) => void): Promise<void> {
    this.listener = listener;
    const link = await makeAriLink(this.options, this.options.link ?? 'auto', this.stopping.signal);
    this.link = link;
    this.ari.use(link);
    await new Promise<void>((resolve) => {
      this.stopping.signal.addEventListener('abort', () => resolve(), { once: true });
      const back = () => void this.takeStock(link).then((whole) => whole && resolve());
      void link.start({ event: (event) => this.hear(event), lost: (why) => this.lost(why), back });
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.link?.stop();
  }

  /** How much is held in memory: for metrics and leak tests. */
  get holds(): Record<'legs' | 'prompts' | 'phones' | 'joining' | 'recordings' | 'listening', number> {
    const [recordings, listening] = [this.recordings.size, this.listening.size];
    return {
      ...this.book.size,
      phones: this.phones.size,
      joining: this.talks.busy,
      recordings,
      listening,
    };
  }

  async answer(legId: LegId): Promise<Outcome> {
    await this.talks.quieten(legId);
    return this.ari.command('channels.answer', { channelId: legId });
  }

  async dial(request: DialRequest): Promise<Outcome> {
    const endpoint = endpointOf(request.to);
    const number = request.callerNumber.replace(/[^0-9+*#]/g, '').slice(0, 32);
    const name = cleanText(request.callerName.replace(/["<>\\]/g, ' '), 60);
    this.book.dialled(request.legId);
    const reply = await this.ari
      .ask('channels.originateWithId', {
        channelId: request.legId,
        endpoint,
        app: this.options.app,
        appArgs: DIALLED,
        formats: 'account' in request.to ? this.phones.formatsOf(request.to.account) : DIALLED_FORMATS,
        callerId: `"${name}" <${number}>`,
        timeout: Math.ceil(request.timeoutSeconds),
        variables: { [NOTE]: request.data, ...contextHeaders(request.context) },
      })
      .catch((fault: unknown) => {
        // It may ring all the same: taken back if the switch can be reached, but nobody waits for that.
        void this.hangUp(request.legId, 'failure').catch(() => undefined);
        throw fault;
      });
    if (isDone(reply)) return 'done';
    this.book.forget(request.legId);
    // 400 or 500 ("Allocation failed"): no such endpoint, or one without a contact.
    if (reply.status === 400 || reply.status === 500 || isGone(reply)) return 'gone';
    throw refused('channels.originateWithId', reply);
  }

  join(talkId: TalkId, legIds: LegId[]): Promise<Outcome> {
    return this.talks.join(talkId, legIds);
  }

  part(talkId: TalkId, legId: LegId): Promise<Outcome> {
    return this.talks.part(talkId, legId);
  }

  async play(legId: LegId, promptId: PromptId, sounds: string[]): Promise<Outcome> {
    checkSounds(sounds);
    const media = sounds.map((sound) => `sound:${sound}`);
    const playbackId = this.book.promptStarted(promptId, legId);
    let outcome: Outcome = 'gone';
    try {
      outcome = await this.ari.command('channels.playWithId', {
        channelId: legId,
        playbackId,
        media,
        // Replaced recordings first, then the built-in ones of `zh`.
        lang: 'zh_CN',
      });
      return outcome;
    } finally {
      if (outcome === 'gone') this.book.promptForgotten(promptId);
    }
  }

  async stopPrompt(promptId: PromptId): Promise<Outcome> {
    const playbackId = this.book.promptStopped(promptId);
    return playbackId === null ? 'gone' : this.ari.command('playbacks.stop', { playbackId });
  }

  music(legId: LegId, on: boolean): Promise<Outcome> {
    const leg = this.book.get(legId);
    if (leg) leg.music = on;
    return this.ari.command(on ? 'channels.startMoh' : 'channels.stopMoh', { channelId: legId });
  }

  mute(legId: LegId, on: boolean): Promise<Outcome> {
    return this.ari.command(on ? 'channels.mute' : 'channels.unmute', { channelId: legId, direction: 'in' });
  }

  async sendDigits(legId: LegId, digits: string): Promise<Outcome> {
    checkDigits(digits);
    return this.ari.command('channels.sendDTMF', { channelId: legId, dtmf: digits });
  }

  async hangUp(legId: LegId, cause: HangupCause): Promise<Outcome> {
    // Else nobody would hear why it ended.
    await this.follow(legId);
    return this.ari.command('channels.hangup', {
      channelId: legId,
      reason_code: String(HANGUP_CAUSES[cause]),
    });
  }

  async remember(legId: LegId, data: string): Promise<Outcome> {
    if (!this.exports || !this.book.get(legId) || !/^[\w.:-]+$/.test(legId))
      return this.ari.command('channels.setChannelVar', { channelId: legId, variable: NOTE, value: data });
    // Not setChannelVar: that waits for the end of a playing prompt, and is refused while a leg is being dialled.
    const reply = await this.ari.ask('asterisk.setGlobalVar', {
      variable: `EXPORT(${legId},${NOTE})`,
      value: data,
    });
    if (!isDone(reply)) throw refused('asterisk.setGlobalVar', reply);
    return this.book.get(legId) ? 'done' : 'gone';
  }

  async handBack(legId: LegId): Promise<Outcome> {
    const leg = this.book.get(legId);
    if (leg) leg.handedBack = true;
    this.recordings.endOf(legId);
    return this.ari.command('channels.continueInDialplan', { channelId: legId });
  }

  record(legId: LegId, recordingId: RecordingId): Promise<Outcome> {
    return this.recordings.record(legId, recordingId);
  }

  pauseRecording(recordingId: RecordingId, on: boolean): Promise<Outcome> {
    return this.recordings.pause(recordingId, on);
  }

  endRecording(recordingId: RecordingId): Promise<Outcome> {
    return this.recordings.end(recordingId);
  }

  fetchRecording(recordingId: RecordingId, file: string): Promise<{ durationMs: number } | null> {
    return this.recordings.fetch(recordingId, file);
  }

  discardRecording(recordingId: RecordingId): Promise<void> {
    return this.recordings.discard(recordingId);
  }

  listen(legId: LegId, toLegId: LegId, mode: ListenMode): Promise<Outcome> {
    return this.listening.listen(legId, toLegId, mode);
  }

  unlisten(legId: LegId): Promise<Outcome> {
    return this.listening.unlisten(legId);
  }

  async legs(): Promise<LegSnapshot[]> {
    return (await this.holdings()).legs;
  }

  /** What the switch holds of ours: legs, and snoop channels as it lists them. */
  private async holdings(): Promise<{ legs: LegSnapshot[]; snoops: unknown[] }> {
    const [application, channels, bridges] = await Promise.all([
      this.ari.ask('applications.get', { applicationName: this.options.app }),
      this.ari.ask('channels.list'),
      this.ari.ask('bridges.list'),
    ]);
    if (!isDone(application)) throw refused('applications.get', application);
    const ids = listOf(fieldsOf(application.body).channel_ids).map(textOf);
    const list = isDone(channels) ? channels.body : await this.oneByOne(ids);
    const [snoops, legIds] = [ids.filter(snoopOf), ids.filter((id) => !snoopOf(id))];
    return {
      legs: snapshots(list, bridges.body, new Set(legIds)),
      snoops: listOf(list).filter((channel) => snoops.includes(textOf(fieldsOf(channel).id))),
    };
  }

  admitPhone(account: string, secret: string, kind: PhoneKind): Promise<void> {
    return this.phones.admit(account, secret, kind);
  }

  dismissPhone(account: string): Promise<void> {
    return this.phones.dismiss(account);
  }

  phoneReachable(account: string): Promise<boolean> {
    return this.phones.reachable(account);
  }

  /** One channel whose strings are not UTF-8 makes Asterisk refuse the whole list: then each leg is asked for alone. */
  private async oneByOne(ids: string[]): Promise<unknown[]> {
    const replies = await Promise.all(ids.map((channelId) => this.ari.ask('channels.get', { channelId })));
    return replies.filter((reply) => isDone(reply) && reply.body !== null).map((reply) => reply.body);
  }

  private hear(raw: unknown): void {
    const event = fieldsOf(raw);
    const legId = textOf(fieldsOf(event.channel).id);
    if (event.type === 'ApplicationReplaced') return this.replaced();
    if (event.type === 'ChannelLeftBridge' && listOf(fieldsOf(event.bridge).channels).length === 0)
      void this.talks.removeIfEmpty(textOf(fieldsOf(event.bridge).id)).catch(() => undefined);
    const snoop = snoopOf(legId);
    if (snoop) return this.hearSnoop(textOf(event.type), legId, snoop);
    if (event.type === 'RecordingFinished' || event.type === 'RecordingFailed')
      return this.recordings.heard(event);
    const bridgeId = textOf(fieldsOf(event.bridge).id);
    if (bridgeId) this.book.moved(legId, bridgeId, event.type === 'ChannelEnteredBridge');
    if (isListeningBridge(bridgeId))
      return event.type === 'ChannelLeftBridge' ? this.listening.left(legId) : undefined;
    if (event.type === 'StasisStart') this.entered(legId);
    if (event.type === 'StasisEnd') return this.left(legId);
    const ours = translate(raw, new Date());
    if (!ours || (ours.kind === 'phoneReachable' && !this.phones.isNews(ours.account, ours.reachable)))
      return;
    this.admit(ours);
    if (ours.kind !== 'legArrived') return;
    this.unfollowed.add(legId);
    setTimeout(() => void this.follow(legId), FOLLOW_MS).unref();
  }

  private hearSnoop(type: string, channelId: string, snoop: Snoop): void {
    if (type === 'StasisStart') this.snoops.entered(channelId);
    if (type !== 'StasisEnd' && type !== 'ChannelDestroyed') return;
    if (snoop.for === 'recording') this.recordings.sideEnded(snoop.recordingId, snoop.side);
    else this.listening.snoopEnded(snoop.legId, snoop.mode);
  }

  private admit(event: SwitchEvent): void {
    for (const heard of this.book.admit(event)) this.tell(heard);
  }

  /** Asterisk tells the end (and its cause) of a channel that it has called in itself only to who asks for it. */
  private async follow(legId: LegId): Promise<void> {
    if (!this.unfollowed.delete(legId)) return;
    const eventSource = `channel:${legId}`;
    const asked = this.ari
      .ask('applications.subscribe', { applicationName: this.options.app, eventSource })
      .catch(() => undefined);
    this.following.set(legId, asked);
    await asked;
    this.following.delete(legId);
  }

  /** A leg that we dialled has entered our application: from now on it can be joined. */
  private entered(legId: LegId): void {
    const leg = this.book.get(legId);
    if (leg) leg.entered = true;
  }

  /**
   * A leg has left our application. Handed back, it goes on in the dialplan and has ended for us; otherwise it is being
   * hung up and ChannelDestroyed brings the cause. Should that not come, the leg must not stay in the books.
   */
  private left(legId: LegId): void {
    const leg = this.book.get(legId);
    if (!leg) return;
    const end = () => {
      if (this.book.get(legId) !== leg) return;
      this.admit({ kind: 'legEnded', legId, cause: 'normal', q850: HANGUP_CAUSES.normal, at: new Date() });
    };
    if (!leg.handedBack) return void setTimeout(end, LAST_WORD_MS).unref();
    end();
    void this.unfollow(legId);
  }

  /** Takes the asking back, never before it was made: the leg would be counted as ours for ever. */
  private async unfollow(legId: LegId): Promise<void> {
    this.unfollowed.delete(legId);
    await this.following.get(legId);
    const eventSource = `channel:${legId}`;
    await this.ari
      .ask('applications.unsubscribe', { applicationName: this.options.app, eventSource })
      .catch(() => undefined);
  }

  private replaced(): void {
    this.options.log.error(
      { app: this.options.app },
      'another client has taken over our application on the switch',
    );
    this.link?.yieldFor(YIELD_MS);
  }

  private lost(why: string): void {
    this.held = [];
    this.options.log.warn({ why }, 'the link to the switch is lost');
    this.say({ kind: 'switchLost', at: new Date() });
  }

  private tell(event: SwitchEvent): void {
    if (this.held) this.held.push(event);
    else this.say(event);
  }

  /** The listener's faults are its own. */
  private say(event: SwitchEvent): void {
    try {
      this.listener(event);
    } catch (fault) {
      this.options.log.error({ fault, event: event.kind }, 'a listener of the switch failed');
    }
  }

  /** After connecting: what does the switch hold? Events that come meanwhile are told afterwards. False when it failed. */
  private async takeStock(link: AriLink): Promise<boolean> {
    const held: SwitchEvent[] = [];
    this.held = held;
    try {
      const before = this.book.ids;
      await this.stopListening();
      const module = await this.ari.ask('asterisk.getModule', { moduleName: 'func_export.so' });
      this.exports = fieldsOf(module.body).status === 'Running';
      if (!this.exports)
        this.options.log.warn({}, 'func_export.so is not loaded: notes wait for the end of prompts');
      const { legs, snoops } = await this.holdings();
      const phones = await this.phones.pushAgain();
      if (this.held !== held) return false;
      const inherited = this.book.resync(legs, before);
      await this.silence(inherited);
      this.listening.takeStock(snoops);
      const recordings = await this.recordings.takeStock(snoops, new Date());
      const arrivals = new Set(held.map((event) => (event.kind === 'legArrived' ? event.leg.legId : null)));
      this.held = null;
      this.say({
        kind: 'switchBack',
        legs: legs.filter(({ legId }) => !arrivals.has(legId)),
        at: new Date(),
      });
      for (const event of [...recordings, ...held]) this.say(event);
      for (const phone of phones) this.say({ kind: 'phoneReachable', ...phone, at: new Date() });
      for (const { legId } of legs) this.unfollowed.add(legId);
      for (const { legId } of legs) void this.follow(legId);
      this.endLostPrompts();
      await this.talks.removeEmpty();
      return true;
    } catch (fault) {
      if (this.stopping.signal.aborted) return false;
      this.options.log.warn({ fault }, 'the state of the switch could not be read, connecting again');
      if (this.held === held) link.yieldFor(200);
      return false;
    }
  }

  /** Best effort: an Asterisk that cannot filter (before 16.3) sends them, and they are ignored. */
  private async stopListening(): Promise<void> {
    const path = `applications/${encodeURIComponent(this.options.app)}/eventFilter`;
    const body = { disallowed: UNHEARD.map((type) => ({ type })) };
    await httpAri(this.options, { method: 'PUT', path, body }).catch(() => undefined);
  }

  /** A service that has died may have left a prompt playing: its legs would take no command before its end. */
  private async silence(inherited: LegId[]): Promise<void> {
    const playbacks = inherited.flatMap(playbackIds);
    await Promise.all(playbacks.map((playbackId) => this.ari.ask('playbacks.stop', { playbackId })));
  }

  /** The end of a prompt may have been lost with the link. */
  private endLostPrompts(): void {
    for (const { playbackId, legId } of this.book.playing) {
      const ended: SwitchEvent = {
        kind: 'promptEnded',
        promptId: playbackId,
        legId,
        completed: false,
        at: new Date(),
      };
      void this.ari.ask('playbacks.get', { playbackId }).then(
        (reply) => isDone(reply) || this.admit(ended),
        () => undefined,
      );
    }
  }
}

function endpointOf(to: DialRequest['to']): string {
  checkTarget(to);
  return 'account' in to ? `PJSIP/${to.account}` : `PJSIP/${to.number}@trunk`;
}

/**
 * Headers are added by a channel function, set before the leg is dialled. (`REDIRECTING` set the same way sends no
 * Diversion.)
 */
function contextHeaders(context: DialRequest['context']): Record<string, string> {
  if (!context) return {};
  const from = context.divertedFrom.replace(/[^0-9+]/g, '').slice(0, 32);
  return {
    'PJSIP_HEADER(add,Diversion)': `<sip:${from}@hotline.invalid>;reason=deflection`,
    'PJSIP_HEADER(add,User-to-User)': userToUser(context.callId),
  };
}
