import { callCitizen, callCitizens } from '../support/sip-caller';
import { stopSipp } from '../support/sip-process';
import { SipPhones } from '../support/sip-seat';
import { ownAsterisk, type OwnAsterisk } from '../support/servers';
import { until } from '../support/until';

/** The SIP support of the journeys against Asterisk alone: two phones of the same bridge hear each other. */
describe('SIPp as citizens and seats', () => {
  let asterisk: OwnAsterisk;
  let at: { host: string; port: number };
  beforeAll(async () => {
    asterisk = await ownAsterisk({
      extraDialplan: '[trunk](+)\nexten => 77001,1,Dial(PJSIP/seat-8001,20)\n same => n,Hangup(17)\n',
      extraPjsip: [
        '[seat-8001]\ntype=auth\nauth_type=userpass\nusername=seat-8001\npassword=secret',
        '[seat-8001]\ntype=aor\nmax_contacts=1\nremove_existing=yes',
        '[seat-8001]\ntype=endpoint\naors=seat-8001\nauth=seat-8001\ncontext=phone\ndisallow=all\nallow=alaw\nrewrite_contact=yes\ndirect_media=no\n',
      ].join('\n'),
    });
    at = { host: asterisk.sipHost, port: asterisk.sipPort };
  }, 60_000);
  afterAll(async () => {
    await stopSipp();
    await asterisk.stop();
  });

  it('registers, rings, answers, speaks, hangs up, and tells when', async () => {
    const phones = await SipPhones.open(at, [{ account: 'seat-8001', secret: 'secret' }]);
    const seat = phones.seat('seat-8001');
    const call = await callCitizen({ at, to: '77001', from: '13800000001', displayName: '张三' });
    const ring = await seat.nextRing();
    expect(ring.inviteAt).toBeGreaterThan(call.inviteAt);
    await ring.answer();
    await call.answered();
    await Promise.all([call.hears(ring.audio), ring.hears(call.audio)]);
    await ring.hangUp();
    await call.ended();
    expect([call.result, ring.result]).toEqual(['was-hung-up', 'hung-up']);

    const again = await callCitizen({ at, to: '77001' });
    const second = await seat.nextRing();
    await again.hangUp();
    await second.ended();
    expect([again.result, second.result]).toEqual(['cancelled', 'cancelled']);

    for (const how of ['busy', 'decline'] as const) {
      const refused = await callCitizen({ at, to: '77001' });
      await (await seat.nextRing())[how]();
      await refused.ended();
    }
    expect(seat.rings.map((each) => each.result)).toEqual(['hung-up', 'cancelled', 'refused', 'refused']);
  }, 40_000);

  it('makes many calls from one process', async () => {
    const calls = await callCitizens(
      { at },
      Array.from({ length: 5 }, (_, index) => ({ from: `1390000000${index}` })),
    );
    for (const call of calls) await call.answered(8000);
    for (const call of calls) await call.hangUp();
    await until('no channel is left', () =>
      asterisk.console('core show channels').includes('0 active channels'),
    );
  }, 40_000);
});
