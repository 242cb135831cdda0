import { z } from 'zod';

/** A recording's name: part of a file's name, and of what the switch is told to play. */
export const promptName = z.string().regex(/^[a-z0-9-]{1,60}$/, '录音名称只能用小写字母、数字和连字符');
export const promptWords = z.string().trim().min(1, '请填写录音的内容').max(300);

export const PROMPT_GROUPS = ['greeting', 'menu', 'announcement', 'number', 'tone'] as const;
export type PromptGroup = (typeof PROMPT_GROUPS)[number];

/** One version of a recording. */
export const promptVersion = z.object({
  versionId: z.string(),
  action: z.enum(['uploaded', 'restored', 'reverted']),
  words: z.string(),
  /** Null when it went back to the built-in recording. */
  seconds: z.number().nullable(),
  /** Kind and name of the file that was uploaded. */
  source: z.string(),
  whoId: z.string(),
  whoName: z.string(),
  at: z.iso.datetime(),
});
export type PromptVersion = z.output<typeof promptVersion>;

/** A recording as it is played now. */
export const prompt = z.object({
  name: z.string(),
  group: z.enum(PROMPT_GROUPS),
  words: z.string(),
  /** `missing`: a menu's announcement that nobody has recorded yet. */
  origin: z.enum(['built-in', 'uploaded', 'missing']),
  seconds: z.number().nullable(),
  /** Whether there is a recording to go back to. */
  builtIn: z.boolean(),
  uploaded: promptVersion.nullable(),
  /** Lines that play it. */
  lines: z.array(z.string()),
});
export type Prompt = z.output<typeof prompt>;

/** A recording that is shipped with the hotline. */
export interface BuiltIn {
  name: string;
  words: string;
  seconds: number;
}

/** What the catalogue needs of a line. */
export interface PromptLine {
  lineId: string;
  name: string;
  greetingSound: string;
  greetingText: string;
}

/** What prompts.tsv says: name, tab, words; the order is kept. */
export function readPromptWords(sheet: string): { name: string; words: string }[] {
  return sheet
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => {
      const [name = '', words = ''] = line.split('\t');
      return { name, words };
    });
}

/** The announcement of a line's digit menu. */
export const menuPromptOf = (lineId: string): string => `menu-${lineId}`;

/** Whether a new recording may have this name: a greeting of one's own, or the menu of a line that there is. */
export function mayBeNamed(name: string, lines: readonly PromptLine[]): boolean {
  return name.startsWith('greeting-') || lines.some(({ lineId }) => menuPromptOf(lineId) === name);
}

/**
 * Every recording there is, built-in ones in their order, then those of one's own. `withMenu` names lines whose menu is
 * in use: their announcement is listed even when nobody has recorded it yet.
 */
export function promptCatalogue(
  builtIns: readonly BuiltIn[],
  current: ReadonlyMap<string, PromptVersion>,
  lines: readonly PromptLine[],
  withMenu: readonly string[],
): Prompt[] {
  const names = new Set([
    ...builtIns.map(({ name }) => name),
    ...[...current].filter(([, version]) => version.action !== 'reverted').map(([name]) => name),
    ...withMenu.map(menuPromptOf),
  ]);
  const known = new Map(builtIns.map((each) => [each.name, each]));
  return [...names].map((name) => {
    const version = current.get(name);
    const uploaded = version && version.action !== 'reverted' ? version : null;
    const shipped = known.get(name);
    return {
      name,
      group: groupOf(name, shipped?.words ?? ''),
      words: uploaded?.words ?? shipped?.words ?? menuWords(name, lines),
      origin: uploaded ? 'uploaded' : shipped ? 'built-in' : 'missing',
      seconds: uploaded?.seconds ?? shipped?.seconds ?? null,
      builtIn: shipped !== undefined,
      uploaded,
      lines: linesOf(name, lines),
    };
  });
}

function linesOf(name: string, lines: readonly PromptLine[]): string[] {
  return lines
    .filter((line) => line.greetingSound === name || menuPromptOf(line.lineId) === name)
    .map((line) => line.name);
}

function menuWords(name: string, lines: readonly PromptLine[]): string {
  const line = lines.find(({ lineId }) => menuPromptOf(lineId) === name);
  return line ? `${line.name}的按键菜单` : '';
}

/** Pieces of numbers and times are single words, without a full stop. */
function groupOf(name: string, words: string): PromptGroup {
  if (name.startsWith('greeting-')) return 'greeting';
  if (name.startsWith('menu-')) return 'menu';
  if (words.startsWith('（')) return 'tone';
  return words !== '' && words.length <= 2 ? 'number' : 'announcement';
}
