import { App, Form, Input, Select } from 'antd';
import { FormDrawer } from './form-drawer';
import { useState } from 'react';
import {
  CONTACT_KINDS,
  contactInput,
  LANGUAGES,
  type Contact,
  type ContactInput,
} from '../../directory/contact';
import { api, newKey } from '../shared/api';
import type { UnitChoice } from '../shared/directory';
import { faultWords, ProblemError } from '../shared/problem';

const EMPTY: Partial<ContactInput> = { kind: 'unit', unitId: null, language: null, hours: null, note: '' };

/** Makes or changes one contact. */
export function ContactDrawer(props: {
  contact: Contact | null;
  units: UnitChoice[];
  onClose: (changed: boolean) => void;
}) {
  const { contact, onClose } = props;
  const { message } = App.useApp();
  const [form] = Form.useForm<ContactInput>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(newKey);
  const kind = Form.useWatch('kind', form);
  const save = async (values: ContactInput) => {
    const checked = contactInput.safeParse({
      ...values,
      unitId: values.unitId ?? null,
      language: values.kind === 'interpreter' ? (values.language ?? null) : null,
      hours: values.hours || null,
      note: values.note ?? '',
    });
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const field = (issue?.path[0] ?? 'name') as keyof ContactInput;
      return form.setFields([{ name: field, errors: [issue?.message ?? '填写的内容不符合要求'] }]);
    }
    setBusy(true);
    setFault(null);
    try {
      const { data } = checked;
      if (contact) await api.put(`/contacts/${contact.contactId}`, { version: contact.version, input: data });
      else await api.post('/contacts', data, { idempotencyKey: key });
      void message.success('已保存');
      onClose(true);
    } catch (problem) {
      setFault(problem);
      const field = problem instanceof ProblemError ? problem.facts['field'] : undefined;
      if (typeof field === 'string')
        form.setFields([{ name: field as keyof ContactInput, errors: [faultWords(problem)] }]);
    } finally {
      setBusy(false);
    }
  };
  const needed = [{ required: true, message: '请填写' }];
  return (
    <FormDrawer
      title={contact ? `修改转接目标：${contact.name}` : '新建转接目标'}
      save={{ words: '保存', testId: 'save-contact' }}
      busy={busy}
      fault={fault}
      onSave={() => form.submit()}
      onClose={() => onClose(false)}
    >
      <Form<ContactInput>
        form={form}
        layout="vertical"
        initialValues={contact ?? EMPTY}
        onFinish={(values) => void save(values)}
      >
        <Form.Item name="kind" label="类别" rules={needed}>
          <Select options={Object.entries(CONTACT_KINDS).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="name" label="名称" rules={needed}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="number" label="号码" rules={needed} extra="任意写法；能否拨打由外呼规则决定">
          <Input maxLength={40} />
        </Form.Item>
        {kind === 'interpreter' && (
          <Form.Item name="language" label="语种" rules={needed}>
            <Select options={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))} />
          </Form.Item>
        )}
        <Form.Item name="unitId" label="所属单位">
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            options={props.units.map(({ unitId, name }) => ({ value: unitId, label: name }))}
          />
        </Form.Item>
        <Form.Item name="hours" label="服务时段" extra="写作08:00-18:00；留空为全天">
          <Input maxLength={11} placeholder="全天" />
        </Form.Item>
        <Form.Item name="note" label="备注">
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </FormDrawer>
  );
}
