import { join } from 'node:path';
import { Counter, Gauge } from 'prom-client';
import { seatsOf } from '../calls/call';
import { quietHours } from '../calls/callback';
import { callbackRoutes } from '../calls/callback.routes';
import { Callbacks } from '../calls/callback.service';
import { CallbackStore } from '../calls/callback.store';
import { CallRecordStore } from '../calls/call-record.store';
import { seesRecord } from '../calls/call.routes';
import { CallService } from '../calls/call.service';
import { JournalService } from '../calls/journal.service';
import { PlaybackStore } from '../calls/recordings/playback.store';
import { Recorder } from '../calls/recordings/recorder.service';
import { RecordingKeeping } from '../calls/recordings/recording-keeping.service';
import { recordingRoutes } from '../calls/recordings/recording.routes';
import { RecordingStore } from '../calls/recordings/recording.store';
import { MonitoringService } from '../calls/monitoring.service';
import { messageRoutes } from '../calls/message.routes';
import { Messages } from '../calls/message.service';
import { MessageStore } from '../calls/message.store';
import type { Config } from '../config';
import { Directory } from '../directory/directory.service';
import { writeSheet } from '../lines/line-sheet.adapter';
import { maskNumber } from '../lines/phone-number';
import { HttpServer } from '../platform/http-server';
import type { Logger } from '../platform/logger';
import { RepeatedTask } from '../platform/repeated-task';
import { AsteriskCallControl } from '../telephony/asterisk/asterisk.adapter';
import type { CallControl } from '../telephony/call-control';
import { SimulatedSwitch } from '../telephony/simulated-switch.adapter';
import { SimulatedCallControl } from '../telephony/simulated.adapter';
import { clock, type Ground } from './ground';

type CallbackJoints = Omit<ConstructorParameters<typeof Callbacks>[0], 'store' | 'policy' | 'clock' | 'log'>;

export function openSwitch(config: Config, log: Logger): CallControl {
  if (config.SWITCH === 'simulated') return new SimulatedCallControl(new SimulatedSwitch());
  return new AsteriskCallControl({
    url: config.ARI_URL,
    username: config.ARI_USERNAME,
    password: config.ARI_PASSWORD,
    app: config.ARI_APP,
    timeoutMs: config.SWITCH_TIMEOUT_MS,
    link: config.ARI_LINK,
    log,
  });
}

/** Every talk is recorded, kept with its hash, and heard by whom it is for. */
export function buildRecordings(
  { config, log, bus, database, redis, audit, lifecycle, http }: Ground,
  deps: {
    port: CallControl;
    calls: CallService;
    journal: JournalService;
    records: CallRecordStore;
    linked(): boolean;
    nameOf(personId: string): string | null;
    requireCommand(): void;
  },
): { recorder: Recorder; keeping: RecordingKeeping } {
  const { port, calls, journal, records } = deps;
  const store = new RecordingStore(database);
  const failures = new Counter({
    name: 'hotline_recording_failures_total',
    help: 'Recordings that failed, in part or whole',
    registers: [http.metrics],
  });
  const keeping = new RecordingKeeping({
    switch: port,
    store,
    audit,
    folder: config.RECORDINGS_DIR ?? join(config.VAR_DIR, 'recordings'),
    keepDays: config.RECORDING_KEEP_DAYS,
    sweepSeconds: config.SWEEP_SECONDS,
    clock,
    failed: () => failures.inc(),
    log,
  });
  new Gauge({
    name: 'hotline_recordings_waiting',
    help: 'Recordings still to be brought from the switch',
    registers: [http.metrics],
    collect() {
      this.set(keeping.lag);
    },
  });
  const recorder = new Recorder({
    switch: port,
    calls,
    journaled: async (callId) => {
      await journal.flush();
      return (await records.record(callId))?.events ?? [];
    },
    journal,
    announce: (event) => bus.announce(event),
    alarm: (recordingId, callId, why) => keeping.alarm(recordingId, callId, why),
    saved: (recordingId) => keeping.saved(recordingId),
    clock,
    on: config.RECORD_CALLS,
    log,
  });
  bus.onAny((event) => recorder.hear(event));
  const look = new RepeatedTask(
    1,
    async () => deps.linked() && recorder.tick(),
    (fault) => log.warn({ err: fault }, 'recordings not looked after'),
  );
  lifecycle.add('recordings', {
    start: () => {
      keeping.start();
      look.start();
    },
    stop: () => Promise.all([keeping.stop(), look.stop()]),
  });
  http.mount(
    recordingRoutes({
      ...{ store, keeping, recorder, audit, clock },
      playbacks: new PlaybackStore(redis, config.REDIS_PREFIX),
      record: (callId) => records.record(callId),
      sees: seesRecord,
      nameOf: deps.nameOf,
      agentsHearOwn: config.AGENTS_HEAR_OWN_CALLS,
      requireCommand: deps.requireCommand,
    }),
  );
  return { recorder, keeping };
}

