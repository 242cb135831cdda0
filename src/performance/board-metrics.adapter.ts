import { Gauge, type Registry } from 'prom-client';
import type { Board, BoardGroup } from './board';
import { liveFigure } from './board-words';
import {
  CALLBACKS_FIGURE,
  LIVE_FIGURE_KEYS,
  LIVE_FIGURES,
  SEATS_FIGURE,
  WINDOW_FIGURE_KEYS,
  WINDOW_FIGURES,
  WINDOWS,
  type WindowName,
} from './definitions';

type Found = { board: Board; standby: boolean } | null;
interface Scoped {
  labels: { scope: 'total' | 'queue' | 'line'; id: string };
  group: BoardGroup;
}

/** How long one reading serves all gauges of a scrape. */
const ONE_SCRAPE_MS = 200;
const SCOPE = ['scope', 'id'] as const;

/**
 * The board's figures for Prometheus, by the same definitions. A figure that cannot be reckoned has no sample. Every
 * service tells them: the one that counts says `hotline_board_standby 0`, the others 1.
 *
 * @param now ms since the epoch
 */
export function boardMetrics(registry: Registry, read: () => Promise<Found>, now: () => number): void {
  let reading: { at: number; found: Promise<Found> } | null = null;
  const found = () => {
    if (!reading || now() - reading.at > ONE_SCRAPE_MS)
      reading = { at: now(), found: read().catch(() => null) };
    return reading.found;
  };
  const gauge = <L extends string>(
    { metric, name, formula }: { metric: string; name: string; formula: string },
    labelNames: readonly L[],
    fill: (gauge: Gauge<L>, board: Board, standby: boolean) => void,
  ) =>
    new Gauge<L>({
      name: metric,
      help: `${name}：${formula}`,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        this.reset();
        // A gauge without labels would say 0 for what nobody knows.
        if (labelNames.length === 0) this.remove();
        const now = await found();
        if (now) fill(this, now.board, now.standby);
      },
    });

  for (const key of LIVE_FIGURE_KEYS)
    gauge(LIVE_FIGURES[key], SCOPE, (into, board) => {
      for (const { labels, group } of scopes(board)) {
        const value = liveFigure(key, group, now());
        if (value !== null) into.set(labels, value);
      }
    });
  for (const key of WINDOW_FIGURE_KEYS)
    gauge(WINDOW_FIGURES[key], [...SCOPE, 'window'], (into, board) => {
      for (const { labels, group } of scopes(board))
        for (const window of Object.keys(WINDOWS) as WindowName[]) {
          const value = group[window][key];
          if (value !== null) into.set({ ...labels, window }, value);
        }
    });
  gauge(SEATS_FIGURE, ['state'], (into, board) => {
    for (const [state, count] of Object.entries(board.seatsByState)) into.set({ state }, count);
  });
  gauge(CALLBACKS_FIGURE, [], (into, board) => {
    if (board.callbacksOwed !== null) into.set(board.callbacksOwed);
  });
  gauge(
    { metric: 'hotline_board_complete', name: '大屏数据完整', formula: '近24小时的记录已读回为 1' },
    [],
    (into, board) => into.set(board.complete ? 1 : 0),
  );
  gauge(
    { metric: 'hotline_board_standby', name: '备用实例', formula: '数字来自另一实例为 1' },
    [],
    (into, _board, standby) => into.set(standby ? 1 : 0),
  );
}

function scopes(board: Board): Scoped[] {
  return [
    { labels: { scope: 'total', id: '' }, group: board.total },
    ...board.queues.map((queue) => ({
      labels: { scope: 'queue' as const, id: queue.queue },
      group: queue,
    })),
    ...board.lines.map((line) => ({ labels: { scope: 'line' as const, id: line.lineId }, group: line })),
  ];
}
