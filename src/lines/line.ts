import { z } from 'zod';

/** 整合方式: how an old number was merged into 12345 (M1, M2, M3). */
export const CONSOLIDATION_MODES = {
  direct: '直接合并', // M1
  forwarded: '来电转移', // M2
  parallel: '并行接听', // M3
} as const;
export type ConsolidationMode = keyof typeof CONSOLIDATION_MODES;

/** Every mode with its Chinese word; `own` is 12345 itself. */
export const LINE_MODES = { own: '12345本线', ...CONSOLIDATION_MODES } as const;
export type LineMode = keyof typeof LINE_MODES;

const day = z.iso.date();

/** What an administrator writes about a line (热线). Days are inclusive, in the city's zone. */
export const lineInput = z.strictObject({
  name: z.string().trim().min(1).max(60),
  mode: z.enum(['own', 'direct', 'forwarded', 'parallel']),
  /** Old numbers of the line, in any notation; stored normalised. */
  numbers: z.array(z.string().trim().min(3).max(40)).min(1).max(20),
  unitId: z.string().max(40).nullable(),
  /** `city`, or the area code of the county or district that owns the line (M4). */
  owner: z.string().trim().min(1).max(20),
  firstDay: day,
  lastDay: day.nullable(),
  /** Sound played as greeting, and its words (shown, and spoken when the sound is replaced). */
  greetingSound: z.string().regex(/^[a-z0-9-]{1,60}$/),
  greetingText: z.string().max(300),
  queue: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** 0 ordinary … 9 first. */
  priority: z.int().min(0).max(9),
  defaultCategory: z.string().max(40).nullable(),
  /** What the agent reads out and asks on this line. */
  script: z.string().max(4000),
  /** Where a parallel line's own seats answer (M3). */
  parallelDestination: z.string().max(60).nullable(),
});
export type LineInput = z.infer<typeof lineInput>;

export interface Line extends LineInput {
  lineId: string;
  version: number;
}

/** One change of a line, as its history keeps it (who, when, before, after). */
export interface LineChange {
  lineId: string;
  version: number;
  /** Instant, ISO 8601 in UTC. */
  at: string;
  action: 'created' | 'changed' | 'ended';
  whoId: string;
  whoName: string;
  before: LineInput | null;
  after: LineInput;
}

/** The inputs of a line without its identity: what history and comparison look at. */
export function inputOf(line: Line): LineInput {
  const { lineId: _lineId, version: _version, ...input } = line;
  return input;
}
