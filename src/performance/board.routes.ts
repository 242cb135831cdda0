import { z } from 'zod';
import { HotlineError } from '../errors';
import { route, type FileReply, type Route } from '../platform/http-route';
import type { Board } from './board';
import { boardView } from './board-view';

interface Deps {
  board(): Promise<{ board: Board; standby: boolean } | null>;
  sheet: { csv(board: Board): FileReply; xlsx(board: Board): Promise<FileReply> };
}

/** The wallboard's figures, and the same as a sheet. */
export function boardRoutes({ board, sheet }: Deps): Route[] {
  const present = async () => {
    const found = await board();
    if (!found) throw new HotlineError('not-ready', '当前没有实例在统计大屏数据，请稍后重试');
    return found;
  };
  return [
    route({
      method: 'get',
      path: '/wallboard',
      tag: '大屏',
      summary: '大屏数据：排队、坐席、接通率、放弃（合计、按队列、按热线）与近24小时走势',
      action: 'wallboard.view',
      reply: boardView,
      handle: async () => {
        const found = await present();
        return { ...found.board, standby: found.standby };
      },
    }),
    route({
      method: 'get',
      path: '/wallboard/export',
      tag: '大屏',
      summary: '导出当前大屏数据（XLSX 含坐席与指标口径，或 CSV）',
      action: 'wallboard.view',
      query: z.object({ format: z.enum(['xlsx', 'csv']).default('xlsx') }),
      reply: 'file',
      handle: async ({ query }) => {
        const found = await present();
        return query.format === 'csv' ? sheet.csv(found.board) : sheet.xlsx(found.board);
      },
    }),
  ];
}
