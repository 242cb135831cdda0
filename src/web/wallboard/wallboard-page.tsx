import { App, Button, ConfigProvider, Dropdown, theme } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../shared/api';
import { HOME } from '../shared/home';
import mark from '../shared/mark.svg';
import { faultWords } from '../shared/problem';
import { useSession } from '../shared/session';
import { Failure, WholePageLoading } from '../shared/states';
import { clockText, dayText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { GroupTables } from './group-tables';
import { SeatWall } from './seat-wall';
import { Tiles } from './tiles';
import { TrendChart } from './trend-chart';
import { useBoard, type LiveBoard } from './use-board';
import './wallboard.css';

const FORMATS = [
  { key: 'xlsx', label: 'Excel（含坐席、走势与口径）' },
  { key: 'csv', label: 'CSV' },
];

/** The big board of the hall: who waits, who is at work, and how the last 24 hours went. Dark, for a wall screen. */
export function WallboardPage() {
  const live = useBoard();
  const { board } = live;
  return (
    <ConfigProvider theme={{ algorithm: theme.darkAlgorithm }}>
      <div className="wall" data-live={live.connected}>
        <Head live={live} />
        <Remarks live={live} />
        {board ? (
          <main className="wall-body">
            <Tiles board={board} />
            <div className="wall-left">
              <GroupTables board={board} />
            </div>
            <TrendChart trend={board.trend} />
            <SeatWall board={board} />
          </main>
        ) : live.fault ? (
          <Failure error={live.fault} onRetry={live.reload} />
        ) : (
          <WholePageLoading />
        )}
      </div>
    </ConfigProvider>
  );
}

function Head({ live }: { live: LiveBoard }) {
  const { person } = useSession();
  const { message } = App.useApp();
  const now = useNow();
  const { full, toggle } = useFullScreen();
  const save = (format: string) =>
    api
      .download('/wallboard/export', { query: { format } })
      .catch((fault: unknown) => message.error(faultWords(fault)));
  return (
    <header className="wall-head">
      <img src={mark} alt="" />
      <h1>12345 热线实时大屏</h1>
      <span className="wall-link" role="status" data-testid="link" data-live={live.connected}>
        {live.connected ? (live.standby ? '实时 · 备用实例' : '实时') : '正在重连…'}
      </span>
      <span className="wall-clock">
        {dayText(now)} {clockText(now, true)}
      </span>
      <Dropdown
        trigger={['click']}
        disabled={!live.board}
        menu={{ items: FORMATS, onClick: ({ key }) => void save(key) }}
      >
        <Button>导出</Button>
      </Dropdown>
      <Button onClick={toggle}>{full ? '退出全屏' : '全屏'}</Button>
      {!full && <Button href={HOME[person.role]}>返回</Button>}
    </header>
  );
}

/** What must be known to read the figures rightly. */
function Remarks({ live: { board, connected, fault } }: { live: LiveBoard }) {
  if (!board) return null;
  const remarks = [
    !connected && `连接已断开，正在重连；画面停在 ${clockText(board.at, true)}`,
    connected && fault !== null && `${faultWords(fault)}；画面停在 ${clockText(board.at, true)}`,
    !board.complete && '近24小时的记录尚未读回，以下仅含服务启动后的来电',
  ].filter((words) => words !== false);
  return remarks.map((words) => (
    <p key={words} className="wall-remark" role="alert">
      {words}
    </p>
  ));
}

function useFullScreen() {
  const [full, setFull] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, []);
  const toggle = () =>
    void (full ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(
      () => undefined,
    );
  return { full, toggle };
}
