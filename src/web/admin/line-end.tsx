import { Input, Modal } from 'antd';
import { useState } from 'react';
import type { Line } from '../../lines/line';
import { api } from '../shared/api';
import { dayText } from '../shared/time';
import { useAction } from '../shared/use-action';

/** Asks for the last day and for confirmation: afterwards the line's numbers are answered as 12345. */
export function LineEnd({ line, onClose }: { line: Line; onClose: (changed: boolean) => void }) {
  const [lastDay, setLastDay] = useState(line.lastDay ?? dayText(api.serverNow()));
  const action = useAction();
  const end = async () => {
    const body = { version: line.version, lastDay };
    if (await action.run(() => api.post(`/lines/${line.lineId}/end`, body), `“${line.name}”于${lastDay}停用`))
      onClose(true);
  };
  return (
    <Modal
      open
      title={`停用热线：${line.name}`}
      okText="确认停用"
      okButtonProps={{ danger: true, disabled: lastDay === '' }}
      confirmLoading={action.busy}
      onOk={() => void end()}
      onCancel={() => onClose(false)}
    >
      <p>最后一日仍按本热线接听；此后拨打 {line.numbers.join('、')} 的来电由 12345 接听，不会无人应答。</p>
      <label>
        最后一日
        <Input
          type="date"
          value={lastDay}
          min={line.firstDay}
          onChange={(event) => setLastDay(event.target.value)}
        />
      </label>
    </Modal>
  );
}
