import type { PartyRecord } from '../../src/calls/call-record';
import { calledIn } from '../../src/tickets/called-in';
import { identityHidden, ticketInput } from '../../src/tickets/ticket';
import { isTicketNumber, ticketNumber } from '../../src/tickets/ticket-number';
import { ticketView } from '../../src/tickets/ticket-view';
import type { ReadTicket } from '../../src/tickets/ticket-row';

describe('a ticket’s number', () => {
  it('is the day and a serial, and sorts by age', () => {
    expect(ticketNumber('2026-11-24', 123)).toBe('20261124-000123');
    const numbers = [
      ticketNumber('2026-11-24', 9),
      ticketNumber('2026-11-24', 10),
      ticketNumber('2026-11-25', 1),
    ];
    expect([...numbers].sort()).toEqual(numbers);
  });

  it.each(['', '20261124', "20261124-000123' or 1=1", '20261124-12', '２０２６1124-000123'])(
    '%j is none',
    (text) => expect(isTicketNumber(text)).toBe(false),
  );
});

describe('input', () => {
  const good = { type: 'help', categoryCode: 'SW-01', title: '停水', content: '三天没水' };
  it('is trimmed and has its defaults', () => {
    expect(ticketInput.parse({ ...good, title: ' 停水 ' })).toMatchObject({
      title: '停水',
      urgency: 'ordinary',
      unitId: null,
    });
  });
  it.each([
    { title: '' },
    { title: ' ' },
    { content: 'a\u0000b' },
    { type: 'joke' },
    { content: 'x'.repeat(8001) },
    { role: 'x' },
  ])('refuses %j', (bad) => expect(ticketInput.safeParse({ ...good, ...bad }).success).toBe(false));
});

const party = (purpose: PartyRecord['purpose'], name: string): PartyRecord => ({
  ...{ legId: name, name, purpose, seatId: null, number: '13900001111', lineId: null, emergency: false },
  ...{ by: 'a', at: 0, joinedAt: null, endedAt: null, outcome: 'answered' },
});

const NO_DETAILS = { parts: [], requests: [], urges: [], meetings: [], merged: [] };

describe('who may see the citizen', () => {
  const row = {
    state: 'dispatched',
    type: 'complaint',
    confidential: true,
    citizen_name: '张三',
    caller_number: '13800138000',
    contact_number: null,
    call_id: 'c1',
    line_name: '12345',
    part_state: null,
    part_role: null,
    longitude: null,
    latitude: null,
    article_id: null,
    refusal_kind: null,
    first_opinion_by: null,
    pending: null,
    opened_at: new Date(0),
    dispatch_by: new Date(0),
  } as ReadTicket;

  const called = calledIn(
    {
      parties: [
        { ...party('threeWay', '信访局 13900001111'), at: 2000, joinedAt: 3000, endedAt: 63_000 },
        { ...party('barge', '班长'), at: 1000 },
        { ...party('transfer', '城管局'), at: 4000, outcome: 'no-answer' },
      ],
      transfers: [{ at: 5000, by: 'a', to: 'general', seatId: null, queue: 'general' }],
    },
    { seat: () => null, queue: () => '综合' },
  );

  it('who was called in comes from the call’s record, without numbers and without the hotline’s own supervisors', () => {
    expect(called.map(({ purpose, name, outcome, seconds }) => [purpose, name, outcome, seconds])).toEqual([
      ['threeWay', '信访局 139****1111', 'answered', 60],
      ['transfer', '城管局', 'no-answer', null],
      ['transfer', '综合', 'answered', null],
    ]);
  });

  it('confidential tickets and reports hide the citizen, the call and the line from a unit', () => {
    for (const hidden of [row, { ...row, confidential: false, type: 'report' as const }]) {
      expect(identityHidden(hidden)).toBe(true);
      const view = ticketView(hidden, NO_DETAILS, [], called, 'unit');
      expect(view).toMatchObject({ citizenName: null, citizenMasked: null, callId: null, lineName: null });
      expect(JSON.stringify(view)).not.toMatch(/张三|138|c1|信访局/);
      expect(ticketView(hidden, NO_DETAILS, [], called, 'agent')).toMatchObject({
        citizenName: '张三',
        citizenMasked: '138****8000',
        calledIn: called,
      });
    }
  });

  it('an ordinary ticket shows the unit the name and a masked number', () => {
    const view = ticketView({ ...row, confidential: false }, NO_DETAILS, [], called, 'unit');
    expect(view).toMatchObject({ citizenName: '张三', citizenMasked: '138****8000' });
  });
});
