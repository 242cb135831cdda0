import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallControl, LegId, SwitchEvent } from '../../src/telephony/call-control';
import { longestSilenceMs, loudness, StereoWav } from '../support/wav';

/** The far end of a leg, as the person there has it in hand. */
export interface FarEnd {
  state(): 'ringing' | 'up' | 'over';
  /** Picks up a phone that is left ringing. */
  answer(): void;
  hangUp(): void;
  press(digit: string): void;
  /** The person there says something, as at first, or nothing. */
  speak(on: boolean): void;
  /** Key presses that were sent to it. */
  pressed(): string;
  /** Whether the person hears anybody just now. */
  hears(): Promise<boolean>;
}

export interface PhoneEnd extends FarEnd {
  register(): Promise<void>;
  unregister(): Promise<void>;
  onRing(what: 'answer' | 'ring' | 'reject' | 'busy'): void;
  call(dialled: string): void;
}

export interface World {
  /** A new controller of the same switch; the suite starts and stops it. */
  control(): CallControl;
  citizenCalls(call: {
    callerNumber: string;
    callerName?: string;
    dialled?: string;
    diversion?: string;
    hidden?: boolean;
  }): FarEnd;
  phone(account: string, secret: string): Promise<PhoneEnd>;
  /** Who answers the calls that go out by the trunk. */
  outside: FarEnd;
  /** Everything the switch has of connections, legs or not. */
  channels(): Promise<number>;
  /** The network between service and switch breaks; the switch lives on. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

type Kind = SwitchEvent['kind'];
type Of<K extends Kind> = Extract<SwitchEvent, { kind: K }>;

/** Remembers every event and lets a test wait for one. */
export class Ear {
  readonly events: SwitchEvent[] = [];
  readonly listen = (event: SwitchEvent): void => void this.events.push(event);

  /** The first event of this kind that fits, waiting for it if need be. */
  async hear<K extends Kind>(
    kind: K,
    fits: (event: Of<K>) => boolean = () => true,
    withinMs = 4000,
  ): Promise<Of<K>> {
    for (const until = Date.now() + withinMs; ; await pause(5)) {
      const found = this.events.find((event): event is Of<K> => event.kind === kind && fits(event as Of<K>));
      if (found) return found;
      if (Date.now() > until)
        throw new Error(
          `no ${kind} within ${withinMs} ms; heard ${this.events.map((event) => event.kind).join(' ')}`,
        );
    }
  }

