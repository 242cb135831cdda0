import { Alert, Button, Input, Popconfirm, Select, Space, Table, Tag } from 'antd';
import type { TableProps } from 'antd';
import { useState } from 'react';
import type { Prompt, PromptGroup } from '../../intake/prompt-catalogue';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';
import { PromptHistory } from './prompt-history';
import { PromptUpload } from './prompt-upload';
import { fitting, GROUP_WORDS, ORIGIN_COLORS, ORIGIN_WORDS, secondsText, soundUrl } from './prompt-words';
import { usePlayer } from './use-player';

type Open = { kind: 'upload'; prompt: Prompt | null } | { kind: 'history'; prompt: Prompt } | null;

const options = (words: Record<string, string>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

/** Every recording callers hear: hearing, replacing, earlier versions, going back to the built-in one. */
export function PromptsPage() {
  const { may } = useSession();
  const [words, setWords] = useState('');
  const [group, setGroup] = useState<PromptGroup>();
  const [origin, setOrigin] = useState<Prompt['origin']>();
  const [open, setOpen] = useState<Open>(null);
  const resource = useResource(
    (signal) => api.get<{ prompts: Prompt[]; trouble: string | null }>('/prompts', { signal }),
    [],
  );
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) resource.reload();
  };
  return (
    <section className="admin-card" aria-label="录音列表">
      <div className="admin-bar">
        <Input
          allowClear
          placeholder="录音内容、名称或热线"
          aria-label="搜索录音"
          style={{ width: 240 }}
          onChange={(event) => setWords(event.target.value)}
        />
        <Select
          allowClear
          placeholder="用途"
          aria-label="用途"
          style={{ width: 140 }}
          options={options(GROUP_WORDS)}
          onChange={setGroup}
        />
        <Select
          allowClear
          placeholder="来源"
          aria-label="来源"
          style={{ width: 120 }}
          options={options(ORIGIN_WORDS)}
          onChange={setOrigin}
        />
        {may('prompt.edit') && (
          <div className="admin-bar-end">
            <Button type="primary" onClick={() => setOpen({ kind: 'upload', prompt: null })}>
              新增问候语
            </Button>
          </div>
        )}
      </div>
      <ResourceView resource={resource} rows={10}>
        {(data) => (
          <>
            {data.trouble && (
              <Alert type="warning" showIcon style={{ marginBottom: 12 }} title={data.trouble} />
            )}
            <PromptTable
              prompts={fitting(data.prompts, { words, group, origin })}
              onOpen={setOpen}
              onChanged={resource.reload}
            />
          </>
        )}
      </ResourceView>
      {open?.kind === 'upload' && <PromptUpload prompt={open.prompt} onClose={close} />}
      {open?.kind === 'history' && <PromptHistory prompt={open.prompt} onClose={close} />}
    </section>
  );
}

function PromptTable(props: { prompts: Prompt[]; onOpen: (open: Open) => void; onChanged: () => void }) {
  const { may } = useSession();
  const player = usePlayer();
  const columns: TableProps<Prompt>['columns'] = [
    {
      title: '录音内容',
      render: (_, prompt) => (
        <>
          <div className="admin-text">{prompt.words || '—'}</div>
          <div className="prompt-name">{prompt.name}</div>
        </>
      ),
    },
    { title: '用途', width: 110, render: (_, prompt) => GROUP_WORDS[prompt.group] },
    {
      title: '时长',
      width: 90,
      render: (_, prompt) => <span className="admin-number">{secondsText(prompt.seconds)}</span>,
      sorter: (one, other) => (one.seconds ?? 0) - (other.seconds ?? 0),
    },
    { title: '来源', width: 210, render: (_, prompt) => <Origin prompt={prompt} /> },
    { title: '使用它的热线', width: 190, render: (_, prompt) => linesText(prompt.lines) },
    {
      title: '操作',
      width: 250,
      render: (_, prompt) => {
        const url = soundUrl(prompt.name, prompt.uploaded?.versionId);
        return (
          <Space size={4}>
            <Button
              type="link"
              size="small"
              disabled={prompt.origin === 'missing'}
              onClick={() => player.toggle(url)}
            >
              {player.playing === url ? '停止' : '试听'}
            </Button>
            {may('prompt.edit') && (
              <Button type="link" size="small" onClick={() => props.onOpen({ kind: 'upload', prompt })}>
                {prompt.origin === 'missing' ? '上传' : '替换'}
              </Button>
            )}
            <Button type="link" size="small" onClick={() => props.onOpen({ kind: 'history', prompt })}>
              历史
            </Button>
            {may('prompt.edit') && prompt.uploaded && <Revert prompt={prompt} onDone={props.onChanged} />}
          </Space>
        );
      },
    },
  ];
  return (
    <Table<Prompt>
      size="small"
      rowKey="name"
      dataSource={props.prompts}
      columns={columns}
      locale={{ emptyText: '没有符合条件的录音' }}
      pagination={{ pageSize: 20, showSizeChanger: false, showTotal: (total) => `共 ${total} 段` }}
    />
  );
}

function linesText(lines: string[]): string {
  if (lines.length <= 2) return lines.join('、') || '—';
  return `${lines.slice(0, 2).join('、')}等 ${lines.length} 条`;
}

function Origin({ prompt }: { prompt: Prompt }) {
  const { uploaded } = prompt;
  return (
    <>
      <Tag color={ORIGIN_COLORS[prompt.origin]}>{ORIGIN_WORDS[prompt.origin]}</Tag>
      {prompt.origin === 'built-in' && <span className="prompt-name">合成语音</span>}
      {uploaded && <div className="prompt-name">{`${uploaded.whoName} ${timeText(uploaded.at)}`}</div>}
    </>
  );
}

function Revert({ prompt, onDone }: { prompt: Prompt; onDone: () => void }) {
  const action = useAction();
  const name = prompt.builtIn ? '恢复内置' : '移除';
  const revert = async () => {
    const done = prompt.builtIn ? '已恢复内置录音' : '已移除';
    if (await action.run(() => api.post(`/prompts/${prompt.name}/revert`), done)) onDone();
  };
  return (
    <Popconfirm
      title={prompt.builtIn ? '恢复为内置的合成录音？' : '移除这段录音？'}
      description="上传过的版本保留在历史中，可随时恢复。"
      okText={`确认${name}`}
      onConfirm={() => void revert()}
    >
      <Button type="link" size="small" danger loading={action.busy}>
        {name}
      </Button>
    </Popconfirm>
  );
}
