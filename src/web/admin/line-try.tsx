import { Button, Descriptions, Form, Input, Select, Space, Table, Tag } from 'antd';
import { useState } from 'react';
import type { Line } from '../../lines/line';
import type { Considered, LineMatch } from '../../lines/line-match';
import { api } from '../shared/api';
import { Nothing } from '../shared/states';
import { timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { LINE_MODE_COLORS, LINE_MODE_WORDS, MATCHED_BY_WORDS } from '../shared/words';

interface Tried extends LineMatch {
  line: Line;
  at: string;
  dialledRead: { kind: string; canonical: string | null };
  greeting: { sound: string; text: string };
  queue: string;
  priority: number;
  script: string;
}
interface Asked {
  dialled: string;
  diversions?: { number: string; source: 'diversion' | 'history-info' }[];
  at?: string;
}

const SOURCES = [
  { value: 'diversion', label: 'Diversion' },
  { value: 'history-info', label: 'History-Info' },
];
const SOURCE_WORDS: Record<Considered['source'], string> = {
  diversion: 'Diversion',
  'history-info': 'History-Info',
  'called-number': '被叫号码',
};

/** "This number, diverted from that one, at that time → which line, greeting, queue, and why." */
export function LineTry() {
  const [tried, setTried] = useState<Tried | null>(null);
  const action = useAction();
  const ask = (asked: Asked) =>
    action.run(async () => {
      const diversions = (asked.diversions ?? []).filter((one) => one?.number);
      // A day and time without zone is the city's.
      const at = asked.at ? `${asked.at}:00+08:00` : undefined;
      setTried(await api.post<Tried>('/lines-try', { dialled: asked.dialled, diversions, at }));
    });
  return (
    <div className="admin-try">
      <section className="admin-card" aria-label="试算条件">
        <Form<Asked>
          layout="vertical"
          initialValues={{ dialled: '12345' }}
          onFinish={(asked) => void ask(asked)}
        >
          <Form.Item
            name="dialled"
            label="被叫号码"
            rules={[{ required: true, message: '请填写被叫号码' }]}
            extra="任意写法：12345、035512345、+8635512345、0355-2012319"
          >
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item label="经过的转移（最近的在上，市民最初拨打的在下）">
            <Form.List name="diversions">
              {(fields, { add, remove }) => (
                <>
                  {fields.map(({ key, name }) => (
                    <Space.Compact key={key} block style={{ marginBottom: 8 }}>
                      <Form.Item name={[name, 'source']} noStyle initialValue="diversion">
                        <Select options={SOURCES} style={{ width: 140 }} aria-label="来源" />
                      </Form.Item>
                      <Form.Item name={[name, 'number']} noStyle>
                        <Input maxLength={200} placeholder="号码" aria-label="转移号码" />
                      </Form.Item>
                      <Button onClick={() => remove(name)}>删除</Button>
                    </Space.Compact>
                  ))}
                  <Button
                    block
                    type="dashed"
                    disabled={fields.length >= 20}
                    onClick={() => add({ source: 'diversion' })}
                  >
                    添加转移号码
                  </Button>
                </>
              )}
            </Form.List>
          </Form.Item>
          <Form.Item name="at" label="来电时间（北京时间）" extra="留空为现在">
            <Input type="datetime-local" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={action.busy} data-testid="try-line">
            试算
          </Button>
        </Form>
      </section>
      <section className="admin-card" aria-label="试算结果" aria-live="polite">
        {tried ? <Result tried={tried} /> : <Nothing words="填写号码后，这里说明归入哪条热线以及原因" />}
      </section>
    </div>
  );
}

function Result({ tried }: { tried: Tried }) {
  const { line } = tried;
  return (
    <>
      <h2>
        {line.name} <Tag color={LINE_MODE_COLORS[line.mode]}>{LINE_MODE_WORDS[line.mode]}</Tag>
      </h2>
      <p className="admin-why" data-testid="try-why">
        {tried.why}
      </p>
      <Descriptions
        size="small"
        bordered
        column={2}
        items={[
          { key: 'number', label: '匹配号码', children: tried.matchedNumber },
          { key: 'by', label: '匹配依据', children: MATCHED_BY_WORDS[tried.matchedBy] },
          { key: 'queue', label: '队列', children: tried.queue },
          { key: 'priority', label: '优先级', children: tried.priority },
          { key: 'at', label: '时间', children: timeText(tried.at) },
          { key: 'read', label: '被叫号码读作', children: tried.dialledRead.canonical ?? '无法识别' },
          { key: 'sound', label: '问候语录音', children: tried.greeting.sound },
          { key: 'text', label: '问候语', children: tried.greeting.text || '—' },
          {
            key: 'script',
            label: '坐席脚本',
            span: 2,
            children: <span className="admin-text">{tried.script || '—'}</span>,
          },
        ]}
      />
      <h3>逐个号码的判断（各来源内从最早到最近）</h3>
      <Table<Considered & { key: number }>
        size="small"
        pagination={false}
        dataSource={tried.considered.map((one, key) => ({ ...one, key }))}
        columns={[
          { title: '来源', width: 120, render: (_, one) => SOURCE_WORDS[one.source] },
          { title: '原始写法', dataIndex: 'written' },
          { title: '读作', render: (_, one) => one.number ?? '—' },
          { title: '判断', dataIndex: 'words' },
        ]}
      />
    </>
  );
}
