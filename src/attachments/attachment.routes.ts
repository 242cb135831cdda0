import { z } from 'zod';
import { HotlineError } from '../errors';
import { route, type Route } from '../platform/http-route';
import { attachmentView, OWNER_KINDS } from './attachment';
import type { Attachments } from './attachment.service';

const TAG = '附件';
const owner = {
  ownerKind: z.enum(OWNER_KINDS),
  ownerId: z
    .string()
    .min(1)
    .max(80)
    .regex(/^[^\0]*$/),
};
const params = z.object({ attachmentId: z.uuid() });

/** Attachments over HTTP. The file is the raw body of the request, its name percent-encoded in `X-File-Name`. */
export function attachmentRoutes(deps: { attachments: Attachments; maxBytes: number }): Route[] {
  return [...ofOwner(deps), ...ofOne(deps.attachments)];
}

function ofOwner({ attachments, maxBytes }: { attachments: Attachments; maxBytes: number }): Route[] {
  return [
    route({
      method: 'get',
      path: '/attachments',
      summary: '工单等的附件',
      tag: TAG,
      action: 'attachment.view',
      query: z.object(owner),
      reply: z.object({ items: z.array(attachmentView) }),
      handle: async ({ query, caller }) => ({
        items: await attachments.list({ kind: query.ownerKind, id: query.ownerId }, caller),
      }),
    }),
    route({
      method: 'post',
      path: '/attachments',
      summary: '上传附件（请求正文即文件内容，文件名在 X-File-Name）',
      tag: TAG,
      action: 'attachment.add',
      query: z.object({
        ...owner,
        identifying: z
          .enum(['true', 'false'])
          .optional()
          .describe('涉及诉求人身份，对承办单位隐藏；缺省时保密工单的附件隐藏'),
      }),
      upload: maxBytes,
      idempotent: true,
      status: 201,
      reply: attachmentView,
      handle: ({ query, caller, upload }) => {
        if (!upload) throw new HotlineError('invalid-input', '没有收到文件内容');
        const identifying = query.identifying === undefined ? null : query.identifying === 'true';
        return attachments.add(
          { kind: query.ownerKind, id: query.ownerId },
          { name: upload.fileName, content: upload.bytes, identifying },
          caller,
        );
      },
    }),
  ];
}

function ofOne(attachments: Attachments): Route[] {
  return [
    route({
      method: 'get',
      path: '/attachments/:attachmentId/content',
      summary: '下载附件',
      tag: TAG,
      action: 'attachment.view',
      params,
      reply: 'stored-file',
      handle: async ({ params: { attachmentId }, caller }) => {
        const { path, mediaType, name } = await attachments.content(attachmentId, caller);
        return { path, contentType: mediaType, fileName: name };
      },
    }),
    route({
      method: 'post',
      path: '/attachments/:attachmentId/release',
      summary: '向承办单位开放涉及诉求人身份的附件',
      tag: TAG,
      action: 'attachment.release',
      params,
      reply: attachmentView,
      handle: ({ params: { attachmentId }, caller }) => attachments.release(attachmentId, caller),
    }),
    route({
      method: 'delete',
      path: '/attachments/:attachmentId',
      summary: '删除附件',
      tag: TAG,
      action: 'attachment.add',
      params,
      handle: ({ params: { attachmentId }, caller }) => attachments.remove(attachmentId, caller),
    }),
  ];
}
