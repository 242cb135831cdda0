import fc from 'fast-check';
import type { JournalEvent } from '../../src/calls/call-record';
import {
  foldRecordings,
  keptAs,
  pauseMarks,
  readRecordingId,
  talkRecordingId,
} from '../../src/calls/recordings/recording';
import { STROKES, WaveformPen } from '../../src/calls/recordings/waveform';

const at = (seconds: number) => new Date(1_764_000_000_000 + seconds * 1000);
const of = { callId: 'c', recordingId: 'c-talk' };

describe('recordings of a call', () => {
  it('have ids that tell their call', () => {
    for (const callId of ['1764000000.12', 'a-talk', '3f0c-4b', 'x-message'])
      for (const part of [1, 2, 77])
        expect(readRecordingId(talkRecordingId(callId, part))).toEqual({ callId, kind: 'talk' });
    expect(readRecordingId('1764000000.12-message')).toEqual({ callId: '1764000000.12', kind: 'message' });
    for (const stranger of ['', 'talk', '-talk', 'x-talk-1234', 'x-talking'])
      expect(readRecordingId(stranger)).toBeNull();
  });

  it('are told by the journal, also one that is told twice', () => {
    const events: JournalEvent[] = [
      { kind: 'recordingStarted', ...of, at: at(0) },
      { kind: 'recordingPaused', ...of, seatId: 's', reason: '敏感信息', at: at(5) },
      { kind: 'recordingResumed', ...of, seatId: 's', at: at(9) },
      { kind: 'recordingPaused', ...of, seatId: 't', reason: '银行卡号', at: at(20) },
      { kind: 'recordingFailed', callId: 'c', recordingId: 'c-talk-2', why: 'disk', at: at(30) },
      { kind: 'messageStarted', callId: 'c', recordingId: 'c-message', at: at(40) },
    ];
    const stories = foldRecordings(events);
    expect(stories).toMatchObject([
      {
        recordingId: 'c-talk',
        kind: 'talk',
        startedAt: at(0).getTime(),
        failed: null,
        pauses: [
          { from: at(5).getTime(), to: at(9).getTime(), seatId: 's', reason: '敏感信息' },
          { from: at(20).getTime(), to: null, seatId: 't' },
        ],
      },
      { recordingId: 'c-talk-2', failed: 'disk', pauses: [] },
      { recordingId: 'c-message', kind: 'message' },
    ]);
    expect(foldRecordings([...events.slice(0, 3), ...events])).toMatchObject([{ pauses: [{}, {}] }, {}, {}]);
  });

  it('show their pauses on the time line, one that was never ended to the end', () => {
    const pauses = [
      { from: at(5).getTime(), to: at(9).getTime(), seatId: 's', reason: 'a' },
      { from: at(20).getTime(), to: null, seatId: 's', reason: 'b' },
      { from: at(31).getTime(), to: at(40).getTime(), seatId: 's', reason: 'c' },
    ];
    expect(pauseMarks({ startedAt: at(0).getTime(), pauses }, 30_000)).toEqual([
      { from: 5, to: 9, seatId: 's', reason: 'a' },
      { from: 20, to: 30, seatId: 's', reason: 'b' },
      { from: 30, to: 30, seatId: 's', reason: 'c' },
    ]);
  });

  it('are filed by the city’s day', () =>
    expect(keptAs('c-talk', '2026-11-24')).toBe('2026/11/24/c-talk.wav'));
});

describe('a waveform', () => {
  it('is the same however the sound comes, and as long as there is sound', () => {
    const frame = fc.tuple(fc.integer({ min: -32768, max: 32767 }), fc.integer({ min: -32768, max: 32767 }));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (frames, size) => {
        const sound = Buffer.from(Int16Array.from(frames.flat()).buffer);
        const [whole, parts] = [new WaveformPen(sound.length), new WaveformPen(sound.length)];
        whole.draw(sound);
        for (let from = 0; from < sound.length; from += size) parts.draw(sound.subarray(from, from + size));
        expect(parts.waveform).toEqual(whole.waveform);
        expect(whole.waveform.left).toHaveLength(frames.length);
        expect(whole.waveform.left.every((stroke) => stroke >= 0 && stroke <= 100)).toBe(true);
      }),
    );
  });

  it('has so many strokes and no more, each its loudest moment', () => {
    const seconds = 60;
    const sound = Int16Array.from({ length: seconds * 8000 * 2 }, (_, at) =>
      at === 0 ? 32767 : at % 2 ? -164 : 0,
    );
    const pen = new WaveformPen(sound.byteLength);
    pen.draw(Buffer.from(sound.buffer));
    expect(pen.waveform.left.length).toBeLessThanOrEqual(STROKES);
    expect(pen.waveform.left.slice(0, 2)).toEqual([100, 0]);
    expect(new Set(pen.waveform.right)).toEqual(new Set([1]));
  });
});
