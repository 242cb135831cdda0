import { readReceipts, readSendAnswer, templateVariables } from '../../src/notifications/aliyun-sms';
import { canonicalQuery, signedHeaders } from '../../src/notifications/aliyun-sms.adapter';
import type { CarriedMessage } from '../../src/notifications/message-carrier';
import {
  cleanParams,
  exampleParams,
  renderMessage,
  shownText,
  smsLength,
  TEMPLATE_CODES,
  templateOf,
  wordsFault,
} from '../../src/notifications/message-template';
import {
  addressOf,
  emailOf,
  maskAddress,
  mayLeaveAt,
  mobileOf,
  nextAttempt,
} from '../../src/notifications/outgoing';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';

describe('templates', () => {
  it.each(TEMPLATE_CODES)('%s fits its parameters and costs at most two pieces of an SMS', (code) => {
    const { words } = templateOf(code);
    expect(wordsFault(code, words)).toBeNull();
    const text = renderMessage(words, cleanParams(code, exampleParams(code)));
    expect(text).not.toMatch(/[{}]/);
    expect(smsLength(text, '长治12345').segments).toBeLessThanOrEqual(2);
  });

  it('a unit’s messages have no parameter that says who the citizen is', () => {
    const ofUnits = TEMPLATE_CODES.filter((code) => templateOf(code).audience === 'unit');
    expect(ofUnits).toHaveLength(6);
    const names = new Set(ofUnits.flatMap((code) => Object.keys(templateOf(code).params)));
    expect([...names].sort()).toEqual(['decision', 'dueAt', 'number', 'reason', 'result']);
    const told = cleanParams('unitReturnDecided', {
      ...{ number: '20261124-000001', decision: '未同意' },
      reason: '已与诉求人 13800138000 核实',
    });
    expect(told.reason).toBe('已与诉求人 138****8000 核实');
  });

  it.each([
    ['{number} {code} {phone}', '没有参数{phone}'],
    ['工单{number}已受理', '缺少参数{code}（查询码）'],
    ['工单{number}，{code', '花括号不成对'],
    ['工单{number}\n{code}', '内容含换行或不可用的字符'],
    ['工单{number}\u202e{code}', '内容含换行或不可用的字符'],
    ['【银行】{number}{code}', '签名由服务商添加，内容不能含【】'],
    ['  ', '内容不能为空'],
    [`{number}{code}${'长'.repeat(300)}`, '内容不能超过300个字'],
    ['{constructor}{number}{code}', '没有参数{constructor}'],
  ])('refuses the words %j', (words, fault) => {
    expect(wordsFault('ticketAccepted', words)).toBe(fault);
  });

  it('refuses a parameter it has not, and one that is missing', () => {
    const params = { number: '1', code: '2' };
    expect(() => cleanParams('ticketAccepted', { ...params, name: '张三' })).toThrow('no parameter name');
    expect(() => cleanParams('ticketAccepted', { number: '1' })).toThrow('lacks its parameter code');
    expect(() =>
      cleanParams('ticketAccepted', JSON.parse('{"number":"1","code":"2","__proto__":"3"}')),
    ).toThrow('no parameter __proto__');
  });

  it('cleans hostile values: line breaks, invisible and turning characters, false signatures, length', () => {
    const hostile = '停水\r\n【银行】\u202e请点\u200b击{number}\u0000' + '\ud800' + '很'.repeat(200);
    const { explanation = '' } = cleanParams('ticketExtended', {
      ...{ number: '1', dueAt: '明天' },
      explanation: hostile,
    });
    expect(explanation).toMatch(/^停水 \[银行\] 请点 击\{number\} 很+…$/);
    expect([...explanation]).toHaveLength(35);
    // A value that looks like a parameter stays what it is.
    expect(renderMessage('{explanation}', { explanation, number: '1' })).toContain('击{number}');
  });

  it('hides what would open something from those who look at the list', () => {
    const params = { number: '20261124-000001', code: '738291' };
    const text = renderMessage(templateOf('ticketAccepted').words, params);
    expect(text).toContain('738291');
    expect(shownText('ticketAccepted', text, params)).not.toContain('738291');
    expect(shownText('ticketAccepted', text, params)).toContain('查询码****');
  });

  it.each([
    [70, '', 1],
    [71, '', 2],
    [134, '', 2],
    [135, '', 3],
    [61, '长治12345', 1],
    [62, '长治12345', 2],
  ])('%d characters signed %j are %d pieces', (length, sign, segments) => {
    expect(smsLength('长'.repeat(length), sign).segments).toBe(segments);
  });
});

