import { Alert, App, Button, Drawer, Form, Input, InputNumber, Select, TreeSelect } from 'antd';
import { useMemo, useState } from 'react';
import { type Line, type LineInput, lineInput } from '../../lines/line';
import { api, newKey } from '../shared/api';
import type { Area } from '../shared/areas';
import { categoryTree } from '../shared/category-tree';
import { type UnitChoice, useCategories } from '../shared/directory';
import { faultWords, ProblemError } from '../shared/problem';
import { dayText } from '../shared/time';
import { LINE_MODE_WORDS } from '../shared/words';
import { GreetingSelect } from './greeting-select';
import { FIELD_WORDS } from './line-words';

/** Makes a new line, or changes one: the version that was seen goes along, so that nobody's change is overwritten. */
export function LineDrawer(props: {
  line: Line | null;
  units: UnitChoice[];
  areas: Area[];
  onClose: (changed: boolean) => void;
}) {
  const { line, onClose } = props;
  const { message } = App.useApp();
  const [form] = Form.useForm<LineInput>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(newKey);
  const save = async (values: LineInput) => {
    const input = toInput(values);
    const checked = lineInput.safeParse(input);
    if (!checked.success) {
      const field = checked.error.issues[0]?.path[0] as keyof LineInput | undefined;
      form.setFields([{ name: field ?? 'name', errors: ['填写的内容不符合要求'] }]);
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      if (line) await api.put(`/lines/${line.lineId}`, { version: line.version, input: checked.data });
      else await api.post('/lines', checked.data, { idempotencyKey: key });
      void message.success('已保存，下一个来电即生效');
      onClose(true);
    } catch (problem) {
      setFault(problem);
      const field = problem instanceof ProblemError ? problem.facts['field'] : undefined;
      if (typeof field === 'string' && field in FIELD_WORDS)
        form.setFields([{ name: field as keyof LineInput, errors: [faultWords(problem)] }]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Drawer
      open
      size={640}
      title={line ? `修改热线：${line.name}` : '新建热线'}
      onClose={() => onClose(false)}
      mask={{ closable: false }}
      extra={
        <Button type="primary" loading={busy} onClick={() => form.submit()} data-testid="save-line">
          保存
        </Button>
      }
    >
      {fault !== null && <LineFault fault={fault} onReload={() => onClose(true)} />}
      <Form<LineInput>
        form={form}
        layout="vertical"
        initialValues={line ?? EMPTY()}
        onFinish={(values) => void save(values)}
      >
        <Fields units={props.units} areas={props.areas} form={form} />
      </Form>
    </Drawer>
  );
}

const EMPTY = (): Partial<LineInput> => ({
  mode: 'direct',
  numbers: [],
  unitId: null,
  owner: 'city',
  firstDay: dayText(api.serverNow()),
  lastDay: null,
  greetingSound: 'greeting-merged',
  greetingText: '',
  queue: 'general',
  priority: 0,
  defaultCategory: null,
  script: '',
  parallelDestination: null,
});

/** What the form's controls give back, as the service wants it: nothing chosen is null. */
function toInput(values: LineInput): LineInput {
  return {
    ...values,
    unitId: values.unitId ?? null,
    lastDay: values.lastDay || null,
    defaultCategory: values.defaultCategory ?? null,
    parallelDestination: values.mode === 'parallel' ? values.parallelDestination || null : null,
    greetingText: values.greetingText ?? '',
    script: values.script ?? '',
  };
}

function LineFault({ fault, onReload }: { fault: unknown; onReload: () => void }) {
  const code = fault instanceof ProblemError ? fault.code : null;
  const clause = fault instanceof ProblemError ? fault.facts['clause'] : undefined;
  return (
    <Alert
      type="error"
      showIcon
      style={{ marginBottom: 12 }}
      title={typeof clause === 'string' ? `不能整合（依据${clause}）` : '未能保存'}
      description={faultWords(fault)}
      action={
        code === 'stale-version' ? (
          <Button size="small" onClick={onReload}>
            放弃并刷新
          </Button>
        ) : undefined
      }
    />
  );
}

function Fields(props: {
  units: UnitChoice[];
  areas: Area[];
  form: ReturnType<typeof Form.useForm<LineInput>>[0];
}) {
  const mode = Form.useWatch('mode', props.form);
  const categories = useCategories();
  const tree = useMemo(() => categoryTree(categories.data ?? []), [categories.data]);
  const needed = [{ required: true, message: '请填写' }];
  return (
    <>
      <Form.Item name="name" label={FIELD_WORDS.name} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <div className="admin-pair">
        <Form.Item name="mode" label={FIELD_WORDS.mode} rules={needed}>
          <Select options={Object.entries(LINE_MODE_WORDS).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="owner" label={FIELD_WORDS.owner} rules={needed}>
          <Select
            options={[
              { value: 'city', label: '市级' },
              ...props.areas.map(({ code, name }) => ({ value: code, label: name })),
            ]}
          />
        </Form.Item>
      </div>
      <Form.Item
        name="numbers"
        label={FIELD_WORDS.numbers}
        rules={needed}
        extra="原热线号码，任意写法（12319、0355-2012319、+86355…），回车添加"
      >
        <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', '，', '、', ';', '；']} />
      </Form.Item>
      {mode === 'parallel' && (
        <Form.Item
          name="parallelDestination"
          label={FIELD_WORDS.parallelDestination}
          rules={needed}
          extra="该热线自有坐席接听的号码，用于双向转接和三方通话"
        >
          <Input maxLength={60} />
        </Form.Item>
      )}
      <Form.Item name="unitId" label={FIELD_WORDS.unitId}>
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          options={props.units.map(({ unitId, name }) => ({ value: unitId, label: name }))}
        />
      </Form.Item>
      <div className="admin-pair">
        <Form.Item name="firstDay" label={FIELD_WORDS.firstDay} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="lastDay" label={FIELD_WORDS.lastDay} extra="当日仍有效；留空为长期">
          <Input type="date" />
        </Form.Item>
        <Form.Item name="queue" label={FIELD_WORDS.queue} rules={needed}>
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item name="priority" label={FIELD_WORDS.priority} extra="0 普通，9 最先">
          <InputNumber min={0} max={9} precision={0} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name="greetingSound" label={FIELD_WORDS.greetingSound} rules={needed}>
          <GreetingSelect onWords={(words) => props.form.setFieldValue('greetingText', words)} />
        </Form.Item>
        <Form.Item name="defaultCategory" label={FIELD_WORDS.defaultCategory}>
          <TreeSelect
            allowClear
            showSearch={{ treeNodeFilterProp: 'path' }}
            treeNodeLabelProp="path"
            treeData={tree}
          />
        </Form.Item>
      </div>
      <Form.Item name="greetingText" label={FIELD_WORDS.greetingText}>
        <Input.TextArea maxLength={300} autoSize={{ minRows: 2 }} showCount />
      </Form.Item>
      <Form.Item name="script" label={FIELD_WORDS.script}>
        <Input.TextArea maxLength={4000} autoSize={{ minRows: 4, maxRows: 14 }} showCount />
      </Form.Item>
    </>
  );
}
