import { Alert, Button, Checkbox, Form, Input, Radio, Result, Select, TreeSelect } from 'antd';
import { useEffect, useMemo, useRef, useState, type Ref } from 'react';
import type { InputRef } from 'antd';
import {
  TICKET_TYPES,
  URGENCIES,
  type TicketType,
  type TicketView,
  type Urgency,
} from '../../tickets/ticket';
import { api, newKey } from '../shared/api';
import { areasOf } from '../shared/areas';
import { categoryTree, proposedUnit } from '../shared/category-tree';
import { useCategories, useUnits } from '../shared/directory';
import { ProblemError, faultWords } from '../shared/problem';
import { Failure } from '../shared/states';
import { clockText, timeText } from '../shared/time';
import { ShortcutKey } from './call-card';
import {
  draftFaults,
  draftInput,
  isTouched,
  proposedTitle,
  type DraftFaults,
  type TicketDraft,
} from './ticket-draft';
import type { Drafts } from './use-drafts';

interface Props {
  drafts: Drafts;
  /** Counts up with every F9: the form then takes the keyboard. */
  focusRound: number;
  /** Counts up with every Ctrl+Enter. */
  submitRound: number;
  onOpened: () => void;
}

/** 新建工单: kept while it is written, sent once. */
export function TicketForm({ drafts, focusRound, submitRound, onOpened }: Props) {
  const { current, change } = drafts;
  const [faults, setFaults] = useState<DraftFaults>({});
  const submission = useSubmission(drafts, setFaults, onOpened);
  const title = useRef<InputRef>(null);
  useEffect(() => setFaults({}), [current.key]);
  useEffect(() => {
    if (focusRound > 0) title.current?.focus();
  }, [focusRound]);
  const submit = useRef(submission.submit);
  submit.current = submission.submit;
  useEffect(() => {
    if (submitRound > 0) submit.current();
  }, [submitRound]);
  const update = (part: Partial<TicketDraft>) => {
    setFaults((was) => Object.fromEntries(Object.entries(was).filter(([field]) => !(field in part))));
    change(part);
  };
  return (
    <section className="desk-card ticket" aria-label="工单">
      <div className="ticket-head">
        <h2>工单</h2>
        <DraftChoice drafts={drafts} />
      </div>
      {current.submitted ? (
        <Opened ticket={current.submitted} onNew={drafts.restart} />
      ) : (
        <Form layout="vertical" className="ticket-form" component="div" size="middle">
          <Fields draft={current} faults={faults} update={update} titleRef={title} />
          {submission.fault !== null && (
            <SubmitFault fault={submission.fault} onAsNew={() => change({ key: newKey() })} />
          )}
          <div className="ticket-foot">
            <small>{isTouched(current) ? '草稿已自动保存' : ''}</small>
            <Button onClick={drafts.restart} disabled={submission.busy || !isTouched(current)}>
              清空
            </Button>
            <Button
              type="primary"
              loading={submission.busy}
              onClick={submission.submit}
              data-testid="ticket-submit"
            >
              提交工单 <ShortcutKey of="submitTicket" />
            </Button>
          </div>
        </Form>
      )}
    </section>
  );
}

/** Sends the draft once; the same key goes with every try, so that a lost answer does not open a second order. */
function useSubmission(drafts: Drafts, setFaults: (faults: DraftFaults) => void, onOpened: () => void) {
  const { current, change } = drafts;
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => setFault(null), [current.key]);
  const submit = async () => {
    if (busy || current.submitted) return;
    const missing = draftFaults(current);
    setFaults(missing);
    const input = draftInput(current);
    if (Object.keys(missing).length > 0 || !input) return;
    setBusy(true);
    setFault(null);
    try {
      const ticket = await api.post<TicketView>('/tickets', input, { idempotencyKey: current.key });
      const { ticketId, number, unitName, dueAt } = ticket;
      change({ submitted: { ticketId, number, unitName: unitName ?? null, dueAt: dueAt ?? null } });
      onOpened();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return { busy, fault, submit: () => void submit() };
}

function SubmitFault({ fault, onAsNew }: { fault: unknown; onAsNew: () => void }) {
  const twice = fault instanceof ProblemError && fault.code === 'idempotency-mismatch';
  const details =
    fault instanceof ProblemError ? fault.fields.map((field) => `${field.path}：${field.message}`) : [];
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={twice ? '该工单此前可能已提交成功' : faultWords(fault)}
      description={
        twice ? (
          <>
            请先核对“我的通话”中是否已有工单号，确认没有再作为新工单提交。
            <Button size="small" onClick={onAsNew}>
              作为新工单提交
            </Button>
          </>
        ) : (
          details.join('；') || undefined
        )
      }
    />
  );
}

