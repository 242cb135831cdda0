import { z } from 'zod';

/** What is noted of a day outside the database: whoever rewrites both chains whole still does not fit it (G1). */
export const anchor = z.object({
  /** A day of the city that was over. */
  day: z.iso.date(),
  /** The audit trail when it was noted: its number of rows, and the hash of the last. */
  audit: z.object({ rows: z.int(), head: z.string() }),
  /** The timelines' rows of that day, and one hash over theirs. */
  timelines: z.object({ rows: z.int(), digest: z.string() }),
});
export type Anchor = z.infer<typeof anchor>;

/** Reads the file of anchors, one JSON text a line, oldest first. Throws an Error that names a line it cannot read. */
export function readAnchors(text: string): Anchor[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [anchor.parse(JSON.parse(line))];
    } catch {
      throw new Error(`line ${index + 1} of the anchor file cannot be read`);
    }
  });
}
