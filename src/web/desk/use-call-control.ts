import { useRef } from 'react';
import type { CallAction } from '../../calls/call-actions';
import { api } from '../shared/api';
import { useAction } from '../shared/use-action';
import { callView, type CallControlName, type CallView } from './call-controls';
import { stageNow, type DeskState } from './desk-feed';
import type { Purpose } from './destination-choice';
import type { Shortcut } from './shortcuts';
import type { SeatPhone } from './use-seat-phone';

export interface CallControl {
  view: CallView;
  run: (name: CallControlName) => void;
  /** Whether the key meant something now. */
  byKey: (shortcut: Shortcut) => boolean;
  /** 请出 or 取消呼叫. */
  drop: (legId: string) => void;
  /** Calls an emergency desk into the talk, whatever else is going on. */
  emergency: (number: string) => void;
  /** Whoever this agent has sent out himself: nobody needs to tell him. */
  dropped: ReadonlySet<string>;
  busy: boolean;
}

interface Dialogs {
  destination: (purpose: Purpose) => void;
  emergency: () => void;
  /** Asks before everybody is cut off. */
  hangUp: (end: () => void) => void;
}

/** Carries out a call's buttons and keys, as its state allows. */
export function useCallControl(
  desk: DeskState,
  phone: SeatPhone,
  refresh: () => void,
  dialogs: Dialogs,
): CallControl {
  const action = useAction();
  const dropped = useRef(new Set<string>());
  const { call } = desk;
  const stage = stageNow(desk);
  const view = callView({ call, stage, phone: phone.kind, ...phone.state });
  const path = `/desk/calls/${call?.callId}`;
  const command = async (work: () => Promise<unknown>) => {
    if (await action.run(work)) refresh();
  };
  const post = (wish: string, body?: unknown) => api.post(`${path}/${wish}`, body);
  const drop = (legId: string) => {
    dropped.current.add(legId);
    return post('drop', { legId });
  };
  const hangUp = async () => {
    if (!call || stage === null || stage === 'ringing') return phone.hangUpHere();
    const heard = await action.run(() => post('hang-up'));
    // The service is away: the phone can still put the handset down.
    if (heard) refresh();
    else phone.hangUpHere();
  };
  const returnToCitizen = async () => {
    for (const { legId, barged } of call?.parties ?? []) if (!barged) await drop(legId);
    await post('resume');
  };
  const emergency = async (number: string) => {
    for (const { legId, state } of call?.parties ?? []) if (state === 'ringing') await drop(legId);
    if (stage === 'held') await post('resume');
    await post('invite', { purpose: 'threeWay', to: { kind: 'emergency', number } });
  };
  const actions: Record<CallControlName, () => void> = {
    answer: phone.answer,
    rejoin: () => void command(() => post('rejoin')),
    finishWrapUp: () => void command(() => api.post('/desk/seat/wrap-up-done')),
    hold: () => void command(() => post('hold')),
    resume: () => void command(() => post('resume')),
    merge: () => void command(() => post('resume')),
    returnToCitizen: () => void command(returnToCitizen),
    mute: () => void command(() => post('mute', { on: true })),
    unmute: () => void command(() => post('mute', { on: false })),
    pauseRecording: () => void command(() => post('recording/pause', {})),
    resumeRecording: () => void command(() => post('recording/resume')),
    consult: () => dialogs.destination('consult'),
    threeWay: () => dialogs.destination('threeWay'),
    transfer: () => dialogs.destination('transfer'),
    completeTransfer: () => void command(() => post('leave')),
    leave: () => void command(() => post('leave')),
    emergency: dialogs.emergency,
    hangUp: () => dialogs.hangUp(() => void hangUp()),
  };
  const run = (name: CallControlName) => {
    if (view.controls.includes(name)) actions[name]();
  };
  const byKey = (shortcut: Shortcut) => {
    const meant = KEY_CONTROLS[shortcut]?.find((name) => view.controls.includes(name));
    if (meant) run(meant);
    return meant !== undefined;
  };
  return {
    view,
    run,
    byKey,
    drop: (legId) => void command(() => drop(legId)),
    emergency: (number) => void command(() => emergency(number)),
    dropped: dropped.current,
    busy: action.busy,
  };
}

/** A key means the same outcome before and during a consultation. */
export const KEY_CONTROLS: Partial<Record<Shortcut, ('answer' | 'rejoin' | CallAction)[]>> = {
  answer: ['answer', 'rejoin'],
  hold: ['resume', 'returnToCitizen', 'hold'],
  mute: ['unmute', 'mute'],
  recording: ['resumeRecording', 'pauseRecording'],
  consult: ['consult'],
  threeWay: ['merge', 'threeWay'],
  transfer: ['completeTransfer', 'transfer', 'leave'],
  emergency: ['emergency'],
  hangUp: ['hangUp', 'leave'],
};
