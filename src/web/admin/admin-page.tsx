import { goTo, useHashRoute } from '../shared/hash-route';
import { RecordingAlarms } from '../shared/recording-alarms';
import { Shell } from '../shared/shell';
import { CallbacksPage } from './callbacks-page';
import { ContactsPage } from './contacts-page';
import { DialRulesPage } from './dial-rules-page';
import { LeaderShiftsPage } from './leader-shifts-page';
import { LineTry } from './line-try';
import { LinesPage } from './lines-page';
import { NuisancePage } from './nuisance-page';
import { ParallelPage } from './parallel-page';
import { PromptsPage } from './prompts-page';
import './admin.css';

const SECTIONS = [
  { key: 'lines', label: '热线整合' },
  { key: 'try', label: '号码试算' },
  { key: 'prompts', label: '录音' },
  { key: 'dial-rules', label: '外呼规则' },
  { key: 'contacts', label: '转接目标' },
  { key: 'parallel', label: '并行接听' },
  { key: 'leader-shifts', label: '领导接听' },
  { key: 'nuisance', label: '骚扰名单' },
  { key: 'callbacks', label: '漏接回拨' },
];

/** What a section of the page shows; an unknown one shows the lines. */
function Section({ name }: { name: string }) {
  if (name === 'try') return <LineTry />;
  if (name === 'prompts') return <PromptsPage />;
  if (name === 'dial-rules') return <DialRulesPage />;
  if (name === 'contacts') return <ContactsPage />;
  if (name === 'parallel') return <ParallelPage />;
  if (name === 'leader-shifts') return <LeaderShiftsPage />;
  if (name === 'nuisance') return <NuisancePage />;
  if (name === 'callbacks') return <CallbacksPage />;
  return <LinesPage />;
}

/** The administrator's page: lines, recordings, what may be dialled, outside contacts, nuisance callers, callbacks. */
export function AdminPage() {
  const [section = 'lines'] = useHashRoute();
  return (
    <Shell title="系统管理 · 12345" sections={SECTIONS} current={section} onSection={(key) => goTo(key)}>
      <div className="admin">
        <RecordingAlarms />
        <Section name={section} />
      </div>
    </Shell>
  );
}
