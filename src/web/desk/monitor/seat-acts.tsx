import { App, Button, Dropdown, type MenuProps } from 'antd';
import type { MonitoredSeat } from '../../../calls/monitoring-view';
import { supervisorActs } from '../../../seats/seat';
import { api } from '../../shared/api';
import { CHOOSABLE_REASONS } from '../seat-words';
import type { MonitorDesk } from './use-monitoring';

/** What the supervisor may do to a seat in its state; what cuts somebody off is asked about first. */
export function SeatActs({ seat, monitor }: { seat: MonitoredSeat; monitor: MonitorDesk }) {
  const { modal } = App.useApp();
  const acts = supervisorActs(seat);
  const inCall = seat.state === 'talking' || seat.state === 'ringing';
  const act = (path: string, done: string, body?: unknown) =>
    monitor.act(() => api.post(`/seats/${seat.seatId}/${path}`, body), `${seat.name}：${done}`);
  const signOut = () =>
    modal.confirm({
      title: `将 ${seat.name} 签出？`,
      content: inCall
        ? '正在通话：通话不受影响，结束并整理后签出；可用“示闲”撤回。'
        : '话机随即离线，需要本人重新签入。',
      okText: inCall ? '通话后签出' : '签出',
      okButtonProps: { danger: true },
      cancelText: '取消',
      onOk: () => act('sign-out', inCall ? '将在通话后签出' : '已签出', { afterCall: inCall }),
    });
  const free = () =>
    modal.confirm({
      title: `解除 ${seat.name} 的卡死状态？`,
      content: '仅用于坐席显示振铃或通话、而交换机上没有对应通话的情况；通话真实存在时系统会拒绝。',
      okText: '解除',
      okButtonProps: { danger: true },
      cancelText: '取消',
      onOk: () => act('free', '已解除'),
    });
  const items: MenuProps['items'] = [
    ...(acts.includes('ready')
      ? [{ key: 'ready', label: inCall ? '撤回通话后的安排' : '示闲', onClick: () => act('ready', '已示闲') }]
      : []),
    ...(acts.includes('notReady')
      ? [
          {
            key: 'notReady',
            label: inCall ? '通话后示忙' : '示忙',
            children: CHOOSABLE_REASONS.map(({ reason, words }) => ({
              key: reason,
              label: words,
              onClick: () => act('not-ready', `示忙（${words}）`, { reason }),
            })),
          },
        ]
      : []),
    ...(acts.includes('endWrapUp')
      ? [{ key: 'endWrapUp', label: '结束话后整理', onClick: () => act('wrap-up-done', '已结束话后整理') }]
      : []),
    { type: 'divider' as const },
    ...(acts.includes('signOut') ? [{ key: 'signOut', danger: true, label: '签出…', onClick: signOut }] : []),
    ...(acts.includes('free') ? [{ key: 'free', danger: true, label: '解除卡死…', onClick: free }] : []),
  ];
  if (acts.length === 0) return null;
  return (
    <Dropdown trigger={['click']} menu={{ items }}>
      <Button size="small" data-testid={`acts-${seat.seatId}`}>
        更多
      </Button>
    </Dropdown>
  );
}
