import { z } from 'zod';

const rows = z.int().describe('已核验的行数');
const head = z.string().nullable().describe('链首散列，可另行留存');

/** How far a verification is, and what it found; the first row that does not fit is named. */
export const verification = z.object({
  state: z.enum(['running', 'whole', 'broken', 'failed']),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  audit: z.object({ rows, head, brokenAt: z.int().nullable() }),
  timelines: z.object({
    rows,
    head,
    tickets: z.int(),
    brokenAt: z.object({ ticketId: z.string(), number: z.string(), seq: z.int() }).nullable(),
  }),
  /** Days noted outside the database that were compared. */
  anchors: z.object({
    checked: z.int(),
    brokenAt: z.object({ day: z.string(), chain: z.enum(['audit', 'timelines']) }).nullable(),
  }),
});
export type Verification = z.infer<typeof verification>;

/** A verification that begins. */
export function begun(startedAt: Date): Verification {
  return {
    state: 'running',
    startedAt,
    finishedAt: null,
    audit: { rows: 0, head: null, brokenAt: null },
    timelines: { rows: 0, head: null, tickets: 0, brokenAt: null },
    anchors: { checked: 0, brokenAt: null },
  };
}

/** Whether everything that was looked at fitted. */
export function isWhole({ audit, timelines, anchors }: Verification): boolean {
  return audit.brokenAt === null && timelines.brokenAt === null && anchors.brokenAt === null;
}
