import { Button, Descriptions, Form, Input, Radio, Tag } from 'antd';
import { useState } from 'react';
import { DIAL_KINDS, DIALLING_ROLES, type DialRule, type DialVerdict } from '../../calls/dial-rules';
import { api } from '../shared/api';
import { Nothing } from '../shared/states';
import { useAction } from '../shared/use-action';
import { ROLE_WORDS } from '../shared/words';

interface Asked {
  role: (typeof DIALLING_ROLES)[number];
  number: string;
}

/** "This role dials this number → allowed? by which rule? what is sent?" Asked with the rules as they stand on the page. */
export function DialRuleTry({ rules }: { rules: DialRule[] | undefined }) {
  const [verdict, setVerdict] = useState<DialVerdict | null>(null);
  const action = useAction();
  const ask = (asked: Asked) =>
    action.run(async () => setVerdict(await api.post<DialVerdict>('/dial-rules/try', { ...asked, rules })));
  return (
    <div className="admin-try">
      <section className="admin-card" aria-label="外呼试算">
        <Form<Asked>
          layout="vertical"
          initialValues={{ role: 'agent' }}
          onFinish={(asked) => void ask(asked)}
        >
          <Form.Item name="role" label="角色">
            <Radio.Group options={DIALLING_ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }))} />
          </Form.Item>
          <Form.Item name="number" label="拨打的号码" rules={[{ required: true, message: '请填写号码' }]}>
            <Input maxLength={100} placeholder="任意写法" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={action.busy} data-testid="try-dial">
            试算
          </Button>
        </Form>
      </section>
      <section className="admin-card" aria-label="外呼试算结果" aria-live="polite">
        {verdict ? (
          <Result verdict={verdict} />
        ) : (
          <Nothing words="填写号码后，这里说明能否拨打、依据哪条规则" />
        )}
      </section>
    </div>
  );
}

function Result({ verdict }: { verdict: DialVerdict }) {
  const { allowed, words, rule, kind, number, dial } = verdict;
  return (
    <>
      <p className="admin-why" data-testid="try-verdict">
        <Tag color={allowed ? 'green' : 'red'}>{allowed ? '允许' : '不允许'}</Tag>
        {words}
      </p>
      <Descriptions
        size="small"
        bordered
        column={2}
        items={[
          { key: 'rule', label: '依据规则', children: rule },
          { key: 'kind', label: '号码类别', children: DIAL_KINDS[kind] },
          { key: 'number', label: '号码读作', children: number ?? '无法识别' },
          { key: 'dial', label: '送往中继的号码', children: dial ?? '—' },
        ]}
      />
    </>
  );
}
