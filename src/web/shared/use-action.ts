import { App } from 'antd';
import { useCallback, useState } from 'react';
import { faultWords } from './problem';

/**
 * Runs a command of the user: one at a time, with its failure said in Chinese. `run` answers whether it went well.
 * Example: `const save = useAction(); <Button loading={save.busy} onClick={() => save.run(() => api.post('/lines', line), '已保存')}>`
 */
export function useAction(): {
  busy: boolean;
  run: (work: () => Promise<unknown>, done?: string) => Promise<boolean>;
} {
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const run = useCallback(
    async (work: () => Promise<unknown>, done?: string) => {
      setBusy(true);
      try {
        await work();
        if (done) void message.success(done);
        return true;
      } catch (fault) {
        void message.error(faultWords(fault));
        return false;
      } finally {
        setBusy(false);
      }
    },
    [message],
  );
  return { busy, run };
}
