import fc from 'fast-check';
import {
  maskDiversions,
  maskNumber,
  maskNumbersIn,
  normaliseNumber,
  readNumber,
  sameNumber,
} from '../../src/lines/phone-number';

const HOME = '0355';

describe('numbers in any notation a carrier sends', () => {
  test.each<[string, string | null]>([
    // 12345 itself
    ['12345', '12345'],
    ['035512345', '12345'],
    ['0355-12345', '12345'],
    ['0355 12345', '12345'],
    ['(0355)12345', '12345'],
    ['35512345', '12345'],
    ['8635512345', '12345'],
    ['+8635512345', '12345'],
    ['+86355 12345', '12345'],
    ['+86-355-12345', '12345'],
    ['+86035512345', '12345'],
    ['+86 (0)355 12345', '12345'],
    ['008635512345', '12345'],
    ['00 86 355 12345', '12345'],
    ['+8612345', '12345'],
    ['08635512345', '12345'],
    ['08613800138000', '13800138000'],
    ['012345', '12345'],
    ['12345', '12345'],
    ['０３５５－１２３４５', '12345'],
    ['＋８６３５５１２３４５', '12345'],
    ['sip:12345@10.0.0.1', '12345'],
    ['sip:12345;npdi@10.0.0.1:5060;user=phone', '12345'],
    ['"热线" <sip:+8635512345@ims.example;user=phone>', '12345'],
    ['tel:+86-355-12345', '12345'],
    ['tel:12345;phone-context=+86355', '12345'],
    ['12345;phone-context=+86', '12345'],
    ['12345;phone-context=ims.mnc000.mcc460.3gppnetwork.org', '12345'],
    ['%2B8635512345', '12345'],
    ['  12345\t', '12345'],
    // other short codes
    ['12319', '12319'],
    ['035512319', '12319'],
    ['+8635512319', '12319'],
    ['110', '110'],
    ['0355-110', '110'],
    ['0355110', '110'],
    ['+86355110', '110'],
    ['95588', '95588'],
    ['96119', '96119'],
    ['0355-96119', '96119'],
    ['116114', '116114'],
    ['01012345', '01012345'],
    ['+861012345', '01012345'],
    ['02112345', '02112345'],
    // fixed lines
    ['2012319', '03552012319'],
    ['0355-2012319', '03552012319'],
    ['(0355) 201 2319', '03552012319'],
    ['03552012319', '03552012319'],
    ['3552012319', '03552012319'],
    ['863552012319', '03552012319'],
    ['+863552012319', '03552012319'],
    ['+8603552012319', '03552012319'],
    ['00863552012319', '03552012319'],
    ['tel:2012319;phone-context=+86355', '03552012319'],
    ['03552012319;phone-context=+86', '03552012319'],
    ['8612345', '03558612345'],
    ['010-62012319', '01062012319'],
    ['+861062012319', '01062012319'],
    ['0351-2012319', '03512012319'],
    ['02162012319', '02162012319'],
    // mobiles
    ['13800138000', '13800138000'],
    ['138 0013 8000', '13800138000'],
    ['138-0013-8000', '13800138000'],
    ['+8613800138000', '13800138000'],
    ['8613800138000', '13800138000'],
    ['008613800138000', '13800138000'],
    ['013800138000', '13800138000'],
    ['01013800138000', '13800138000'],
    ['035513800138000', '13800138000'],
    ['+86013800138000', '13800138000'],
    ['1795113800138000', '13800138000'],
    ['1790903552012319', '03552012319'],
    ['400-812-3123', '4008123123'],
    ['+864008123123', '4008123123'],
    // other countries
    ['+85223456789', '+85223456789'],
    ['0085223456789', '+85223456789'],
    ['+853 2833 3000', '+85328333000'],
    ['+44 (0)20 7946 0000', '+442079460000'],
    ['+12025550123', '+12025550123'],
    // what cannot be read, hostile ones among them
    ['', null],
    ['anonymous', null],
    ['sip:anonymous@anonymous.invalid', null],
    ['12', null],
    ['62345678', null],
    ['+', null],
    ['+86', null],
    ['0086', null],
    ['00', null],
    ['+999123456', null],
    ['0000000000', null],
    ['12345; DROP TABLE lines', '12345'],
    ["12345' OR '1'='1", null],
    ['12345\r\nX-Evil: 1', null],
    ['123\u000045', null],
    ['<script>12345</script>', null],
    ['1'.repeat(4096), null],
    ['+'.repeat(4096), null],
    ['١٢٣٤٥', null],
    ['📞12345', null],
    ['%FF12345', null],
    ['2012319#1', null],
    ['*12345', null],
    ['0355-2012319-801', null],
    ['-12345e3', null],
    ['0x12345', null],
  ])('%j is %j', (raw, canonical) => {
    expect(normaliseNumber(raw, HOME)).toBe(canonical);
  });

  test('local numbers have the length of the city', () => {
    expect(normaliseNumber('62012319', '010')).toBe('01062012319');
    expect(normaliseNumber('2012319', '010')).toBeNull();
    expect(normaliseNumber('57112345', '0571')).toBe('057157112345');
    expect(normaliseNumber('057112345', '0571')).toBe('12345');
  });

  test('a short code behind any area code is seen', () => {
    expect(readNumber('010-110', HOME)).toMatchObject({ canonical: '010110', shortCode: '110' });
    expect(readNumber('035512368', HOME)).toMatchObject({ canonical: '12368', shortCode: '12368' });
  });

  test('an unknown number keeps its digits', () => {
    expect(readNumber('0355-2012319-801', HOME)).toEqual({
      kind: 'unknown',
      canonical: null,
      shortCode: null,
      digits: '03552012319801',
    });
  });

  test('sameNumber compares notations', () => {
    expect(sameNumber('0355-2012319', '+863552012319', HOME)).toBe(true);
    expect(sameNumber('2012319', '2012318', HOME)).toBe(false);
    expect(sameNumber('anonymous', 'anonymous', HOME)).toBe(false);
  });
});

