import { Alert, Form, Input, Modal } from 'antd';
import { NUISANCE_STATES, type NuisanceState } from '../../calls/nuisance';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';

interface OwnReports {
  entries: { callId: string | null; state: NuisanceState }[];
  defaultLastDay: string;
  latestLastDay: string;
}

interface Values {
  reason: string;
  lastDay: string;
}

/** 报告骚扰: proposes the number of one's own call for the nuisance list; a supervisor decides. */
export function NuisanceReport({ callId, onClose }: { callId: string; onClose: () => void }) {
  const own = useResource((signal) => api.get<OwnReports>('/desk/nuisance', { signal }), [callId]);
  const [form] = Form.useForm<Values>();
  const action = useAction();
  const report = async (values: Values) => {
    const body = { callId, ...values };
    if (await action.run(() => api.post('/nuisance', body), '已报告，待班长审批')) onClose();
  };
  const before = own.data?.entries.find((each) => each.callId === callId);
  return (
    <Modal
      open
      title="报告骚扰来电"
      okText="报告"
      cancelText="返回"
      okButtonProps={{ loading: action.busy, disabled: !own.data }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <ResourceView resource={own} rows={3}>
        {({ defaultLastDay, latestLastDay }) => (
          <Form<Values>
            form={form}
            layout="vertical"
            initialValues={{ lastDay: defaultLastDay }}
            onFinish={(values) => void report(values)}
          >
            {before && (
              <Alert type="info" showIcon title={`这通电话已报告过：${NUISANCE_STATES[before.state]}`} />
            )}
            <Form.Item
              name="reason"
              label="原因（审批人可见，记入审计）"
              rules={[{ required: true, whitespace: true, min: 2, message: '请说明骚扰的情形' }]}
            >
              <Input.TextArea autoFocus maxLength={200} rows={3} placeholder="如：反复来电辱骂、接通不说话" />
            </Form.Item>
            <Form.Item
              name="lastDay"
              label="截止日期（到期自动解除）"
              rules={[{ required: true, message: '请选择截止日期' }]}
            >
              <Input type="date" max={latestLastDay} />
            </Form.Item>
          </Form>
        )}
      </ResourceView>
    </Modal>
  );
}
