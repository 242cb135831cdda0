import { Button, Input, Select, Space, Table, Tag } from 'antd';
import type { TableProps } from 'antd';
import { useMemo, useState } from 'react';
import type { Line } from '../../lines/line';
import { api, type Query } from '../shared/api';
import { areasOf } from '../shared/areas';
import { useUnits } from '../shared/directory';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { dayText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';
import { LINE_MODE_COLORS, LINE_MODE_WORDS } from '../shared/words';
import { LineDrawer } from './line-drawer';
import { LineEnd } from './line-end';
import { LineHistory } from './line-history';
import { SheetImport } from './sheet-import';
import { STATE_COLORS, STATE_WORDS, stateOn } from './line-words';

type Open = { kind: 'edit' | 'end' | 'history'; line: Line } | { kind: 'new' | 'import' } | null;

const options = (words: Record<string, string>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

/** All lines with filters; making, changing, ending, history, import and export. */
export function LinesPage() {
  const session = useSession();
  const units = useUnits();
  const [filters, setFilters] = useState<Query>({});
  const [open, setOpen] = useState<Open>(null);
  const lines = useResource(
    (signal) => api.get<{ lines: Line[]; total: number }>('/lines', { query: filters, signal }),
    [JSON.stringify(filters)],
  );
  const areas = useMemo(() => areasOf(units.data ?? []), [units.data]);
  const names = useMemo(
    () =>
      new Map([
        ...(units.data ?? []).map((unit) => [unit.unitId, unit.name] as const),
        ...areas.map((area) => [area.code, area.name] as const),
      ]),
    [units.data, areas],
  );
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) lines.reload();
  };
  const filter = (name: string) => (value: string | undefined) => setFilters({ ...filters, [name]: value });
  const mayEdit = session.may('line.edit');
  return (
    <section className="admin-card" aria-label="热线列表">
      <div className="admin-bar">
        <Input.Search
          allowClear
          placeholder="名称或号码（任意写法）"
          aria-label="搜索热线"
          style={{ width: 240 }}
          onSearch={filter('search')}
        />
        <Select
          allowClear
          placeholder="整合方式"
          aria-label="整合方式"
          style={{ width: 130 }}
          options={options(LINE_MODE_WORDS)}
          onChange={filter('mode')}
        />
        <Select
          allowClear
          placeholder="状态"
          aria-label="状态"
          style={{ width: 110 }}
          options={options(STATE_WORDS)}
          onChange={filter('state')}
        />
        <Select
          allowClear
          placeholder="归属"
          aria-label="归属"
          style={{ width: 130 }}
          options={[
            { value: 'city', label: '市级' },
            ...areas.map(({ code, name }) => ({ value: code, label: name })),
          ]}
          onChange={filter('owner')}
        />
        <div className="admin-bar-end">
          <Export filters={filters} />
          {mayEdit && <Button onClick={() => setOpen({ kind: 'import' })}>导入</Button>}
          {mayEdit && (
            <Button type="primary" onClick={() => setOpen({ kind: 'new' })} data-testid="new-line">
              新建热线
            </Button>
          )}
        </div>
      </div>
      <ResourceView
        resource={lines}
        rows={8}
        empty={(data) => data.lines.length === 0}
        emptyWords="没有符合条件的热线"
      >
        {(data) => <LineTable lines={data.lines} names={names} mayEdit={mayEdit} onOpen={setOpen} />}
      </ResourceView>
      {(open?.kind === 'new' || open?.kind === 'edit') && (
        <LineDrawer
          line={open.kind === 'edit' ? open.line : null}
          units={units.data ?? []}
          areas={areas}
          onClose={close}
        />
      )}
      {open?.kind === 'end' && <LineEnd line={open.line} onClose={close} />}
      {open?.kind === 'history' && (
        <LineHistory line={open.line} names={names} onClose={() => setOpen(null)} />
      )}
      {open?.kind === 'import' && (
        <SheetImport
          title="导入热线"
          nameTitle="热线名称"
          path="/lines-import"
          hint="热线名称、整合方式、号码、启用日期必填；编号留空为新建"
          onClose={close}
        />
      )}
    </section>
  );
}

function Export({ filters }: { filters: Query }) {
  const action = useAction();
  const get = (format: string) =>
    action.run(() => api.download('/lines-export', { query: { ...filters, format } }));
  return (
    <Space.Compact>
      <Button loading={action.busy} onClick={() => void get('xlsx')}>
        导出 Excel
      </Button>
      <Button disabled={action.busy} onClick={() => void get('csv')}>
        CSV
      </Button>
    </Space.Compact>
  );
}

function LineTable(props: {
  lines: Line[];
  names: ReadonlyMap<string, string>;
  mayEdit: boolean;
  onOpen: (open: Open) => void;
}) {
  const { lines, names, mayEdit, onOpen } = props;
  const today = dayText(api.serverNow());
  const columns: TableProps<Line>['columns'] = [
    {
      title: '热线名称',
      dataIndex: 'name',
      sorter: (one, other) => one.name.localeCompare(other.name, 'zh-CN'),
    },
    {
      title: '号码',
      render: (_, line) => <span className="admin-number">{line.numbers.join('、')}</span>,
      sorter: (one, other) => (one.numbers[0] ?? '').localeCompare(other.numbers[0] ?? ''),
    },
    {
      title: '整合方式',
      width: 110,
      render: (_, line) => <Tag color={LINE_MODE_COLORS[line.mode]}>{LINE_MODE_WORDS[line.mode]}</Tag>,
    },
    {
      title: '责任单位',
      render: (_, line) => (line.unitId ? (names.get(line.unitId) ?? line.unitId) : '—'),
    },
    {
      title: '归属',
      width: 90,
      render: (_, line) => (line.owner === 'city' ? '市级' : (names.get(line.owner) ?? line.owner)),
    },
    {
      title: '有效期',
      width: 210,
      render: (_, line) => (
        <span className="admin-number">{`${line.firstDay} 至 ${line.lastDay ?? '长期'}`}</span>
      ),
      sorter: (one, other) => one.firstDay.localeCompare(other.firstDay),
    },
    {
      title: '状态',
      width: 90,
      render: (_, line) => {
        const state = stateOn(line, today);
        return <Tag color={STATE_COLORS[state]}>{STATE_WORDS[state]}</Tag>;
      },
    },
    {
      title: '优先级',
      dataIndex: 'priority',
      width: 90,
      sorter: (one, other) => one.priority - other.priority,
    },
    {
      title: '操作',
      width: 160,
      render: (_, line) => (
        <Space size={4}>
          {mayEdit && (
            <Button type="link" size="small" onClick={() => onOpen({ kind: 'edit', line })}>
              修改
            </Button>
          )}
          {mayEdit && line.mode !== 'own' && (
            <Button type="link" size="small" danger onClick={() => onOpen({ kind: 'end', line })}>
              停用
            </Button>
          )}
          <Button type="link" size="small" onClick={() => onOpen({ kind: 'history', line })}>
            记录
          </Button>
        </Space>
      ),
    },
  ];
  return (
    <Table<Line>
      size="small"
      rowKey="lineId"
      dataSource={lines}
      columns={columns}
      pagination={{ pageSize: 50, hideOnSinglePage: true, showTotal: (total) => `共 ${total} 条` }}
    />
  );
}
