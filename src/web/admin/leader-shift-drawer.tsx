import { App, Form, Input, Select } from 'antd';
import { FormDrawer } from './form-drawer';
import { useState } from 'react';
import { leaderShiftInput, type LeaderShift, type LeaderShiftInput } from '../../routing/leader-shift';
import { api, newKey } from '../shared/api';
import { faultWords, ProblemError } from '../shared/problem';
import { clockText, dayText } from '../shared/time';

export interface ShiftChoices {
  people: { personId: string; name: string }[];
  queues: { queue: string; name: string }[];
  lines: { lineId: string; name: string }[];
}

/** What the browser's field for day and time holds, in the city's zone. */
const written = (instant: string | number) => `${dayText(instant)}T${clockText(instant)}`;
const read = (text: string | undefined) => (text ? `${text.slice(0, 16)}:00+08:00` : '');

const FIELDS = ['title', 'personId', 'from', 'until', 'lineId', 'queue'] as const;

/** Makes or changes one leader's shift. */
export function LeaderShiftDrawer(props: {
  shift: LeaderShift | null;
  choices: ShiftChoices;
  onClose: (changed: boolean) => void;
}) {
  const { shift, choices, onClose } = props;
  const { message } = App.useApp();
  const [form] = Form.useForm<LeaderShiftInput>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(newKey);
  const save = async (values: LeaderShiftInput) => {
    const checked = leaderShiftInput.safeParse({
      ...values,
      from: read(values.from),
      until: read(values.until),
      lineId: values.lineId ?? null,
      queue: values.queue ?? null,
    });
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const field = (issue?.path[0] ?? 'title') as keyof LeaderShiftInput;
      return form.setFields([{ name: field, errors: [issue?.message ?? '填写的内容不符合要求'] }]);
    }
    setBusy(true);
    setFault(null);
    try {
      const { data } = checked;
      if (shift) await api.put(`/leader-shifts/${shift.shiftId}`, { version: shift.version, input: data });
      else await api.post('/leader-shifts', data, { idempotencyKey: key });
      void message.success('已保存');
      onClose(true);
    } catch (problem) {
      setFault(problem);
      const field = problem instanceof ProblemError ? problem.facts['field'] : undefined;
      if (typeof field === 'string')
        form.setFields([{ name: field as keyof LeaderShiftInput, errors: [faultWords(problem)] }]);
    } finally {
      setBusy(false);
    }
  };
  const needed = [{ required: true, message: '请填写' }];
  const now = api.serverNow();
  const first = shift
    ? { ...shift, from: written(shift.from), until: written(shift.until) }
    : { lineId: null, queue: null, from: written(now), until: written(now + 2 * 3_600_000) };
  const select = (options: { value: string; label: string }[]) => (
    <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={options} />
  );
  return (
    <FormDrawer
      title={shift ? `修改接听安排：${shift.title}` : '新建接听安排'}
      size={600}
      save={{ words: '保存', testId: 'save-shift' }}
      busy={busy}
      fault={fault}
      onSave={() => form.submit()}
      onClose={() => onClose(false)}
    >
      <Form<LeaderShiftInput>
        form={form}
        layout="vertical"
        initialValues={first}
        onValuesChange={() => form.setFields(FIELDS.map((name) => ({ name, errors: [] })))}
        onFinish={(values) => void save(values)}
      >
        <Form.Item
          name="title"
          label="名称"
          rules={needed}
          extra="派送理由中会显示，例如：市住建局局长接听日"
        >
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="personId" label="接听人" rules={needed} extra="须有坐席分机，并在接听时签入示闲">
          {select(choices.people.map(({ personId, name }) => ({ value: personId, label: name })))}
        </Form.Item>
        <div className="admin-pair">
          <Form.Item name="from" label="开始" rules={needed}>
            <Input type="datetime-local" />
          </Form.Item>
          <Form.Item name="until" label="结束" rules={needed}>
            <Input type="datetime-local" />
          </Form.Item>
        </div>
        <Form.Item name="lineId" label="热线" extra="热线与队列至少选一项；都选则须同时符合">
          {select(choices.lines.map(({ lineId, name }) => ({ value: lineId, label: name })))}
        </Form.Item>
        <Form.Item name="queue" label="队列">
          {select(choices.queues.map(({ queue, name }) => ({ value: queue, label: name })))}
        </Form.Item>
      </Form>
    </FormDrawer>
  );
}
