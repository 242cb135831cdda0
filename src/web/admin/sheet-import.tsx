import { Alert, Button, Modal, Space, Table, Tag } from 'antd';
import { useRef, useState } from 'react';
import { api } from '../shared/api';
import { useAction } from '../shared/use-action';
import { OUTCOME_COLORS, OUTCOME_WORDS } from './line-words';

type Outcome = keyof typeof OUTCOME_WORDS;
interface Row {
  row: number;
  outcome: Outcome;
  name: string;
  reason: string | null;
}
interface Report {
  dryRun: boolean;
  rows: Row[];
}

/** Import in two steps: the file is checked first and every row's fate shown; only then it is taken. */
export function SheetImport(props: {
  title: string;
  /** What the rows are, e.g. 热线名称. */
  nameTitle: string;
  path: string;
  hint: string;
  onClose: (changed: boolean) => void;
}) {
  const { onClose } = props;
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const action = useAction();
  const send = (chosen: File, dryRun: boolean) =>
    action.run(async () => setReport(await api.upload<Report>(props.path, chosen, { query: { dryRun } })));
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    setReport(null);
    void send(chosen, true);
  };
  const taken = report?.dryRun === false;
  const worthwhile = report?.rows.some(({ outcome }) => outcome === 'created' || outcome === 'changed');
  return (
    <Modal open width={860} title={props.title} footer={null} onCancel={() => onClose(taken)}>
      <Space style={{ marginBottom: 12 }}>
        <input
          ref={input}
          type="file"
          hidden
          accept=".csv,.xlsx"
          aria-label="选择文件"
          data-testid="import-file"
          onChange={(event) => {
            choose(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
        <Button loading={action.busy} onClick={() => input.current?.click()}>
          选择文件（xlsx 或 csv）
        </Button>
        {file && <span>{file.name}</span>}
        {file && report?.dryRun && (
          <Button
            type="primary"
            disabled={!worthwhile}
            loading={action.busy}
            onClick={() => void send(file, false)}
            data-testid="import-take"
          >
            确认导入
          </Button>
        )}
      </Space>
      {!report && (
        <Alert type="info" title={`表头与导出的文件一致：${props.hint}。选择文件后先检查，不会立即保存。`} />
      )}
      {report && <Rows report={report} nameTitle={props.nameTitle} />}
    </Modal>
  );
}

function Rows({ report, nameTitle }: { report: Report; nameTitle: string }) {
  const count = (wanted: Outcome) => report.rows.filter(({ outcome }) => outcome === wanted).length;
  const [created, changed, refused] = [count('created'), count('changed'), count('refused')];
  const unchanged = count('unchanged');
  const words = `新建 ${created} 条，修改 ${changed} 条，无变化 ${unchanged} 条，拒绝 ${refused} 条`;
  return (
    <>
      <Alert
        showIcon
        style={{ marginBottom: 12 }}
        type={refused > 0 ? 'warning' : 'success'}
        title={report.dryRun ? `检查结果（尚未保存）：将${words}` : `导入完成：${words}`}
      />
      <Table<Row>
        size="small"
        rowKey="row"
        dataSource={report.rows}
        pagination={{ pageSize: 20, hideOnSinglePage: true }}
        columns={[
          { title: '行', dataIndex: 'row', width: 60 },
          { title: nameTitle, dataIndex: 'name', width: 220 },
          {
            title: '结果',
            width: 90,
            filters: Object.entries(OUTCOME_WORDS).map(([value, text]) => ({ value, text })),
            onFilter: (value, row) => row.outcome === value,
            render: (_, row) => <Tag color={OUTCOME_COLORS[row.outcome]}>{OUTCOME_WORDS[row.outcome]}</Tag>,
          },
          { title: '原因', render: (_, row) => row.reason ?? '—' },
        ]}
      />
    </>
  );
}
