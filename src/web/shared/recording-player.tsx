import { Button, Space, Tag, Tooltip } from 'antd';
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { api } from './api';
import { draw, type Mark } from './recording-drawing';
import { Failure, Loading } from './states';
import { timerText } from './time';
import { useResource } from './use-resource';

interface OpenedRecording {
  audio: string;
  seconds: number;
  waveform: { left: number[]; right: number[] };
  marks: Mark[];
}

const STEP_SECONDS = 5;
const PAGE_SECONDS = 30;
const SPEEDS = [1, 1.5, 2, 0.75];

/**
 * Plays one recording: the waveforms of both sides (upper: the citizen, lower: the agent) with the stretches where the
 * recording was paused. Opening it is written to the audit trail, so it is opened only when somebody asks for it. Keys:
 * space plays and pauses, arrows go 5 s back and on (with Shift 30 s), Home and End to its ends.
 */
export function RecordingPlayer({ recordingId }: { recordingId: string }) {
  const opened = useResource(
    (signal) =>
      api.post<OpenedRecording>(`/recordings/${encodeURIComponent(recordingId)}/plays`, undefined, {
        signal,
      }),
    [recordingId],
  );
  if (opened.data) return <Player recording={opened.data} />;
  return opened.loading ? <Loading rows={2} /> : <Failure error={opened.error} onRetry={opened.reload} />;
}

function Player({ recording }: { recording: OpenedRecording }) {
  const { audio, seconds, waveform, marks } = recording;
  const sound = useRef<HTMLAudioElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(0);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    if (canvas.current) draw(canvas.current, { waveform, marks, seconds, at });
  }, [waveform, marks, seconds, at]);
  useEffect(() => {
    if (!playing) return;
    let frame = requestAnimationFrame(function follow() {
      setAt(sound.current?.currentTime ?? 0);
      frame = requestAnimationFrame(follow);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing]);

  const goTo = useCallback(
    (second: number) => {
      if (!sound.current) return;
      sound.current.currentTime = Math.min(Math.max(0, second), seconds);
      setAt(sound.current.currentTime);
    },
    [seconds],
  );
  const toggle = () => {
    if (playing) sound.current?.pause();
    else void sound.current?.play().catch(() => setFailed(true));
  };
  const faster = () => {
    const next = (speed + 1) % SPEEDS.length;
    setSpeed(next);
    if (sound.current) sound.current.playbackRate = SPEEDS[next] ?? 1;
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.shiftKey ? PAGE_SECONDS : STEP_SECONDS;
    if (event.key === ' ') toggle();
    else if (event.key === 'ArrowLeft') goTo(at - step);
    else if (event.key === 'ArrowRight') goTo(at + step);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(seconds);
    else return;
    // The desk has shortcuts of its own.
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="recording-player"
      role="group"
      aria-label="录音播放器：空格播放或暂停，左右键快退快进"
      tabIndex={0}
      onKeyDown={onKey}
    >
      <audio
        ref={sound}
        src={audio}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onError={() => setFailed(true)}
      />
      <canvas
        ref={canvas}
        className="recording-waveform"
        role="slider"
        aria-label="播放位置"
        aria-valuemin={0}
        aria-valuemax={Math.round(seconds)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={timerText(at * 1000)}
        onClick={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          goTo(((event.clientX - left) / width) * seconds);
        }}
      />
      <Space wrap>
        <Button size="small" type="primary" tabIndex={-1} onClick={toggle}>
          {playing ? '暂停' : '播放'}
        </Button>
        <Button size="small" tabIndex={-1} onClick={faster}>
          {SPEEDS[speed]} 倍速
        </Button>
        <span className="recording-time">
          {timerText(at * 1000)} / {timerText(seconds * 1000)}
        </span>
        <span className="recording-legend">上：诉求人；下：坐席</span>
      </Space>
      {marks.length > 0 && (
        <Space wrap className="recording-marks">
          {marks.map((mark) => (
            <Tooltip key={mark.from} title={`${mark.who} 暂停了 ${timerText((mark.to - mark.from) * 1000)}`}>
              <Tag color="orange" onClick={() => goTo(mark.from)}>
                {timerText(mark.from * 1000)} 暂停录音：{mark.reason}
              </Tag>
            </Tooltip>
          ))}
        </Space>
      )}
      {failed && (
        <div className="state-failure" role="alert">
          录音无法播放，请关闭后重新打开。
        </div>
      )}
    </div>
  );
}
