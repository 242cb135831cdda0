import { Scene, type Agent } from './scene';

/** From a citizen's phone to an agent's desk: the number that was dialled decides line, greeting, queue, pop and record. */
describe('a call reaches the right line', () => {
  let scene: Scene;
  let agent: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 1 });
    agent = scene.agents[0]!;
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const cases = [
    {
      way: 'dialled 12345',
      call: { to: '12345', from: '13835512345' },
      line: { lineId: 'line-12345', matchedBy: 'called-number', matchedNumber: '12345' },
    },
    {
      way: 'dialled as the carrier writes it, 035512345',
      call: { to: '035512345', from: '13835512346' },
      line: { lineId: 'line-12345', matchedBy: 'called-number' },
    },
    {
      way: 'a merged fixed number, 0355-2012319',
      call: { to: '03552012319', from: '13835512347' },
      line: { lineId: 'line-zhujian-fixed', matchedBy: 'called-number' },
    },
    {
      way: 'forwarded with Diversion',
      call: { to: '12345', from: '03552020202', diversion: ['03552012319'] },
      line: { lineId: 'line-zhujian-fixed', matchedBy: 'diversion' },
    },
    {
      way: 'forwarded with History-Info',
      call: { to: '12345', from: '+8613835512348', historyInfo: ['+863552012319', '12345'] },
      line: { lineId: 'line-zhujian-fixed', matchedBy: 'history-info' },
    },
  ] as const;

  it.each(cases)(
    '$way',
    async ({ call, line }) => {
      await agent.desk.ready();
      const citizen = await scene.citizen(call as Parameters<Scene['citizen']>[0]);
      const ring = await agent.phone.nextRing();
      const pop = await agent.desk.pop();
      expect(pop.line).toMatchObject(line);
      expect(pop.line.queue).toBe('general');
      expect(pop.caller.hidden).toBe(false);
      expect(pop.caller.masked).toMatch(/\*/);
      expect(pop.offerReason).not.toBe('');
      await ring.answer();
      await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
      await agent.desk.fed('talking', (entry) => entry.kind === 'call' && entry.call.stage === 'talking');
      await citizen.hangUp();
      expect(await ring.ended()).toBeGreaterThan(0);
      const record = await agent.desk.record(pop.callId, (each) => each.wrapUpEndedAt !== null);
      expect(record).toMatchObject({ outcome: 'answered', endedBy: 'citizen', line });
      expect(record.rings).toHaveLength(1);
      expect(record.rings[0]).toMatchObject({ outcome: 'answered', attempt: 1 });
      expect(record.talkMs).toBeGreaterThan(0);
      expect(record.wrapUpMs).toBeGreaterThan(500);
    },
    30_000,
  );

  it('serves a citizen who hides the number', async () => {
    await agent.desk.ready();
    const citizen = await scene.citizen({
      rawHeaders: ['From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=h1', 'Privacy: id'],
    });
    const ring = await agent.phone.nextRing();
    const pop = await agent.desk.pop();
    expect(pop.caller).toMatchObject({ hidden: true });
    expect(pop.line.lineId).toBe('line-12345');
    await ring.answer();
    await citizen.hears(ring.audio);
    await ring.hangUp();
    await citizen.ended();
    expect(citizen.result).toBe('was-hung-up');
    const record = await agent.desk.record(pop.callId);
    expect(record).toMatchObject({ outcome: 'answered', endedBy: 'seat', callerNumber: '号码隐藏' });
  }, 30_000);
});