  all<K extends Kind>(kind: K, fits: (event: Of<K>) => boolean = () => true): Of<K>[] {
    return this.events.filter((event): event is Of<K> => event.kind === kind && fits(event as Of<K>));
  }
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function eventually(what: () => boolean | Promise<boolean>, withinMs = 4000): Promise<void> {
  for (const until = Date.now() + withinMs; !(await what()); await pause(10))
    if (Date.now() > until) throw new Error(`not true within ${withinMs} ms: ${what.toString()}`);
}

const of = (legId: LegId) => (event: { legId: LegId }) => event.legId === legId;

/** What every implementation of the port must do. `open` gives a switch with nothing on it. */
export function describeCallControl(name: string, open: () => Promise<World>): void {
  describe(`CallControl: ${name}`, () => {
    let world: World;
    let control: CallControl;
    let ear: Ear;
    let calls = 0;

    beforeAll(async () => {
      world = await open();
      control = world.control();
      ear = new Ear();
      await control.start(ear.listen);
    }, 60_000);
    afterAll(async () => {
      await control.stop();
      await world.close();
    }, 30_000);
    afterEach(async () => {
      for (const { legId } of await control.legs()) await control.hangUp(legId, 'normal');
      await eventually(async () => (await control.legs()).length === 0);
    });
    /** Whatever was recorded and listened to: nothing of it stays on the switch. */
    const nothingLeft = () => eventually(async () => (await world.channels()) === 0);

    /** A citizen's call that has arrived. */
    async function arrived(call: Partial<Parameters<World['citizenCalls']>[0]> = {}) {
      const callerNumber = call.callerNumber ?? `1380000${String(++calls).padStart(4, '0')}`;
      const far = world.citizenCalls({ ...call, callerNumber });
      const { leg } = await ear.hear('legArrived', (event) =>
        call.hidden ? event.leg.callerHidden : event.leg.callerNumber === callerNumber,
      );
      return { far, leg, legId: leg.legId };
    }
    async function answered() {
      const citizen = await arrived();
      expect(await control.answer(citizen.legId)).toBe('done');
      await ear.hear('legAnswered', of(citizen.legId));
      await eventually(() => citizen.far.state() === 'up');
      return citizen;
    }
    async function admitted(account = `seat-${randomUUID().slice(0, 8)}`) {
      await control.admitPhone(account, 'secret-1', 'sip');
      const phone = await world.phone(account, 'secret-1');
      await phone.register();
      await eventually(() => control.phoneReachable(account));
      return { account, phone };
    }
    async function rung(what: 'answer' | 'ring' | 'reject' | 'busy', data = '{}') {
      const { account, phone } = await admitted();
      phone.onRing(what);
      const legId = randomUUID();
      const dialling = control.dial({
        legId,
        to: { account },
        callerNumber: '13800138000',
        callerName: '张三',
        timeoutSeconds: 20,
        data,
      });
      expect(await dialling).toBe('done');
      return { account, phone, legId };
    }
    async function talking() {
      const citizen = await answered();
      const seat = await rung('answer');
      await ear.hear('legAnswered', of(seat.legId));
      const talkId = randomUUID();
      expect(await control.join(talkId, [citizen.legId, seat.legId])).toBe('done');
      await ear.hear('legsTalking', of(seat.legId));
      await ear.hear('legsTalking', of(citizen.legId));
      return { citizen, seat, talkId };
    }
    const saved = (recordingId: string) =>
      ear.hear('recordingSaved', (event) => event.recordingId === recordingId);
    async function sound(recordingId: string): Promise<StereoWav> {
      const file = join(tmpdir(), `${randomUUID()}.wav`);
      try {
        const fetched = await control.fetchRecording(recordingId, file);
        const wav = StereoWav.read(file);
        expect(Math.abs(fetched!.durationMs - wav.durationMs)).toBeLessThan(2);
        return wav;
      } finally {
        rmSync(file, { force: true });
      }
    }
    const ended = (legId: LegId) => ear.hear('legEnded', of(legId));

    it('says that the switch is there, with what it holds', () => {
      expect(ear.events[0]).toMatchObject({ kind: 'switchBack', legs: [] });
    });

    it('announces a call with its numbers', async () => {
      const { leg } = await arrived({
        callerNumber: '13900001111',
        callerName: '李四',
        dialled: '03552012319',
        diversion: '12319',
      });
      expect(leg).toMatchObject({
        side: 'trunk',
        account: null,
        callerNumber: '13900001111',
        callerName: '李四',
        callerHidden: false,
        dialled: '03552012319',
      });
      expect(leg.diversions).toEqual([{ number: '12319', source: 'diversion', reason: 'unconditional' }]);
      expect((await control.legs()).find(({ legId }) => legId === leg.legId)).toMatchObject({
        state: 'ringing',
        data: null,
        talkId: null,
      });
    });

    it('serves a citizen who hides the number', async () => {
      const { leg } = await arrived({ hidden: true });
      expect(leg).toMatchObject({ callerNumber: null, callerName: '', callerHidden: true });
    });

    it('announces what a seat’s phone dials', async () => {
      const { account, phone } = await admitted();
      phone.call('13800138000');
      const { leg } = await ear.hear('legArrived', (event) => event.leg.account === account);
      expect(leg).toMatchObject({ side: 'phone', account, dialled: '13800138000' });
    });

    it('answers, and hears the citizen hang up', async () => {
      const { far, legId } = await answered();
      far.hangUp();
      expect(await ended(legId)).toMatchObject({ cause: 'normal', q850: 16 });
      expect(await control.answer(legId)).toBe('gone');
    });

    it('hears a citizen give up before the answer', async () => {
      const { far, legId } = await arrived();
      far.hangUp();
      await ended(legId);
      expect(ear.all('legAnswered', of(legId))).toEqual([]);
    });

    it('hangs up, answered or not', async () => {
      const [one, other] = [await answered(), await arrived()];
      expect(await control.hangUp(one.legId, 'normal')).toBe('done');
      expect(await control.hangUp(other.legId, 'busy')).toBe('done');
      await ended(one.legId);
      expect(await ended(other.legId)).toMatchObject({ cause: 'busy' });
      await eventually(() => one.far.state() === 'over' && other.far.state() === 'over');
    });

    it('says gone for every command to a leg that is no more', async () => {
      const { legId } = await arrived();
      await control.hangUp(legId, 'normal');
      await ended(legId);
      for (const nowhere of [legId, 'never-was']) {
        expect(await control.answer(nowhere)).toBe('gone');
        expect(await control.join('talk', [nowhere])).toBe('gone');
        expect(await control.part('talk', nowhere)).toBe('gone');
        expect(await control.play(nowhere, randomUUID(), ['music-stop'])).toBe('gone');
        expect(await control.music(nowhere, true)).toBe('gone');
        expect(await control.mute(nowhere, true)).toBe('gone');
        expect(await control.hangUp(nowhere, 'normal')).toBe('gone');
        expect(await control.remember(nowhere, '{}')).toBe('gone');
        expect(await control.handBack(nowhere)).toBe('gone');
        expect(await control.sendDigits(nowhere, '1')).toBe('gone');
        expect(await control.record(nowhere, randomUUID())).toBe('gone');
        expect(await control.listen(nowhere, nowhere, 'listen')).toBe('gone');
        expect(await control.unlisten(nowhere)).toBe('gone');
      }
      expect(await control.pauseRecording('never-was', true)).toBe('gone');
      expect(await control.endRecording('never-was')).toBe('gone');
      expect(await control.fetchRecording('never-was', join(tmpdir(), randomUUID()))).toBeNull();
      await control.discardRecording('never-was');
      expect([...ear.all('recordingSaved'), ...ear.all('recordingFailed')]).toEqual([]);
      await nothingLeft();
      expect(await control.stopPrompt('never-was')).toBe('gone');
    });

    it('rings a phone and hears it answer, each once', async () => {
      const { legId, phone } = await rung('ring', '{"role":"seat"}');
      await ear.hear('legRinging', of(legId));
      expect((await control.legs()).find((leg) => leg.legId === legId)).toMatchObject({
        state: 'ringing',
        data: '{"role":"seat"}',
      });
      phone.answer();
      await ear.hear('legAnswered', of(legId));
      expect(await control.remember(legId, '{"role":"seat","n":2}')).toBe('done');
      expect((await control.legs()).find((leg) => leg.legId === legId)).toMatchObject({
        state: 'up',
        data: '{"role":"seat","n":2}',
      });
      await pause(50);
      expect(ear.all('legRinging', of(legId))).toHaveLength(1);
      expect(ear.all('legAnswered', of(legId))).toHaveLength(1);
      expect(ear.all('legArrived', (event) => event.leg.legId === legId)).toEqual([]);
    });

    it('keeps a note that was changed while the phone rang', async () => {
      const { legId, phone } = await rung('ring', 'first');
      await ear.hear('legRinging', of(legId));
      expect(await control.remember(legId, 'second')).toBe('done');
      const note = async () => (await control.legs()).find((leg) => leg.legId === legId)?.data;
      expect(await note()).toBe('second');
      phone.answer();
      await ear.hear('legAnswered', of(legId));
      await pause(50);
      expect(await note()).toBe('second');
    });

    it('stops a ring at once', async () => {
      const { legId, phone } = await rung('ring');
      await ear.hear('legRinging', of(legId));
      expect(await control.hangUp(legId, 'answered-elsewhere')).toBe('done');
      await ended(legId);
      await eventually(() => phone.state() === 'over', 1000);
    });

    it('stops a ring that has only just been asked for', async () => {
      const { legId, phone } = await rung('ring');
      expect(await control.hangUp(legId, 'normal')).toBe('done');
      await ended(legId);
      await pause(200);
      expect(phone.state()).not.toBe('up');
      expect(ear.all('legAnswered', of(legId))).toEqual([]);
    });

    it('tells why a ring came to nothing', async () => {
      const rejected = await rung('reject');
      expect((await ended(rejected.legId)).cause).toBe('rejected');
      const busy = await rung('busy');
      expect((await ended(busy.legId)).cause).toBe('busy');
    });

    it('gives a ring up by itself after its time', async () => {
      const { account, phone } = await admitted();
      phone.onRing('ring');
      const legId = randomUUID();
      await control.dial({
        legId,
        to: { account },
        callerNumber: '1',
        callerName: '',
        timeoutSeconds: 1,
        data: '{}',
      });
      expect(['no-answer', 'no-user-response', 'normal']).toContain((await ended(legId)).cause);
    });

    it('refuses to ring a phone that is not there', async () => {
      const dial = (account: string) =>
        control.dial({
          legId: randomUUID(),
          to: { account },
          callerNumber: '1',
          callerName: '',
          timeoutSeconds: 5,
          data: '{}',
        });
      expect(await dial('seat-nobody')).toBe('gone');
      await control.admitPhone('seat-unregistered', 's', 'sip');
      expect(await dial('seat-unregistered')).toBe('gone');
    });

    it('lets two legs talk, and a third join and leave', async () => {
      const { citizen, seat, talkId } = await talking();
      const third = await rung('answer');
      await ear.hear('legAnswered', of(third.legId));
      expect(await control.join(talkId, [third.legId])).toBe('done');
      expect(await control.join(talkId, [third.legId])).toBe('done');
      await ear.hear('legsTalking', of(third.legId));
      const legs = await control.legs();
      expect(
        legs
          .filter((leg) => leg.talkId === talkId)
          .map(({ legId }) => legId)
          .sort(),
      ).toEqual([citizen.legId, seat.legId, third.legId].sort());
      expect(await control.part(talkId, third.legId)).toBe('done');
      await ear.hear('legsApart', of(third.legId));
      expect((await control.legs()).find((leg) => leg.legId === third.legId)).toMatchObject({
        state: 'up',
        talkId: null,
      });
    });

    it('moves a leg from one talk to another', async () => {
      const { citizen, seat } = await talking();
      const other = randomUUID();
      expect(await control.join(other, [citizen.legId])).toBe('done');
      await ear.hear('legsTalking', (event) => event.talkId === other);
      expect((await control.legs()).find((leg) => leg.legId === citizen.legId)?.talkId).toBe(other);
      expect((await control.legs()).find((leg) => leg.legId === seat.legId)?.state).toBe('up');
    });

    it('moves a leg back to the talk it came from, empty meanwhile', async () => {
      const { citizen, seat, talkId } = await talking();
      await control.part(talkId, citizen.legId);
      const consult = randomUUID();
      for (const next of [consult, talkId, consult, talkId]) {
        expect(await control.join(next, [seat.legId])).toBe('done');
        await pause(50);
      }
      expect(await control.join(talkId, [citizen.legId, seat.legId])).toBe('done');
      const talks = (await control.legs()).map((leg) => leg.talkId);
      expect(talks).toEqual([talkId, talkId]);
    });

    it('keeps the other leg when one of a talk hangs up', async () => {
      const { citizen, seat } = await talking();
      seat.phone.hangUp();
      await ended(seat.legId);
      await pause(50);
      expect((await control.legs()).find((leg) => leg.legId === citizen.legId)?.state).toBe('up');
    });

    it('joins what is left when one of the legs has gone', async () => {
      const citizen = await answered();
      expect(await control.join(randomUUID(), [citizen.legId, 'never-was'])).toBe('gone');
      await ear.hear('legsTalking', of(citizen.legId));
    });

    it('makes a talk anew that everyone had left', async () => {
      const citizen = await answered();
      const talkId = randomUUID();
      for (let round = 0; round < 5; round++) {
        expect(await control.join(talkId, [citizen.legId])).toBe('done');
        expect(await control.part(talkId, citizen.legId)).toBe('done');
      }
      expect(await control.join(talkId, [citizen.legId])).toBe('done');
      expect((await control.legs()).find((leg) => leg.legId === citizen.legId)?.talkId).toBe(talkId);
    });

    it('plays sounds and says once when they are over', async () => {
      const { legId } = await answered();
      const promptId = randomUUID();
      expect(await control.play(legId, promptId, ['digit-1', 'digit-2'])).toBe('done');
      expect(await ear.hear('promptEnded', (event) => event.promptId === promptId, 8000)).toMatchObject({
        legId,
        completed: true,
      });
      expect(await control.stopPrompt(promptId)).toBe('gone');
      expect(ear.all('promptEnded', (event) => event.promptId === promptId)).toHaveLength(1);
    });

    it('stops a prompt', async () => {
      const { legId } = await answered();
      const promptId = randomUUID();
      await control.play(legId, promptId, Array<string>(20).fill('greeting-12345'));
      await pause(30);
      expect(await control.stopPrompt(promptId)).toBe('done');
      expect(await ear.hear('promptEnded', (event) => event.promptId === promptId)).toMatchObject({
        completed: false,
      });
    });

    it('ends the prompt when a leg hangs up', async () => {
      const { legId, far } = await answered();
      const promptId = randomUUID();
      await control.play(legId, promptId, Array<string>(20).fill('greeting-12345'));
      await pause(30);
      far.hangUp();
      expect(await ear.hear('promptEnded', (event) => event.promptId === promptId)).toMatchObject({
        completed: false,
      });
      await ended(legId);
      expect(ear.all('promptEnded', (event) => event.promptId === promptId)).toHaveLength(1);
    });

    it('remembers and joins while a prompt plays, which it stops', async () => {
      const { legId } = await answered();
      const promptId = randomUUID();
      await control.play(legId, promptId, Array<string>(20).fill('greeting-12345'));
      await pause(30);
      const before = Date.now();
      expect(await control.remember(legId, '{"stage":"notice"}')).toBe('done');
      expect(await control.join(randomUUID(), [legId])).toBe('done');
      expect(Date.now() - before).toBeLessThan(1000);
      expect(await ear.hear('promptEnded', (event) => event.promptId === promptId)).toMatchObject({
        completed: false,
      });
    });

    it('plays music, which a talk ends', async () => {
      const { legId } = await answered();
      expect(await control.music(legId, true)).toBe('done');
      expect(await control.music(legId, false)).toBe('done');
      expect(await control.music(legId, true)).toBe('done');
      expect(await control.join(randomUUID(), [legId])).toBe('done');
    });

    it('mutes and unmutes', async () => {
      const { citizen } = await talking();
      expect(await control.mute(citizen.legId, true)).toBe('done');
      expect(await control.mute(citizen.legId, false)).toBe('done');
    });

    it('hears digits, once each, alone and in a talk', async () => {
      const { far, legId } = await answered();
      await pause(150);
      far.press('5');
      await ear.hear('digitPressed', (event) => event.legId === legId && event.digit === '5');
      await control.join(randomUUID(), [legId]);
      await pause(100);
      far.press('#');
      await ear.hear('digitPressed', (event) => event.legId === legId && event.digit === '#');
      await pause(150);
      expect(ear.all('digitPressed', of(legId)).map(({ digit }) => digit)).toEqual(['5', '#']);
    });

    it('sends key presses to an outside party', async () => {
      const legId = randomUUID();
      const to = { number: '13800138000' };
      await control.dial({
        legId,
        to,
        callerNumber: '12345',
        callerName: '',
        timeoutSeconds: 9,
        data: '{}',
      });
      await ear.hear('legAnswered', of(legId));
      await pause(100);
      expect(await control.sendDigits(legId, '1*2')).toBe('done');
      await eventually(() => world.outside.pressed() === '1*2');
    });

    it('records a leg in stereo until it ends, through everything, and gives the sound out', async () => {
      const { citizen, seat, talkId } = await talking();
      const recordingId = `call.${randomUUID()}`;
      expect(await control.record(citizen.legId, recordingId)).toBe('done');
      expect(await control.record(citizen.legId, recordingId)).toBe('done');
      const startedAt = Date.now();
      const legs = (await control.legs()).map(({ legId }) => legId);
      expect(legs.sort()).toEqual([citizen.legId, seat.legId].sort());
      await pause(300);
      await control.part(talkId, citizen.legId);
      await control.music(citizen.legId, true);
      await pause(200);
      await control.join(randomUUID(), [citizen.legId, seat.legId]);
      await pause(300);
      citizen.far.hangUp();
      const talked = Date.now() - startedAt;
      await saved(recordingId);
      const wav = await sound(recordingId);
      expect(wav.durationMs).toBeGreaterThan(talked - 250);
      expect(wav.durationMs).toBeLessThan(talked + 400);
      expect(loudness(wav.left)).toBeGreaterThan(0.4);
      expect(loudness(wav.right)).toBeGreaterThan(0.2);
      expect(longestSilenceMs(wav.left)).toBeLessThan(300);
      await control.discardRecording(recordingId);
      expect(await control.fetchRecording(recordingId, join(tmpdir(), randomUUID()))).toBeNull();
      await control.hangUp(seat.legId, 'normal');
      await nothingLeft();
      expect(ear.all('recordingSaved', (event) => event.recordingId === recordingId)).toHaveLength(1);
      expect(ear.all('recordingFailed')).toEqual([]);
      expect(ear.all('legArrived', ({ leg }) => leg.legId.includes(recordingId))).toEqual([]);
    }, 15_000);

    it('records silence while paused, and ends when asked', async () => {
      const { citizen } = await talking();
      const recordingId = randomUUID();
      await control.record(citizen.legId, recordingId);
      await pause(300);
      expect(await control.pauseRecording(recordingId, true)).toBe('done');
      await pause(500);
      expect(await control.pauseRecording(recordingId, false)).toBe('done');
      await pause(300);
      expect(await control.endRecording(recordingId)).toBe('done');
      await saved(recordingId);
      const wav = await sound(recordingId);
      for (const side of [wav.left, wav.right]) {
        expect(longestSilenceMs(side)).toBeGreaterThan(300);
        expect(longestSilenceMs(side)).toBeLessThan(800);
        expect(loudness(side.subarray(-1600))).toBeGreaterThan(0.4);
      }
      expect((await control.legs()).find(({ legId }) => legId === citizen.legId)).toMatchObject({
        state: 'up',
      });
      expect(await control.endRecording(recordingId)).toBe('gone');
      expect(await control.pauseRecording(recordingId, true)).toBe('gone');
      expect(ear.all('recordingFailed')).toEqual([]);
      await control.discardRecording(recordingId);
    }, 15_000);

    it('ends the recording of a leg that is handed back', async () => {
      const { legId, far } = await answered();
      const recordingId = randomUUID();
      await control.record(legId, recordingId);
      await control.handBack(legId);
      await saved(recordingId);
      expect(far.state()).toBe('up');
      far.hangUp();
      await control.discardRecording(recordingId);
      await nothingLeft();
    });

    it('lets a supervisor listen, whisper, listen again and stop', async () => {
      const { citizen, seat } = await talking();
      citizen.far.speak(false);
      const supervisor = await rung('answer');
      await ear.hear('legAnswered', of(supervisor.legId));
      const hears = async () => [
        await citizen.far.hears(),
        await seat.phone.hears(),
        await supervisor.phone.hears(),
      ];
      expect(await control.listen(supervisor.legId, seat.legId, 'listen')).toBe('done');
      await pause(150);
      expect(await hears()).toEqual([true, false, true]);
      expect(await control.listen(supervisor.legId, seat.legId, 'whisper')).toBe('done');
      seat.phone.speak(false);
      await pause(150);
      expect(await hears()).toEqual([false, true, false]);
      seat.phone.speak(true);
      expect(await control.listen(supervisor.legId, seat.legId, 'listen')).toBe('done');
      await pause(150);
      expect(await hears()).toEqual([true, false, true]);
      const legs = await control.legs();
      expect(legs).toHaveLength(3);
      expect(legs.find(({ legId }) => legId === supervisor.legId)).toMatchObject({
        state: 'up',
        talkId: null,
      });
      expect(await control.unlisten(supervisor.legId)).toBe('done');
      expect(await control.unlisten(supervisor.legId)).toBe('gone');
      await pause(150);
      expect(await hears()).toEqual([true, false, false]);
      await eventually(async () => (await world.channels()) === 3);
      expect(ear.all('legsTalking', of(supervisor.legId))).toEqual([]);
      expect(ear.all('legsApart', of(supervisor.legId))).toEqual([]);
    }, 20_000);

    it('lets a listening supervisor barge in, and ends the listening with the leg', async () => {
      const { citizen, seat, talkId } = await talking();
      const supervisor = await rung('answer');
      await ear.hear('legAnswered', of(supervisor.legId));
      await control.listen(supervisor.legId, seat.legId, 'whisper');
      expect(await control.join(talkId, [supervisor.legId])).toBe('done');
      await ear.hear('legsTalking', of(supervisor.legId));
      await eventually(async () => (await world.channels()) === 3);
      expect(await control.unlisten(supervisor.legId)).toBe('gone');
      expect(await control.listen(supervisor.legId, citizen.legId, 'listen')).toBe('done');
      await ear.hear('legsApart', of(supervisor.legId));
      citizen.far.hangUp();
      await ended(citizen.legId);
      await eventually(async () => (await world.channels()) === 2);
      expect(await control.unlisten(supervisor.legId)).toBe('gone');
      expect((await control.legs()).map(({ legId }) => legId).sort()).toEqual(
        [seat.legId, supervisor.legId].sort(),
      );
    }, 20_000);

    it('keeps notes of any text', async () => {
      const { legId } = await arrived();
      const notes = ['{"阶段":"排队","名":"😀\\"\'<b>"}', 'a,b|c;d=${EXTEN}$[1+1]\\n%FF', 'x'.repeat(3000)];
      for (const note of notes) {
        expect(await control.remember(legId, note)).toBe('done');
        expect((await control.legs()).find((leg) => leg.legId === legId)?.data).toBe(note);
      }
    });

    it('hands a leg back to the dialplan', async () => {
      const { legId, far } = await answered();
      expect(await control.handBack(legId)).toBe('done');
      await ended(legId);
      await eventually(async () => !(await control.legs()).some((leg) => leg.legId === legId));
      await pause(200);
      expect(far.state()).toBe('up');
      expect(await control.handBack(legId)).toBe('gone');
      far.hangUp();
      await pause(100);
      expect(ear.all('legEnded', of(legId))).toHaveLength(1);
    });

    it('counts a leg that is handed back as soon as it arrives as none of ours, for good', async () => {
      const { legId, far } = await arrived();
      expect(await control.handBack(legId)).toBe('done');
      await ended(legId);
      await pause(300);
      expect((await control.legs()).map((leg) => leg.legId)).not.toContain(legId);
      far.hangUp();
    });

    it('tells when a phone comes and goes', async () => {
      const { account, phone } = await admitted();
      await ear.hear('phoneReachable', (event) => event.account === account && event.reachable);
      await phone.unregister();
      await ear.hear('phoneReachable', (event) => event.account === account && !event.reachable);
      expect(await control.phoneReachable(account)).toBe(false);
      expect(await control.phoneReachable('seat-never')).toBe(false);
    });

    it('admits a phone twice, and dismisses it', async () => {
      const { account } = await admitted();
      await control.admitPhone(account, 'secret-1', 'sip');
      expect(await control.phoneReachable(account)).toBe(true);
      await control.dismissPhone(account);
      await control.dismissPhone(account);
      expect(await control.phoneReachable(account)).toBe(false);
      const to = { account };
      expect(
        await control.dial({
          legId: randomUUID(),
          to,
          callerNumber: '1',
          callerName: '',
          timeoutSeconds: 5,
          data: '',
        }),
      ).toBe('gone');
    });

    it('refuses sounds, accounts and numbers that are none', async () => {
      const { legId } = await answered();
      const invalid = { code: 'invalid-input' };
      const dial = (to: { account: string } | { number: string }) =>
        control.dial({
          legId: randomUUID(),
          to,
          callerNumber: '1',
          callerName: '',
          timeoutSeconds: 5,
          data: '',
        });
      await expect(control.play(legId, randomUUID(), ['../../etc/passwd&x'])).rejects.toMatchObject(invalid);
      await expect(dial({ account: 'a/b@c' })).rejects.toMatchObject(invalid);
      await expect(dial({ number: '1@evil&PJSIP/x' })).rejects.toMatchObject(invalid);
      await expect(control.admitPhone('a/../b', 's', 'sip')).rejects.toMatchObject(invalid);
      await expect(control.record(legId, '../x')).rejects.toMatchObject(invalid);
      await expect(control.fetchRecording('a/b', 'x')).rejects.toMatchObject(invalid);
      await expect(control.sendDigits(legId, '1,2w')).rejects.toMatchObject(invalid);
    });

    it('takes legs up again after the link was lost, with their notes', async () => {
      const { citizen, seat, talkId } = await talking();
      await control.remember(citizen.legId, '{"kept":"留住"}');
      const losses = ear.all('switchLost').length;
      const backs = ear.all('switchBack').length;
      world.cut();
      await eventually(() => ear.all('switchLost').length === losses + 1);
      await expect(control.answer(citizen.legId)).rejects.toMatchObject({ code: 'switch-unavailable' });
      await pause(300);
      expect(citizen.far.state()).toBe('up');
      world.mend();
      await eventually(() => ear.all('switchBack').length === backs + 1, 8000);
      const { legs } = ear.all('switchBack').at(-1)!;
      expect(legs.find((leg) => leg.legId === citizen.legId)).toMatchObject({
        state: 'up',
        data: '{"kept":"留住"}',
        talkId,
      });
      expect(legs.find((leg) => leg.legId === seat.legId)).toMatchObject({ state: 'up', talkId });
      citizen.far.hangUp();
      await ended(citizen.legId);
      expect(await control.part(talkId, seat.legId)).toBe('done');
      await ear.hear('legsApart', of(seat.legId));
    }, 20_000);

    it('does not report legs that ended while the link was lost', async () => {
      const { legId, far } = await answered();
      const backs = ear.all('switchBack').length;
      world.cut();
      await pause(50);
      far.hangUp();
      await pause(100);
      world.mend();
      await eventually(() => ear.all('switchBack').length === backs + 1, 8000);
      expect(
        ear
          .all('switchBack')
          .at(-1)!
          .legs.some((leg) => leg.legId === legId),
      ).toBe(false);
      expect(await control.answer(legId)).toBe('gone');
    }, 20_000);

    it('lets a successor take over living calls', async () => {
      const { citizen, seat, talkId } = await talking();
      await control.remember(citizen.legId, 'inherited');
      await control.stop();
      control = world.control();
      ear = new Ear();
      await control.start(ear.listen);
      const [first] = ear.all('switchBack');
      expect(first!.legs.find((leg) => leg.legId === citizen.legId)).toMatchObject({
        state: 'up',
        data: 'inherited',
        talkId,
      });
      citizen.far.hangUp();
      await ended(citizen.legId);
      expect(await control.hangUp(seat.legId, 'normal')).toBe('done');
      await ended(seat.legId);
    }, 20_000);

    it('goes on recording and listening without the service, and tells what was saved meanwhile', async () => {
      const { citizen, seat } = await talking();
      const supervisor = await rung('answer');
      await ear.hear('legAnswered', of(supervisor.legId));
      const [whole, missed] = [randomUUID(), randomUUID()];
      await control.record(citizen.legId, whole);
      await control.record(seat.legId, missed);
      await control.listen(supervisor.legId, seat.legId, 'whisper');
      await control.stop();
      await pause(200);
      seat.phone.hangUp();
      await pause(200);
      control = world.control();
      ear = new Ear();
      await control.start(ear.listen);
      await saved(missed);
      expect((await control.legs()).map(({ legId }) => legId)).not.toContain(seat.legId);
      expect(await control.pauseRecording(whole, true)).toBe('done');
      expect(await control.listen(supervisor.legId, citizen.legId, 'whisper')).toBe('done');
      await pause(200);
      expect(await control.pauseRecording(whole, false)).toBe('done');
      supervisor.phone.hangUp();
      citizen.far.hangUp();
      await saved(whole);
      expect((await sound(whole)).durationMs).toBeGreaterThan(500);
      for (const recordingId of [whole, missed]) await control.discardRecording(recordingId);
      await nothingLeft();
      expect(ear.all('recordingFailed')).toEqual([]);
    }, 20_000);

    it('tells after a lost link what was saved meanwhile', async () => {
      const { legId, far } = await answered();
      const recordingId = randomUUID();
      await control.record(legId, recordingId);
      await pause(200);
      world.cut();
      await pause(50);
      far.hangUp();
      await pause(200);
      world.mend();
      await saved(recordingId);
      expect((await sound(recordingId)).durationMs).toBeGreaterThan(100);
      await control.discardRecording(recordingId);
      await nothingLeft();
    }, 20_000);

    it('stops cleanly and twice', async () => {
      const other = world.control();
      await control.stop();
      await other.start(() => undefined);
      await other.stop();
      await other.stop();
      control = world.control();
      ear = new Ear();
      await control.start(ear.listen);
    }, 20_000);
  });
}
