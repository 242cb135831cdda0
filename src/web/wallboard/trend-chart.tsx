import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { TrendPoint } from '../../performance/board';
import { figureText } from '../../performance/board-words';
import { Nothing } from '../shared/states';
import { clockText } from '../shared/time';
import { MARKS } from './tones';

use([
  BarChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

const INK = '#b8c7de';
const MARK_LABEL = {
  formatter: '标准 {c}%',
  position: 'insideStartBottom' as const,
  color: '#ffd35c',
  backgroundColor: '#111f36cc',
  padding: [1, 4],
};
const faults = (point: TrendPoint) => point.offered - point.answered - point.abandoned - point.diverted;
const percent = (rate: number | null) => (rate === null ? null : Math.round(rate * 1000) / 10);

/** How the calls of the last 24 hours came out, by half hour; as a table for those who do not see the picture. */
export function TrendChart({ trend }: { trend: TrendPoint[] }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const empty = trend.every(({ offered }) => offered === 0);
  useEffect(() => {
    if (!place.current) return;
    const made = init(place.current);
    chart.current = made;
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(place.current);
    return () => {
      watcher.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, [empty]);
  useEffect(() => chart.current?.setOption(picture(trend)), [trend, empty]);
  return (
    <section className="panel trend" aria-label="近24小时走势">
      <h2>
        近24小时走势 <span className="panel-note">每半小时，按来电时间</span>
      </h2>
      {empty ? (
        <Nothing words="近24小时没有来电" />
      ) : (
        <div ref={place} className="trend-picture" aria-hidden />
      )}
      <TrendTable trend={trend} />
    </section>
  );
}

function TrendTable({ trend }: { trend: TrendPoint[] }) {
  return (
    <div className="for-readers">
      <table>
        <caption>近24小时每半小时的来电</caption>
        <thead>
          <tr>
            {['半小时起', '呼入', '接通', '放弃', '留言或回拨', '接通率', '15秒接通率'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trend
            .filter(({ offered }) => offered > 0)
            .map((point) => (
              <tr key={point.from}>
                <th scope="row">{clockText(point.from)}</th>
                <td>{point.offered}</td>
                <td>{point.answered}</td>
                <td>{point.abandoned}</td>
                <td>{point.diverted}</td>
                <td>{figureText(point.connectedRate, 'share')}</td>
                <td>{figureText(point.inTimeRate, 'share')}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function picture(trend: TrendPoint[]) {
  const size = Math.max(11, Math.round(window.innerWidth * 0.0068));
  const words = { color: INK, fontSize: size };
  const bar = (name: string, color: string, of: (point: TrendPoint) => number) => ({
    name,
    type: 'bar' as const,
    stack: 'calls',
    itemStyle: { color },
    data: trend.map(of),
  });
  return {
    animation: false,
    textStyle: words,
    grid: { left: 8, right: 8, top: size * 3.2, bottom: 4, containLabel: true },
    legend: { textStyle: words, top: 0, itemHeight: size * 0.8 },
    tooltip: { trigger: 'axis' as const },
    xAxis: {
      type: 'category' as const,
      data: trend.map(({ from }) => clockText(from)),
      axisLabel: words,
      axisLine: { lineStyle: { color: '#3b4f70' } },
    },
    yAxis: [
      {
        type: 'value' as const,
        minInterval: 1,
        axisLabel: words,
        splitLine: { lineStyle: { color: '#22324e' } },
      },
      {
        type: 'value' as const,
        min: 0,
        max: 100,
        axisLabel: { ...words, formatter: '{value}%' },
        splitLine: { show: false },
      },
    ],
    series: [
      bar('接通', '#2f9e6e', ({ answered }) => answered),
      bar('放弃', '#e0913a', ({ abandoned }) => abandoned),
      bar('留言或回拨', '#8f7fd6', ({ diverted }) => diverted),
      bar('系统故障', '#d6494f', faults),
      {
        name: '接通率',
        type: 'line' as const,
        yAxisIndex: 1,
        symbolSize: 5,
        connectNulls: false,
        itemStyle: { color: '#6cb4ff' },
        data: trend.map(({ connectedRate }) => percent(connectedRate)),
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: '#ffd35c', type: 'dashed' as const },
          label: { ...MARK_LABEL, fontSize: size },
          data: [{ yAxis: MARKS.connected * 100 }],
        },
      },
    ],
  };
}
