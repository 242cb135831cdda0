import type { Prompt, PromptGroup } from '../../intake/prompt-catalogue';

export const GROUP_WORDS: Record<PromptGroup, string> = {
  greeting: '热线问候语',
  menu: '按键菜单',
  announcement: '通话提示',
  number: '数字与时间',
  tone: '提示音',
};

export const ORIGIN_WORDS: Record<Prompt['origin'], string> = {
  'built-in': '内置',
  uploaded: '已替换',
  missing: '未录制',
};
export const ORIGIN_COLORS: Record<Prompt['origin'], string> = {
  'built-in': 'default',
  uploaded: 'blue',
  missing: 'orange',
};

export const ACTION_WORDS = { uploaded: '上传', restored: '恢复此前版本', reverted: '恢复内置' } as const;

/** What browsers offer to choose from; what a file really is, the service finds out. */
export const ACCEPTED = 'audio/*,.wav,.mp3,.m4a,.mp4,.aac,.ogg,.opus,.flac,.amr,.aiff,.aif,.wma,.webm,.caf';

/** `3.4 秒`; an em dash for nothing. */
export function secondsText(seconds: number | null): string {
  return seconds === null ? '—' : `${seconds.toFixed(1)} 秒`;
}

/** The recordings that fit what the user looks for: words, a name, or a line that plays it. */
export function fitting(
  prompts: readonly Prompt[],
  filter: { words: string; group?: PromptGroup; origin?: Prompt['origin'] },
): Prompt[] {
  const words = filter.words.trim().toLowerCase();
  return prompts.filter(
    (prompt) =>
      (!filter.group || prompt.group === filter.group) &&
      (!filter.origin || prompt.origin === filter.origin) &&
      (words === '' ||
        [prompt.name, prompt.words, ...prompt.lines].some((text) => text.toLowerCase().includes(words))),
  );
}

/** Where a recording, or one version of it, is heard. */
export function soundUrl(name: string, versionId?: string): string {
  return `/api/prompts/${name}/audio${versionId ? `?versionId=${versionId}` : ''}`;
}
