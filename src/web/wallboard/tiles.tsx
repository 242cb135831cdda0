import type { ReactNode } from 'react';
import type { Board, BoardGroup } from '../../performance/board';
import { figureText, liveFigure } from '../../performance/board-words';
import {
  CALLBACKS_FIGURE,
  LIVE_FIGURES,
  WINDOW_FIGURES,
  WINDOWS,
  type WindowFigure,
  type WindowName,
} from '../../performance/definitions';
import { timerText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { MARKS, rateTone, waitTone, type Tone } from './tones';

function Tile(props: {
  name: string;
  title: string;
  value: string;
  tone: Tone;
  id: string;
  children?: ReactNode;
}) {
  return (
    <section className="tile" data-tone={props.tone} title={props.title} aria-label={props.name}>
      <h2>{props.name}</h2>
      <p className="tile-value" data-testid={props.id}>
        {props.value}
      </p>
      {props.children}
    </section>
  );
}

/** A share as a bar with the mark it is held to. */
function Gauge({ rate, mark }: { rate: number | null; mark: number }) {
  return (
    <div className="gauge" aria-hidden>
      <div className="gauge-fill" style={{ width: `${(rate ?? 0) * 100}%` }} />
      <div className="gauge-mark" style={{ left: `${mark * 100}%` }} data-mark={`${mark * 100}%`} />
    </div>
  );
}

function text(group: BoardGroup, key: WindowFigure, window: WindowName): string {
  return figureText(group[window][key], WINDOW_FIGURES[key].unit);
}

function explain(figure: { formula: string; standard: string | null }): string {
  return figure.standard ? `${figure.formula}\n${figure.standard}` : figure.formula;
}

/** Who waits, and for how long by now. */
function Waiting({ total }: { total: BoardGroup }) {
  const now = useNow();
  const longest = liveFigure('longestWait', total, now);
  const tone = waitTone(longest);
  return (
    <>
      <Tile
        id="waiting"
        name={LIVE_FIGURES.waiting.name}
        title={LIVE_FIGURES.waiting.formula}
        value={String(total.waiting)}
        tone={tone}
      >
        <p>{total.waiting ? '含正在振铃的来电' : '没有人排队'}</p>
      </Tile>
      <Tile
        id="longest"
        name={LIVE_FIGURES.longestWait.name}
        title={explain(LIVE_FIGURES.longestWait)}
        value={longest === null ? '—' : timerText(longest * 1000)}
        tone={tone}
      >
        <p>标准：15 秒内应答</p>
      </Tile>
    </>
  );
}

/** One rate over 24 hours, held to its mark, with the same since midnight. */
function Rate(props: {
  total: BoardGroup;
  figure: WindowFigure;
  mark: number;
  name: string;
  children: ReactNode;
}) {
  const { total, figure, mark } = props;
  const rate = total.last24h[figure];
  return (
    <Tile
      id={figure}
      name={props.name}
      title={explain(WINDOW_FIGURES[figure])}
      value={text(total, figure, 'last24h')}
      tone={rateTone(rate, mark)}
    >
      <Gauge rate={rate} mark={mark} />
      <p>{props.children}</p>
    </Tile>
  );
}

/** The large figures in a row. The callbacks' place stays away while nobody counts them. */
export function Tiles({ board }: { board: Board }) {
  const { total } = board;
  const of = (key: WindowFigure, window: WindowName = 'last24h') => text(total, key, window);
  return (
    <div className="tiles">
      <Waiting total={total} />
      <Rate total={total} figure="inTimeRate" mark={MARKS.inTime} name={`15秒接通率 · ${WINDOWS.last24h}`}>
        今日 {of('inTimeRate', 'today')} · 平均等待 {of('meanWait')}
      </Rate>
      <Rate total={total} figure="connectedRate" mark={MARKS.connected} name={`接通率 · ${WINDOWS.last24h}`}>
        今日 {of('connectedRate', 'today')} · 全口径 {of('connectedRateAll')}
      </Rate>
      <Tile
        id="answered"
        name={`接通 / 呼入 · ${WINDOWS.last24h}`}
        title={`${WINDOW_FIGURES.answered.formula}\n${WINDOW_FIGURES.offered.formula}`}
        value={`${of('answered')}/${of('offered')}`}
        tone="quiet"
      >
        <p>
          今日 {of('answered', 'today')}/{of('offered', 'today')}
        </p>
        <p>
          留言或回拨 {of('diverted')} · 系统故障 {of('faults')}
        </p>
      </Tile>
      <Tile
        id="abandoned"
        name={`放弃 · ${WINDOWS.last24h}`}
        title={explain(WINDOW_FIGURES.abandoned)}
        value={of('abandoned')}
        tone={total.last24h.abandoned ? 'late' : 'quiet'}
      >
        <p>
          短时 {of('shortAbandoned')} · 超席位能力 {of('aboveCapacity')} · 今日 {of('abandoned', 'today')}
        </p>
      </Tile>
      {board.callbacksOwed !== null && (
        <Tile
          id="callbacks"
          name={CALLBACKS_FIGURE.name}
          title={CALLBACKS_FIGURE.formula}
          value={String(board.callbacksOwed)}
          tone={board.callbacksOwed ? 'late' : 'good'}
        />
      )}
    </div>
  );
}
