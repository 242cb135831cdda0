import type { Board, BoardGroup } from '../../performance/board';
import { figureText, liveFigure } from '../../performance/board-words';
import { WINDOW_FIGURES, type WindowFigure } from '../../performance/definitions';
import { Nothing } from '../shared/states';
import { timerText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { MARKS, rateTone, waitTone } from './tones';

interface Row {
  id: string;
  name: string;
  group: BoardGroup;
}

const share = (group: BoardGroup, key: WindowFigure) =>
  figureText(group.last24h[key], WINDOW_FIGURES[key].unit);

function GroupTable({ title, kind, rows }: { title: string; kind: string; rows: Row[] }) {
  const now = useNow();
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <Nothing words="近24小时没有来电" />
      ) : (
        <div className="panel-scroll">
          <table className="groups">
            <thead>
              <tr>
                <th scope="col">{kind}</th>
                <th scope="col">排队</th>
                <th scope="col">最长等待</th>
                <th scope="col">接通/呼入</th>
                <th scope="col">15秒接通率</th>
                <th scope="col">接通率</th>
                <th scope="col">放弃</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, name, group }) => {
                const longest = liveFigure('longestWait', group, now);
                const tone = waitTone(longest);
                return (
                  <tr key={id} data-id={id}>
                    <th scope="row">{name}</th>
                    <td data-tone={tone}>{group.waiting}</td>
                    <td data-tone={tone}>{longest === null ? '—' : timerText(longest * 1000)}</td>
                    <td>
                      {share(group, 'answered')}/{share(group, 'offered')}
                    </td>
                    <td data-tone={rateTone(group.last24h.inTimeRate, MARKS.inTime)}>
                      {share(group, 'inTimeRate')}
                    </td>
                    <td data-tone={rateTone(group.last24h.connectedRate, MARKS.connected)}>
                      {share(group, 'connectedRate')}
                    </td>
                    <td>{share(group, 'abandoned')}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** The figures by queue, and by line with the busiest first. */
export function GroupTables({ board }: { board: Board }) {
  const lines = [...board.lines].sort(
    (a, b) => b.waiting - a.waiting || (b.last24h.offered ?? 0) - (a.last24h.offered ?? 0),
  );
  return (
    <>
      <GroupTable
        title="各队列 · 近24小时"
        kind="队列"
        rows={board.queues.map((queue) => ({ id: queue.queue, name: queue.name, group: queue }))}
      />
      <GroupTable
        title="各热线 · 近24小时"
        kind="热线"
        rows={lines.map((line) => ({ id: line.lineId, name: line.name, group: line }))}
      />
    </>
  );
}
