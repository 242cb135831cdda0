import { Button, Popconfirm, Space, Table, Tag } from 'antd';
import { useMemo, useState } from 'react';
import type { Line } from '../../lines/line';
import { isOn, type LeaderShift } from '../../routing/leader-shift';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useNow } from '../shared/use-now';
import { useResource } from '../shared/use-resource';
import { LeaderShiftDrawer, type ShiftChoices } from './leader-shift-drawer';

type Open = { shift: LeaderShift | null } | null;

/** 领导接听日: which leader answers when, and whose calls come to his seat first. */
export function LeaderShiftsPage() {
  const session = useSession();
  const mayEdit = session.may('leader-shift.edit');
  const [open, setOpen] = useState<Open>(null);
  const action = useAction();
  const now = useNow(30_000);
  const shifts = useResource(
    async (signal) => (await api.get<{ shifts: LeaderShift[] }>('/leader-shifts', { signal })).shifts,
    [],
  );
  const choices = useResource<ShiftChoices>(async (signal) => {
    const [{ lines }, { people, queues }] = await Promise.all([
      api.get<{ lines: Line[] }>('/lines', { signal }),
      api.get<Omit<ShiftChoices, 'lines'>>('/leader-shift-choices', { signal }),
    ]);
    return { lines: lines.map(({ lineId, name }) => ({ lineId, name })), people, queues };
  }, []);
  const names = useMemo(() => namesOf(choices.data), [choices.data]);
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) shifts.reload();
  };
  const cancel = async ({ shiftId, version, title }: LeaderShift) => {
    const done = `“${title}”已取消`;
    await action.run(() => api.delete(`/leader-shifts/${shiftId}`, undefined, { query: { version } }), done);
    shifts.reload();
  };
  return (
    <section className="admin-card" aria-label="领导接听">
      <div className="admin-bar">
        <span>接听时段内，所选热线或队列的来电先到该领导的坐席（示闲时），其余来电不派给他。</span>
        {mayEdit && (
          <div className="admin-bar-end">
            <Button
              type="primary"
              disabled={!choices.data}
              onClick={() => setOpen({ shift: null })}
              data-testid="new-shift"
            >
              新建接听安排
            </Button>
          </div>
        )}
      </div>
      <ResourceView
        resource={shifts}
        rows={6}
        empty={(data) => data.length === 0}
        emptyWords="还没有领导接听安排"
      >
        {(data) => (
          <Table<LeaderShift>
            size="small"
            rowKey="shiftId"
            dataSource={data}
            pagination={{ pageSize: 50, hideOnSinglePage: true, showTotal: (total) => `共 ${total} 项` }}
            columns={[
              { title: '状态', width: 100, render: (_, shift) => <ShiftState shift={shift} now={now} /> },
              { title: '名称', dataIndex: 'title' },
              { title: '接听人', width: 120, render: (_, { personId }) => names.get(personId) ?? personId },
              {
                title: '时段',
                width: 340,
                render: (_, { from, until }) => `${timeText(from)} 至 ${timeText(until)}`,
              },
              {
                title: '来电',
                render: (_, { lineId, queue }) =>
                  [
                    lineId && (names.get(lineId) ?? lineId),
                    queue && `队列：${names.get(`q:${queue}`) ?? queue}`,
                  ]
                    .filter(Boolean)
                    .join('，'),
              },
              {
                title: '操作',
                width: 130,
                render: (_, shift) =>
                  mayEdit &&
                  Date.parse(shift.until) > now && (
                    <Space size={4}>
                      <Button
                        type="link"
                        size="small"
                        disabled={!choices.data}
                        onClick={() => setOpen({ shift })}
                      >
                        修改
                      </Button>
                      <Popconfirm
                        title={`取消“${shift.title}”？`}
                        description="立即生效，来电不再先到该坐席"
                        onConfirm={() => void cancel(shift)}
                      >
                        <Button type="link" size="small" danger disabled={action.busy}>
                          取消
                        </Button>
                      </Popconfirm>
                    </Space>
                  ),
              },
            ]}
          />
        )}
      </ResourceView>
      {open && choices.data && (
        <LeaderShiftDrawer shift={open.shift} choices={choices.data} onClose={close} />
      )}
    </section>
  );
}

function namesOf(choices: ShiftChoices | null | undefined): Map<string, string> {
  return new Map([
    ...(choices?.people ?? []).map(({ personId, name }) => [personId, name] as const),
    ...(choices?.lines ?? []).map(({ lineId, name }) => [lineId, name] as const),
    ...(choices?.queues ?? []).map(({ queue, name }) => [`q:${queue}`, name] as const),
  ]);
}

function ShiftState({ shift, now }: { shift: LeaderShift; now: number }) {
  if (isOn(shift, now)) return <Tag color="green">接听中</Tag>;
  return Date.parse(shift.from) > now ? <Tag color="blue">未开始</Tag> : <Tag>已结束</Tag>;
}
