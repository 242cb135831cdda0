import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { audioKind } from '../../src/intake/audio-kind';
import { activeLevel, levelled, SAMPLE_RATE } from '../../src/intake/loudness';
import { promptCatalogue, readPromptWords, type PromptVersion } from '../../src/intake/prompt-catalogue';
import { wavSeconds, writeWav } from '../../src/intake/wav';

const SOUNDS = join(__dirname, '../support/sounds');

describe('the kind of a sound file', () => {
  const kinds: Record<string, string> = {
    wav: 'WAV',
    mp3: 'MP3',
    opus: 'OGG/OPUS',
    ogg: 'OGG/OPUS',
    m4a: 'M4A/MP4',
    aac: 'AAC',
    flac: 'FLAC',
    amr: 'AMR',
    aiff: 'AIFF',
    webm: 'WEBM',
    wma: 'WMA',
  };

  it.each(readdirSync(SOUNDS))('%s is known by its first bytes', (file) => {
    expect(audioKind(readFileSync(join(SOUNDS, file)))?.name).toBe(kinds[file.split('.')[1]!]);
  });

  it.each([
    ['', 'nothing'],
    ['#EXTM3U\nfile:///etc/passwd', 'a playlist'],
    ['ffconcat version 1.0\nfile /etc/passwd', 'a list of files'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'a picture'],
    ['RIFF\x00\x00\x00\x00AVI LIST', 'a film'],
    ['PK\x03\x04', 'an archive'],
    ['\x7fELF', 'a program'],
  ])('%j is %s and not taken', (text) => expect(audioKind(Buffer.from(text, 'latin1'))).toBeNull());

  it('takes any bytes without a fault', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => audioKind(bytes) !== undefined));
  });
});

describe('loudness', () => {
  const tone = (seconds: number, height: number, pause = 0): Int16Array =>
    Int16Array.from({ length: (seconds + pause) * SAMPLE_RATE }, (_, at) =>
      at < seconds * SAMPLE_RATE ? Math.round(Math.sin((at * 2 * Math.PI * 440) / SAMPLE_RATE) * height) : 0,
    );

  it('does not count pauses', () => {
    expect(activeLevel(tone(1, 8000))).toBeCloseTo(activeLevel(tone(1, 8000, 3))!, 1);
  });

  it.each([60, 300, 3000, 32_000])('brings a voice of height %d to the same level', (height) => {
    expect(activeLevel(levelled(tone(1, height))!)).toBeCloseTo(-22, 0);
  });

  it('hears nothing in silence and hum far below a voice', () => {
    expect(levelled(new Int16Array(SAMPLE_RATE))).toBeNull();
    expect(levelled(tone(1, 20))).toBeNull();
    expect(levelled(new Int16Array(0))).toBeNull();
  });

  it('cuts a click off instead of turning the voice down', () => {
    const clicked = tone(1, 300);
    clicked[4000] = 32_767;
    const level = levelled(clicked)!;
    expect(activeLevel(level)).toBeGreaterThan(-25);
    expect(Math.max(...level)).toBeLessThan(32_767);
  });

  it('never leaves the range', () => {
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 2000 }), (samples) => {
        const level = levelled(samples);
        return level === null || (level.length === samples.length && Math.max(...level) < 32_767);
      }),
    );
  });
});

it('writes the header the switch wants', () => {
  const wav = Buffer.from(writeWav(Int16Array.of(1, -2)));
  expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
  expect([wav.readUInt32LE(4), wav.readUInt32LE(40), wav.readInt16LE(44), wav.readInt16LE(46)]).toEqual([
    40, 4, 1, -2,
  ]);
  expect(wavSeconds(44 + 16_000)).toBe(1);
});

describe('the catalogue', () => {
  const line = { lineId: 'l-1', name: '路灯热线', greetingSound: 'greeting-lamps', greetingText: '' };
  const version = (change: Partial<PromptVersion>): PromptVersion => ({
    versionId: '1',
    action: 'uploaded',
    words: '新的',
    seconds: 2,
    source: 'MP3 a.mp3',
    whoId: 'p',
    whoName: '管理员',
    at: '2026-11-24T00:00:00.000Z',
    ...change,
  });
  const builtIns = [
    { name: 'apology', words: '请稍候。', seconds: 3 },
    { name: 'ten', words: '十', seconds: 0.3 },
  ];

  it('puts uploads in the place of what is built in, and lists menus nobody has recorded', () => {
    const current = new Map([
      ['apology', version({})],
      ['ten', version({ action: 'reverted', seconds: null })],
      ['greeting-lamps', version({ words: '您好，路灯热线。' })],
      ['greeting-old', version({ action: 'reverted', seconds: null })],
    ]);
    const list = promptCatalogue(builtIns, current, [line], ['l-1']);
    expect(
      list.map(({ name, group, words, origin, builtIn, lines }) => [
        name,
        group,
        words,
        origin,
        builtIn,
        lines.length,
      ]),
    ).toEqual([
      ['apology', 'announcement', '新的', 'uploaded', true, 0],
      ['ten', 'number', '十', 'built-in', true, 0],
      ['greeting-lamps', 'greeting', '您好，路灯热线。', 'uploaded', false, 1],
      ['menu-l-1', 'menu', '路灯热线的按键菜单', 'missing', false, 1],
    ]);
  });

  it('reads prompts.tsv', () => {
    expect(readPromptWords('a-b\t您好\n\nno tab\nc\t再见\n')).toEqual([
      { name: 'a-b', words: '您好' },
      { name: 'c', words: '再见' },
    ]);
  });
});
