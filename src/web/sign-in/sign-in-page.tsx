import { Alert, Button, Form, Input } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../shared/api';
import mark from '../shared/mark.svg';
import { ProblemError, faultWords } from '../shared/problem';
import type { SessionAnswer } from '../shared/session';
import { nextPage } from './next-page';
import './sign-in.css';

const asked = () => new URLSearchParams(location.search).get('next');

/** Leads an already signed-in person on. */
function useAlreadySignedIn(): void {
  useEffect(() => {
    api.get<SessionAnswer>('/me').then(
      (answer) => location.replace(nextPage(asked(), answer.person.role)),
      () => undefined,
    );
  }, []);
}

export function SignInPage() {
  useAlreadySignedIn();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const submit = async (values: { name: string; password: string }) => {
    setBusy(true);
    setFault(null);
    try {
      const answer = await api.post<SessionAnswer>('/sign-in', {
        name: values.name.trim(),
        password: values.password,
      });
      location.assign(nextPage(asked(), answer.person.role));
    } catch (error) {
      setFault(error);
      setBusy(false);
    }
  };
  return (
    <div className="sign-in">
      <section className="sign-in-name" aria-hidden="true">
        <strong>12345</strong>
        <span>政务服务热线</span>
        <small>一号对外 · 集中受理 · 分类处置 · 限时办理</small>
      </section>
      <main className="sign-in-form">
        <h1>
          <img src={mark} alt="" width={32} height={32} />
          12345 热线平台
        </h1>
        {fault !== null && <Alert type="error" showIcon title={signInFault(fault)} role="alert" />}
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={(values) => void submit(values)}
          disabled={busy}
        >
          <Form.Item
            name="name"
            label="账号"
            rules={[{ required: true, whitespace: true, message: '请输入账号' }]}
          >
            <Input size="large" autoComplete="username" autoFocus maxLength={60} />
          </Form.Item>
          <Form.Item name="password" label="密码" rules={[{ required: true, message: '请输入密码' }]}>
            <Input.Password size="large" autoComplete="current-password" maxLength={200} />
          </Form.Item>
          <Button type="primary" size="large" block htmlType="submit" loading={busy}>
            登录
          </Button>
        </Form>
        <p className="sign-in-hint">忘记密码请联系系统管理员。通话与操作全程留痕。</p>
      </main>
    </div>
  );
}

/** `not-signed-in` here can only mean a wrong pair. */
function signInFault(fault: unknown): string {
  return fault instanceof ProblemError && fault.code === 'not-signed-in'
    ? '账号或密码不正确'
    : faultWords(fault);
}
