import { Alert, Button, Drawer } from 'antd';
import type { ReactNode } from 'react';
import { faultWords } from '../shared/problem';

interface Props {
  title: string;
  size?: number;
  /** The button that saves: its word, and its name for tests. */
  save: { words: string; testId: string };
  busy: boolean;
  /** Why saving was refused; null while nothing was. */
  fault: unknown;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A drawer with one form in it: a click beside it loses nothing that was typed. */
export function FormDrawer({ title, size = 520, save, busy, fault, onSave, onClose, children }: Props) {
  return (
    <Drawer
      open
      size={size}
      title={title}
      onClose={onClose}
      mask={{ closable: false }}
      extra={
        <Button type="primary" loading={busy} onClick={onSave} data-testid={save.testId}>
          {save.words}
        </Button>
      }
    >
      {fault !== null && (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title={`未能${save.words}`}
          description={faultWords(fault)}
        />
      )}
      {children}
    </Drawer>
  );
}
