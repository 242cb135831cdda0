import { api } from '../shared/api';
import { useAction } from '../shared/use-action';
import { callView, type CallControlName } from './call-controls';
import { stageNow, type DeskState } from './desk-feed';
import type { Shortcut } from './shortcuts';
import type { SeatPhone } from './use-seat-phone';

/** Carries out a call's buttons and keys, as its state allows. */
export function useCallControl(desk: DeskState, phone: SeatPhone, refresh: () => void) {
  const action = useAction();
  const { call } = desk;
  const stage = stageNow(desk);
  const { controls } = callView({
    stage,
    muted: call?.muted ?? false,
    phone: phone.kind,
    ...phone.state,
  });
  const command = async (path: string, body?: unknown) => {
    if (await action.run(() => api.post(path, body))) refresh();
  };
  const hangUp = async () => {
    if (!call || stage === null) return phone.hangUpHere();
    const heard = await action.run(() => api.post(`/desk/calls/${call.callId}/hang-up`));
    // The service is away: the phone can still put the handset down.
    if (heard) refresh();
    else phone.hangUpHere();
  };
  const run = (name: CallControlName) => {
    if (!controls.includes(name)) return;
    const path = `/desk/calls/${call?.callId}`;
    if (name === 'answer') phone.answer();
    else if (name === 'hangUp') void hangUp();
    else if (name === 'finishWrapUp') void command('/desk/seat/wrap-up-done');
    else if (name === 'mute' || name === 'unmute') void command(`${path}/mute`, { on: name === 'mute' });
    else void command(`${path}/${name}`);
  };
  const byKey = (shortcut: Shortcut) => {
    const meant = KEY_CONTROLS[shortcut]?.find((name) => controls.includes(name));
    if (meant) run(meant);
  };
  return { run, byKey, busy: action.busy };
}

const KEY_CONTROLS: Partial<Record<Shortcut, CallControlName[]>> = {
  answer: ['answer'],
  hold: ['resume', 'hold'],
  mute: ['unmute', 'mute'],
  hangUp: ['hangUp'],
};
