import { Alert, Input, Segmented } from 'antd';
import { useState } from 'react';
import { STATE_WORDS } from '../../../performance/board-words';
import type { Seat, SeatState } from '../../../seats/seat';
import { RecordingAlarms } from '../../shared/recording-alarms';
import { ResourceView } from '../../shared/states';
import { SeatTable } from './seat-table';
import type { MonitorDesk } from './use-monitoring';

const FILTERS = ['talking', 'ringing', 'ready', 'wrapUp', 'notReady', 'rona'] as const satisfies SeatState[];
type Filter = 'all' | (typeof FILTERS)[number];

/** 坐席监控: every signed-in seat with its state and call, and what the supervisor may do about it. */
export function MonitorView(props: { monitor: MonitorDesk; ownId: string; seat: Seat | null }) {
  const { monitor, ownId, seat } = props;
  const [filter, setFilter] = useState<Filter>('all');
  const [search, setSearch] = useState('');
  const [reason, setReason] = useState('');
  const seated = seat !== null && seat.state !== 'signedOut';
  const seats = monitor.overview.data?.seats ?? [];
  const count = (state: SeatState) => seats.filter((each) => each.state === state).length;
  const shown = seats.filter(
    (each) =>
      (filter === 'all' || each.state === filter) && `${each.name} ${each.account}`.includes(search.trim()),
  );
  return (
    <section className="desk-card monitor" aria-label="坐席监控">
      <header className="monitor-head">
        <h2>坐席监控</h2>
        <Segmented<Filter>
          aria-label="按状态筛选"
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'all', label: `全部 ${seats.length}` },
            ...FILTERS.map((state) => ({ value: state, label: `${STATE_WORDS[state]} ${count(state)}` })),
          ]}
        />
        <Input
          allowClear
          className="monitor-search"
          placeholder="姓名或话机"
          aria-label="查找坐席"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Input
          allowClear
          className="monitor-reason"
          maxLength={200}
          placeholder="监听事由（选填，记入审计）"
          aria-label="监听事由"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </header>
      <RecordingAlarms />
      {!seated && (
        <Alert type="info" showIcon title="监听要用您自己的话机：请先在左侧签入坐席。其他操作不受影响。" />
      )}
      <ResourceView
        resource={monitor.overview}
        empty={() => shown.length === 0}
        emptyWords={seats.length ? '没有符合条件的坐席' : '没有坐席签入'}
        rows={6}
      >
        {() => <SeatTable seats={shown} monitor={monitor} ownId={ownId} seated={seated} reason={reason} />}
      </ResourceView>
    </section>
  );
}
