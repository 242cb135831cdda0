import { Form, Input, Modal, Radio } from 'antd';
import { MESSAGE_RESULTS } from '../../calls/message';
import { api } from '../shared/api';
import { useAction } from '../shared/use-action';

interface Values {
  result: 'ticket' | 'calledBack' | 'noAction';
  ticketNumber?: string;
  note?: string;
}

/** What came of a voice message: a work order, a call back, or nothing to do and why. */
export function MessageFinishForm(props: { messageId: string; onClose: (changed: boolean) => void }) {
  const [form] = Form.useForm<Values>();
  const result = Form.useWatch('result', form);
  const action = useAction();
  const finish = async ({ result, ticketNumber, note }: Values) => {
    const body = { result, ticketNumber: result === 'ticket' ? ticketNumber : null, note: note ?? '' };
    const done = await action.run(() => api.post(`/messages/${props.messageId}/finish`, body), '已办结');
    if (done) props.onClose(true);
  };
  return (
    <Modal
      open
      title="办结留言"
      okText="办结"
      cancelText="返回"
      okButtonProps={{ loading: action.busy }}
      onOk={() => form.submit()}
      onCancel={() => props.onClose(false)}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={{ result: 'calledBack' }}
        onFinish={(values) => void finish(values)}
      >
        <Form.Item name="result" label="结果">
          <Radio.Group
            options={(['calledBack', 'ticket', 'noAction'] as const).map((value) => ({
              value,
              label: MESSAGE_RESULTS[value],
            }))}
          />
        </Form.Item>
        {result === 'ticket' && (
          <Form.Item
            name="ticketNumber"
            label="工单编号"
            rules={[{ required: true, whitespace: true, message: '请填写工单编号' }]}
          >
            <Input autoFocus maxLength={40} />
          </Form.Item>
        )}
        <Form.Item
          name="note"
          label="说明"
          rules={[{ required: result === 'noAction', min: 2, message: '请说明无需处理的原因' }]}
        >
          <Input.TextArea maxLength={500} rows={2} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
