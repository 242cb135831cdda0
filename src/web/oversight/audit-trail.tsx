import { Button, Input, Space, Table } from 'antd';
import { useState } from 'react';
import { api, type Query } from '../shared/api';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';

interface AuditRow {
  seq: number;
  at: string;
  who: string;
  action: string;
  subject: string;
  facts: Record<string, unknown>;
  address: string;
}

const PAGE = 50;

/** Who did what, newest first, by person, action or subject. */
export function AuditTrail() {
  const [filter, setFilter] = useState<Query>({});
  /** The last number of each page gone through. */
  const [before, setBefore] = useState<number[]>([]);
  const rows = useResource(
    (signal) =>
      api.get<AuditRow[]>('/audit', { query: { ...filter, before: before.at(-1), limit: PAGE }, signal }),
    [JSON.stringify(filter), before.at(-1)],
  );
  const narrow = (name: string) => (text: string) => {
    setFilter({ ...filter, [name]: text.trim() || undefined });
    setBefore([]);
  };
  return (
    <section className="portal-card" aria-label="审计记录">
      <div className="portal-head">
        <Space wrap>
          <Input.Search allowClear placeholder="人员编号" maxLength={100} onSearch={narrow('who')} />
          <Input.Search allowClear placeholder="操作" maxLength={100} onSearch={narrow('action')} />
          <Input.Search allowClear placeholder="对象" maxLength={100} onSearch={narrow('subject')} />
        </Space>
      </div>
      <ResourceView
        resource={rows}
        rows={8}
        empty={(list) => list.length === 0}
        emptyWords="没有符合条件的记录"
      >
        {(list) => (
          <>
            <Table<AuditRow>
              size="small"
              rowKey="seq"
              pagination={false}
              loading={rows.loading}
              dataSource={list}
              columns={[
                { title: '序号', width: 80, dataIndex: 'seq' },
                { title: '时间', width: 150, render: (_, row) => timeText(row.at) },
                { title: '人员', width: 140, dataIndex: 'who' },
                { title: '操作', width: 180, dataIndex: 'action' },
                { title: '对象', width: 240, ellipsis: true, dataIndex: 'subject' },
                { title: '内容', ellipsis: true, render: (_, row) => JSON.stringify(row.facts) },
                { title: '地址', width: 130, dataIndex: 'address' },
              ]}
            />
            <Space className="portal-pages">
              <Button disabled={before.length === 0} onClick={() => setBefore(before.slice(0, -1))}>
                上一页
              </Button>
              <Button
                disabled={list.length < PAGE}
                onClick={() => setBefore([...before, list.at(-1)?.seq ?? 1])}
              >
                下一页
              </Button>
            </Space>
          </>
        )}
      </ResourceView>
    </section>
  );
}
