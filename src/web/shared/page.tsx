import { App, ConfigProvider } from 'antd';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Role } from '../../permissions';
import { SessionGate } from './session';
import { ErrorBoundary } from './states';
import { theme } from './theme';
import './page.css';

dayjs.locale('zh-cn');

/**
 * Draws a page with the common look, language and error handling. With `roles` it needs a session of one of them;
 * `useSession()` then works below.
 */
export function mountPage(content: ReactNode, roles?: readonly Role[]): void {
  const place = document.getElementById('page');
  if (!place) throw new Error('The page has no place to draw in');
  createRoot(place).render(
    <StrictMode>
      <ConfigProvider locale={zhCN} theme={theme} button={{ autoInsertSpace: false }}>
        <App className="page" message={{ top: 60 }}>
          <ErrorBoundary>
            {roles ? <SessionGate roles={roles}>{content}</SessionGate> : content}
          </ErrorBoundary>
        </App>
      </ConfigProvider>
    </StrictMode>,
  );
}
