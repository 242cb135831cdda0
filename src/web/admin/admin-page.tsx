import { goTo, useHashRoute } from '../shared/hash-route';
import { Shell } from '../shared/shell';
import { LineTry } from './line-try';
import { LinesPage } from './lines-page';
import './admin.css';

const SECTIONS = [
  { key: 'lines', label: '热线整合' },
  { key: 'try', label: '号码试算' },
];

/** The administrator's page: lines, and the box that says which line a number leads to. */
export function AdminPage() {
  const [section = 'lines'] = useHashRoute();
  return (
    <Shell title="系统管理 · 12345" sections={SECTIONS} current={section} onSection={(key) => goTo(key)}>
      <div className="admin">{section === 'try' ? <LineTry /> : <LinesPage />}</div>
    </Shell>
  );
}