/** What a seat is busy with, to a supervisor who thinks it is stuck; null: nothing. */
export function callWordsOf(
  seatId: string,
  calls: CallService,
  monitoring: MonitoringService,
): string | null {
  const call = calls.live().find((each) => seatsOf(each).some((seat) => seat.seatId === seatId));
  if (call)
    return `正在处理「${call.line.lineName}」的通话（${maskNumber(call.callerHidden ? null : call.callerNumber)}）`;
  return monitoring.of(seatId) ? '正在监听' : null;
}

/** What a call itself says to a work order: from the live call, else from its record. */
export function callFactsFrom(calls: CallService, records: CallRecordStore) {
  return async (callId: string) => {
    const call = calls.call(callId);
    const found = call ?? (await records.record(callId))?.record;
    if (!found) return null;
    const { line, callerNumber } = found;
    const seatId = call
      ? (call.talk?.seatId ?? call.offer?.seatId ?? null)
      : 'seatId' in found
        ? found.seatId
        : null;
    return {
      callerNumber,
      callerHidden: callerNumber === null,
      lineId: line.lineId,
      lineName: line.lineName,
      seatId,
    };
  };
}

/** 漏接回拨: what is owed to whoever was not served, placed by the service that commands the switch. */
export function buildCallbacks(
  { config, log, bus, database, audit, http }: Ground,
  directory: Directory,
  { queuesOf, ...joints }: CallbackJoints & { queuesOf(personId: string): string[] },
): Callbacks {
  const store = new CallbackStore(database);
  const policy = {
    shortestMs: config.CALLBACK_SHORTEST_SECONDS * 1000,
    afterMs: config.CALLBACK_AFTER_SECONDS * 1000,
    quiet: quietHours(config.CALLBACK_QUIET_HOURS),
    attempts: config.CALLBACK_ATTEMPTS,
    retryMs: config.CALLBACK_RETRY_SECONDS * 1000,
    patienceMs: config.CALLBACK_PATIENCE_SECONDS * 1000,
    expiryMs: config.CALLBACK_HOURS * 3_600_000,
    targetMs: config.CALLBACK_TARGET_MINUTES * 60_000,
  };
  const callbacks = new Callbacks({ ...joints, store, policy, clock, log });
  bus.onAny((event) => {
    if (event.kind === 'seatChanged' && event.to === 'ready') callbacks.hurry();
  });
  http.mount(
    callbackRoutes({
      store,
      figures: () => callbacks.count(),
      queuesOf,
      nameOf: (personId) => directory.person(personId)?.name ?? null,
      targetMs: policy.targetMs,
      audit,
      write: writeSheet,
      hurry: () => callbacks.hurry(),
      now: () => clock.now(),
    }),
  );
  measureCallbacks(http, callbacks);
  return callbacks;
}

/** 语音留言: each becomes a task for those who serve its queue. */
export function buildMessages(
  { log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  joints: {
    alarm(recordingId: string, callId: string, why: string): void;
    queuesOf(personId: string): string[];
    ticketOf(number: string): Promise<string | null>;
  },
): { tasks: Messages; store: MessageStore } {
  const { alarm, queuesOf, ticketOf } = joints;
  const store = new MessageStore(database);
  const tasks = new Messages({ store, alarm, clock, log });
  const nameOf = (personId: string) => directory.person(personId)?.name ?? null;
  http.mount(messageRoutes({ store, queuesOf, nameOf, ticketOf, audit, now: () => clock.now() }));
  lifecycle.add('messages', tasks);
  return { tasks, store };
}

/** Callbacks open now, and those of the last 24 hours by their end. */
export function measureCallbacks(http: HttpServer, callbacks: Callbacks): void {
  const registers = [http.metrics];
  new Gauge({
    name: 'hotline_callbacks_open',
    help: 'Callbacks owed, of these tried before, and under way',
    labelNames: ['state'],
    registers,
    collect() {
      const { owed, retrying, underWay } = callbacks.figures;
      for (const [state, count] of Object.entries({ owed, retrying, underWay })) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'hotline_callbacks_settled_24h',
    help: 'Callbacks of the last 24 hours: done, of these in time, not reached, cancelled',
    labelNames: ['result'],
    registers,
    collect() {
      const { done, inTime, unreached, cancelled } = callbacks.figures;
      const results = { done, inTime, unreached, cancelled };
      for (const [result, count] of Object.entries(results)) this.set({ result }, count);
    },
  });
}
