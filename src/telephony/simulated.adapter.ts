import { writeFile } from 'node:fs/promises';
import { HotlineError } from '../errors';
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
} from './call-control';
import type { HangupCause } from './hangup-cause';
import { simulatedSound } from './simulated-sound';
import { checkAccount, checkDigits, checkRecordingId, checkSounds, checkTarget } from './switch-names';
import type { SimulatedLeg, SimulatedRecording, SimulatedSwitch } from './simulated-switch.adapter';

/** The port on a SimulatedSwitch: for tests, and for work at the desk where there is no phone. */
export class SimulatedCallControl implements CallControl {
  private listener: ((event: SwitchEvent) => void) | null = null;
  private up = false;
  private failing = 0;

  constructor(private readonly world: SimulatedSwitch) {}

  start(listener: (event: SwitchEvent) => void): Promise<void> {
    this.listener = listener;
    this.restoreLink();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    if (this.up) this.world.attach(null);
    this.up = false;
    this.listener = null;
    return Promise.resolve();
  }

  /** Cuts the link, as a broken network does: events until `restoreLink` are lost, requests fail. */
  loseLink(): void {
    if (!this.up) return;
    this.up = false;
    this.world.attach(null);
    this.listener?.({ kind: 'switchLost', at: this.world.now() });
  }

  restoreLink(): void {
    if (this.up || !this.listener) return;
    this.up = true;
    const listener = this.listener;
    this.world.attach(listener);
    listener({ kind: 'switchBack', legs: this.world.snapshots(), at: this.world.now() });
    for (const [recordingId, { to }] of this.world.recordings)
      if (to !== null) this.world.tell({ kind: 'recordingSaved', recordingId, at: this.world.now() });
  }

  /** The next requests fail as if the switch did not answer in time; what they ask for is not done. */
  failNext(requests: number): void {
    this.failing = requests;
  }

  answer(legId: LegId): Promise<Outcome> {
    return this.withLeg(legId, () => this.world.picksUp(legId));
  }

  async dial(request: DialRequest): Promise<Outcome> {
    checkTarget(request.to);
    await this.reach();
    const account = 'account' in request.to ? request.to.account : null;
    if (account !== null && !(this.world.accounts.has(account) && this.world.behaviourOf(account).registered))
      return 'gone';
    this.world.addDialled(request.legId, account, request.data, request.timeoutSeconds);
    return 'done';
  }

  async join(talkId: TalkId, legIds: LegId[]): Promise<Outcome> {
    await this.reach();
    const legs = legIds.map((legId) => this.find(legId));
    for (const leg of legs) {
      if (!leg) continue;
      leg.music = false;
      this.silence(leg);
      this.world.enterTalk(leg, talkId);
    }
    return legs.includes(undefined) ? 'gone' : 'done';
  }

  part(talkId: TalkId, legId: LegId): Promise<Outcome> {
    return this.withLeg(legId, (leg) => {
      if (leg.talkId === talkId) this.world.leaveTalk(leg);
    });
  }

  async play(legId: LegId, promptId: PromptId, sounds: string[]): Promise<Outcome> {
    checkSounds(sounds);
    return this.withLeg(legId, (leg) => {
      leg.waitingPrompts.push({ id: promptId, sounds });
      this.world.playNext(leg);
    });
  }

  async stopPrompt(promptId: PromptId): Promise<Outcome> {
    await this.reach();
    for (const leg of this.world.legs.values()) {
      if (leg.prompt?.id === promptId) {
        this.world.endPrompt(leg, false);
        return 'done';
      }
      const at = leg.waitingPrompts.findIndex(({ id }) => id === promptId);
      if (at < 0) continue;
      leg.waitingPrompts.splice(at, 1);
      this.world.tell({
        kind: 'promptEnded',
        promptId,
        legId: leg.id,
        completed: false,
        at: this.world.now(),
      });
      return 'done';
    }
    return 'gone';
  }

  music(legId: LegId, on: boolean): Promise<Outcome> {
    return this.withLeg(legId, (leg) => (leg.music = on));
  }

  mute(legId: LegId, on: boolean): Promise<Outcome> {
    return this.withLeg(legId, (leg) => (leg.muted = on));
  }

  async sendDigits(legId: LegId, digits: string): Promise<Outcome> {
    checkDigits(digits);
    return this.withLeg(legId, () => this.world.sentDigits.push({ legId, digits }));
  }

