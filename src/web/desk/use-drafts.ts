import { useCallback, useEffect, useState } from 'react';
import { newKey } from '../shared/api';
import { isTouched, newDraft, readDraft, type TicketDraft } from './ticket-draft';

const NO_CALL = 'no-call';
const idOf = (draft: Pick<TicketDraft, 'callId'>) => draft.callId ?? NO_CALL;

/** What the form needs to know of the call it is written for. */
export interface DraftCall {
  callId: string;
  label: string;
  defaultCategory: string | null;
  citizenName: string;
}

export interface Drafts {
  current: TicketDraft;
  /** Written but not submitted, of other calls. */
  others: TicketDraft[];
  change: (part: Partial<TicketDraft>) => void;
  open: (callId: string | null) => void;
  /** Throws the current one away and begins again, with a new key. */
  restart: () => void;
}

/** The work orders being written, one per call, kept in the tab's session storage: a refresh loses nothing. */
export function useDrafts(personId: string, call: DraftCall | null): Drafts {
  const prefix = `hotline-draft:${personId}:`;
  const [drafts, setDrafts] = useState<TicketDraft[]>(() => load(prefix));
  const [openId, setOpenId] = useState<string>(NO_CALL);

  // A new call brings its own sheet to the front; what was being written stays among the others.
  useEffect(() => {
    if (call) setOpenId(call.callId);
  }, [call?.callId]);

  const found = drafts.find((draft) => idOf(draft) === openId);
  const current = found ?? blank(openId === NO_CALL ? null : openId, call);

  const keep = useCallback(
    (draft: TicketDraft) => {
      sessionStorage.setItem(prefix + idOf(draft), JSON.stringify(draft));
      setDrafts((was) => [...was.filter((one) => idOf(one) !== idOf(draft)), draft]);
    },
    [prefix],
  );
  useEffect(() => {
    if (!found) keep(current);
  });

  const change = useCallback((part: Partial<TicketDraft>) => keep({ ...current, ...part }), [current, keep]);
  const restart = useCallback(() => keep(blank(current.callId, call)), [call, current.callId, keep]);
  const open = useCallback((callId: string | null) => setOpenId(callId ?? NO_CALL), []);
  const others = drafts.filter((draft) => idOf(draft) !== openId && isTouched(draft) && !draft.submitted);
  return { current, others, change, open, restart };
}

function blank(callId: string | null, call: DraftCall | null): TicketDraft {
  const ours = call && call.callId === callId ? call : null;
  return newDraft({
    callId,
    label: ours?.label ?? '无来电',
    key: newKey(),
    now: Date.now(),
    categoryCode: ours?.defaultCategory,
    citizenName: ours?.citizenName,
  });
}

function load(prefix: string): TicketDraft[] {
  const found: TicketDraft[] = [];
  for (const name of Object.keys(sessionStorage)) {
    const draft = name.startsWith(prefix) ? readDraft(sessionStorage.getItem(name)) : null;
    if (draft && (isTouched(draft) || !draft.submitted)) found.push(draft);
  }
  return found;
}
