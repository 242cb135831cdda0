import { z } from 'zod';
import { HotlineError } from '../errors';
import { route, type Route } from '../platform/http-route';
import { PROMPT_LIMITS } from './audio-conversion.adapter';
import { prompt, promptName, promptVersion, promptWords } from './prompt-catalogue';
import type { PromptService } from './prompt.service';

const TAG = '录音';
const params = z.object({ name: promptName });
const versionId = z.string().regex(/^\d{1,18}$/);

/** HTTP of the recordings callers hear: hearing and replacing each. */
export function promptRoutes({ prompts }: { prompts: PromptService }): Route[] {
  return [...hearing(prompts), ...changing(prompts)];
}

function hearing(prompts: PromptService): Route[] {
  return [
    route({
      method: 'get',
      path: '/prompts',
      tag: TAG,
      summary: '全部录音：内容、时长、来源、使用它的热线',
      action: 'prompt.view',
      reply: z.object({ prompts: z.array(prompt), trouble: z.string().nullable() }),
      handle: () => prompts.list(),
    }),
    route({
      method: 'get',
      path: '/prompts/:name/audio',
      tag: TAG,
      summary: '试听一段录音（WAV）；可指定历史版本',
      action: 'prompt.view',
      params,
      query: z.object({ versionId: versionId.optional() }),
      reply: 'file',
      handle: async ({ params: { name }, query }) => ({
        file: await prompts.sound(name, query.versionId),
        contentType: 'audio/wav',
        fileName: `${name}.wav`,
      }),
    }),
    route({
      method: 'get',
      path: '/prompts/:name/history',
      tag: TAG,
      summary: '一段录音的历史版本',
      action: 'prompt.view',
      params,
      reply: z.object({ versions: z.array(promptVersion) }),
      handle: async ({ params: { name } }) => ({ versions: await prompts.history(name) }),
    }),
  ];
}

function changing(prompts: PromptService): Route[] {
  return [
    route({
      method: 'post',
      path: '/prompts/:name/recording',
      tag: TAG,
      summary: '上传录音（常见音频格式，自动转换），替换原有录音或新增问候语、菜单录音；下一次播放即生效',
      action: 'prompt.edit',
      params,
      query: z.object({ words: promptWords }),
      upload: PROMPT_LIMITS.bytes,
      reply: prompt,
      handle: async ({ params: { name }, query, upload, caller }) => {
        if (!upload) throw new HotlineError('invalid-input', '请选择录音文件', { field: 'file' });
        return prompts.upload(name, query.words, upload, caller);
      },
    }),
    route({
      method: 'post',
      path: '/prompts/:name/restore',
      tag: TAG,
      summary: '重新使用一个历史版本',
      action: 'prompt.edit',
      params,
      body: z.strictObject({ versionId }),
      reply: prompt,
      handle: async ({ params: { name }, body, caller }) => prompts.restore(name, body.versionId, caller),
    }),
    route({
      method: 'post',
      path: '/prompts/:name/revert',
      tag: TAG,
      summary: '恢复内置录音；自行新增的录音则移除（历史版本保留）',
      action: 'prompt.edit',
      params,
      reply: z.object({ prompt: prompt.nullable() }),
      handle: async ({ params: { name }, caller }) => ({ prompt: await prompts.revert(name, caller) }),
    }),
  ];
}
