import { App, Form, Input, Radio } from 'antd';
import { FormDrawer } from './form-drawer';
import { useState } from 'react';
import {
  NUISANCE_MATCHES,
  nuisanceProposal,
  TREATMENTS,
  type NuisanceMatch,
  type Treatment,
} from '../../calls/nuisance';
import { api, newKey } from '../shared/api';
import { faultWords, ProblemError } from '../shared/problem';
import { dayText } from '../shared/time';

interface Written {
  number: string;
  match: NuisanceMatch;
  treatment: Treatment;
  reason: string;
  lastDay: string;
}

/** Proposes an entry by number; somebody else approves it. */
export function NuisanceDrawer(props: { maxDays: number; onClose: (changed: boolean) => void }) {
  const { message } = App.useApp();
  const [form] = Form.useForm<Written>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(newKey);
  const day = (ahead: number) => dayText(api.serverNow() + ahead * 86_400_000);
  const propose = async (written: Written) => {
    const checked = nuisanceProposal.safeParse(written);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const field = (issue?.path[0] ?? 'reason') as keyof Written;
      return form.setFields([{ name: field, errors: ['填写的内容不符合要求'] }]);
    }
    setBusy(true);
    setFault(null);
    try {
      await api.post('/nuisance', checked.data, { idempotencyKey: key });
      void message.success('已提出，等待他人审批');
      props.onClose(true);
    } catch (problem) {
      setFault(problem);
      const field = problem instanceof ProblemError ? problem.facts['field'] : undefined;
      if (typeof field === 'string')
        form.setFields([{ name: field as keyof Written, errors: [faultWords(problem)] }]);
    } finally {
      setBusy(false);
    }
  };
  const needed = [{ required: true, message: '请填写' }];
  return (
    <FormDrawer
      title="提出骚扰名单条目"
      save={{ words: '提出', testId: 'save-nuisance' }}
      busy={busy}
      fault={fault}
      onSave={() => form.submit()}
      onClose={() => props.onClose(false)}
    >
      <Form<Written>
        form={form}
        layout="vertical"
        initialValues={{ match: 'number', treatment: 'announce', lastDay: day(Math.min(30, props.maxDays)) }}
        onFinish={(written) => void propose(written)}
      >
        <Form.Item
          name="number"
          label="号码"
          rules={needed}
          extra="任意写法；紧急电话、热线、承办单位和转接目标的号码不能列入"
        >
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item name="match" label="范围">
          <Radio.Group
            options={Object.entries(NUISANCE_MATCHES).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item name="treatment" label="处理方式">
          <Radio.Group options={Object.entries(TREATMENTS).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="reason" label="原因" rules={needed}>
          <Input.TextArea maxLength={200} autoSize={{ minRows: 2 }} showCount />
        </Form.Item>
        <Form.Item
          name="lastDay"
          label="截止日期"
          rules={needed}
          extra={`最长${props.maxDays}天；到期自动恢复接听`}
        >
          <Input type="date" min={day(0)} max={day(props.maxDays)} />
        </Form.Item>
      </Form>
    </FormDrawer>
  );
}
