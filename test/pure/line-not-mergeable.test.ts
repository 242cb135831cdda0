import { HotlineError } from '../../src/errors';
import { notMergeable, refuseNotMergeable } from '../../src/lines/not-mergeable';

const HOME = '0355';

describe('lines that are never merged (M0)', () => {
  test.each([
    '110',
    '119',
    '120',
    '122',
    '0355-110',
    '0355 119',
    '+86355120',
    '+86 122',
    '010-110',
    '１１０',
    '0110',
    'sip:110@10.0.0.1',
    '110;user=phone',
    '12368',
    '0355-12309',
    '+8635512388',
    '12339',
    '0086355110',
  ])('number %s', (number) => {
    expect(notMergeable({ numbers: ['2012319', number], name: '便民热线' }, HOME)).toMatchObject({
      clause: 'M0',
      number,
    });
  });

  test.each<[string, string | null, string | null]>([
    ['市人大常委会热线', null, null],
    ['市人民代表大会信访电话', null, null],
    ['政协提案热线', null, null],
    ['市中级人民法院', null, null],
    ['检察服务热线', null, null],
    ['纪检监察举报', null, null],
    ['监委来访电话', null, null],
    ['国家安全热线', null, null],
    ['国 家 安 全 热线', null, null],
    ['举报电话', '长治市纪委监委', null],
    ['诉讼服务', '潞州区人民法院', null],
    ['诉讼服务', '某单位', 'court'],
    ['某热线', '某单位', 'state-security'],
    ['110报警服务台', null, null],
  ])('%s of %s (%s)', (name, unitName, unitKind) => {
    expect(notMergeable({ numbers: ['2012319'], name, unitName, unitKind }, HOME)).toMatchObject({
      clause: 'M0',
      number: null,
    });
  });

  test.each<[string, string]>([
    ['商人大厦物业', '2012319'],
    ['人大附中招生', '2012318'],
    ['市政协调中心', '2012317'],
    ['财政协管', '2012316'],
    ['劳动监察', '2012315'],
    ['环境监察支队', '2012314'],
    ['安全生产举报', '12350'],
    ['消防隐患举报', '96119'],
    ['食品安全', '2012313'],
    ['市民热线', '2000110'],
  ])('%s may be merged', (name, number) => {
    expect(
      notMergeable({ numbers: [number], name, unitName: '长治市某局', unitKind: 'department' }, HOME),
    ).toBeNull();
  });

  test('the refusal carries the clause', () => {
    try {
      refuseNotMergeable({ numbers: ['0355-119'], name: '火警' }, HOME);
      throw new Error('not refused');
    } catch (fault) {
      expect(fault).toBeInstanceOf(HotlineError);
      expect(fault).toMatchObject({
        code: 'line-not-mergeable',
        facts: { clause: 'M0', number: '0355-119' },
      });
    }
  });
});
