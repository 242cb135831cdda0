import { Input, Modal } from 'antd';
import { useState } from 'react';
import type { CallbackView } from '../../calls/callback-view';
import { api } from '../shared/api';
import { useAction } from '../shared/use-action';

/** Cancelling takes away what a citizen is owed: it wants a reason. */
export function CallbackCancel({ callback, onClose }: { callback: CallbackView; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const action = useAction();
  const cancel = async () => {
    const path = `/callbacks/${callback.callbackId}/cancel`;
    if (await action.run(() => api.post(path, { reason }), '已取消回拨')) onClose();
  };
  return (
    <Modal
      open
      title={`取消对 ${callback.masked} 的回拨？`}
      okText="取消回拨"
      cancelText="返回"
      okButtonProps={{ danger: true, disabled: reason.trim().length < 2, loading: action.busy }}
      onOk={() => void cancel()}
      onCancel={onClose}
    >
      <label htmlFor="cancel-reason">取消原因（记入审计）</label>
      <Input
        id="cancel-reason"
        autoFocus
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onPressEnter={() => reason.trim().length >= 2 && void cancel()}
      />
    </Modal>
  );
}
