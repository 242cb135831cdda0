import { useCallback, useEffect, useMemo, useState } from 'react';
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
  const [openId, setOpenId] = useState<string>(call?.callId ?? NO_CALL);
  const callId = call?.callId ?? null;

  const keep = useCallback(
    (draft: TicketDraft) => {
      sessionStorage.setItem(prefix + idOf(draft), JSON.stringify(draft));
      setDrafts((was) => [...was.filter((one) => idOf(one) !== idOf(draft)), draft]);
    },
    [prefix],
  );

  const found = drafts.find((draft) => idOf(draft) === openId);
  const current = useMemo(
    () => found ?? blank(openId === NO_CALL ? null : openId, call),
    [found, openId, call],
  );
  useEffect(() => {
    if (!found) keep(current);
  }, [found, current, keep]);

  // A new call brings its own sheet to the front; what was being written stays among the others. A call that went
  // away before anything was written takes its sheet along.
  const [lastCall, setLastCall] = useState(callId);
  if (callId !== lastCall) {
    setLastCall(callId);
    if (callId !== null) setOpenId(callId);
    else if (!isTouched(current)) setOpenId(NO_CALL);
  }

  // The citizen's name comes with the story, after the sheet was opened; what the agent wrote is not replaced.
  const name = call && call.callId === current.callId ? call.citizenName : '';
  useEffect(() => {
    if (name && current.citizenName === '' && !current.submitted) keep({ ...current, citizenName: name });
    // Only when the name arrives: an agent may clear it.
  }, [name]);

  const change = useCallback((part: Partial<TicketDraft>) => keep({ ...current, ...part }), [current, keep]);
  const restart = useCallback(() => keep(blank(current.callId, call, current.label)), [call, current, keep]);
  const open = useCallback((id: string | null) => setOpenId(id ?? NO_CALL), []);
  const others = drafts.filter((draft) => idOf(draft) !== openId && isTouched(draft) && !draft.submitted);
  return { current, others, change, open, restart };
}

function blank(callId: string | null, call: DraftCall | null, label = '无来电'): TicketDraft {
  const ours = call && call.callId === callId ? call : null;
  return newDraft({
    callId,
    label: ours?.label ?? label,
    key: newKey(),
    now: Date.now(),
    categoryCode: ours?.defaultCategory,
    citizenName: ours?.citizenName,
  });
}

/** Reads what was kept; empty sheets of earlier calls are thrown away. */
function load(prefix: string): TicketDraft[] {
  const found: TicketDraft[] = [];
  for (const name of Object.keys(sessionStorage)) {
    if (!name.startsWith(prefix)) continue;
    const draft = readDraft(sessionStorage.getItem(name));
    if (draft && (isTouched(draft) || draft.submitted)) found.push(draft);
    else sessionStorage.removeItem(name);
  }
  return found;
}
