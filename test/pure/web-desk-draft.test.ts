import { ticketInput } from '../../src/tickets/ticket';
import { categoryTree, proposedUnit } from '../../src/web/shared/category-tree';
import { areasOf } from '../../src/web/shared/areas';
import { problemWords, readProblem } from '../../src/web/shared/problem';
import { nextPage } from '../../src/web/sign-in/next-page';
import { clockText, lengthText, nearTimeText, timerText, timeText } from '../../src/web/shared/time';
import {
  draftFaults,
  draftInput,
  isTouched,
  newDraft,
  proposedTitle,
  readDraft,
} from '../../src/web/desk/ticket-draft';

const draft = newDraft({ callId: 'c1', label: '138****5678', key: 'k'.repeat(32), now: 0 });
const whole = {
  ...draft,
  type: 'complaint' as const,
  categoryCode: 'CJ-08',
  areaCode: '140403',
  title: '夜间施工噪音',
  content: '英雄中路工地夜间施工。',
};

describe('the draft of a work order', () => {
  test('says what is missing', () => {
    expect(Object.keys(draftFaults(draft))).toEqual(['type', 'categoryCode', 'title', 'content']);
    expect(draftFaults({ ...whole, contactNumber: '<script>' })).toHaveProperty('contactNumber');
    expect(draftInput(draft)).toBeNull();
  });

  test('a complete one is what the service takes', () => {
    expect(draftFaults(whole)).toEqual({});
    const input = draftInput({ ...whole, contactNumber: ' 0355-2012319 ' });
    expect(ticketInput.parse(input)).toMatchObject({
      callId: 'c1',
      contactNumber: '0355-2012319',
      unitId: null,
    });
    expect(draftInput(whole)?.contactNumber).toBeNull();
  });

  test('survives being kept as text, and rubbish is no draft', () => {
    expect(readDraft(JSON.stringify(whole))).toEqual(whole);
    for (const text of [null, '', '{', '[]', '{"callId":1}']) expect(readDraft(text)).toBeNull();
  });

  test('an empty sheet is not worth keeping, whatever the call proposed', () => {
    expect(isTouched({ ...draft, categoryCode: 'CJ-08', citizenName: '王建国', unitId: 'u' })).toBe(false);
    expect(isTouched(whole)).toBe(true);
  });

  test('proposes a title from the first sentence', () => {
    expect(proposedTitle(' 夜间施工噪音。请处理')).toBe('夜间施工噪音');
    expect(proposedTitle('长'.repeat(60))).toHaveLength(40);
  });
});

describe('the dispatch catalogue proposes the unit (R2)', () => {
  const units = [
    { areaCode: null, unitId: 'dept-zhujian' },
    { areaCode: '140403', unitId: 'county-luzhou' },
  ];
  test('territory first, then who is in charge, else nobody', () => {
    expect(proposedUnit({ units }, '140403')?.unitId).toBe('county-luzhou');
    expect(proposedUnit({ units }, '140430')?.unitId).toBe('dept-zhujian');
    expect(proposedUnit({ units }, null)?.unitId).toBe('dept-zhujian');
    expect(proposedUnit({ units: [] }, null)).toBeNull();
    expect(proposedUnit(undefined, null)).toBeNull();
  });

  test('the tree keeps orphans reachable and only leaves can be chosen', () => {
    const tree = categoryTree([
      { code: 'CJ', name: '城乡建设', parentCode: null, leaf: false, units: [] },
      { code: 'CJ-08', name: '工地扰民', parentCode: 'CJ', leaf: true, units },
      { code: 'X-1', name: '孤儿', parentCode: 'X', leaf: true, units: [] },
    ]);
    expect(tree.map((node) => [node.value, node.selectable])).toEqual([
      ['CJ', false],
      ['X-1', true],
    ]);
    expect(tree[0]?.children?.[0]?.path).toBe('城乡建设 / 工地扰民');
  });

  test('areas come from the units of counties', () => {
    const unit = {
      kind: 'county' as const,
      areaCode: '140403',
      unitId: 'county-luzhou',
      name: '潞州区便民热线办公室',
    };
    expect(areasOf([unit, { ...unit, kind: 'department', areaCode: 'city' }])).toEqual([
      { code: '140403', name: '潞州区' },
    ]);
  });
});

describe('refusals in words', () => {
  test('the service’s Chinese sentence first, ours by code otherwise', () => {
    expect(problemWords(readProblem(409, { code: 'wrong-state', detail: '通话已结束' }))).toBe('通话已结束');
    expect(problemWords(readProblem(409, { code: 'wrong-state', detail: 'conflict' }))).toBe(
      '当前状态不能进行此操作',
    );
    expect(readProblem(502, '<html>')).toMatchObject({ code: 'unreachable' });
    expect(readProblem(401, undefined).code).toBe('not-signed-in');
    expect(readProblem(400, { code: 'toString' }).code).toBe('unknown');
    expect(
      readProblem(400, { code: 'invalid-input', errors: [{ path: 'body.title', message: '太短' }] }).fields,
    ).toEqual([{ path: 'title', message: '太短' }]);
  });
});

describe('after signing in', () => {
  test.each([
    [null, '/desk'],
    ['/desk#/calls/1', '/desk#/calls/1'],
    ['/admin', '/desk'],
    ['//evil.example/desk', '/desk'],
    ['https://evil.example', '/desk'],
    ['/deskevil', '/desk'],
    ['/wallboard', '/desk'],
  ])('%s leads an agent to %s', (asked, page) => expect(nextPage(asked, 'agent')).toBe(page));

  test('who may see the wallboard comes back to it', () => {
    expect(nextPage('/wallboard', 'supervisor')).toBe('/wallboard');
    expect(nextPage('/wallboard', 'administrator')).toBe('/wallboard');
    expect(nextPage('/wallboardevil', 'supervisor')).toBe('/desk');
  });

  test('an overseer has one page, which administrators may see too', () => {
    expect(nextPage(null, 'overseer')).toBe('/oversight');
    expect(nextPage('/wallboard', 'overseer')).toBe('/oversight');
    expect(nextPage('/oversight#/audit', 'administrator')).toBe('/oversight#/audit');
    expect(nextPage('/oversight', 'agent')).toBe('/desk');
  });
});

describe('times are the city’s', () => {
  const noon = Date.parse('2026-11-24T04:05:09Z');
  test('whatever zone the computer has', () => {
    expect(timeText(noon)).toBe('2026-11-24 12:05');
    expect(clockText('2026-11-24T16:00:00Z', true)).toBe('00:00:00');
    expect(nearTimeText(noon, noon)).toBe('今天 12:05');
    expect(nearTimeText(noon - 86_400_000, noon)).toBe('昨天 12:05');
    expect(nearTimeText('2025-12-31T16:00:00Z', noon)).toBe('01-01 00:00');
    expect(timeText(null)).toBe('—');
  });
  test('lengths', () => {
    expect(timerText(61_500)).toBe('01:01');
    expect(timerText(3_661_000)).toBe('1:01:01');
    expect(timerText(-5)).toBe('00:00');
    expect(lengthText(185)).toBe('3 分 5 秒');
    expect(lengthText(7)).toBe('7 秒');
  });
});
