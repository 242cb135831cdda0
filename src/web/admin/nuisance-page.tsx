import { Badge, Button, Input, Select, Space, Table, Tag } from 'antd';
import type { TableProps } from 'antd';
import { useState } from 'react';
import {
  NUISANCE_STATES,
  TREATMENTS,
  type Act,
  type NuisanceEntry,
  type NuisanceState,
} from '../../calls/nuisance';
import { api, type Query } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';
import { NuisanceDecision, type Deciding } from './nuisance-decision';
import { NuisanceDrawer } from './nuisance-drawer';
import { NuisanceLines } from './nuisance-lines';

/** An entry as the service shows it: the number masked. */
export type NuisanceView = Omit<NuisanceEntry, 'number' | 'state'> & { masked: string; state: NuisanceState };

const STATE_COLORS: Record<NuisanceState, string> = {
  proposed: 'gold',
  active: 'red',
  refused: 'default',
  lifted: 'blue',
  expired: 'default',
};

type Open = { how: Deciding; entry: NuisanceView } | 'new' | 'lines' | null;

/** The list of nuisance callers: what waits for approval, what is in force, and what was. */
export function NuisancePage() {
  const session = useSession();
  const [filters, setFilters] = useState<Query>({});
  const [open, setOpen] = useState<Open>(null);
  const list = useResource(
    (signal) =>
      api.get<{ entries: NuisanceView[]; maxDays: number }>('/nuisance', { query: filters, signal }),
    [JSON.stringify(filters)],
  );
  const waiting = useResource(
    async (signal) =>
      (
        await api.get<{ entries: NuisanceView[] }>('/nuisance', {
          query: { state: 'proposed', limit: 1000 },
          signal,
        })
      ).entries.length,
    [],
  );
  const close = (changed: boolean) => {
    setOpen(null);
    if (!changed) return;
    list.reload();
    waiting.reload();
  };
  const mayPropose = session.may('nuisance.propose');
  return (
    <section className="admin-card" aria-label="骚扰名单">
      <div className="admin-bar">
        <Badge count={waiting.data ?? 0} size="small">
          <Button onClick={() => setFilters({ ...filters, state: 'proposed' })}>待审批</Button>
        </Badge>
        <Select
          allowClear
          placeholder="状态"
          aria-label="状态"
          style={{ width: 120 }}
          value={filters['state'] as string | undefined}
          options={Object.entries(NUISANCE_STATES).map(([value, label]) => ({ value, label }))}
          onChange={(state: string | undefined) => setFilters({ ...filters, state })}
        />
        <Input.Search
          allowClear
          placeholder="完整号码（任意写法）"
          aria-label="按号码查找"
          style={{ width: 220 }}
          onSearch={(number) => setFilters({ ...filters, number })}
        />
        <div className="admin-bar-end">
          <Export filters={filters} />
          <Button onClick={() => setOpen('lines')}>不拦截的热线</Button>
          {mayPropose && (
            <Button type="primary" onClick={() => setOpen('new')} data-testid="new-nuisance">
              提出条目
            </Button>
          )}
        </div>
      </div>
      <ResourceView
        resource={list}
        rows={8}
        empty={(data) => data.entries.length === 0}
        emptyWords="没有符合条件的条目"
      >
        {(data) => <Entries entries={data.entries} onOpen={(how, entry) => setOpen({ how, entry })} />}
      </ResourceView>
      {open === 'new' && <NuisanceDrawer maxDays={list.data?.maxDays ?? 90} onClose={close} />}
      {open === 'lines' && <NuisanceLines onClose={() => setOpen(null)} />}
      {open !== null && typeof open === 'object' && (
        <NuisanceDecision how={open.how} entry={open.entry} onClose={close} />
      )}
    </section>
  );
}

function Export({ filters }: { filters: Query }) {
  const action = useAction();
  const get = (format: string) =>
    action.run(() => api.download('/nuisance-export', { query: { ...filters, format } }));
  return (
    <Space.Compact>
      <Button disabled={action.busy} onClick={() => void get('xlsx')}>
        导出 Excel
      </Button>
      <Button disabled={action.busy} onClick={() => void get('csv')}>
        CSV
      </Button>
    </Space.Compact>
  );
}

function Entries(props: { entries: NuisanceView[]; onOpen: (how: Deciding, entry: NuisanceView) => void }) {
  const session = useSession();
  const mayDecide = session.may('nuisance.decide');
  const columns: TableProps<NuisanceView>['columns'] = [
    { title: '号码', width: 170, render: (_, entry) => <Number entry={entry} /> },
    {
      title: '状态',
      width: 90,
      render: (_, { state }) => <Tag color={STATE_COLORS[state]}>{NUISANCE_STATES[state]}</Tag>,
    },
    { title: '原因', dataIndex: 'reason' },
    { title: '处理方式', width: 140, render: (_, { treatment }) => TREATMENTS[treatment] },
    { title: '截止日期', width: 110, dataIndex: 'lastDay' },
    { title: '提出', width: 170, render: (_, { proposed }) => <Done act={proposed} wordless /> },
    { title: '审批', width: 190, render: (_, { decided }) => <Done act={decided} /> },
    { title: '解除', width: 190, render: (_, { lifted }) => <Done act={lifted} /> },
    {
      title: '操作',
      width: 130,
      render: (_, entry) => {
        const act = (how: Deciding, label: string, danger = false) => (
          <Button type="link" size="small" danger={danger} onClick={() => props.onOpen(how, entry)}>
            {label}
          </Button>
        );
        if (!mayDecide) return null;
        if (entry.state === 'active') return act('lift', '解除');
        if (entry.state !== 'proposed') return null;
        if (entry.proposed.personId === session.person.personId) return '须由他人审批';
        return (
          <Space size={4}>
            {act('approve', '批准')}
            {act('refuse', '不批准', true)}
          </Space>
        );
      },
    },
  ];
  return (
    <Table<NuisanceView>
      size="small"
      rowKey="entryId"
      dataSource={props.entries}
      columns={columns}
      pagination={{ pageSize: 50, hideOnSinglePage: true, showTotal: (total) => `共 ${total} 条` }}
    />
  );
}

/** The masked number, whole after a look that is written to the audit trail. */
function Number({ entry }: { entry: NuisanceView }) {
  const [number, setNumber] = useState<string | null>(null);
  const action = useAction();
  const reveal = () =>
    action.run(async () =>
      setNumber((await api.post<{ number: string }>(`/nuisance/${entry.entryId}/reveal`)).number),
    );
  return (
    <span className="admin-number">
      {number ?? entry.masked}
      {number === null && entry.match === 'number' && (
        <Button
          type="link"
          size="small"
          loading={action.busy}
          title="查看将记入审计"
          onClick={() => void reveal()}
        >
          查看
        </Button>
      )}
    </span>
  );
}

function Done({ act, wordless = false }: { act: Act | null; wordless?: boolean }) {
  if (!act) return '—';
  return (
    <>
      {act.name} <span className="admin-number">{timeText(act.at)}</span>
      {!wordless && act.words && <div className="admin-text">{act.words}</div>}
    </>
  );
}
