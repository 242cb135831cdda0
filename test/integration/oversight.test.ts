import { foldRecord } from '../../src/calls/call-record';
import { CallRecordStore } from '../../src/calls/call-record.store';
import { callRoutes } from '../../src/calls/call.routes';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { systemClock } from '../../src/platform/clock';
import { ticketRoutes } from '../../src/tickets/ticket.routes';
import type { TicketView } from '../../src/tickets/ticket';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, person, ticketDesk } from '../support/ticket-desk';
import { startWeb, type Visitor, type Web } from '../support/web';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desk: ReturnType<typeof ticketDesk>;
let web: Web;
let overseer: Visitor;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const servers = { postgresUrl: database.url, redisUrl: redis.url };
  desk = ticketDesk({ ...servers, clock: systemClock });
  await seedDemoCategories(desk.db);
  const calls = callRoutes({
    records: new CallRecordStore(desk.db),
    audit: { append: async () => undefined },
    liveNumber: () => null,
    ticketNumbers: (callIds) => desk.read.numbersByCall(callIds),
    ofHiddenCitizens: async (callIds) => {
      const found = await desk.read.sharedByCall(callIds);
      return new Set(found.filter(({ hidden }) => hidden).map(({ callId }) => callId));
    },
    nameOf: () => null,
  });
  web = await startWeb({ ...servers, routes: [...ticketRoutes(desk), ...calls] });
  overseer = await web.visitorAs('overseer');
});
afterAll(async () => {
  await web?.stop();
  await desk?.stop();
  await redis?.stop();
  await database?.drop();
});

async function aCall(callId: string, direction: 'inbound' | 'outbound' = 'inbound') {
  const record = foldRecord([
    {
      kind: 'callArrived',
      at: new Date('2026-11-24T01:00:00Z'),
      callId,
      line: {
        ...{ lineId: 'line-12345', lineName: '12345', mode: 'own', matchedNumber: '12345' },
        ...{ matchedBy: 'called-number', queue: 'general' },
      },
      callerNumber: '13800138000',
      callerName: '张三 13800138000',
      dialled: direction === 'inbound' ? '12345' : '013800138000',
      diversions: ['13900139000'],
      direction,
      about: { ticketId: null, callbackId: null },
    },
  ]);
  const row = { call_id: callId, line_id: 'line-12345', arrived_at: new Date(), outcome: 'open', record };
  await desk.db('call_records').insert(row);
}

describe('an overseer (G1)', () => {
  it('sees work orders with their timeline, and never who a hidden citizen is', async () => {
    await aCall('call-1');
    const agent = person('agent');
    const plain = await desk.tickets.open(aTicket({ callId: 'call-1', citizenName: '张三' }), agent);
    const seen = (await overseer.call('GET', `/api/tickets/${plain.ticketId}`)).body as unknown as TicketView;
    expect(seen).toMatchObject({ citizenName: '张三', citizenMasked: '138****8000', actions: [] });
    expect(seen.timeline.map(({ kind }) => kind)).toEqual(['opened']);
    const shown = await overseer.call('GET', '/api/calls/call-1');
    expect(shown.body).toMatchObject({ record: { callerNumber: '138****8000' } });
    expect(shown.text).not.toContain('13800138000');

    const report = aTicket({ callId: 'call-1', citizenName: '李四', type: 'report' });
    const { ticketId } = await desk.tickets.open(report, agent);
    const hidden = await overseer.call('GET', `/api/tickets/${ticketId}`);
    expect(hidden.body).toMatchObject({ citizenName: null, citizenMasked: null, callId: null });
    const texts = [
      hidden.text,
      (await overseer.call('GET', '/api/calls/call-1')).text,
      (await overseer.call('GET', '/api/calls')).text,
    ];
    for (const text of texts) expect(text).not.toMatch(/李四|138\*|8000|张三/);
    expect((await overseer.call('POST', `/api/tickets/${plain.ticketId}/number`)).status).toBe(403);
  });

  it('reads no number in an outbound call’s record, nor in the audit trail', async () => {
    await aCall('call-2', 'outbound');
    const list = await overseer.call('GET', '/api/calls');
    expect(list.text).toContain('call-2');
    expect(list.text).not.toMatch(/13800138000|13900139000/);
    const facts = {
      after: { number: '13800138000', words: '来电 0355-2012319', day: '2026-11-24' },
      ticket: '20261124-000123',
    };
    await web.audit.append({ who: 'p', action: 'x.y', subject: 's', facts });
    const read = async (visitor: Visitor) =>
      ((await visitor.call('GET', '/api/audit?action=x.y')).body as unknown as { facts: unknown }[])[0]
        ?.facts;
    expect(await read(await web.visitorAs('administrator'))).toEqual(facts);
    expect(await read(overseer)).toEqual({
      after: { number: '138****8000', words: '来电 0355***2319', day: '2026-11-24' },
      ticket: '20261124-000123',
    });
  });
});
