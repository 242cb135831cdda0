import type { DeskCall } from '../../src/desk/pop';

/** A talk of two as the desk shows it, with what is different. */
export function shownCall(part: Partial<DeskCall> = {}): DeskCall {
  return {
    callId: 'c',
    stage: 'talking',
    muted: false,
    recording: 'running',
    role: 'owner',
    direction: 'inbound',
    citizen: 'up',
    parties: [],
    lost: false,
    monitoredBy: [],
    heldSince: null,
    handover: null,
    invited: null,
    nuisance: null,
    about: { ticketId: null, callbackId: null },
    line: {
      lineId: 'l',
      lineName: '12345',
      mode: 'own',
      matchedNumber: '12345',
      matchedBy: 'called-number',
      queue: 'general',
      script: '',
      defaultCategory: null,
    },
    dialled: '12345',
    diversions: [],
    caller: { masked: '138****5678', hidden: false, displayName: '' },
    arrivedAt: 0,
    offeredAt: 0,
    answeredAt: 1000,
    endedAt: null,
    offerReason: '',
    ...part,
  };
}