describe('masking', () => {
  test.each<[string | null, string]>([
    ['13812345678', '138****5678'],
    ['03552012319', '0355***2319'],
    ['01062012319', '010****2319'],
    ['12345', '12345'],
    ['01012345', '01012345'],
    ['4008123123', '4008123123'],
    ['+85223456789', '+852****89'],
    [null, '号码隐藏'],
    ['', '号码隐藏'],
    ['anonymous', '号码隐藏'],
    ['03552012319801', '03****01'],
    ['7788', '****'],
  ])('%j is shown as %j', (number, shown) => {
    expect(maskNumber(number)).toBe(shown);
  });
});

describe('masking around the number', () => {
  test.each([
    ['张三', '张三'],
    ['13812345678', '138****5678'],
    ['手机 138 1234-5678 老李', '手机 138****5678 老李'],
    ['+8613812345678', '+86****78'],
    ['分机8021', '分机8021'],
  ])('the name %j is shown as %j', (name, shown) => {
    expect(maskNumbersIn(name)).toBe(shown);
  });

  test('of the diversions only the line’s own number stays readable', () => {
    expect(maskDiversions(['13812345678', '03552012319', '12345'], '03552012319')).toEqual([
      '138****5678',
      '03552012319',
      '12345',
    ]);
  });
});

describe('properties', () => {
  const pieces = fc.constantFrom(
    '+',
    '86',
    '00',
    '0',
    '355',
    '12345',
    '2012319',
    '13800138000',
    '-',
    ' ',
    '(',
    ')',
    ';',
    '@',
    'sip:',
    '10',
  );
  const noisy = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
    fc.stringMatching(/^\+?\d{3,16}$/),
  );
  const area = fc.constantFrom('0355', '010', '0571', '021', '0311');

  test('never throws, and a canonical form reads as itself', () => {
    fc.assert(
      fc.property(noisy, area, (raw, home) => {
        const once = normaliseNumber(raw, home);
        maskNumber(raw);
        if (once !== null) {
          expect(normaliseNumber(once, home)).toBe(once);
          expect(once).toMatch(/^\+?\d{3,15}$/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('a masked mobile, fixed or foreign number does not give the number away', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(1[3-9]\d{9}|0355[2-8]\d{6}|010[2-8]\d{7})$/), (number) => {
        const shown = maskNumber(number);
        expect(shown).toContain('***');
        expect(shown).not.toContain(number);
      }),
    );
  });
});
