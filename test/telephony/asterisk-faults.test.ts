import { randomUUID } from 'node:crypto';
import type { AsteriskCallControl } from '../../src/telephony/asterisk/asterisk.adapter';
import { asteriskWorld, silent, type AsteriskWorld } from './asterisk-world';
import { Ear, eventually, pause } from './call-control.conformance';
import { SipEnd } from './sip-end';

const gbk = (bytes: number[]) => Buffer.from(bytes).toString('latin1');
const 张三 = gbk([0xd5, 0xc5, 0xc8, 0xfd]);

describe.each(['direct', 'ari-client'] as const)('Asterisk through the %s link', (link) => {
  let world: AsteriskWorld;
  let control: AsteriskCallControl;
  let ear: Ear;
  const ends: SipEnd[] = [];
  const faults: unknown[] = [];
  const unhandled = (fault: unknown) => faults.push(fault);

  beforeAll(async () => {
    process.on('unhandledRejection', unhandled);
    process.on('uncaughtException', unhandled);
    world = await asteriskWorld(link);
    control = world.control();
    ear = new Ear();
    await control.start(ear.listen);
  }, 60_000);
  afterAll(async () => {
    await control.stop();
    for (const end of ends) end.close();
    await world.close();
    process.off('unhandledRejection', unhandled);
    process.off('uncaughtException', unhandled);
  }, 30_000);
  afterEach(async () => {
    world.proxy.rewrite = (bytes) => bytes;
    expect(faults).toEqual([]);
    for (const { legId } of await control.legs()) await control.hangUp(legId, 'normal');
  });

  async function caller(dialled: string, from: string, headers: string[] = []) {
    const end = await SipEnd.open(world.sip);
    ends.push(end);
    const before = ear.all('legArrived').length;
    end.call(dialled, headers, from);
    await eventually(() => ear.all('legArrived').length > before);
    return { end, leg: ear.all('legArrived').at(-1)!.leg };
  }
  async function answered() {
    const { end, leg } = await caller('12345', '<sip:138@carrier>');
    await control.answer(leg.legId);
    await eventually(() => end.state === 'up');
    return { end, legId: leg.legId };
  }

  it('survives event types it does not know and text that is not JSON', async () => {
    let changed = 0;
    world.proxy.rewrite = (bytes) => {
      // Same lengths, so that the frames stay whole.
      const strange = () => (changed++ % 2 ? '"type":"PlaybackXtarted"' : '"type" "PlaybackStarted"');
      return Buffer.from(bytes.toString('latin1').replace(/"type":"PlaybackStarted"/g, strange), 'latin1');
    };
    const { end, legId } = await answered();
    for (const digit of ['digit-1', 'digit-2']) {
      const promptId = randomUUID();
      await control.play(legId, promptId, [digit]);
      await ear.hear('promptEnded', (event) => event.promptId === promptId);
    }
    end.hangUp();
    await ear.hear('legEnded', (event) => event.legId === legId);
    expect(changed).toBeGreaterThan(1);
    expect(ear.all('switchLost')).toEqual([]);
    expect(await control.legs()).toEqual([]);
  });

  it('serves hostile callers, and keeps reading its own legs', async () => {
    const one = await caller('12345', `"${张三}" <sip:138@carrier>`, [`Diversion: "${张三}" <sip:12319@x>`]);
    expect(one.leg).toMatchObject({ callerName: '张三', callerNumber: '138' });
    expect(one.leg.diversions).toMatchObject([{ number: '12319' }]);
    const two = await caller(
      '12345',
      `"${Buffer.from('😀<script>').toString('latin1')}\\"%FF%0d%0a\${SHELL(id)}" <sip:139@carrier>`,
    );
    expect(two.leg.callerName).toBe('😀<script>"%FF%0d%0a${SHELL(id)}');
    const three = await caller('12345', `"${'x'.repeat(4000)}" <sip:137@carrier>`);
    expect(three.leg.callerName.length).toBeLessThanOrEqual(80);
    const four = await caller('12%FF345', '<sip:13%FF6@carrier>', [
      `Diversion: <sip:1%0d%0a2@x>;reason=${'y'.repeat(900)}`,
    ]);
    expect(four.leg.dialled).toMatch(/^12.?345$/);
    const legs = await control.legs();
    for (const { leg, end } of [one, two, three, four]) {
      expect(legs.map(({ legId }) => legId)).toContain(leg.legId);
      end.hangUp();
      await ear.hear('legEnded', (event) => event.legId === leg.legId);
    }
  });

  it('shows hostile names on a phone without letting them out of their quotes', async () => {
    await control.admitPhone('seat-hostile', 's', 'sip');
    const phone = await SipEnd.open(world.sip);
    ends.push(phone);
    phone.onInvite = 'ring';
    expect(await phone.register('seat-hostile', 's')).toBe(200);
    const legId = randomUUID();
    const callerName = 'a" <sip:evil@x>\r\nEvil: 1\r\n,张三${SHELL(id)}';
    await control.dial({
      legId,
      to: { account: 'seat-hostile' },
      callerNumber: '138\r\n;x',
      callerName,
      timeoutSeconds: 9,
      data: '{}',
    });
    await eventually(() => phone.state === 'ringing');
    expect(Buffer.from(phone.fromHeader, 'latin1').toString()).toMatch(
      /^From: "a sip:evil@x Evil: 1 ,张三\$\{SHELL\(id\)\}" <sip:138@/,
    );
    await control.hangUp(legId, 'normal');
  });

  it('carries audio both ways, and mutes one', async () => {
    const one = await answered();
    const other = await answered();
    await control.join(randomUUID(), [one.legId, other.legId]);
    await pause(500);
    expect(one.end.loudPackets).toBeGreaterThan(10);
    expect(other.end.loudPackets).toBeGreaterThan(10);
    await control.mute(one.legId, true);
    await pause(150);
    const [oneHeard, otherHeard] = [one.end.loudPackets, other.end.loudPackets];
    await pause(400);
    expect(other.end.loudPackets - otherHeard).toBeLessThan(3);
    expect(one.end.loudPackets - oneHeard).toBeGreaterThan(10);
    for (const { end } of [one, other]) end.hangUp();
  });

  it('plays music to a waiting caller, and none after', async () => {
    const { end, legId } = await answered();
    await control.music(legId, true);
    await pause(600);
    expect(end.loudPackets).toBeGreaterThan(5);
    await control.music(legId, false);
    await pause(150);
    const heard = end.loudPackets;
    await pause(300);
    expect(end.loudPackets - heard).toBeLessThan(3);
    end.hangUp();
  });

  it('does not let one leg that is busy hold up the others', async () => {
    const [busy, other] = [await answered(), await answered()];
    await fetch(`${world.asterisk.ariUrl}/ari/channels/${busy.legId}/play?media=sound:greeting-12345`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${world.asterisk.ariUsername}:${world.asterisk.ariPassword}`).toString('base64')}`,
      },
    });
    await pause(100);
    const stuck = control.join(randomUUID(), [busy.legId]).catch((fault: unknown) => fault);
    const began = Date.now();
    expect(await control.remember(busy.legId, 'at once')).toBe('done');
    expect(await control.join(randomUUID(), [other.legId])).toBe('done');
    expect(Date.now() - began).toBeLessThan(700);
    await control.hangUp(busy.legId, 'normal');
    await stuck;
    other.end.hangUp();
  });

  it('gives every request its time limit when the switch hangs, and goes on afterwards', async () => {
    const impatient = world.control({ timeoutMs: 400 });
    await control.stop();
    const heard = new Ear();
    await impatient.start(heard.listen);
    world.proxy.stall();
    const began = Date.now();
    const results = await Promise.allSettled([
      impatient.answer('x'),
      impatient.legs(),
      impatient.phoneReachable('seat-1'),
      impatient.hangUp('x', 'normal'),
    ]);
    expect(Date.now() - began).toBeLessThan(1500);
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'switch-unavailable' } });
    await heard.hear('switchLost', () => true, 5000);
    world.proxy.flow();
    await eventually(() => heard.all('switchBack').length >= 2, 10_000);
    expect(await impatient.legs()).toEqual([]);
    await impatient.stop();
    control = world.control();
    ear = new Ear();
    await control.start(ear.listen);
  }, 30_000);

  it('connects again after more attempts than ari-client makes', async () => {
    const lost = ear.all('switchBack').length;
    world.cut();
    await pause(13_000);
    world.mend();
    await eventually(() => ear.all('switchBack').length === lost + 1, 10_000);
  }, 40_000);

  it('says that the switch is lost when another client takes its application', async () => {
    const errors: string[] = [];
    await control.stop();
    const victim = world.control({ log: { ...silent, error: (_facts, words) => void errors.push(words) } });
    const heard = new Ear();
    await victim.start(heard.listen);
    const thief = world.control();
    await thief.start(() => undefined);
    await heard.hear('switchLost');
    expect(errors.join()).toContain('taken over');
    await pause(1500);
    expect(heard.all('switchBack')).toHaveLength(1);
    await victim.stop();
    await thief.stop();
    control = world.control();
    ear = new Ear();
    await control.start(ear.listen);
  }, 20_000);

  it('admits the phones again after Asterisk was restarted', async () => {
    await control.admitPhone('seat-again', 's', 'browser');
    const backs = ear.all('switchBack').length;
    await world.asterisk.restart();
    await eventually(() => ear.all('switchBack').length === backs + 1, 20_000);
    expect(world.asterisk.console('pjsip show endpoint seat-again')).toContain('webrtc');
  }, 60_000);

  it('holds nothing after 1,000 calls', async () => {
    const before = control.holds;
    const warnings: string[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning.name);
    process.on('warning', onWarning);
    for (let round = 0; round < 50; round++) {
      const batch = await Promise.all(Array.from({ length: 20 }, () => SipEnd.open(world.sip)));
      const seen = ear.all('legArrived').length;
      for (const end of batch) end.call('12345', [], '<sip:138@carrier>');
      await eventually(() => ear.all('legArrived').length === seen + 20, 10_000);
      const legs = ear
        .all('legArrived')
        .slice(seen)
        .map(({ leg }) => leg.legId);
      await Promise.all(legs.map((legId) => control.hangUp(legId, 'busy')));
      await eventually(() => batch.every((end) => end.state === 'over'), 10_000);
      for (const end of batch) end.close();
    }
    await eventually(() => ear.all('legEnded').length >= 1000, 10_000);
    expect(control.holds).toEqual({ ...before, legs: 0, prompts: 0, joining: 0 });
    expect(await control.legs()).toEqual([]);
    expect(warnings).toEqual([]);
    process.off('warning', onWarning);
  }, 120_000);
});
