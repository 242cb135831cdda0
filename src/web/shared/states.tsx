import { Button, Empty, Result, Skeleton, Spin } from 'antd';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { faultWords } from './problem';
import type { Resource } from './use-resource';

/** Something is being fetched; shown in the place of what will come. */
export function Loading({ rows = 3 }: { rows?: number }) {
  return (
    <div role="status" aria-label="加载中" className="state-loading">
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

export function WholePageLoading() {
  return (
    <div className="state-page" role="status" aria-label="加载中">
      <Spin size="large" />
    </div>
  );
}

/** Nothing there: says so in words, with what to do next if there is something. */
export function Nothing({ words, children }: { words: string; children?: ReactNode }) {
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={words}>
      {children}
    </Empty>
  );
}

/** A load failed: says why, and tries again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div className="state-failure" role="alert">
      <span>{faultWords(error)}</span>
      {onRetry && (
        <Button size="small" onClick={onRetry}>
          重试
        </Button>
      )}
    </div>
  );
}

/** The three states of a loaded thing in one place; `empty` decides when there is nothing. */
export function ResourceView<T>(props: {
  resource: Resource<T>;
  empty?: (data: T) => boolean;
  emptyWords?: string;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  const { data, error, loading, reload } = props.resource;
  if (data === null)
    return loading ? <Loading rows={props.rows} /> : <Failure error={error} onRetry={reload} />;
  return (
    <>
      {error !== null && <Failure error={error} onRetry={reload} />}
      {props.empty?.(data) ? <Nothing words={props.emptyWords ?? '暂无数据'} /> : props.children(data)}
    </>
  );
}

/** A fault while drawing must not leave a blank page under a ringing phone. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { fault: unknown }> {
  override state: { fault: unknown } = { fault: null };

  static getDerivedStateFromError(fault: unknown) {
    return { fault };
  }

  override componentDidCatch(fault: unknown, info: ErrorInfo) {
    console.error('The page failed while drawing', fault, info.componentStack);
  }

  override render() {
    if (this.state.fault === null) return this.props.children;
    return (
      <Result
        status="error"
        title="页面出错了"
        subTitle="已填写的工单草稿保存在本机，刷新后可继续。"
        extra={
          <Button type="primary" onClick={() => location.reload()}>
            刷新页面
          </Button>
        }
      />
    );
  }
}
