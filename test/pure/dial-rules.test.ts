import fc from 'fast-check';
import {
  DEFAULT_DIAL_RULES,
  decideDial,
  dialRule,
  EMERGENCY_NUMBERS,
  RULED_KINDS,
  type DialPlan,
  type DialRule,
} from '../../src/calls/dial-rules';
import { ROLES } from '../../src/permissions';

const plan: DialPlan = {
  rules: DEFAULT_DIAL_RULES,
  areaCode: '0355',
  leadsHere: (number) => ['12345', '12319', '03552012319'].includes(number),
};
const ask = (number: string, rules = plan.rules, role: (typeof ROLES)[number] = 'agent') =>
  decideDial({ role, number }, { ...plan, rules });
const rule = (change: Partial<DialRule>): DialRule => ({
  name: '试',
  allow: true,
  roles: ['agent', 'supervisor'],
  kinds: [],
  patterns: [],
  reason: '不允许',
  send: 'whole',
  ...change,
});

test.each([
  ['13800138000', 'mobile', '13800138000'],
  ['+86 138 0013 8000', 'mobile', '13800138000'],
  ['013800138000', 'mobile', '13800138000'],
  ['17951 13800138000', 'mobile', '13800138000'],
  ['2033333', 'local', '03552033333'],
  ['(0355) 203-3333', 'local', '03552033333'],
  ['+863552033333', 'local', '03552033333'],
  ['0351-6812345', 'national', '03516812345'],
  ['010-62012319', 'national', '01062012319'],
  ['12315', 'hotline', '12315'],
  ['0351 12345', 'hotline', '035112345'],
  ['95588', 'service', '95588'],
  ['400-812-3123', 'toll', '4008123123'],
  ['800.812.3123', 'toll', '8008123123'],
  ['10086', 'carrier', '10086'],
  ['96119', 'service', '96119'],
  ['110', 'emergency', '110'],
  ['0355119', 'emergency', '119'],
  ['+86355120', 'emergency', '120'],
  ['0351-122', 'emergency', '0351122'],
])('%s is a %s number and goes out as %s', (number, kind, dial) => {
  expect(ask(number)).toMatchObject({ allowed: true, kind, dial });
});

test.each([
  ['16812345', 'premium', '声讯及信息费号码'],
  ['0355 16812345', 'premium', '声讯及信息费号码'],
  ['+86 168 12345', 'premium', '声讯及信息费号码'],
  ['0351-16012345', 'premium', '声讯及信息费号码'],
  ['12590', 'premium', '声讯及信息费号码'],
  ['01012590', 'premium', '声讯及信息费号码'],
  ['1259012345', 'premium', '声讯及信息费号码'],
  ['118114', 'premium', '声讯及信息费号码'],
  ['12121', 'premium', '声讯及信息费号码'],
  ['13491234567', 'premium', '声讯及信息费号码'],
  ['96168', 'service', '其他96短号'],
  ['0355-96168', 'service', '其他96短号'],
  ['0085223456789', 'international', '国际及港澳台号码'],
  ['+1 212 555 0123', 'international', '国际及港澳台号码'],
  ['17951 0085223456789', 'international', '国际及港澳台号码'],
  ['0012', 'international', '国际及港澳台号码'],
  ['8001', 'internal', '内部分机'],
  ['12345', 'own', '本热线号码'],
  ['0355-12345', 'own', '本热线号码'],
  ['2012319', 'own', '本热线号码'],
  ['114', 'carrier', '默认'],
  ['99999999999', 'other', '默认'],
])('%s is a %s number and is refused by %s', (number, kind, name) => {
  const verdict = ask(number);
  expect(verdict).toMatchObject({ allowed: false, kind, rule: name, dial: null });
  expect(verdict.words).toMatch(/\p{Script=Han}/u);
});

const HOSTILE = [
  '',
  ' ',
  'abc',
  '138OO138000',
  'sip:13800138000@evil.example',
  '13800138000@evil',
  '13800138000;phone-context=+86',
  '13800138000%0d',
  '13800138000\n',
  '13800138000\r\nX: y',
  '13800138000\t',
  '13800138000,1',
  '１３８００１３８０００',
  '٠١٢٣٤٥٦٧٨٩',
  '13800138000\u202e',
  '${EXTEN}',
  '110&Local/00852',
  '*21*13800138000#',
  '<13800138000>',
  '1'.repeat(4096),
  `110${' '.repeat(4096)}`,
];

test.each(HOSTILE.map((number) => [number.slice(0, 40), number]))(
  '%j never gets through',
  (_name, number) => {
    expect(ask(number, [rule({ kinds: RULED_KINDS, patterns: ['X*'] })])).toMatchObject({
      allowed: false,
      dial: null,
    });
  },
);

test('emergency numbers are open to every role that controls calls, whatever the rules say, and to no other', () => {
  const closed = [rule({ allow: false, patterns: ['X*'] })];
  for (const number of EMERGENCY_NUMBERS)
    for (const role of ROLES)
      expect([role, ask(number, closed, role).allowed]).toEqual([
        role,
        role === 'agent' || role === 'supervisor',
      ]);
});

