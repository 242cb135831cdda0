import { whyNotBelow, readCatalogueCells, type CategoryState } from '../../src/tickets/catalogue';
import { dispatchProposal, type DispatchCase } from '../../src/tickets/dispatch-decision';

const units = [
  { unitId: 'dept', name: '市城管局', county: null },
  { unitId: 'county', name: '襄垣县城管局', county: null },
  { unitId: 'seat', name: '襄垣县政府', county: '140423' },
  { unitId: 'other', name: '市住建局', county: null },
];
const catalogue = [
  { categoryCode: 'CG-01', areaCode: '140423', unitId: 'county' },
  { categoryCode: 'CG-01', areaCode: '', unitId: 'dept' },
];
const asked = (changes: Partial<DispatchCase> = {}): DispatchCase => ({
  areaCode: '140423',
  level: null,
  returns: 0,
  firstLeadUnitId: null,
  ...changes,
});
const propose = (
  changes: Partial<DispatchCase>,
  known: Partial<Parameters<typeof dispatchProposal>[1]> = {},
) => dispatchProposal(asked(changes), { catalogue, past: [], units, ...known });
const order = (proposal: ReturnType<typeof propose>) => proposal.candidates.map(({ unitId }) => unitId);

describe('who is proposed', () => {
  it('R2: territory first, then who is in charge', () => {
    const found = propose({});
    expect(order(found)).toEqual(['county', 'dept']);
    expect(found).toMatchObject({ unitId: 'county', clause: 'R2', final: false, forward: null });
    expect(found.why).toContain('属地管理优先');
  });

  it('R2: city level to the department, county level to the county', () => {
    expect(order(propose({ level: 'city' }))).toEqual(['dept', 'county']);
    expect(order(propose({ level: 'county' }))).toEqual(['county', 'dept', 'seat']);
    expect(order(propose({ level: 'county' }, { catalogue: [] }))).toEqual(['seat']);
  });

  it.each([
    ['province', '省级事项'],
    ['cross-city', '跨市事项'],
  ] as const)('R2: %s goes to the province’s platform', (level, words) => {
    expect(propose({ level })).toMatchObject({
      unitId: null,
      forward: { words: `${words}转省平台办理`, clause: 'R2' },
    });
  });

  it('R3: returned twice, its first recipient takes it for good', () => {
    const once = propose({ returns: 1, firstLeadUnitId: 'other' });
    expect(order(once)).not.toContain('other');
    const twice = propose({ returns: 2, firstLeadUnitId: 'other' });
    expect(twice).toMatchObject({ unitId: 'other', final: true, clause: 'R3' });
    expect(twice.why).toContain('首接负责制');
    expect(propose({ returns: 2, firstLeadUnitId: 'gone' })).toMatchObject({
      unitId: 'county',
      final: false,
    });
  });

  it('learns from what was concluded, and counts returns against it', () => {
    const past = (concluded: number, returned: number, unitId = 'other') => [{ unitId, concluded, returned }];
    expect(order(propose({}, { catalogue: [], past: past(12, 0) }))).toEqual(['other']);
    expect(order(propose({}, { catalogue: [], past: past(1, 5) }))).toEqual([]);
    expect(order(propose({}, { past: past(9, 0, 'dept') }))).toEqual(['dept', 'county']);
    expect(order(propose({}, { past: past(1, 9, 'county') }))).toEqual(['dept', 'county']);
    const [best] = propose({}, { catalogue: [], past: past(12, 3) }).candidates;
    expect(best?.reasons).toEqual([{ words: '近一年同类同地诉求由其办结 12 件，退回 3 件', clause: 'R2' }]);
  });

  it('never proposes a unit that cannot be given work, and says when there is none', () => {
    expect(propose({}, { units: [] })).toMatchObject({ unitId: null, candidates: [] });
  });
});

const category = (code: string, parentCode: string | null, active = true): [string, CategoryState] => [
  code,
  { code, parentCode, active, version: 1, name: code, utility: false, regulation: null },
];

it('a category stands below an active one without units of its own, never below itself, five deep at most', () => {
  const tree = new Map([
    ...[category('A', null), category('B', 'A'), category('C', 'B'), category('D', 'C'), category('E', 'D')],
    ...[category('X', null, false), category('Y', null), category('Z', 'Y')],
  ]);
  const why = (code: string, parent: string | null) => whyNotBelow(code, parent, tree, new Set(['Y']));
  expect([why('N', null), why('N', 'A'), why('B', null)]).toEqual([null, null, null]);
  expect(why('N', 'none')).toContain('没有这个上级类别');
  expect(why('N', 'X')).toContain('已停用');
  expect(why('N', 'Y')).toContain('已有派单目录');
  expect([why('A', 'A'), why('A', 'C')].every((words) => words?.includes('自己的下级'))).toBe(true);
  expect(why('N', 'E')).toContain('最多 5 级');
  expect(why('Y', 'D')).toContain('最多 5 级');
});

it.each([
  [['CG-01', '', 'dept'], { categoryCode: 'CG-01', areaCode: '', unit: 'dept' }],
  [["'CG-01", '140423', '市城管局'], { categoryCode: 'CG-01', areaCode: '140423', unit: '市城管局' }],
  [['', '140423', 'x'], '缺少类别编码，或编码有误'],
  [['=1+1', '', 'x'], '缺少类别编码，或编码有误'],
  [['CG-01', '襄垣', 'x'], '区县代码应为6位数字，空为全市'],
  [['CG-01', '', ' '], '缺少单位编码或单位名称'],
])('a sheet’s row %j', (cells, expected) => {
  expect(readCatalogueCells(['类别编码', '区县代码', '单位编码'], cells)).toEqual(expected);
});
