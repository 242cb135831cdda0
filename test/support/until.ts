/**
 * Waits until `probe` gives something truthy and returns it; throws with what was awaited, and what `otherwise` says,
 * after `limitMs`. A probe that throws counts as "not yet"; its fault is told when the time is over.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  limitMs = 5000,
  otherwise: () => string = () => '',
): Promise<NonNullable<T>> {
  const end = Date.now() + limitMs;
  for (;;) {
    let fault = '';
    try {
      const value = await probe();
      if (value) return value;
    } catch (thrown) {
      fault = ` (${String(thrown)})`;
    }
    if (Date.now() > end)
      throw new Error(`Waited ${limitMs} ms in vain: ${what}${fault}\n${otherwise()}`.trimEnd());
    await new Promise((done) => setTimeout(done, 15));
  }
}

/** Lets time pass where the passing itself is the matter: nothing may happen meanwhile. */
export const pass = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
