import fc from 'fast-check';
import { durationMsOf, interleave, soundStart, wavHeader } from '../../src/telephony/stereo-wav';

const samples = (...values: number[]) => Buffer.from(Int16Array.from(values).buffer);

describe('two sides in one WAV file', () => {
  it('puts left and right beside each other, the shorter one followed by silence', () => {
    expect(interleave(samples(1, 2, 3), samples(-1))).toEqual(samples(1, -1, 2, 0, 3, 0));
    expect(interleave(samples(), samples(7))).toEqual(samples(0, 7));
  });

  it('loses no sample', () => {
    const side = fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 50 });
    fc.assert(
      fc.property(side, side, (left, right) => {
        const both = interleave(samples(...left), samples(...right));
        const frames = Array.from({ length: both.length / 4 }, (_, at) => [
          both.readInt16LE(at * 4),
          both.readInt16LE(at * 4 + 2),
        ]);
        expect(frames).toEqual(
          Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [
            left[at] ?? 0,
            right[at] ?? 0,
          ]),
        );
      }),
    );
  });

  it('writes a header it can read', () => {
    const header = wavHeader(1, 320);
    expect(header.readUInt32LE(4)).toBe(36 + 320);
    expect(soundStart(header)).toBe(44);
  });

  it('finds the sound behind other chunks, and waits for more', () => {
    const header = wavHeader(1, 0);
    const list = Buffer.from('LIST\x04\x00\x00\x00abcd', 'latin1');
    const longer = Buffer.concat([header.subarray(0, 36), list, header.subarray(36)]);
    expect(soundStart(longer)).toBe(56);
    expect(soundStart(longer.subarray(0, 50))).toBeNull();
    expect(soundStart(Buffer.from('RIFF'))).toBeNull();
    expect(() => soundStart(Buffer.from('<html><body>'))).toThrow('no WAV');
  });

  it('tells the time', () => expect(durationMsOf(8000 * 80 * 60)).toBe(80 * 60 * 1000));
});
