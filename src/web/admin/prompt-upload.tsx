import { Alert, App, Button, Form, Input, Modal } from 'antd';
import { useRef, useState } from 'react';
import type { Prompt } from '../../intake/prompt-catalogue';
import { api } from '../shared/api';
import { faultWords } from '../shared/problem';
import { ACCEPTED } from './prompt-words';

interface Draft {
  name: string;
  words: string;
}

/** Replaces a recording, or adds a greeting of one's own (`prompt` null). What cannot be used changes nothing. */
export function PromptUpload({
  prompt,
  onClose,
}: {
  prompt: Prompt | null;
  onClose: (changed: boolean) => void;
}) {
  const { message } = App.useApp();
  const input = useRef<HTMLInputElement>(null);
  const [form] = Form.useForm<Draft>();
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const send = async ({ name, words }: Draft) => {
    if (!file) return;
    setBusy(true);
    setFault(null);
    try {
      const target = prompt?.name ?? `greeting-${name}`;
      await api.upload(`/prompts/${target}/recording`, file, { query: { words: words.trim() } });
      void message.success('录音已保存，下一次播放即生效');
      onClose(true);
    } catch (problem) {
      setFault(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={prompt ? `上传录音：${prompt.name}` : '新增问候语'}
      onCancel={() => onClose(false)}
      mask={{ closable: false }}
      okText="上传并使用"
      okButtonProps={{ disabled: !file, loading: busy }}
      onOk={() => form.submit()}
    >
      {fault !== null && (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title="未能使用这个文件，原录音没有变化"
          description={faultWords(fault)}
        />
      )}
      <Form<Draft>
        form={form}
        layout="vertical"
        initialValues={{ name: '', words: prompt?.origin === 'missing' ? '' : (prompt?.words ?? '') }}
        onFinish={(draft) => void send(draft)}
      >
        {!prompt && (
          <Form.Item
            name="name"
            label="名称"
            rules={[
              { required: true, message: '请填写名称' },
              { pattern: /^[a-z0-9-]{1,50}$/, message: '只能用小写字母、数字和连字符' },
            ]}
          >
            <Input prefix="greeting-" maxLength={50} placeholder="例如 12319-2027" />
          </Form.Item>
        )}
        <Form.Item
          name="words"
          label="录音内容"
          extra="照录音写下来，供坐席和管理人员查看"
          rules={[{ required: true, whitespace: true, message: '请填写录音的内容' }]}
        >
          <Input.TextArea maxLength={300} autoSize={{ minRows: 2 }} showCount />
        </Form.Item>
      </Form>
      <input
        ref={input}
        type="file"
        hidden
        accept={ACCEPTED}
        aria-label="选择录音文件"
        data-testid="prompt-file"
        onChange={(event) => {
          setFile(event.target.files?.[0] ?? null);
          setFault(null);
          event.target.value = '';
        }}
      />
      <Button onClick={() => input.current?.click()}>选择文件</Button>
      <span className="prompt-file">{file ? file.name : '尚未选择'}</span>
      <div className="prompt-name">
        WAV、MP3、M4A、AAC、OGG、OPUS、FLAC、AMR、AIFF、WMA、WEBM，20 MB、180
        秒以内；自动转换为电话音质并统一音量。
      </div>
    </Modal>
  );
}
