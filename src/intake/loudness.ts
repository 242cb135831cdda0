/** A telephone prompt is 8000 samples a second. */
export const SAMPLE_RATE = 8000;

const BLOCK = SAMPLE_RATE / 50;
const FULL = 32768;
/** Blocks quieter than this (dBFS) are no speech at all. */
const SILENCE = -60;
/** The active level the built-in recordings have, so that a replaced one is as loud as its neighbours. */
const TARGET = -22;
/** No more than one sample in a thousand is raised above this; a click is cut off there, not the voice turned down. */
const PEAK = 10 ** (-1 / 20);

const decibel = (power: number): number => 10 * Math.log10(Math.max(power, 1e-12));

/**
 * The level of what is spoken, in dBFS: the mean power of the 20 ms blocks that are no quieter than 15 dB below the mean
 * of all audible ones (pauses do not count, as in ITU-T P.56), without the loudest fiftieth (clicks). Null when nothing
 * is audible.
 */
export function activeLevel(samples: Int16Array): number | null {
  const powers: number[] = [];
  for (let start = 0; start < samples.length; start += BLOCK) {
    const block = samples.subarray(start, start + BLOCK);
    powers.push(block.reduce((sum, sample) => sum + (sample / FULL) ** 2, 0) / block.length);
  }
  const audible = powers.filter((power) => decibel(power) > SILENCE).sort((one, other) => one - other);
  if (audible.length === 0) return null;
  const steady = audible.slice(0, Math.ceil(audible.length * 0.98));
  const gate = decibel(mean(steady)) - 15;
  return decibel(mean(steady.filter((power) => decibel(power) >= gate)));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The same recording at the level of all prompts. Null when nothing is audible. */
export function levelled(samples: Int16Array): Int16Array | null {
  const level = activeLevel(samples);
  if (level === null) return null;
  const heights = samples.map((sample) => Math.min(Math.abs(sample), FULL - 1)).sort();
  const peak = Math.max(heights[Math.floor(heights.length * 0.999)] ?? 0, 1) / FULL;
  const gain = Math.min(10 ** ((TARGET - level) / 20), PEAK / peak);
  const most = Math.round(PEAK * FULL);
  return samples.map((sample) => Math.max(-most, Math.min(most, Math.round(sample * gain))));
}
