import { Alert, App, Button, Popconfirm, Space, Table, Tag } from 'antd';
import type { TableProps } from 'antd';
import { useState } from 'react';
import { DIAL_KINDS, type DialRule } from '../../calls/dial-rules';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';
import { ROLE_WORDS } from '../shared/words';
import { DialRuleDrawer } from './dial-rule-drawer';
import { DialRuleHistory } from './dial-rule-history';
import { DialRuleTry } from './dial-rule-try';

/** The rules in force, as the service tells them. */
export interface DialRuleSet {
  version: number;
  rules: DialRule[];
  at: string | null;
  whoName: string | null;
}

/** What each role may dial: rules in the order they are asked, tried before they are saved. */
export function DialRulesPage() {
  const set = useResource((signal) => api.get<DialRuleSet>('/dial-rules', { signal }), []);
  return (
    <ResourceView resource={set} rows={8}>
      {(data) => <Editor key={data.version} set={data} onSaved={set.reload} />}
    </ResourceView>
  );
}

type Open = { at: number; rule: DialRule | null } | 'history' | null;

function Editor({ set, onSaved }: { set: DialRuleSet; onSaved: () => void }) {
  const session = useSession();
  const { message } = App.useApp();
  const [rules, setRules] = useState(set.rules);
  const [open, setOpen] = useState<Open>(null);
  const action = useAction();
  const mayEdit = session.may('dial-rule.edit');
  const changed = JSON.stringify(rules) !== JSON.stringify(set.rules);
  const save = async () => {
    const body = { version: set.version, rules };
    if (await action.run(() => api.put('/dial-rules', body), '已保存，下一次外呼即生效')) onSaved();
  };
  const put = (at: number, rule: DialRule) => setRules(rules.toSpliced(at, at < rules.length ? 1 : 0, rule));
  const move = (at: number, by: number) => {
    const rule = rules[at];
    if (rule) setRules(rules.toSpliced(at, 1).toSpliced(at + by, 0, rule));
  };
  return (
    <>
      <section className="admin-card" aria-label="外呼规则">
        <div className="admin-bar">
          <span>
            {set.version === 0
              ? '内置规则（尚未修改过）'
              : `第${set.version}版，${set.whoName ?? ''} ${timeText(set.at)}`}
          </span>
          <Button type="link" size="small" onClick={() => setOpen('history')}>
            历次规则
          </Button>
          {mayEdit && (
            <div className="admin-bar-end">
              <Button onClick={() => setOpen({ at: rules.length, rule: null })} data-testid="new-rule">
                新增规则
              </Button>
              <Button disabled={!changed} onClick={() => setRules(set.rules)}>
                放弃修改
              </Button>
              <Button
                type="primary"
                disabled={!changed}
                loading={action.busy}
                onClick={() => void save()}
                data-testid="save-rules"
              >
                保存
              </Button>
            </div>
          )}
        </div>
        <Alert
          style={{ marginBottom: 12 }}
          type={changed ? 'warning' : 'info'}
          showIcon
          title={
            changed
              ? '有尚未保存的修改；下方试算按修改后的规则进行'
              : '自上而下，第一条相符的规则决定；没有规则相符即不允许。110、119、120、122始终允许，本热线自己的号码始终不可外呼。'
          }
        />
        <RuleTable
          rules={rules}
          mayEdit={mayEdit}
          onEdit={(at) => setOpen({ at, rule: rules[at] ?? null })}
          onMove={move}
          onRemove={(at) => setRules(rules.toSpliced(at, 1))}
        />
      </section>
      <DialRuleTry rules={changed ? rules : undefined} />
      {open !== null && open !== 'history' && (
        <DialRuleDrawer
          rule={open.rule}
          onClose={() => setOpen(null)}
          onDone={(rule) => {
            put(open.at, rule);
            setOpen(null);
          }}
        />
      )}
      {open === 'history' && (
        <DialRuleHistory
          mayEdit={mayEdit}
          onClose={() => setOpen(null)}
          onTake={(old) => {
            setRules(old);
            setOpen(null);
            void message.info('已取用，保存后生效');
          }}
        />
      )}
    </>
  );
}

function RuleTable(props: {
  rules: DialRule[];
  mayEdit: boolean;
  onEdit: (at: number) => void;
  onMove: (at: number, by: number) => void;
  onRemove: (at: number) => void;
}) {
  const { rules, mayEdit } = props;
  const columns: TableProps<DialRule & { at: number }>['columns'] = [
    { title: '序', width: 50, render: (_, { at }) => at + 1 },
    { title: '规则', dataIndex: 'name', width: 160 },
    {
      title: '结果',
      width: 80,
      render: (_, { allow }) => <Tag color={allow ? 'green' : 'red'}>{allow ? '允许' : '禁止'}</Tag>,
    },
    {
      title: '角色',
      width: 130,
      render: (_, rule) => rule.roles.map((role) => ROLE_WORDS[role]).join('、'),
    },
    {
      title: '号码类别',
      width: 220,
      render: (_, rule) => rule.kinds.map((kind) => DIAL_KINDS[kind]).join('、') || '不限',
    },
    {
      title: '号码样式',
      render: (_, rule) => <span className="admin-number">{rule.patterns.join('  ') || '不限'}</span>,
    },
    {
      title: '说明',
      render: (_, rule) => rule.reason || (rule.send === 'without-area-code' ? '本地号码不带区号送出' : '—'),
    },
  ];
  if (mayEdit)
    columns.push({
      title: '操作',
      width: 200,
      render: (_, { at, name }) => (
        <Space size={4}>
          <Button
            size="small"
            aria-label={`上移：${name}`}
            disabled={at === 0}
            onClick={() => props.onMove(at, -1)}
          >
            ↑
          </Button>
          <Button
            size="small"
            aria-label={`下移：${name}`}
            disabled={at === rules.length - 1}
            onClick={() => props.onMove(at, 1)}
          >
            ↓
          </Button>
          <Button type="link" size="small" onClick={() => props.onEdit(at)}>
            修改
          </Button>
          <Popconfirm title={`删除规则“${name}”？`} onConfirm={() => props.onRemove(at)}>
            <Button type="link" size="small" danger>
              删除
            </Button>
          </Popconfirm>
        </Space>
      ),
    });
  return (
    <Table<DialRule & { at: number }>
      size="small"
      rowKey="at"
      dataSource={rules.map((rule, at) => ({ ...rule, at }))}
      columns={columns}
      pagination={false}
      locale={{ emptyText: '没有规则：除紧急求助电话外都不允许外呼' }}
    />
  );
}
