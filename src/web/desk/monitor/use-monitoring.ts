import { App } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { monitoringWishes } from '../../../calls/monitoring';
import type { MonitoredSeat, MonitoringView } from '../../../calls/monitoring-view';
import { api } from '../../shared/api';
import { goTo } from '../../shared/hash-route';
import { useRoomEvents } from '../../shared/socket';
import { useAction } from '../../shared/use-action';
import { useResource, type Resource } from '../../shared/use-resource';
import type { Shortcut } from '../shortcuts';
import type { SeatPhone } from '../use-seat-phone';

export type MonitorWish = 'listen' | 'whisper' | 'barge' | 'takeOver' | 'stop';
type Seats = { seats: MonitoredSeat[]; mine: MonitoringView | null };

export interface MonitorDesk {
  overview: Resource<Seats>;
  mine: MonitoringView | null;
  /** The phone rings or is up for listening, not for a call. */
  listens: boolean;
  busy: boolean;
  start: (seat: MonitoredSeat, mode: 'listen' | 'whisper', reason: string) => void;
  wish: (wish: MonitorWish) => void;
  /** Does something to another seat, then looks again. */
  act: (work: () => Promise<unknown>, done: string) => void;
  /** Whether the key meant something now. */
  byKey: (shortcut: Shortcut) => boolean;
}

const LOOK_EVERY_MS = 5000;
/** Several events of one change are one look. */
const GATHER_MS = 150;
const NOBODY: Seats = { seats: [], mine: null };

/** The supervisor's own monitoring and the seats, looked at again on every change and every few seconds. */
export function useMonitoring(allowed: boolean, phone: SeatPhone): MonitorDesk {
  const { modal } = App.useApp();
  const overview = useResource(
    async (signal) => (allowed ? api.get<Seats>('/monitoring', { signal }) : NOBODY),
    [allowed],
  );
  const { reload } = overview;
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const mine = overview.data?.mine ?? null;
  const listens = asking || (mine !== null && mine.stage !== 'barged');

  const { kind, state, answer } = phone;
  const rings = listens && kind === 'browser' && state.media === 'ringing';
  useEffect(() => {
    // The supervisor has asked for this ring himself.
    if (rings) answer();
  }, [rings, answer]);

  const run = async (work: () => Promise<unknown>, done?: string) => {
    const went = await action.run(work, done);
    reload();
    return went;
  };
  const start: MonitorDesk['start'] = (seat, mode, reason) => {
    setAsking(true);
    const work = () => api.post('/monitoring', { seatId: seat.seatId, mode, reason });
    // Asked for until the answer is on the screen: a ring meanwhile is this one.
    void run(work).then(() => setTimeout(() => setAsking(false), 1000));
  };
  const takeOver = async () => {
    if (await run(() => api.post('/monitoring/take-over'), '已接管通话')) goTo('desk');
  };
  const wish = (name: MonitorWish) => {
    if (!mine || !monitoringWishes(mine.stage).includes(name)) return;
    if (name === 'stop') void run(() => api.delete('/monitoring'));
    else if (name === 'barge') void run(() => api.post('/monitoring/barge'));
    else if (name === 'takeOver')
      modal.confirm({
        title: `接管 ${mine.seatName} 的通话？`,
        content: `${mine.seatName} 将退出通话并进入话后整理，由您继续为诉求人服务。`,
        okText: '接管',
        cancelText: '不接管',
        onOk: () => void takeOver(),
      });
    else void run(() => api.post('/monitoring/mode', { mode: name }));
  };
  const byKey = (shortcut: Shortcut): boolean => {
    if (!mine || mine.stage === 'barged') return false;
    const meant: Partial<Record<Shortcut, MonitorWish>> = {
      hold: mine.mode === 'listen' ? 'whisper' : 'listen',
      threeWay: 'barge',
      transfer: 'takeOver',
      hangUp: 'stop',
    };
    const name = meant[shortcut];
    if (name) wish(name);
    return name !== undefined;
  };
  const act: MonitorDesk['act'] = (work, done) => void run(work, done);
  return { overview, mine, listens, busy: action.busy, start, wish, act, byKey };
}

/** Looks again on every event of the rooms, and every few seconds: an event may be missed. */
export function useLookAgain(reload: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const soon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      reload();
    }, GATHER_MS);
  };
  useRoomEvents(soon, soon);
  useEffect(() => {
    const every = setInterval(reload, LOOK_EVERY_MS);
    return () => {
      clearInterval(every);
      if (timer.current) clearTimeout(timer.current);
      timer.current = null;
    };
  }, [reload]);
}
