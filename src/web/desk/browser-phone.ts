import { UA, WebSocketInterface, debug } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { RTCSessionEvent } from 'jssip/lib/UA';
import type { SeatSignIn } from '../../desk/pop';
import { openMicrophone } from './microphone';
import { movePhone, PHONE_OFF, type AudioCount, type PhoneEvent, type PhoneState } from './phone-state';

export type PhoneAccount = NonNullable<SeatSignIn['phone']>;

/** The switch may ring a moment after the screen does: an answer pressed in between is kept this long, in ms. */
const ANSWER_AHEAD_MS = 3000;
/** Host candidates come at once on one's own network; waiting for the end of gathering would cost seconds. */
const CANDIDATE_GRACE_MS = 250;
const REGISTER_AGAIN_MS = 5000;

/**
 * The seat's phone in the page: registers over the service's own WebSocket, rings, and takes the one call it is
 * offered when the agent says so. Hold, mute and hang-up belong to the service, so that the call's record knows.
 */
export class BrowserPhone {
  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private state: PhoneState = PHONE_OFF;
  private answerAheadUntil = 0;
  private registerAgain: ReturnType<typeof setTimeout> | undefined;
  private readonly speaker = new Audio();

  constructor(private readonly onChange: (state: PhoneState) => void) {
    debug.disable();
    this.speaker.autoplay = true;
  }

  /** Registers with the account of the seat's sign-in. */
  start(account: PhoneAccount): void {
    this.stop();
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const ua = new UA({
      sockets: new WebSocketInterface(`${scheme}://${location.host}${account.wsPath}`),
      uri: `sip:${account.account}@${account.domain}`,
      password: account.secret,
      register_expires: 120,
      session_timers: false,
      no_answer_timeout: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: 'hotline-desk',
    });
    this.ua = ua;
    const ours = (event: PhoneEvent) => () => void (this.ua === ua && this.move(event));
    ua.on('connected', ours('connected'));
    ua.on('disconnected', ours('disconnected'));
    ua.on('registered', ours('registered'));
    ua.on('unregistered', ours('unregistered'));
    ua.on('registrationFailed', () => this.ua === ua && this.refused(ua));
    ua.on('newRTCSession', ({ session, originator }: RTCSessionEvent) => {
      if (originator === 'remote' && this.ua === ua) this.incoming(session);
    });
    this.move('start');
    ua.start();
  }

  /** Signs off and ends what is left of a call. */
  stop(): void {
    clearTimeout(this.registerAgain);
    const ua = this.ua;
    this.ua = null;
    this.session = null;
    ua?.stop();
    this.move('stop');
  }

  /**
   * The page draws this phone no more (a fault in drawing, leaving the page). A running call is not ended: a BYE would be
   * taken for the agent's wish, and the citizen be hung up on. The voice goes on until the page is gone.
   */
  letGo(): void {
    if (this.state.media === 'none' || this.state.media === 'ringing') this.stop();
  }

  /** Takes the ringing call, or the one that rings within the next moments. */
  answer(): void {
    if (this.session?.isInProgress()) void this.take(this.session);
    else this.answerAheadUntil = Date.now() + ANSWER_AHEAD_MS;
  }

  /** Ends the media from this side: for a phone that rings although the service does not know of a call. */
  hangUpHere(): void {
    if (this.session && !this.session.isEnded()) this.session.terminate();
  }

  /** Asks for the microphone, so that a refusal shows before the first call and not during it. */
  async checkMicrophone(): Promise<void> {
    this.set({ ...this.state, microphone: 'asking' });
    const result = await openMicrophone();
    if (result.stream) for (const track of result.stream.getTracks()) track.stop();
    this.set({ ...this.state, microphone: result.microphone });
  }

  /** The call's audio packets so far; null when no media is up. */
  async countAudio(): Promise<AudioCount | null> {
    const connection = this.session?.connection;
    if (!connection || this.state.media !== 'up') return null;
    const count: AudioCount = { at: Date.now(), sent: 0, received: 0, codec: '' };
    const reports = await connection.getStats();
    for (const report of reports.values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'audio')
        count.received += report.packetsReceived ?? 0;
      if (report.type === 'outbound-rtp' && report.kind === 'audio') {
        count.sent += report.packetsSent ?? 0;
        count.codec = reports.get(report.codecId)?.mimeType ?? '';
      }
    }
    return count;
  }

  private incoming(session: RTCSession): void {
    if (this.session && !this.session.isEnded()) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
    const ended = () => {
      if (this.session !== session) return;
      this.session = null;
      this.speaker.srcObject = null;
      this.move('mediaEnded');
    };
    session.on('ended', ended);
    session.on('failed', ended);
    session.on('confirmed', () => this.session === session && this.move('mediaUp'));
    session.on('peerconnection', ({ peerconnection }) => this.listen(peerconnection));
    this.limitGathering(session);
    this.move('incoming');
    if (Date.now() < this.answerAheadUntil) void this.take(session);
  }

  private async take(session: RTCSession): Promise<void> {
    this.answerAheadUntil = 0;
    if (this.state.media !== 'ringing') return;
    this.move('answer');
    const { stream, microphone } = await openMicrophone();
    this.set({ ...this.state, microphone });
    if (!stream || this.session !== session || !session.isInProgress()) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      this.move('answerFailed');
      return;
    }
    const release = () => {
      for (const track of stream.getTracks()) track.stop();
    };
    session.on('ended', release);
    session.on('failed', release);
    session.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
  }

  private listen(connection: RTCPeerConnection): void {
    connection.addEventListener('track', ({ track, streams }) => {
      this.speaker.srcObject = streams[0] ?? new MediaStream([track]);
      this.speaker
        .play()
        .catch((fault: unknown) => console.warn('The browser does not play the call yet', fault));
    });
  }

  private limitGathering(session: RTCSession): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    session.on('icecandidate', ({ ready }) => {
      timer ??= setTimeout(() => ready(), CANDIDATE_GRACE_MS);
    });
  }

  private refused(ua: UA): void {
    this.move('refused');
    clearTimeout(this.registerAgain);
    this.registerAgain = setTimeout(() => this.ua === ua && ua.register(), REGISTER_AGAIN_MS);
  }

  private move(event: PhoneEvent): void {
    this.set(movePhone(this.state, event));
  }

  private set(state: PhoneState): void {
    if (state === this.state) return;
    this.state = state;
    this.onChange(state);
  }
}
