import { Alert, Button, Form, Result, Select, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import type { TicketView } from '../../tickets/ticket';
import { api, newKey } from '../shared/api';
import { ProblemError, faultWords } from '../shared/problem';
import { clockText, timeText } from '../shared/time';
import { ShortcutKey } from './call-card';
import { draftFaults, draftInput, isTouched, type DraftFaults, type TicketDraft } from './ticket-draft';
import { TicketFields } from './ticket-fields';
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
          <TicketFields draft={current} faults={faults} update={update} titleRef={title} />
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
