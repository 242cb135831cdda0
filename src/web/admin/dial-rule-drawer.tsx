import { Button, Checkbox, Drawer, Form, Input, Radio, Select } from 'antd';
import { DIAL_KINDS, DIALLING_ROLES, dialRule, RULED_KINDS, type DialRule } from '../../calls/dial-rules';
import { ROLE_WORDS } from '../shared/words';

const EMPTY: DialRule = {
  name: '',
  allow: true,
  roles: [...DIALLING_ROLES],
  kinds: [],
  patterns: [],
  reason: '',
  send: 'whole',
};

/** Writes one rule; it joins the list on the page and is saved with it. */
export function DialRuleDrawer(props: {
  rule: DialRule | null;
  onClose: () => void;
  onDone: (rule: DialRule) => void;
}) {
  const [form] = Form.useForm<DialRule>();
  const allow = Form.useWatch('allow', form) ?? props.rule?.allow ?? true;
  const done = (values: DialRule) => {
    const checked = dialRule.safeParse({ ...EMPTY, ...values, reason: values.reason ?? '' });
    if (checked.success) return props.onDone(checked.data);
    const [issue] = checked.error.issues;
    const field = (issue?.path[0] ?? 'name') as keyof DialRule;
    form.setFields([{ name: field, errors: [issue?.message ?? '填写的内容不符合要求'] }]);
  };
  return (
    <Drawer
      open
      size={560}
      title={props.rule ? `修改规则：${props.rule.name}` : '新增规则'}
      onClose={props.onClose}
      mask={{ closable: false }}
      extra={
        <Button type="primary" onClick={() => form.submit()} data-testid="rule-done">
          确定
        </Button>
      }
    >
      <Form<DialRule> form={form} layout="vertical" initialValues={props.rule ?? EMPTY} onFinish={done}>
        <Form.Item name="name" label="规则名称" rules={[{ required: true, message: '请填写' }]}>
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item name="allow" label="结果">
          <Radio.Group
            options={[
              { value: true, label: '允许' },
              { value: false, label: '禁止' },
            ]}
          />
        </Form.Item>
        <Form.Item name="roles" label="角色" rules={[{ required: true, message: '请选择' }]}>
          <Checkbox.Group options={DIALLING_ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }))} />
        </Form.Item>
        <Form.Item name="kinds" label="号码类别" extra="声讯、国际、内部分机和其他号码只有在此点名才会被允许">
          <Select
            mode="multiple"
            allowClear
            placeholder="不限"
            options={RULED_KINDS.map((value) => ({ value, label: DIAL_KINDS[value] }))}
          />
        </Form.Item>
        <Form.Item
          name="patterns"
          label="号码样式"
          extra="X为任意一位，末尾*为任意多位：96119、123XX、0355201*、+852*；回车添加"
        >
          <Select
            mode="tags"
            open={false}
            suffixIcon={null}
            placeholder="不限"
            tokenSeparators={[',', '，', '、', ' ']}
          />
        </Form.Item>
        {allow ? (
          <Form.Item name="send" label="本地号码送出方式">
            <Radio.Group
              options={[
                { value: 'whole', label: '带区号' },
                { value: 'without-area-code', label: '不带区号' },
              ]}
            />
          </Form.Item>
        ) : null}
        <Form.Item
          name="reason"
          label="对坐席的说明"
          rules={allow ? [] : [{ required: true, message: '禁止须说明原因' }]}
        >
          <Input maxLength={120} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
