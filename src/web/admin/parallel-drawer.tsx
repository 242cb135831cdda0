import { App, Form, Input, InputNumber, Select, Switch } from 'antd';
import { FormDrawer } from './form-drawer';
import { useState } from 'react';
import { parallelInput, type ParallelSettings } from '../../lines/parallel';
import { api } from '../shared/api';

interface Written {
  waiting: number | null;
  waitSeconds: number | null;
  noSeat: boolean;
  atOnce: number;
  hours: string | null;
  exchange: string[];
  showCitizen: boolean;
}

const FIELDS = ['waiting', 'waitSeconds', 'atOnce', 'hours', 'exchange'] as const;

/** Changes how one parallel line works together with the hotline. */
export function ParallelDrawer(props: {
  name: string;
  settings: ParallelSettings;
  onClose: (changed: boolean) => void;
}) {
  const { settings, onClose } = props;
  const { message } = App.useApp();
  const [form] = Form.useForm<Written>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const save = async ({ hours, exchange, showCitizen, ...overflow }: Written) => {
    const written = {
      overflow: {
        ...overflow,
        waiting: overflow.waiting ?? null,
        waitSeconds: overflow.waitSeconds ?? null,
      },
      hours: hours || null,
      exchange,
      showCitizen,
    };
    const checked = parallelInput.safeParse(written);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const inForm = issue?.path[0] === 'overflow' ? issue.path[1] : issue?.path[0];
      return form.setFields([
        { name: (inForm ?? 'hours') as keyof Written, errors: [issue?.message ?? '填写的内容不符合要求'] },
      ]);
    }
    setBusy(true);
    setFault(null);
    try {
      await api.put(`/parallel-lines/${settings.lineId}`, { version: settings.version, input: checked.data });
      void message.success('已保存');
      onClose(true);
    } catch (problem) {
      setFault(problem);
    } finally {
      setBusy(false);
    }
  };
  const { overflow, hours, exchange, showCitizen } = settings;
  return (
    <FormDrawer
      title={`并行接听：${props.name}`}
      save={{ words: '保存', testId: 'save-parallel' }}
      busy={busy}
      fault={fault}
      onSave={() => form.submit()}
      onClose={() => onClose(false)}
    >
      <Form<Written>
        form={form}
        layout="vertical"
        initialValues={{ ...overflow, hours, exchange, showCitizen }}
        onValuesChange={() => form.setFields(FIELDS.map((name) => ({ name, errors: [] })))}
        onFinish={(values) => void save(values)}
      >
        <div className="admin-pair">
          <Form.Item name="waiting" label="队列等待满（个）" extra="留空：不按排队数溢出">
            <InputNumber min={1} max={500} precision={0} />
          </Form.Item>
          <Form.Item name="waitSeconds" label="等待满（秒）" extra="留空：不按等待时间溢出">
            <InputNumber min={5} max={3600} precision={0} />
          </Form.Item>
          <Form.Item name="noSeat" label="没有可接听的坐席签入时" valuePropName="checked">
            <Switch />
          </Form.Item>
          <Form.Item name="atOnce" label="同时最多（个）" rules={[{ required: true, message: '请填写' }]}>
            <InputNumber min={1} max={100} precision={0} />
          </Form.Item>
        </div>
        <Form.Item name="hours" label="对方服务时段" extra="写作08:00-18:00；留空为全天">
          <Input maxLength={11} placeholder="全天" />
        </Form.Item>
        <Form.Item
          name="exchange"
          label="来电号段"
          extra="该热线总机呼入12345时的主叫号码前几位，含区号；接听号码自动识别"
        >
          <Select mode="tags" open={false} tokenSeparators={[',', '，', ' ']} />
        </Form.Item>
        <Form.Item name="showCitizen" label="对方看到诉求人号码" extra="须运营商允许" valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </FormDrawer>
  );
}
