import { App, Button } from 'antd';
import { useRef } from 'react';

/** Asks before a hang-up that cuts others off too; a talk of two is ended at once. */
export function useHangUpQuestion(): (others: string[], end: () => void, leave: (() => void) | null) => void {
  const { modal } = App.useApp();
  const asking = useRef(false);
  return (others, end, leave) => {
    if (others.length === 0) return end();
    if (asking.current) return;
    asking.current = true;
    const question = modal.confirm({
      title: '结束所有人的通话？',
      content: `${others.join('、')}和诉求人都将被挂断。`,
      afterClose: () => (asking.current = false),
      footer: () => (
        <div className="hang-up-choices">
          <Button autoFocus onClick={() => question.destroy()}>
            继续通话
          </Button>
          {leave && (
            <Button
              onClick={() => {
                question.destroy();
                leave();
              }}
            >
              仅我退出
            </Button>
          )}
          <Button
            danger
            type="primary"
            data-testid="hang-up-all"
            onClick={() => {
              question.destroy();
              end();
            }}
          >
            全部挂断
          </Button>
        </div>
      ),
    });
  };
}
