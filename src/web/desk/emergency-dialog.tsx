import { Button, Modal } from 'antd';
import { useEffect, useRef } from 'react';
import { EMERGENCY_DESKS } from '../../calls/emergency-desks';

const DESKS = Object.entries(EMERGENCY_DESKS);

/**
 * The one step between an accidental key and the police: F1, then 1 to 4 (or a click). The desk is called into the talk;
 * once it has the matter, the agent leaves the two talking (国办发〔2022〕12号).
 */
export function EmergencyDialog(props: { onPick: (number: string) => void; onClose: () => void }) {
  const { onPick, onClose } = props;
  const latest = useRef(onPick);
  latest.current = onPick;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const desk = DESKS[Number(event.key) - 1];
      if (!desk || event.ctrlKey || event.altKey || event.metaKey) return;
      // Also where the cursor stands in a text field: the digit is meant for here.
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) latest.current(desk[0]);
    };
    window.addEventListener('keydown', listener, true);
    return () => window.removeEventListener('keydown', listener, true);
  }, []);
  return (
    <Modal open width={520} title="紧急电话：按数字键立即三方通话" footer={null} onCancel={onClose}>
      <div className="emergency-desks" data-testid="emergency">
        {DESKS.map(([number, name], index) => (
          <Button key={number} size="large" danger autoFocus={index === 0} onClick={() => onPick(number)}>
            <kbd>{index + 1}</kbd>
            <b>{number}</b>
            <span>{name}</span>
          </Button>
        ))}
      </div>
      <p className="emergency-means">
        诉求人、您与对方三方通话；交接清楚后按 F10 退出，留下双方。本次通话记为紧急呼叫。Esc 返回。
      </p>
    </Modal>
  );
}
