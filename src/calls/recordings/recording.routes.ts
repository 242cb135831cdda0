import { z } from 'zod';
import { HotlineError } from '../../errors';
import { may } from '../../permissions';
import type { AuditStore } from '../../platform/audit.store';
import type { Clock } from '../../platform/clock';
import { route, type Caller, type Route } from '../../platform/http-route';
import type { CallRecord, JournalEvent } from '../call-record';
import type { PlaybackStore } from './playback.store';
import type { Recorder } from './recorder.service';
import { foldRecordings, pauseMarks, type RecordingStory } from './recording';
import type { RecordingKeeping } from './recording-keeping.service';
import type { KeptRecording, RecordingStore } from './recording.store';

interface Deps {
  store: RecordingStore;
  playbacks: PlaybackStore;
  keeping: RecordingKeeping;
  recorder: Recorder;
  record(callId: string): Promise<{ record: CallRecord; events: JournalEvent[] } | null>;
  /** Whether this person may see the call's record. */
  sees(caller: Caller, record: CallRecord): boolean;
  nameOf(personId: string): string | null;
  /** Whether agents may hear the calls of their own seat. */
  agentsHearOwn: boolean;
  audit: AuditStore;
  requireCommand(): void;
  clock: Clock;
}

const TAG = '录音';
const id = z.string().min(1).max(120);
const reason = z.string().trim().min(1, '请填写原因').max(100);
const callParams = z.object({ callId: id });
const recordingParams = z.object({ recordingId: id });
const seconds = z.number().describe('录音开始后的秒数');

const recordingView = z.object({
  recordingId: z.string(),
  kind: z.enum(['talk', 'message']),
  state: z.enum(['recording', 'kept', 'failed', 'deleted']),
  startedAt: z.number().describe('自 1970 年起的毫秒数（UTC）'),
  seconds: z.number().nullable(),
  sha256: z.string().nullable(),
  failed: z.string().nullable(),
  keepReason: z.string().nullable(),
  deletedAt: z.date().nullable(),
  marks: z.array(z.object({ from: seconds, to: seconds, who: z.string(), reason: z.string() })),
});
const strokes = z.array(z.number()).describe('每一笔的最大音量，0–100');

