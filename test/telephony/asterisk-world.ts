import type { AriLinkKind, Log } from '../../src/telephony/asterisk/ari-link';
import { AsteriskCallControl } from '../../src/telephony/asterisk/asterisk.adapter';
import { ownAsterisk, type OwnAsterisk } from '../support/servers';
import { pause, type FarEnd, type PhoneEnd, type World } from './call-control.conformance';
import { SipEnd } from './sip-end';
import { TcpProxy } from './tcp-proxy';

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface AsteriskWorld extends World {
  readonly asterisk: OwnAsterisk;
  readonly proxy: TcpProxy;
  readonly sip: { host: string; port: number };
  readonly outside: FarEnd & { end: SipEnd };
  control(options?: { timeoutMs?: number; log?: Log }): AsteriskCallControl;
}

/** A real Asterisk with the service's own configuration, reached through a relay that can be cut. */
export async function asteriskWorld(link: AriLinkKind | 'auto'): Promise<AsteriskWorld> {
  const sip = { host: '127.0.0.1', port: 0 };
  const outside = await SipEnd.open(sip);
  const asterisk = await ownAsterisk({ trunkHost: outside.address });
  sip.port = asterisk.sipPort;
  const ari = new URL(asterisk.ariUrl);
  const proxy = await TcpProxy.open({ host: ari.hostname, port: Number(ari.port) });
  const ends: SipEnd[] = [outside];
  const farEnd = (end: () => SipEnd | undefined): FarEnd => ({
    state: () => {
      const state = end()?.state ?? 'ringing';
      return state === 'idle' ? 'ringing' : state;
    },
    answer: () => end()?.answer(),
    hangUp: () => end()?.hangUp(),
    press: (digit) => end()?.press(digit),
    speak: (on) => {
      const speaker = end();
      if (speaker) speaker.quiet = !on;
    },
    pressed: () => end()?.digits ?? '',
    hears: async () => {
      const before = end()?.loudPackets ?? 0;
      await pause(200);
      return (end()?.loudPackets ?? 0) - before > 2;
    },
  });
  return {
    asterisk,
    proxy,
    sip,
    outside: { ...farEnd(() => outside), end: outside },
    channels: async () =>
      Number(/^(\d+) active channel/m.exec(asterisk.console('core show channels count'))?.[1]),
    control: (options = {}) =>
      new AsteriskCallControl({
        url: proxy.url,
        username: asterisk.ariUsername,
        password: asterisk.ariPassword,
        app: 'hotline',
        timeoutMs: options.timeoutMs ?? 2000,
        link,
        log: options.log ?? silent,
      }),
    citizenCalls: ({ callerNumber, callerName, dialled, diversion, hidden }) => {
      let end: SipEnd | undefined;
      const bytes = Buffer.from(callerName ?? '').toString('latin1');
      const headers = [
        ...(diversion ? [`Diversion: <sip:${diversion}@carrier>;reason=unconditional`] : []),
        ...(hidden ? ['Privacy: id'] : []),
      ];
      void SipEnd.open(sip).then((opened) => {
        ends.push((end = opened));
        end.call(dialled ?? '12345', headers, `"${bytes}" <sip:${callerNumber}@carrier>`);
      });
      return farEnd(() => end);
    },
    phone: async (account, secret): Promise<PhoneEnd> => {
      const end = await SipEnd.open(sip);
      ends.push(end);
      const registered = async (expires: number) =>
        expect(await end.register(account, secret, expires)).toBe(200);
      return {
        ...farEnd(() => end),
        register: () => registered(300),
        unregister: () => registered(0),
        onRing: (what) => (end.onInvite = what),
        call: (dialled) => end.call(dialled, [], `<sip:${account}@${sip.host}>`),
      };
    },
    cut: () => proxy.cut(),
    mend: () => proxy.mend(),
    close: async () => {
      for (const end of ends) end.close();
      await proxy.close();
      await asterisk.stop();
    },
  };
}
