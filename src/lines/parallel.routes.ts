import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { parallelInput } from './parallel';
import type { ParallelLines } from './parallel.service';

const TAG = '并行接听';
const view = parallelInput.extend({ lineId: z.string(), version: z.int() });

/** Parallel lines (M3): when calls overflow to them, and how calls from their exchange are known. */
export function parallelRoutes({ parallel }: { parallel: ParallelLines }): Route[] {
  return [
    route({
      method: 'get',
      path: '/parallel-lines',
      tag: TAG,
      summary: '并行接听热线的溢出条件、服务时段与来电识别',
      action: 'line.view',
      reply: z.object({ lines: z.array(view) }),
      handle: async () => ({ lines: parallel.all() }),
    }),
    route({
      method: 'put',
      path: '/parallel-lines/:lineId',
      tag: TAG,
      summary: '修改一条并行接听热线的设置，立即生效；version为0表示还没有设置过',
      action: 'line.edit',
      params: z.object({ lineId: z.string().max(80) }),
      body: z.strictObject({ version: z.int().min(0), input: parallelInput }),
      reply: view,
      handle: async ({ params: { lineId }, body, caller }) => {
        return parallel.change(lineId, body.version, body.input, caller);
      },
    }),
  ];
}
