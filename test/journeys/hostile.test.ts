import { Scene, type Agent } from './scene';
import { until } from '../support/until';

const gbk = (prefix: string, bytes: number[], suffix: string): Buffer =>
  Buffer.concat([Buffer.from(prefix), Buffer.from(bytes), Buffer.from(suffix)]);

/** Everything a caller sends is hostile: the call is served all the same, and nothing crashes, injects or is lost. */
describe('hostile callers', () => {
  let scene: Scene;
  let agent: Agent;
  beforeAll(async () => {
    scene = await Scene.open({ agents: 1, env: { WRAP_UP_SECONDS: '0' } });
    agent = scene.agents[0]!;
  }, 90_000);
  afterAll(() => scene.close(), 30_000);
  afterEach(() => scene.calm(), 30_000);

  const from = (name: string): string => `From: ${name} <sip:13812345678@carrier.invalid>;tag=hostile`;
  const cases: [what: string, headers: (string | Buffer)[], shown: RegExp | null][] = [
    ['Chinese and emoji', [from('"张三😀👨‍👩‍👧"')], /^张三😀/],
    [
      'GBK bytes',
      [gbk('From: "', [0xd5, 0xc5, 0xc8, 0xfd], '" <sip:13812345678@x.invalid>;tag=g')],
      /^张三$/,
    ],
    [
      'bytes of no encoding',
      [gbk('From: "a', [0xff, 0xfe, 0x80], 'z" <sip:13812345678@x.invalid>;tag=b')],
      /^a.*z$/,
    ],
    ['percent escapes', [from('"%FF%0D%0AX-Evil: 1%00"')], /^[^\r\n\u0000]*$/],
    ['a script', [from('"<script>alert(1)</script>"')], /^<script>alert\(1\)<\/script>$/],
    [
      'quotes and backslashes',
      [from('"a\\"b\\\\c\';DROP TABLE calls;--"')],
      /^a"b\\?\\?c';DROP TABLE calls;--$/,
    ],
    ['dialplan expressions', [from('"${SHELL(touch /tmp/never)} $[1/0] ,|(){}"')], /SHELL/],
    [
      'folded lines',
      ['Subject: a\n X-Evil: 1', 'From: "folded"\n <sip:13812345678@carrier.invalid>;tag=f'],
      /^folded$/,
    ],
    ['4 KB of a name', [from(`"${'长'.repeat(1365)}"`)], /^长{20,}/],
    ['4 KB of another header', [`X-Long: ${'x'.repeat(4096)}`, from('"long"')], /^long$/],
    [
      'a hostile diversion',
      [
        'Diversion: "x\\"<script>" <sip:${EXTEN}%0D%0A@[::1]>;reason="a;b,c%00"',
        'History-Info: <<>>;;index=',
        from('"d"'),
      ],
      /^d$/,
    ],
    ['no number at all', ['From: <sip:carrier.invalid>;tag=n'], null],
    ['a number that is none', ['From: "x" <sip:%2B86%27;drop=1@carrier.invalid>;tag=n2'], null],
  ];

  it.each(cases)(
    '%s',
    async (_what, rawHeaders, shown) => {
      await agent.desk.ready();
      const citizen = await scene.citizen({ rawHeaders });
      const ring = await agent.phone.nextRing();
      // What reaches the phone is one clean INVITE: no header of the caller's making.
      expect(ring.invite).not.toMatch(/^X-(Evil|Long)/im);
      expect(ring.invite.split('\r\n').filter((line) => /^(From|To|Call-ID):/i.test(line))).toHaveLength(3);
      const pop = await agent.desk.pop();
      if (shown) expect(pop.caller.displayName).toMatch(shown);
      expect(pop.caller.displayName.length).toBeLessThanOrEqual(400);
      expect(pop.line.lineId).toBe('line-12345');
      await ring.answer();
      await Promise.all([citizen.hears(ring.audio), ring.hears(citizen.audio)]);
      await citizen.hangUp();
      await ring.ended();
      const record = await agent.desk.record(pop.callId);
      expect(record).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
      expect(record.callerName).toBe(pop.caller.displayName);
      const offered = record.timeline.find((event) => event.kind === 'callArrived');
      expect(offered).toMatchObject({ callerName: pop.caller.displayName });
    },
    30_000,
  );

  it('is still well after all of it', async () => {
    expect(scene.service.running()).toBe(true);
    await scene.inCommand();
    const faults = scene.service
      .logs()
      .split('\n')
      .filter((line) => /"level":(50|60)|"level":"(error|fatal)"/.test(line));
    expect(faults).toEqual([]);
    await until('no drift was repaired', async () => {
      const metrics = await (await fetch(`${scene.service.url}/metrics`)).text();
      return !/^hotline_drift_total\{.*\} [1-9]/m.test(metrics);
    });
  }, 20_000);
});
