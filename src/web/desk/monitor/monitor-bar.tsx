import { Button, Segmented } from 'antd';
import { monitoringWishes, type MonitoringStage } from '../../../calls/monitoring';
import type { ListenMode } from '../../../telephony/call-control';
import { timerText } from '../../shared/time';
import { useNow } from '../../shared/use-now';
import { ShortcutKey } from '../call-card';
import type { SeatPhone } from '../use-seat-phone';
import { useLookAgain, type MonitorDesk } from './use-monitoring';
import './monitor.css';

const STAGE_WORDS: Record<MonitoringStage, string> = {
  ringing: '正在接通',
  listening: '正在监听',
  whispering: '正在耳语',
  barged: '已强插',
  takenOver: '已接管',
  ended: '已结束',
};
const HEARD_BY: Partial<Record<MonitoringStage, string>> = {
  listening: '没有人听得到您',
  whispering: '只有坐席听得到您',
  barged: '坐席与诉求人都听得到您',
};

/** The supervisor's own monitoring: whom, how long, who hears him, and what he may do next. */
export function MonitorBar({ monitor, phone }: { monitor: MonitorDesk; phone: SeatPhone }) {
  const now = useNow();
  const { mine, busy, wish } = monitor;
  useLookAgain(monitor.overview.reload);
  if (!mine) return null;
  const { stage } = mine;
  const wishes = monitoringWishes(stage);
  const pickUp = phone.kind === 'sip' ? '请拿起您的话机，接起后开始' : '您的话机正在接通…';
  return (
    <section
      className={`monitor-bar monitor-${stage}`}
      aria-label="我的监听"
      data-testid="monitor"
      data-stage={stage}
    >
      <div className="monitor-whom">
        <strong>
          {STAGE_WORDS[stage]} {mine.seatName}
        </strong>
        <time>{timerText(now - mine.since)}</time>
        <small>{stage === 'ringing' ? pickUp : HEARD_BY[stage]}</small>
      </div>
      {(stage === 'listening' || stage === 'whispering') && (
        <span className="monitor-mode">
          <Segmented<ListenMode>
            aria-label="监听方式"
            value={mine.mode}
            disabled={busy}
            onChange={(mode) => wish(mode)}
            options={[
              { value: 'listen', label: '监听' },
              { value: 'whisper', label: '耳语' },
            ]}
          />
          <ShortcutKey of="hold" />
        </span>
      )}
      <div className="monitor-buttons" role="group" aria-label="监听操作">
        {wishes.includes('barge') && (
          <Button disabled={busy} onClick={() => wish('barge')} data-testid="monitor-barge">
            强插 <ShortcutKey of="threeWay" />
          </Button>
        )}
        {wishes.includes('takeOver') && (
          <Button disabled={busy} onClick={() => wish('takeOver')} data-testid="monitor-take-over">
            接管 {stage !== 'barged' && <ShortcutKey of="transfer" />}
          </Button>
        )}
        {wishes.includes('stop') && stage !== 'barged' && (
          <Button danger type="primary" onClick={() => wish('stop')} data-testid="monitor-stop">
            {stage === 'ringing' ? '取消' : '结束监听'} <ShortcutKey of="hangUp" />
          </Button>
        )}
      </div>
    </section>
  );
}