function DraftChoice({ drafts }: { drafts: Drafts }) {
  const { current, others } = drafts;
  if (others.length === 0) return <span className="ticket-label">{current.label}</span>;
  return (
    <Select
      size="small"
      className="ticket-choice"
      aria-label="工单草稿"
      value={current.callId ?? ''}
      onChange={(callId) => drafts.open(callId || null)}
      options={[current, ...others].map((draft) => ({
        value: draft.callId ?? '',
        label: `${draft.label} · ${clockText(draft.startedAt)}${draft === current ? '' : '（未提交）'}`,
      }))}
    />
  );
}

function Opened({ ticket, onNew }: { ticket: NonNullable<TicketDraft['submitted']>; onNew: () => void }) {
  return (
    <Result
      status="success"
      className="ticket-opened"
      title={
        <>
          工单已提交 <b data-testid="ticket-number">{ticket.number}</b>
        </>
      }
      subTitle={
        ticket.unitName
          ? `已派单至${ticket.unitName}${ticket.dueAt ? `，办理时限 ${timeText(ticket.dueAt)}` : ''}`
          : '已受理，尚未派单'
      }
      extra={<Button onClick={onNew}>再建一单</Button>}
    />
  );
}

interface FieldsProps {
  draft: TicketDraft;
  faults: DraftFaults;
  update: (part: Partial<TicketDraft>) => void;
  titleRef: Ref<InputRef>;
}