test('the first rule that speaks of role and number decides', () => {
  const rules = [
    rule({ name: '班长', roles: ['supervisor'], kinds: ['international'], patterns: ['+852*'] }),
    rule({ name: '国际', allow: false, kinds: ['international'] }),
    rule({ name: '市话', kinds: ['local'], send: 'without-area-code' }),
    rule({ name: '分机', kinds: ['internal'], patterns: ['6XXX'] }),
    rule({ name: '声讯', kinds: ['premium'], patterns: ['16899*'] }),
  ];
  expect(ask('+85223456789', rules)).toMatchObject({ allowed: false, rule: '国际' });
  expect(ask('+85223456789', rules, 'supervisor')).toMatchObject({ rule: '班长', dial: '0085223456789' });
  expect(ask('+1 212 555 0123', rules, 'supervisor')).toMatchObject({ allowed: false, rule: '国际' });
  expect(ask('0355-2033333', rules)).toMatchObject({ rule: '市话', dial: '2033333' });
  expect(ask('6123', rules)).toMatchObject({ rule: '分机', dial: '6123' });
  expect(ask('7123', rules)).toMatchObject({ allowed: false, rule: '默认' });
  expect(ask('16899888', rules)).toMatchObject({ rule: '声讯', dial: '16899888' });
  expect(ask('16888888', rules)).toMatchObject({ allowed: false, rule: '默认' });
});

test('a wide pattern lets neither premium nor foreign nor unread numbers through', () => {
  const wide = [rule({ patterns: ['0355*', '1*', 'X*', '+X*'] })];
  for (const number of ['035516812345', '16812345', '0085223456789', '+85223456789', '0355999999999'])
    expect([number, ask(number, wide).allowed]).toEqual([number, false]);
});

test('a rule must speak of something, and say why it refuses', () => {
  expect(dialRule.safeParse(rule({})).success).toBe(false);
  expect(dialRule.safeParse(rule({ kinds: ['other'] })).success).toBe(false);
  expect(dialRule.safeParse(rule({ allow: false, kinds: ['mobile'], reason: ' ' })).success).toBe(false);
  expect(dialRule.safeParse(rule({ patterns: ['12;3'] })).success).toBe(false);
  expect(dialRule.safeParse(rule({ patterns: ['1*2'] })).success).toBe(false);
  for (const each of DEFAULT_DIAL_RULES) expect(dialRule.parse(each)).toEqual(each);
});

const digits = fc.stringMatching(/^[0-9]{1,14}$/);
const written = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .tuple(
      fc.constantFrom(
        '',
        '+86',
        '0086',
        '86',
        '0355',
        '+86355',
        '0351-',
        '17951',
        '0',
        '00',
        '+',
        '(010) ',
        '12593',
      ),
      fc.constantFrom('', '168', '160', '12590', '00852', '96', '117', '110', '138', '203', '95', '400'),
      digits,
      fc.constantFrom('', ' ', '-1', ';', '\n', '@x', '%00'),
    )
    .map((parts) => parts.join('')),
);

test('property: by the default rules nothing expensive goes out, and only digits do', () => {
  fc.assert(
    fc.property(written, fc.constantFrom('agent' as const, 'supervisor' as const), (number, role) => {
      const { allowed, dial, kind } = ask(number, plan.rules, role);
      if (!allowed) return dial === null;
      if (dial === null || !/^[0-9*#+]{1,20}$/.test(dial)) return false;
      const rest = dial.replace(/^0355/, '');
      if (/^(?:00|\+|16[08]|125|11[678])/.test(rest) || ['96110', '96119'].includes(rest))
        return rest.startsWith('96');
      return (
        !rest.startsWith('96') && !['premium', 'international', 'internal', 'other', 'own'].includes(kind)
      );
    }),
    { numRuns: 20_000 },
  );
});

const pattern = fc.stringMatching(/^\+?[0-9X]{1,4}\*?$/);
const rules = fc.array(
  fc.record({
    name: fc.constant('规则'),
    allow: fc.boolean(),
    roles: fc.constantFrom<DialRule['roles'][]>(
      ['agent'],
      ['supervisor'],
      ['agent', 'supervisor'],
    ) as fc.Arbitrary<DialRule['roles']>,
    kinds: fc.subarray(RULED_KINDS),
    patterns: fc.array(pattern, { maxLength: 3 }),
    reason: fc.constant('不允许'),
    send: fc.constantFrom('whole' as const, 'without-area-code' as const),
  }),
  { maxLength: 6 },
);

test('property: whatever the rules, what is allowed is digits and begins with no prefix refused before', () => {
  fc.assert(
    fc.property(written, rules, pattern, (number, more, refused) => {
      const first = rule({ name: '先', allow: false, patterns: [refused.replace(/\*?$/, '*')] });
      const verdict = ask(number, [first, ...more]);
      if (!verdict.allowed) return verdict.dial === null;
      if (!/^[0-9*#+]{1,20}$/.test(verdict.dial ?? '')) return false;
      if (verdict.kind === 'emergency') return true;
      const shape = new RegExp(`^${refused.replace('+', '\\+').replace(/X/g, '\\d').replace('*', '')}`);
      return !shape.test(verdict.number ?? '');
    }),
    { numRuns: 20_000 },
  );
});
