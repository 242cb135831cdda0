import {
  addressLikeness,
  DEFAULT_WEIGHTS,
  duplicateScore,
  groupOf,
  tellingWords,
  type ComparedTicket,
} from '../../src/tickets/duplicate';

const at = new Date('2026-10-12T02:00:00Z');
const ticket = (changes: Partial<ComparedTicket> = {}): ComparedTicket => ({
  numbers: ['13800000001'],
  categoryCode: 'GY-01',
  parentCode: 'GY',
  areaCode: '140403',
  address: '长兴路12号锦绣花园',
  point: null,
  words: new Set(['停水', '锦绣', '花园', '水管']),
  openedAt: at,
  ...changes,
});
const other = { numbers: ['13900000009'] };
const score = (changes: Partial<ComparedTicket>) =>
  duplicateScore(ticket(), ticket(changes), DEFAULT_WEIGHTS);

describe('one matter twice (R1)', () => {
  it('knows the same citizen with the same matter, and says why', () => {
    expect(score({})).toEqual({
      score: 125,
      sameNumber: true,
      samePlace: true,
      reasons: [
        '来电号码相同',
        '词语相同：停水、锦绣、花园、水管',
        '地址相同',
        '诉求类别相同',
        '一日之内',
        '区县相同',
      ],
    });
  });

  it.each<[string, Partial<ComparedTicket>, boolean]>([
    ['another citizen, same place and matter', other, true],
    [
      'same citizen, another matter',
      { categoryCode: 'CG-01', parentCode: 'CG', words: new Set(['占道']) },
      false,
    ],
    [
      'same matter, another place and citizen',
      { ...other, address: '英雄南路8号', areaCode: '140404' },
      false,
    ],
    ['same street, another house', { ...other, address: '长兴路99号锦绣花园' }, false],
    ['same place, another matter', { ...other, categoryCode: 'CG-01', words: new Set(['占道']) }, false],
    ['no address, another county', { ...other, address: '', areaCode: '140404' }, false],
    ['no address, many same words in one county', { ...other, address: '' }, true],
    ['nothing but the category and the day', { ...other, address: '', words: new Set() }, false],
    ['beyond the days compared', { openedAt: new Date('2026-08-01T02:00:00Z') }, false],
    [
      'another category in the same words and place',
      { ...other, categoryCode: 'CJ-05', parentCode: 'CJ' },
      true,
    ],
  ])('%s', (_, changes, expected) => {
    expect(score(changes) !== null).toBe(expected);
  });

  it('takes near points for one place, whatever is written', () => {
    const point = { longitude: 113.1, latitude: 36.2 };
    const near = { ...other, address: '锦绣花园南门', point: { longitude: 113.1, latitude: 36.202 } };
    const found = duplicateScore(ticket({ point }), ticket(near), DEFAULT_WEIGHTS);
    expect(found?.reasons).toContain('位置相距约 222 米');
    const far = { ...near, point: { longitude: 113.2, latitude: 36.2 }, words: new Set<string>() };
    expect(duplicateScore(ticket({ point }), ticket(far), DEFAULT_WEIGHTS)?.reasons ?? []).not.toContain(
      expect.stringContaining('位置'),
    );
  });

  it('follows the city’s own weights', () => {
    expect(duplicateScore(ticket(), ticket(other), { ...DEFAULT_WEIGHTS, threshold: 91 })).toBeNull();
    expect(duplicateScore(ticket(), ticket(other), { ...DEFAULT_WEIGHTS, threshold: 90 })?.score).toBe(90);
  });

  it('is the same the other way round', () => {
    for (const changes of [
      other,
      { address: '长兴路12号' },
      { categoryCode: 'GY-02' },
      { words: new Set(['停水']) },
    ])
      expect(duplicateScore(ticket(changes), ticket(), DEFAULT_WEIGHTS)?.score).toBe(score(changes)?.score);
  });
});

it.each([
  ['长治市潞州区长兴路12号', '潞州区长兴路１２号', 1],
  ['长兴路12号', '长兴路13号', 0],
  ['', '长兴路', 0],
  ['路', '路', 1],
  ['a', 'b', 0],
])('addresses %j and %j are %d alike', (one, two, likeness) => {
  expect(addressLikeness(one, two)).toBe(likeness);
});

it('compares no word that every work order has', () => {
  expect([...tellingWords(['市民', '反映', '停水', '的', '2026', '3号'])]).toEqual(['停水', '3号']);
});

it('a group is many citizens in one place, not one citizen many times', () => {
  const alike = (numbers: string[], samePlace = true) => ({ numbers, samePlace });
  const one = { numbers: ['1'] };
  expect(groupOf(one, [alike(['2']), alike(['3']), alike(['3'])], DEFAULT_WEIGHTS)).toEqual({
    tickets: 4,
    citizens: 3,
  });
  expect(groupOf(one, [alike(['1']), alike(['1']), alike(['2'])], DEFAULT_WEIGHTS)).toBeNull();
  expect(groupOf(one, [alike(['2'], false), alike(['3'], false)], DEFAULT_WEIGHTS)).toBeNull();
});
