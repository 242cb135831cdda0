import { Button, Table, Tag } from 'antd';
import { useState } from 'react';
import type { Line } from '../../lines/line';
import { overflows, type ParallelSettings } from '../../lines/parallel';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { useResource } from '../shared/use-resource';
import { ParallelDrawer } from './parallel-drawer';

type Row = ParallelSettings & Pick<Line, 'name' | 'parallelDestination'>;

/** Parallel lines (M3): when their calls overflow to their own seats, and how calls from their exchange are known. */
export function ParallelPage() {
  const mayEdit = useSession().may('line.edit');
  const [open, setOpen] = useState<Row | null>(null);
  const rows = useResource(async (signal) => {
    const [{ lines }, settings] = await Promise.all([
      api.get<{ lines: Line[] }>('/lines', { signal }),
      api.get<{ lines: ParallelSettings[] }>('/parallel-lines', { signal }),
    ]);
    const known = new Map(lines.map((line) => [line.lineId, line]));
    return settings.lines.map((each): Row => {
      const line = known.get(each.lineId);
      return {
        ...each,
        name: line?.name ?? each.lineId,
        parallelDestination: line?.parallelDestination ?? null,
      };
    });
  }, []);
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) rows.reload();
  };
  return (
    <section className="admin-card" aria-label="并行接听">
      <div className="admin-bar">
        <span>
          并行接听的热线满足溢出条件时，等待的来电转到该热线自己的坐席；对方未接听则按原位置继续等待。
        </span>
      </div>
      <ResourceView
        resource={rows}
        rows={6}
        empty={(data) => data.length === 0}
        emptyWords="没有并行接听的热线"
      >
        {(data) => (
          <Table<Row>
            size="small"
            rowKey="lineId"
            dataSource={data}
            pagination={{ pageSize: 50, hideOnSinglePage: true }}
            columns={[
              { title: '热线', dataIndex: 'name' },
              {
                title: '接听号码',
                width: 150,
                render: (_, row) => <span className="admin-number">{row.parallelDestination ?? '—'}</span>,
              },
              { title: '溢出条件', render: (_, row) => <Conditions settings={row} /> },
              { title: '服务时段', width: 130, render: (_, { hours }) => hours ?? '全天' },
              { title: '来电号段', width: 180, render: (_, { exchange }) => exchange.join('、') || '—' },
              {
                title: '对方看到',
                width: 130,
                render: (_, { showCitizen }) => (showCitizen ? '诉求人号码' : '热线号码'),
              },
              {
                title: '操作',
                width: 80,
                render: (_, row) =>
                  mayEdit && (
                    <Button type="link" size="small" onClick={() => setOpen(row)}>
                      修改
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </ResourceView>
      {open && <ParallelDrawer name={open.name} settings={open} onClose={close} />}
    </section>
  );
}

function Conditions({ settings }: { settings: ParallelSettings }) {
  const { waiting, waitSeconds, noSeat, atOnce } = settings.overflow;
  if (!overflows(settings)) return '不溢出';
  return (
    <>
      {waiting !== null && <Tag>队列等待满{waiting}个</Tag>}
      {waitSeconds !== null && <Tag>等待满{waitSeconds}秒</Tag>}
      {noSeat && <Tag>无坐席签入</Tag>}
      <span>同时最多{atOnce}个</span>
    </>
  );
}