/** Recordings: who may hear them, and what is done with them. Units have no part in any of it. */
export function recordingRoutes(deps: Deps): Route[] {
  const { store, keeping, recorder, audit } = deps;

  const note = (
    caller: Caller,
    action: string,
    subject: string,
    facts: Record<string, unknown> = {},
    within?: Parameters<AuditStore['append']>[1],
  ) => audit.append({ who: caller.personId, action, subject, facts, address: caller.address }, within);

  async function heardCall(callId: string, caller: Caller | null) {
    const found = await deps.record(callId);
    if (!found || !caller || !hears(found.record, caller))
      throw new HotlineError('not-found', '没有这条录音');
    return found;
  }

  function hears(record: CallRecord, caller: Caller): boolean {
    if (may(caller.role, 'recording.hear-all')) return true;
    // A voice message is for whoever works it off: no seat has talked in such a call.
    return deps.sees(caller, record)
      ? deps.agentsHearOwn
      : record.message !== null && record.seats.length === 0;
  }

  async function heardRecording(recordingId: string, caller: Caller | null) {
    const recording = await store.recording(recordingId);
    if (!recording) throw new HotlineError('not-found', '没有这条录音');
    const { events } = await heardCall(recording.callId, caller);
    if (recording.deletedAt) throw new HotlineError('wrong-state', '录音已到保存期限并删除');
    const story = foldRecordings(events).find((each) => each.recordingId === recordingId);
    return { recording, story: story ?? null, caller: caller as Caller };
  }

  const marksOf = (story: RecordingStory | null, durationMs: number) =>
    (story ? pauseMarks(story, durationMs) : []).map(({ seatId, ...mark }) => ({
      ...mark,
      who: deps.nameOf(seatId) ?? seatId,
    }));

  function view(story: RecordingStory, kept: KeptRecording | undefined): z.output<typeof recordingView> {
    const state = kept
      ? kept.deletedAt
        ? 'deleted'
        : 'kept'
      : story.failed === null
        ? 'recording'
        : 'failed';
    const { recordingId, kind, startedAt, failed } = story;
    return {
      ...{ recordingId, kind, startedAt, failed, state },
      seconds: kept ? kept.durationMs / 1000 : null,
      sha256: kept?.sha256 ?? null,
      keepReason: kept?.keepReason ?? null,
      deletedAt: kept?.deletedAt ?? null,
      marks: marksOf(story, kept?.durationMs ?? Number.MAX_SAFE_INTEGER),
    };
  }

  return [
    route({
      method: 'get',
      path: '/calls/:callId/recordings',
      tag: TAG,
      summary: '一次通话的录音（坐席仅限本人的通话，可由设置关闭）',
      action: 'recording.hear',
      params: callParams,
      reply: z.object({ recordings: z.array(recordingView) }),
      handle: async ({ params, caller }) => {
        const { record, events } = await heardCall(params.callId, caller);
        const kept = await store.ofCall(record.callId);
        const find = (recordingId: string) => kept.find((each) => each.recordingId === recordingId);
        return {
          recordings: foldRecordings(events).map((story) => view(story, find(story.recordingId))),
        };
      },
    }),
    route({
      method: 'post',
      path: '/recordings/:recordingId/plays',
      tag: TAG,
      summary: '打开一条录音收听（记入审计），返回声音地址、波形和暂停标记',
      action: 'recording.hear',
      params: recordingParams,
      reply: z.object({
        audio: z.string(),
        seconds: z.number(),
        waveform: z.object({ left: strokes, right: strokes }),
        marks: recordingView.shape.marks,
      }),
      handle: async ({ params, caller: asking }) => {
        const { recording, story, caller } = await heardRecording(params.recordingId, asking);
        const { recordingId, callId, durationMs, waveform } = recording;
        await note(caller, 'recording.play', recordingId, { callId });
        const play = await deps.playbacks.open(recordingId, caller.personId);
        return {
          audio: `/api/recordings/${encodeURIComponent(recordingId)}/audio?play=${play}`,
          seconds: durationMs / 1000,
          waveform,
          marks: marksOf(story, durationMs),
        };
      },
    }),
    route({
      method: 'get',
      path: '/recordings/:recordingId/audio',
      tag: TAG,
      summary: '录音的声音（WAV 立体声：左为诉求人，右为坐席；支持 Range），须先打开收听',
      action: 'recording.hear',
      params: recordingParams,
      query: z.object({ play: z.string().regex(/^[0-9a-f]{32}$/) }),
      reply: 'stored-file',
      handle: async ({ params, query, caller: asking }) => {
        const { recording, caller } = await heardRecording(params.recordingId, asking);
        const { recordingId } = recording;
        if (!(await deps.playbacks.isOpen(query.play, recordingId, caller.personId)))
          throw new HotlineError('not-allowed', '请重新打开录音');
        return { path: keeping.fileOf(recording), contentType: 'audio/wav' };
      },
    }),
    route({
      method: 'post',
      path: '/recordings/:recordingId/verify',
      tag: TAG,
      summary: '核对录音文件与保存时的 SHA-256（记入审计；不符则告警）',
      action: 'recording.verify',
      params: recordingParams,
      reply: z.object({ whole: z.boolean(), expected: z.string(), found: z.string().nullable() }),
      handle: async ({ params, caller: asking }) => {
        const { recording, caller } = await heardRecording(params.recordingId, asking);
        const { whole, sha256: found } = await keeping.verify(recording);
        await note(caller, 'recording.verify', recording.recordingId, { whole });
        return { whole, expected: recording.sha256, found };
      },
    }),
    route({
      method: 'put',
      path: '/recordings/:recordingId/keep',
      tag: TAG,
      summary: '到期仍保留（如有争议），或取消保留；记入审计',
      action: 'recording.keep',
      params: recordingParams,
      body: z.strictObject({ reason: reason.nullable() }),
      status: 204,
      handle: async ({ params, body, caller: asking }) => {
        const { recording, caller } = await heardRecording(params.recordingId, asking);
        const { recordingId } = recording;
        await store.transaction(async (trx) => {
          if (!(await store.keep(trx, recordingId, body.reason, caller.personId)))
            throw new HotlineError('wrong-state', '录音已到保存期限并删除');
          await note(
            caller,
            body.reason === null ? 'recording.release' : 'recording.keep',
            recordingId,
            body,
            trx,
          );
        });
      },
    }),
    route({
      method: 'get',
      path: '/recordings/alarms',
      tag: TAG,
      summary: '录音失败告警，最新在前',
      action: 'recording.alarms',
      query: z.object({
        open: z.enum(['true', 'false']).default('true'),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      reply: z.object({
        alarms: z.array(
          z.object({
            alarmId: z.string(),
            recordingId: z.string(),
            callId: z.string(),
            why: z.string(),
            at: z.date(),
            seenAt: z.date().nullable(),
            seenBy: z.string().nullable(),
          }),
        ),
      }),
      handle: async ({ query }) => {
        const alarms = await store.alarms({ open: query.open === 'true', limit: query.limit });
        const named = alarms.map((each) => ({
          ...each,
          seenBy: each.seenBy && (deps.nameOf(each.seenBy) ?? each.seenBy),
        }));
        return { alarms: named };
      },
    }),
    route({
      method: 'post',
      path: '/recordings/alarms/:alarmId/seen',
      tag: TAG,
      summary: '告警已处理（记入审计）',
      action: 'recording.alarms',
      params: z.object({ alarmId: z.uuid() }),
      status: 204,
      handle: async ({ params, caller }) => {
        const { personId } = caller as Caller;
        if (!(await store.see(params.alarmId, personId, deps.clock.now())))
          throw new HotlineError('not-found', '没有这条告警');
        await note(caller as Caller, 'recording.alarm-seen', params.alarmId);
      },
    }),
    route({
      method: 'get',
      path: '/desk/calls/:callId/recording',
      tag: TAG,
      summary: '本席通话是否在录音、是否暂停',
      action: 'call.control',
      params: callParams,
      reply: z.object({ state: z.enum(['running', 'paused', 'none']) }),
      handle: async ({ params }) => {
        deps.requireCommand();
        return { state: recorder.stateOf(params.callId) ?? ('none' as const) };
      },
    }),
    route({
      method: 'post',
      path: '/desk/calls/:callId/recording/pause',
      tag: TAG,
      summary: '暂停录音（如诉求人报出敏感信息），在录音上留下标记',
      action: 'call.control',
      params: callParams,
      body: z.strictObject({ reason: reason.default('敏感信息') }),
      status: 204,
      handle: async ({ params, body, caller }) => {
        deps.requireCommand();
        await recorder.pause(params.callId, (caller as Caller).personId, body.reason);
      },
    }),
    route({
      method: 'post',
      path: '/desk/calls/:callId/recording/resume',
      tag: TAG,
      summary: '继续录音',
      action: 'call.control',
      params: callParams,
      status: 204,
      handle: async ({ params, caller }) => {
        deps.requireCommand();
        await recorder.resume(params.callId, (caller as Caller).personId);
      },
    }),
  ];
}
