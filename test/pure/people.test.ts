import { audienceOf } from '../../src/audiences';
import { passwordFault } from '../../src/directory/password-rules';
import { personFault, signInName } from '../../src/directory/person';
import { fitForLog, openLogger, withoutNumbers } from '../../src/platform/logger';
import { canonicalJson } from '../../src/platform/hash-chain';
import { asRefusal, isStoreAway } from '../../src/platform/http-problem';
import type { HotlineEvent, LineFacts } from '../../src/events';

describe('passwords', () => {
  it.each([
    ['short', '至少'],
    ['aaaaaaaaaaaa', '重复'],
    ['0123456789', '连续'],
    ['zyxwvutsrqpo', '连续'],
    ['password1234', '常见'],
    ['xiaoli-2026-long', '姓名'],
    ['x'.repeat(60) + 'abcdefgh'.repeat(20), '最多'],
  ])('refuses %s', (password, why) => {
    expect(passwordFault(password, ['XiaoLi', '李'])).toContain(why);
  });
  it.each(['correct horse battery', '太行山下的长治城-41', 'kX9-vw2-Lm8-qa'])('takes %s', (password) => {
    expect(passwordFault(password, ['xiaoli'])).toBeNull();
  });
});

describe('people', () => {
  it('have one writing of a sign-in name', () => {
    expect(signInName.parse('  Ａgent１ ')).toBe('agent1');
    expect(signInName.parse('张三')).toBe('张三');
    for (const bad of ['a', 'a b', "x'--", '<b>', 'x'.repeat(41), 'a\u0000b'])
      expect(signInName.safeParse(bad).success).toBe(false);
  });
  it.each([
    ['agent', null, '8001', true],
    ['agent', null, null, false],
    ['agent', 'dept-x', '8001', false],
    ['supervisor', null, null, true],
    ['unit', 'dept-x', null, true],
    ['unit', null, null, false],
    ['unit', 'dept-x', '8001', false],
    ['administrator', null, '8001', false],
    ['overseer', null, null, true],
    ['overseer', null, '8001', false],
    ['overseer', 'dept-x', null, false],
  ] as const)('role %s, unit %s, account %s: %s', (role, unitId, account, fits) => {
    expect(personFault({ role, unitId, account }) === null).toBe(fits);
  });
});

describe('audiences', () => {
  const line: LineFacts = {
    lineId: 'l',
    lineName: '市长热线',
    mode: 'forwarded',
    matchedNumber: '03552012345',
    matchedBy: 'diversion',
    queue: 'general',
  };
  const at = new Date('2026-01-02T03:04:05Z');
  const events: HotlineEvent[] = [
    {
      kind: 'callArrived',
      direction: 'inbound',
      about: { ticketId: null, callbackId: null },
      callId: 'c',
      at,
      line,
      callerNumber: '13912345678',
      callerName: '13912345678',
      dialled: '12345',
      diversions: ['13912345678'],
    },
    { kind: 'digitsEntered', callId: 'c', at, digits: '13912345678' },
  ];
  it.each(events)('never shows what a caller typed or the full number: $kind', (event) => {
    expect(JSON.stringify(audienceOf(event).shown)).not.toContain('13912345678');
  });
  it('tells a due ticket to its unit and the supervisors only', () => {
    const event: HotlineEvent = {
      kind: 'ticketDueSoon',
      at,
      ticketId: 't',
      number: 'N',
      unitId: 'dept-a',
      dueAt: at,
    };
    expect(audienceOf(event).rooms).toEqual(['unit:dept-a', 'role:supervisor']);
  });
});

describe('the log', () => {
  it.each([
    ['caller 13812345678 waits', 'caller 138******78 waits'],
    ['+8613812345678', '138******78'],
    ['0355-2012319', '035******19'],
    ['03552012319', '035******19'],
    ['queue 12345 at 1764000000000', 'queue 12345 at 1764000000000'],
    ['2f1c13812345678a', '2f1c13812345678a'],
  ])('%s', (text, fit) => {
    expect(withoutNumbers(text)).toBe(fit);
  });
  it('writes no secret and no number, at any depth and in errors', () => {
    const lines: string[] = [];
    const log = openLogger('info', { write: (line: string) => void lines.push(line) });
    const fault = Object.assign(new Error('13812345678 refused'), {
      password: 'p1',
      request: { headers: { cookie: 'c1' } },
    });
    log.error({ err: fault, call: { caller: ['13812345678'] }, token: 't1' }, 'from %s', '13812345678');
    expect(lines[0]).not.toMatch(/13812345678|"p1"|"c1"|"t1"/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      err: { type: 'Error' },
      msg: 'from 138******78',
    });
  });
  it('survives circles and depth', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(JSON.stringify(fitForLog(circle))).toContain('[deeper]');
  });
});

it('canonical JSON sorts keys at every depth and escapes what a table cannot hold', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: '\0\ud800' })).toBe(
    '{"a":"\\u0000\\ud800","b":[{"c":2,"d":1}]}',
  );
});

it('knows a store that is away from one that refuses', () => {
  expect(isStoreAway(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe(true);
  expect(isStoreAway(Object.assign(new Error('x'), { code: '57P01' }))).toBe(true);
  expect(isStoreAway(Object.assign(new Error('duplicate'), { code: '23505' }))).toBe(false);
  expect(asRefusal(new Error('boom')).code).toBe('internal-fault');
});
