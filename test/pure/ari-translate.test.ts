import fc from 'fast-check';
import { speaksRestOverWebsocket } from '../../src/telephony/asterisk/ari-link';
import { httpRequestOf } from '../../src/telephony/asterisk/ari-operations';
import { snapshots, translate } from '../../src/telephony/asterisk/ari-translate';
import { userToUser } from '../../src/telephony/user-to-user';

const now = new Date('2026-11-24T00:00:00Z');
const timestamp = '2026-11-24T10:36:35.598+0800';
const at = new Date('2026-11-24T02:36:35.598Z');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const channel = {
  id: '1795487795.3',
  name: 'PJSIP/trunk-00000003',
  state: 'Ring',
  caller: { name: '张三', number: '13800138000' },
  dialplan: { exten: '12345', app_name: 'Stasis' },
  creationtime: timestamp,
  channelvars: {},
};
const legId = channel.id;

describe('ARI events in our words', () => {
  it('reads an arriving call with raw headers in base64', () => {
    const earlierCallId = '0b9d3f6e-51a5-4f0e-9c53-0d8a6f1f7a11';
    const channelvars = {
      HOTLINE_FROM: base64('"李四 <四>" <sip:139@x>;tag=1'),
      HOTLINE_DIVERSION: `${base64('<sip:12319@x>;reason=unconditional')}|${base64('<tel:+86355110>')}|`,
      HOTLINE_HISTORY: base64('<sip:12333@x>;index=1, <sip:12345@x>;index=1.1'),
      HOTLINE_CONTEXT: base64(userToUser(earlierCallId)),
    };
    const event = { type: 'StasisStart', timestamp, args: ['trunk'], channel: { ...channel, channelvars } };
    expect(translate(event, now)).toEqual({
      kind: 'legArrived',
      at,
      leg: {
        legId,
        side: 'trunk',
        account: null,
        callerNumber: '13800138000',
        callerName: '李四 <四>',
        callerHidden: false,
        dialled: '12345',
        diversions: [
          { number: '12319', source: 'diversion', reason: 'unconditional' },
          { number: '+86355110', source: 'diversion', reason: null },
          { number: '12333', source: 'history-info', reason: null },
        ],
        earlierCallId,
      },
    });
  });

  it.each([
    [{ HOTLINE_PRIVACY: base64('header;id') }, '138'],
    [{ HOTLINE_PRESENTATION: 'prohib_not_screened' }, '138'],
    [{}, 'anonymous'],
  ])('respects privacy %j %s', (channelvars, number) => {
    const hidden = { ...channel, channelvars, caller: { name: 'x', number } };
    const event = { type: 'StasisStart', timestamp, args: ['trunk'], channel: hidden };
    expect(translate(event, now)).toMatchObject({
      leg: { callerNumber: null, callerName: '', callerHidden: true },
    });
  });

  it('knows a phone by its channel', () => {
    const event = {
      type: 'StasisStart',
      args: ['phone'],
      channel: { ...channel, name: 'PJSIP/seat-8-x-0000002a' },
    };
    expect(translate(event, now)).toMatchObject({ at: now, leg: { side: 'phone', account: 'seat-8-x' } });
  });

  it.each([
    [
      { type: 'StasisStart', args: ['dialled'] },
      { kind: 'legAnswered', legId, at },
    ],
    [{ type: 'StasisStart', args: ['trunk'], channel: { ...channel, dialplan: { exten: 'h' } } }, null],
    [
      { type: 'ChannelStateChange', channel: { ...channel, state: 'Ringing' } },
      { kind: 'legRinging', legId, at },
    ],
    [
      { type: 'ChannelStateChange', channel: { ...channel, state: 'Up' } },
      { kind: 'legAnswered', legId, at },
    ],
    [
      {
        type: 'ChannelStateChange',
        channel: { ...channel, state: 'Up', dialplan: { app_name: 'AppDial2' } },
      },
      null,
    ],
    [
      { type: 'ChannelDtmfReceived', digit: '#' },
      { kind: 'digitPressed', legId, digit: '#', at },
    ],
    [{ type: 'ChannelDtmfReceived', digit: '12' }, null],
    [
      { type: 'ChannelEnteredBridge', bridge: { id: 't' } },
      { kind: 'legsTalking', talkId: 't', legId, at },
    ],
    [
      { type: 'ChannelLeftBridge', bridge: { id: 't' } },
      { kind: 'legsApart', talkId: 't', legId, at },
    ],
    [
      { type: 'ChannelDestroyed', cause: 17 },
      { kind: 'legEnded', legId, cause: 'busy', q850: 17, at },
    ],
    [{ type: 'ChannelDestroyed' }, { kind: 'legEnded', legId, cause: 'normal-unspecified', q850: 0, at }],
    [
      { type: 'PlaybackFinished', playback: { id: 'p', state: 'failed', target_uri: 'channel:l' } },
      { kind: 'promptEnded', promptId: 'p', legId: 'l', completed: false, at },
    ],
    [{ type: 'PlaybackFinished', playback: { id: 'p', state: 'done', target_uri: 'bridge:l' } }, null],
    [
      { type: 'DeviceStateChanged', device_state: { name: 'PJSIP/seat-1', state: 'UNAVAILABLE' } },
      { kind: 'phoneReachable', account: 'seat-1', reachable: false, at },
    ],
    [{ type: 'DeviceStateChanged', device_state: { name: 'Custom:x', state: 'INUSE' } }, null],
    [{ type: 'SomethingNew' }, null],
    [{}, null],
  ])('%j', (event, ours) => expect(translate({ timestamp, channel, ...event }, now)).toEqual(ours));

  it('never throws, whatever comes', () => {
    const types = fc.constantFrom(
      'StasisStart',
      'ChannelStateChange',
      'ChannelDestroyed',
      'PlaybackFinished',
      'DeviceStateChanged',
    );
    fc.assert(
      fc.property(
        types,
        fc.dictionary(
          fc.constantFrom('channel', 'args', 'bridge', 'playback', 'device_state', 'timestamp'),
          fc.jsonValue(),
        ),
        (type, rest) => void translate({ ...rest, type }, now),
      ),
    );
    fc.assert(fc.property(fc.jsonValue(), (event) => void translate(event, now)));
  });

  it('takes stock of our channels only', () => {
    const list = [
      { ...channel, channelvars: { HOTLINE: '{"a":1}' } },
      { ...channel, id: 'other' },
    ];
    expect(snapshots(list, [{ id: 't', channels: [legId] }], new Set([legId]))).toEqual([
      { legId, state: 'ringing', data: '{"a":1}', talkId: 't', createdAt: at.getTime() },
    ]);
    expect(snapshots(null, 'x', new Set())).toEqual([]);
  });
});

describe('ARI requests', () => {
  it('never puts a value into a path or query unescaped', () => {
    expect(httpRequestOf('channels.hangup', { channelId: 'a/../b?c', reason_code: '16&x=1' })).toEqual({
      method: 'DELETE',
      path: 'channels/a%2F..%2Fb%3Fc?reason_code=16%26x%3D1',
      body: null,
    });
    expect(
      httpRequestOf('channels.setChannelVar', { channelId: 'a', variable: 'v', value: '%&\n' }).body,
    ).toEqual({ variable: 'v', value: '%&\n' });
    expect(() => httpRequestOf('channels.answer', {})).toThrow('channelId');
  });
});

describe('the version of Asterisk', () => {
  it.each([
    ['22.10.1+dfsg+~cs6.17', true],
    ['22.4.0', true],
    ['22.3.1', false],
    ['21.9.0', true],
    ['20.13.2', false],
    ['20.14.0', true],
    ['18.26.4', false],
    ['23.0.0', true],
    ['certified-20.14-cert1', true],
    ['GIT-master-abc', false],
  ])('%s offers REST over the websocket: %s', (version, offers) =>
    expect(speaksRestOverWebsocket(version)).toBe(offers),
  );
});
