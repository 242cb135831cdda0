import type { PhoneKind } from '../call-control';
import type { AriField } from './ari-operations';

/** The three objects of a phone account, in the order they must be pushed. */
export type PhoneObject = ['auth' | 'aor' | 'endpoint', AriField[]];

/**
 * The order in which codecs are offered to whoever is dialled; without it Asterisk puts µ-law first. A-law is what the
 * carrier speaks, so a talk is passed on as it is; Opus is there for a phone that lacks A-law.
 */
export const DIALLED_FORMATS = 'alaw,opus,ulaw';

const MEDIA: Record<PhoneKind, Record<string, string> & { allow: string }> = {
  // webrtc=yes switches on DTLS-SRTP, ICE, AVPF, BUNDLE and rtcp-mux, which an ordinary SIP phone does not speak. A page
  // that is gone says no goodbye: its silence ends the leg, so that the citizen is not left with nobody. A browser
  // sends audio all the time; a hardware phone may fall silent with its speaker, and hangs up itself.
  browser: {
    webrtc: 'yes',
    dtls_auto_generate_cert: 'yes',
    allow: DIALLED_FORMATS,
    rtp_timeout: '6',
    rtp_timeout_hold: '6',
  },
  sip: { allow: 'alaw,ulaw' },
};

/** The codecs to offer to a phone of this kind: what it cannot speak costs the ring time and tells it nothing. */
export const formatsOf = (kind: PhoneKind): string => MEDIA[kind].allow;

/** What is pushed to Asterisk's memory for one phone account. */
export function phoneObjects(account: string, secret: string, kind: PhoneKind): PhoneObject[] {
  return [
    ['auth', fields({ auth_type: 'userpass', username: account, password: secret })],
    [
      'aor',
      fields({
        max_contacts: '1',
        remove_existing: 'yes',
        remove_unavailable: 'yes',
        maximum_expiration: '600',
      }),
    ],
    [
      'endpoint',
      fields({
        context: 'phone',
        disallow: 'all',
        ...MEDIA[kind],
        auth: account,
        aors: account,
        language: 'zh_CN',
        direct_media: 'no',
        rtp_symmetric: 'yes',
        force_rport: 'yes',
        rewrite_contact: 'yes',
        // Transfers go through the service: a phone's REFER would rearrange talks behind its back.
        allow_transfer: 'no',
        allow_subscribe: 'no',
        device_state_busy_at: '1',
      }),
    ],
  ];
}

function fields(values: Record<string, string>): AriField[] {
  return Object.entries(values).map(([attribute, value]) => ({ attribute, value }));
}
