import { Alert, Button, Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { ShortcutKey } from './call-card';
import type { Dialling } from './use-dialling';

/** 外呼: a number typed by the agent. His own phone is connected first, then the number is dialled by the hotline. */
export function DialBox({ dialling, focusRound }: { dialling: Dialling; focusRound: number }) {
  const [number, setNumber] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focusRound > 0) field.current?.focus();
  }, [focusRound]);
  const dial = async () => {
    if (!number.trim() || dialling.why !== null) return;
    if (await dialling.call({ kind: 'number', number })) setNumber('');
  };
  return (
    <section className="desk-card dial-box" aria-label="外呼">
      <h2>外呼</h2>
      <Input
        ref={(input) => {
          field.current = input?.input ?? null;
        }}
        value={number}
        maxLength={60}
        inputMode="tel"
        disabled={dialling.why !== null}
        onChange={(event) => setNumber(event.target.value)}
        onPressEnter={() => void dial()}
        placeholder={dialling.why ?? '输入号码，对方看到的是热线号码'}
        aria-label="外呼号码"
        data-testid="dial-number"
        suffix={<ShortcutKey of="consult" />}
      />
      <Button
        type="primary"
        disabled={dialling.why !== null || !number.trim()}
        loading={dialling.busy}
        onClick={() => void dial()}
      >
        拨打
      </Button>
      {dialling.refusal && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={dialling.refusal}
          closable={{ onClose: dialling.forget }}
        />
      )}
    </section>
  );
}