  async record(legId: LegId, recordingId: RecordingId): Promise<Outcome> {
    checkRecordingId(recordingId);
    return this.withLeg(legId, () => {
      const from = this.world.now().getTime();
      if (!this.world.recordings.has(recordingId))
        this.world.recordings.set(recordingId, { legId, from, to: null, pauses: [] });
    });
  }

  async pauseRecording(recordingId: RecordingId, on: boolean): Promise<Outcome> {
    return this.withRunning(recordingId, ({ pauses }) => {
      const now = this.world.now().getTime();
      const last = pauses.at(-1);
      if (!on && last) last.to ??= now;
      if (on && last?.to !== null) pauses.push({ from: now, to: null });
    });
  }

  async endRecording(recordingId: RecordingId): Promise<Outcome> {
    return this.withRunning(recordingId, () => this.world.endRecording(recordingId));
  }

  async fetchRecording(recordingId: RecordingId, file: string): Promise<{ durationMs: number } | null> {
    checkRecordingId(recordingId);
    await this.reach();
    const recording = this.world.recordings.get(recordingId);
    if (!recording) return null;
    const { wav, durationMs } = simulatedSound(recording, this.world.now().getTime());
    await writeFile(file, wav, { mode: 0o600 });
    return { durationMs };
  }

  async discardRecording(recordingId: RecordingId): Promise<void> {
    checkRecordingId(recordingId);
    await this.reach();
    this.world.recordings.delete(recordingId);
  }

  async listen(legId: LegId, toLegId: LegId, mode: ListenMode): Promise<Outcome> {
    return this.withLeg(legId, (leg) => {
      if (!this.find(toLegId)) return 'gone';
      this.silence(leg);
      this.world.leaveTalk(leg);
      leg.listening = { to: toLegId, mode };
      return 'done';
    });
  }

  unlisten(legId: LegId): Promise<Outcome> {
    return this.withLeg(legId, (leg) => {
      const listened = leg.listening !== null;
      leg.listening = null;
      return listened ? 'done' : 'gone';
    });
  }

  hangUp(legId: LegId, cause: HangupCause): Promise<Outcome> {
    return this.withLeg(legId, () => this.world.end(legId, cause));
  }

  remember(legId: LegId, data: string): Promise<Outcome> {
    return this.withLeg(legId, (leg) => (leg.data = data));
  }

  handBack(legId: LegId): Promise<Outcome> {
    return this.withLeg(legId, (leg) => this.world.toFallback(leg));
  }

  async legs(): Promise<LegSnapshot[]> {
    await this.reach();
    return this.world.snapshots();
  }

  async admitPhone(account: string, secret: string, _kind: PhoneKind): Promise<void> {
    checkAccount(account);
    await this.reach();
    const known = this.world.accounts.has(account);
    this.world.accounts.set(account, secret);
    if (!known && this.world.behaviourOf(account).registered)
      this.world.tell({ kind: 'phoneReachable', account, reachable: true, at: this.world.now() });
  }

  async dismissPhone(account: string): Promise<void> {
    await this.reach();
    if (!this.world.accounts.delete(account)) return;
    if (this.world.behaviourOf(account).registered)
      this.world.tell({ kind: 'phoneReachable', account, reachable: false, at: this.world.now() });
  }

  async phoneReachable(account: string): Promise<boolean> {
    await this.reach();
    return this.world.accounts.has(account) && this.world.behaviourOf(account).registered;
  }

  private silence(leg: SimulatedLeg): void {
    this.world.endWaitingPrompts(leg);
    this.world.endPrompt(leg, false);
  }

  private find(legId: LegId): SimulatedLeg | undefined {
    const leg = this.world.legs.get(legId);
    return leg?.inControl ? leg : undefined;
  }

  private async withLeg(legId: LegId, act: (leg: SimulatedLeg) => unknown): Promise<Outcome> {
    await this.reach();
    const leg = this.find(legId);
    if (!leg) return 'gone';
    return act(leg) === 'gone' ? 'gone' : 'done';
  }

  private async withRunning(
    recordingId: RecordingId,
    act: (recording: SimulatedRecording) => unknown,
  ): Promise<Outcome> {
    checkRecordingId(recordingId);
    await this.reach();
    const recording = this.world.recordings.get(recordingId);
    if (recording?.to !== null) return 'gone';
    act(recording);
    return 'done';
  }

  /** A request takes a moment, and the link may be down. */
  private async reach(): Promise<void> {
    await Promise.resolve();
    if (this.failing > 0) {
      this.failing--;
      throw new HotlineError('switch-unavailable', '交换机没有及时应答');
    }
    if (!this.up) throw new HotlineError('switch-unavailable', '与交换机的连接已断开');
  }
}