function Fields({ draft, faults, update, titleRef }: FieldsProps) {
  const help = (field: keyof DraftFaults) =>
    faults[field] ? ({ validateStatus: 'error', help: faults[field] } as const) : {};
  return (
    <>
      <div className="ticket-row">
        <Form.Item label="诉求类型" required {...help('type')}>
          <Radio.Group
            value={draft.type}
            onChange={(event) => update({ type: event.target.value as TicketType })}
            optionType="button"
            options={Object.entries(TICKET_TYPES).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item label="紧急程度">
          <Radio.Group
            value={draft.urgency}
            onChange={(event) => update({ urgency: event.target.value as Urgency })}
            optionType="button"
            options={Object.entries(URGENCIES).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
      </div>
      <MatterAndPlace draft={draft} faults={faults} update={update} />
      <Form.Item label="标题" required htmlFor="ticket-title" {...help('title')}>
        <Input
          id="ticket-title"
          ref={titleRef}
          value={draft.title}
          maxLength={100}
          placeholder={proposedTitle(draft.content) || '一句话概括诉求'}
          onChange={(event) => update({ title: event.target.value })}
        />
      </Form.Item>
      <Form.Item
        label="诉求内容"
        required
        htmlFor="ticket-content"
        {...help('content')}
        className="ticket-content"
      >
        <Input.TextArea
          id="ticket-content"
          value={draft.content}
          maxLength={8000}
          rows={5}
          placeholder="时间、地点、事由、诉求"
          onChange={(event) => update({ content: event.target.value })}
          onBlur={() =>
            draft.title.trim() === '' &&
            draft.content.trim() &&
            update({ title: proposedTitle(draft.content) })
          }
        />
      </Form.Item>
      <div className="ticket-row">
        <Form.Item label="诉求人姓名" htmlFor="ticket-citizen">
          <Input
            id="ticket-citizen"
            value={draft.citizenName}
            maxLength={60}
            onChange={(event) => update({ citizenName: event.target.value })}
          />
        </Form.Item>
        <Form.Item label="其他联系电话" htmlFor="ticket-contact" {...help('contactNumber')}>
          <Input
            id="ticket-contact"
            value={draft.contactNumber}
            maxLength={40}
            inputMode="tel"
            placeholder="默认来电号码"
            onChange={(event) => update({ contactNumber: event.target.value })}
          />
        </Form.Item>
      </div>
      <Checkbox
        checked={draft.confidential}
        onChange={(event) => update({ confidential: event.target.checked })}
      >
        诉求人要求保密（承办单位不可见姓名与号码）
      </Checkbox>
    </>
  );
}

/** What it is about and where; together they propose the unit (R2), a person confirms. */
function MatterAndPlace({ draft, faults, update }: Omit<FieldsProps, 'titleRef'>) {
  const categories = useCategories();
  const units = useUnits();
  const tree = useMemo(() => categoryTree(categories.data ?? []), [categories.data]);
  const areas = useMemo(() => areasOf(units.data ?? []), [units.data]);
  const category = categories.data?.find((one) => one.code === draft.categoryCode);
  const proposal = proposedUnit(category, draft.areaCode);
  useEffect(() => {
    const proposed = proposal?.unitId ?? null;
    if (categories.data && !draft.unitChosen && proposed !== draft.unitId) update({ unitId: proposed });
  });
  return (
    <>
      {categories.error !== null && <Failure error={categories.error} onRetry={categories.reload} />}
      {units.error !== null && <Failure error={units.error} onRetry={units.reload} />}
      <Form.Item
        label="诉求分类"
        required
        htmlFor="ticket-category"
        {...(faults.categoryCode ? { validateStatus: 'error', help: faults.categoryCode } : {})}
      >
        <TreeSelect
          id="ticket-category"
          treeData={tree}
          value={categories.data ? draft.categoryCode : null}
          loading={categories.loading}
          onChange={(code: string | null) => update({ categoryCode: code ?? null })}
          placeholder="输入关键词搜索分类"
          showSearch={{ treeNodeFilterProp: 'path' }}
          treeNodeLabelProp="path"
          treeExpandAction="click"
          allowClear
          listHeight={320}
        />
      </Form.Item>
      <div className="ticket-row ticket-place">
        <Form.Item label="事发地" htmlFor="ticket-area">
          <Select
            id="ticket-area"
            value={draft.areaCode}
            onChange={(code: string | undefined) => update({ areaCode: code ?? null })}
            options={areas.map((area) => ({ value: area.code, label: area.name }))}
            placeholder="县（区）"
            showSearch={{ optionFilterProp: 'label' }}
            allowClear
          />
        </Form.Item>
        <Form.Item label="详细地址" htmlFor="ticket-address">
          <Input
            id="ticket-address"
            value={draft.address}
            maxLength={200}
            placeholder="街道、小区、门牌或路口"
            onChange={(event) => update({ address: event.target.value })}
          />
        </Form.Item>
      </div>
      <Form.Item
        label="承办单位"
        htmlFor="ticket-unit"
        help={
          draft.unitId && draft.unitId === proposal?.unitId
            ? proposal.why
            : draft.unitId
              ? '人工指定'
              : '不选则暂不派单'
        }
      >
        <Select
          id="ticket-unit"
          value={units.data ? draft.unitId : null}
          loading={units.loading}
          onChange={(unitId: string | undefined) => update({ unitId: unitId ?? null, unitChosen: true })}
          options={(units.data ?? []).map((unit) => ({ value: unit.unitId, label: unit.name }))}
          placeholder="按分类与事发地建议"
          showSearch={{ optionFilterProp: 'label' }}
          allowClear
        />
      </Form.Item>
    </>
  );
}