describe('addresses', () => {
  const open = { areaCode: '0355', open: { sms: true, email: true } };
  it.each([
    ['+86 138 0013 8000', '13800138000', null],
    ['0355-2012319', '03552012319', '不是手机号码，不能接收短信'],
    ['12345', '12345', '不是手机号码，不能接收短信'],
    ['abc\r\nBcc: x@y', '', '号码无法识别'],
    [null, '', '诉求人隐藏号码'],
  ])('SMS to %j', (number, address, why) => {
    expect(addressOf({ channel: 'sms', number }, open)).toEqual({ address, why });
  });

  it.each([
    'a@b',
    'a b@c.cn',
    'a@c.cn\r\nBcc: x@y.cn',
    'a@c.cn,b@c.cn',
    '<a@c.cn>',
    'a@-c.cn',
    `${'a'.repeat(65)}@c.cn`,
  ])('no e-mail address: %j', (written) => expect(emailOf(written)).toBeNull());
  it('are kept in one writing, and shown masked', () => {
    expect(emailOf(' Zhang@Changzhi.GOV.cn ')).toBe('zhang@changzhi.gov.cn');
    expect(maskAddress('email', 'zhang@changzhi.gov.cn')).toBe('z***@changzhi.gov.cn');
    expect(mobileOf('8613800138000', '0355')).toBe('13800138000');
    expect(mobileOf('2012319', '0355')).toBeNull();
    expect(
      addressOf({ channel: 'sms', number: '13800138000' }, { ...open, open: { sms: false, email: true } })
        .why,
    ).toBe('短信未启用');
  });
});

describe('when a message leaves', () => {
  const quiet = { from: '21:00', to: '08:00' };
  const at = (time: string) => cityInstant('2026-11-24', time);
  it.each([
    ['sms', 'ticketConcluded', '20:59', '2026年11月24日 20:59'],
    ['sms', 'ticketConcluded', '21:00', '2026年11月25日 08:00'],
    ['sms', 'ticketConcluded', '07:59', '2026年11月24日 08:00'],
    ['sms', 'ticketAccepted', '23:00', '2026年11月24日 23:00'],
    ['sms', 'unitDispatched', '23:00', '2026年11月24日 23:00'],
    ['email', 'ticketConcluded', '23:00', '2026年11月24日 23:00'],
  ] as const)('%s %s written at %s', (channel, template, time, leaves) => {
    expect(cityWords(mayLeaveAt(at(time), { channel, template }, quiet))).toBe(leaves);
  });

  it('is tried with growing gaps, at most an hour, and then no more', () => {
    const policy = { retryMs: 30_000, attempts: 6 };
    const now = new Date(0);
    const gaps = [1, 2, 3, 4, 5, 6].map((tried) => nextAttempt(now, tried, policy)?.getTime() ?? null);
    expect(gaps).toEqual([30_000, 120_000, 480_000, 1_920_000, 3_600_000, null]);
  });
});

describe('Alibaba Cloud', () => {
  /** The example of the provider's own documents (signature method V3). */
  it.each([
    [
      '3156853299f313e23d1673dc12e1703d',
      '2023-10-26T10:22:32Z',
      '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    ],
    [
      'd410180a5abf7fe235dd9b74aca91fc0',
      '2023-10-26T09:01:01Z',
      'e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804',
    ],
  ])('signs as documented (%s)', (nonce, date, signature) => {
    const query = canonicalQuery({
      RegionId: 'cn-shanghai',
      ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
    });
    const request = { host: 'ecs.cn-shanghai.aliyuncs.com', action: 'RunInstances', version: '2014-05-26' };
    const headers = signedHeaders(
      { ...request, query, nonce, at: new Date(date) },
      'YourAccessKeyId',
      'YourAccessKeySecret',
    );
    expect(headers.authorization).toContain(`Signature=${signature}`);
    expect(headers.authorization).toContain(
      'SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version',
    );
  });

  it('encodes by RFC 3986', () => {
    expect(canonicalQuery({ b: "(长治)*'!", a: 'x y~+' })).toBe(
      'a=x%20y~%2B&b=%28%E9%95%BF%E6%B2%BB%29%2A%27%21',
    );
  });

  it.each([
    [200, { Code: 'OK', Message: 'OK', BizId: '9^0' }, { kind: 'taken', providerId: '9^0' }],
    [200, { Code: 'isv.MOBILE_NUMBER_ILLEGAL' }, { kind: 'refused', again: false }],
    [200, { Code: 'isv.BUSINESS_LIMIT_CONTROL' }, { kind: 'refused', again: true }],
    [200, { Code: 'isv.AMOUNT_NOT_ENOUGH' }, { kind: 'refused', again: true }],
    [200, { Code: 'isv.SOMETHING_NEW', Message: '新的错误' }, { kind: 'refused', again: true }],
    [400, { Code: 'SignatureDoesNotMatch' }, { kind: 'refused', again: false }],
    [400, { Code: 'SignatureNonceUsed' }, { kind: 'unsure' }],
    [503, { Code: 'ServiceUnavailable' }, { kind: 'unsure' }],
    [502, null, { kind: 'unsure' }],
    [200, '<html>', { kind: 'unsure' }],
  ])('an answer of %d %j', (status, body, outcome) => {
    expect(readSendAnswer(status, body)).toMatchObject(outcome);
  });

  it('gets variables as texts, and of a link only its end', () => {
    const message = {
      template: 'followUpInvitation',
      params: { number: '20261124-000001', link: 'https://12345.example/e/7Qm2' },
    } as unknown as CarriedMessage;
    expect(JSON.parse(templateVariables(message))).toEqual({ number: '20261124-000001', link: '7Qm2' });
  });

  it('its receipts are read by our serial number', () => {
    const receipt = { biz_id: '9^0', success: false, err_code: 'MOBILE_NOT_ON_SERVICE', err_msg: '停机' };
    expect(readReceipts([{ ...receipt, out_id: 'm1' }, receipt])).toEqual([
      { messageId: 'm1', providerId: '9^0', fault: '未送达：停机（MOBILE_NOT_ON_SERVICE）' },
    ]);
  });
});
