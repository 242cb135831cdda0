import { spawn } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HotlineError } from '../errors';
import type { Logger } from '../platform/logger';
import { audioKind } from './audio-kind';
import { levelled, SAMPLE_RATE } from './loudness';
import { writeWav } from './wav';

/** What an upload may be: larger or longer than any announcement, small enough for the service. */
export const PROMPT_LIMITS = { bytes: 20 * 1024 * 1024, seconds: 180, leastSeconds: 0.1 } as const;

const TIME_LIMIT_MS = 20_000;
const LARGEST_OUTPUT = (PROMPT_LIMITS.seconds + 1) * SAMPLE_RATE * 2;

/** Decoders of the kinds that are taken, and no other: a picture or film inside a sound file is never looked at. */
const DECODERS = [
  ...['u8', 's8', 's16le', 's16be', 's24le', 's24be', 's32le', 's32be', 'f32le', 'f32be', 'f64le', 'f64be'],
  ...['alaw', 'mulaw'],
].map((name) => `pcm_${name}`);
const CODECS = [
  ...DECODERS,
  ...[
    'adpcm_ms',
    'adpcm_ima_wav',
    'adpcm_ima_qt',
    'gsm_ms',
    'mp1float',
    'mp2float',
    'mp3float',
    'mp3',
    'vorbis',
  ],
  ...['opus', 'flac', 'alac', 'aac', 'amrnb', 'amrwb', 'wmav1', 'wmav2', 'wmapro'],
];

export interface Converted {
  /** 8 kHz, mono, 16 bit, at the loudness of all prompts. */
  wav: Buffer;
  seconds: number;
  /** What the upload was. */
  kind: string;
}

/**
 * Turns an uploaded sound file into a telephone prompt with ffmpeg. The file is hostile: its kind is told by its first
 * bytes and fixed, it is read from standard input only (no other file, no network), with the least of decoders, memory,
 * time and output. One file after another, behind everything else this machine has to do.
 */
export class AudioConverter {
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly program: string,
    private readonly log: Pick<Logger, 'error' | 'info'>,
  ) {}

  /** Throws `unsupported-media-type`, `invalid-input` or `too-large` with a sentence for the administrator. */
  convert(bytes: Buffer): Promise<Converted> {
    const turn = this.queue.then(() => this.convertNow(bytes));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async convertNow(bytes: Buffer): Promise<Converted> {
    const kind = audioKind(bytes);
    if (!kind)
      throw new HotlineError(
        'unsupported-media-type',
        '这不是可用的录音文件，请上传 WAV、MP3、M4A、AAC、OGG、OPUS、FLAC、AMR、AIFF、WMA 或 WEBM',
      );
    const folder = await mkdtemp(join(tmpdir(), 'hotline-prompt-'));
    try {
      const file = join(folder, 'upload');
      // Readable by the unprivileged user the program may run as; the folder is closed to everybody else.
      await writeFile(file, bytes, { mode: 0o644 });
      const samples = await this.decode(file, kind.demuxer, kind.name);
      const seconds = samples.length / SAMPLE_RATE;
      if (seconds > PROMPT_LIMITS.seconds)
        throw new HotlineError('too-large', `录音超过 ${PROMPT_LIMITS.seconds} 秒，请剪短后再上传`);
      if (seconds < PROMPT_LIMITS.leastSeconds) throw unreadable(kind.name);
      const level = levelled(samples);
      if (!level) throw new HotlineError('invalid-input', '录音里没有声音，请检查后重新上传');
      return { wav: Buffer.from(writeWav(level)), seconds, kind: kind.name };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async decode(file: string, demuxer: string, name: string): Promise<Int16Array> {
    const input = await open(file, 'r');
    try {
      const run = await this.run(input.fd, demuxer);
      if (run.missing)
        throw new HotlineError('not-ready', '服务器上没有录音转换程序 ffmpeg，请联系系统管理员');
      if (run.late) throw new HotlineError('invalid-input', '录音转换超时，文件可能已损坏');
      if (run.code !== 0 && run.output.length <= LARGEST_OUTPUT) {
        this.log.info({ demuxer, said: run.said }, 'an uploaded sound file cannot be read');
        throw unreadable(name);
      }
      const whole = Buffer.from(run.output.subarray(0, run.output.length & ~1));
      return new Int16Array(whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length));
    } finally {
      await input.close();
    }
  }

  private run(input: number, demuxer: string): Promise<Run> {
    return new Promise((resolve) => {
      const child = spawn(this.program, argumentsFor(demuxer), {
        stdio: [input, 'pipe', 'pipe'],
        env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C.UTF-8' },
      });
      const run: Run = { code: null, output: Buffer.alloc(0), said: '', late: false, missing: false };
      const chunks: Buffer[] = [];
      let length = 0;
      const timer = setTimeout(() => {
        run.late = true;
        child.kill('SIGKILL');
      }, TIME_LIMIT_MS);
      child.on('spawn', () => child.pid && behindOthers(child.pid));
      child.stdout?.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LARGEST_OUTPUT) child.kill('SIGKILL');
      });
      child.stderr?.on('data', (chunk: Buffer) => (run.said = (run.said + chunk.toString()).slice(-500)));
      child.on('error', (fault) => {
        this.log.error({ err: fault, program: this.program }, 'the converter of recordings cannot be run');
        run.missing = true;
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ ...run, code, output: Buffer.concat(chunks) });
      });
    });
  }
}

interface Run {
  code: number | null;
  output: Buffer;
  said: string;
  late: boolean;
  missing: boolean;
}

/** `file:/dev/stdin` instead of a pipe: some files (M4A from telephones) have their index at the end. */
function argumentsFor(demuxer: string): string[] {
  const quiet = ['-nostdin', '-hide_banner', '-loglevel', 'error'];
  const least = ['-max_alloc', '50000000', '-threads', '1', '-protocol_whitelist', 'file'];
  const input = [
    '-codec_whitelist',
    CODECS.join(','),
    '-f',
    demuxer,
    '-i',
    'file:/dev/stdin',
    '-map',
    '0:a:0',
  ];
  const length = ['-t', String(PROMPT_LIMITS.seconds + 1)];
  return [
    ...quiet,
    ...least,
    ...input,
    ...length,
    '-ac',
    '1',
    '-ar',
    String(SAMPLE_RATE),
    '-f',
    's16le',
    'pipe:1',
  ];
}

/** Calls come first. Not being allowed to step back is no fault. */
function behindOthers(pid: number): void {
  try {
    setPriority(pid, 10);
  } catch {
    return;
  }
}

function unreadable(name: string): HotlineError {
  return new HotlineError('invalid-input', `无法读取这个 ${name} 文件，可能已损坏或不含声音`);
}
