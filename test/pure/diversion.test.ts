import fc from 'fast-check';
import { parseDiversion, parseHistoryInfo } from '../../src/telephony/diversion';
import { parseSipAddress } from '../../src/telephony/sip-address';

const numbers = (list: { number: string }[]) => list.map(({ number }) => number);

describe('Diversion (RFC 5806)', () => {
  it.each([
    ['<sip:03552012319@x>;reason=unconditional', ['03552012319']],
    ['sip:12319@x;reason=no-answer', ['12319']],
    ['<tel:+863552012319;phone-context=x>', ['+863552012319']],
    ['"a, <b>; \\"c\\"" <sip:12319@x>;privacy=off', ['12319']],
    ['<sip:12319@x>, "x" <sip:12333@y>', ['12319', '12333']],
    ['<sip:%2B86355110@x>', ['+86355110']],
    ['<sip:12319;npdi=yes:pw@x>', ['12319']],
    ['<sips:12319@[::1]:5061;transport=tcp>', ['12319']],
    ['<sip:12319@x', []],
    ['"unfinished <sip:12319@x>', []],
    ['nonsense', []],
    ['<sip:@x>', []],
    ['<sip:x.example>', []],
    ['', []],
  ])('%s → %j', (header, found) => expect(numbers(parseDiversion([header]))).toEqual(found));

  it('keeps the order of several headers and the reason', () => {
    const found = parseDiversion(['<sip:1@x>;reason="user-busy"', '<sip:2@x>;counter=1']);
    expect(found).toEqual([
      { number: '1', source: 'diversion', reason: 'user-busy' },
      { number: '2', source: 'diversion', reason: null },
    ]);
  });

  it('cleans what is hostile', () => {
    const [entry] = parseDiversion(['<sip:1%0d%0a2%00%FF@x>;reason=a\u202eb\r\nc']);
    expect(entry).toEqual({ number: '1 2 \ufffd', source: 'diversion', reason: 'a b c' });
    expect(parseDiversion([`<sip:${'9'.repeat(5000)}@x>`])[0]?.number).toHaveLength(64);
    expect(parseDiversion(Array<string>(500).fill('<sip:1@x>, <sip:2@x>'))).toHaveLength(20);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (headers) => void parseDiversion(headers)),
    );
    const parts = fc.constantFrom(
      '<',
      '>',
      '"',
      '\\',
      ',',
      ';',
      '=',
      'sip:',
      'tel:',
      '@',
      '?',
      '%',
      '%F',
      '1',
      'index',
    );
    fc.assert(fc.property(fc.array(parts), (list) => void parseHistoryInfo([list.join('')], '12345')));
  });
});

describe('History-Info (RFC 7044)', () => {
  it('reads the diverted targets, most recent first, without where the call is now', () => {
    const found = parseHistoryInfo(
      ['<sip:2012319@x>;index=1', '<sip:12319@x;cause=302>;index=1.1, <sip:12345@x>;index=1.1.1;cause=302'],
      '12345',
    );
    expect(numbers(found)).toEqual(['12319', '2012319']);
    expect(found[0]?.reason).toBe('unconditional');
  });

  it('orders by index, not by place', () => {
    const headers = ['<sip:12345@x>;index=1.10', '<sip:b@x>;index=1.2', '<sip:a@x>;index=1'];
    expect(numbers(parseHistoryInfo(headers, '12345'))).toEqual(['b', 'a']);
  });

  it('knows the current target in another notation, and keeps a target that is not it', () => {
    expect(parseHistoryInfo(['<sip:+8635512345@x>;index=1'], '12345')).toEqual([]);
    expect(numbers(parseHistoryInfo(['<sip:03552012319@x>;index=1'], '12345'))).toEqual(['03552012319']);
  });

  it('takes the reason from the URI', () => {
    const [entry] = parseHistoryInfo(
      ['<sip:12319@x?Reason=SIP%3Bcause%3D486%3Btext%3D%22Busy%22&Privacy=history>;index=1'],
      '12345',
    );
    expect(entry).toEqual({ number: '12319', source: 'history-info', reason: 'user-busy' });
  });
});

describe('a SIP address', () => {
  it('is taken apart', () => {
    const address = parseSipAddress('"张三 \\"x\\"" <sip:138@h:5060;user=phone?Subject=a>;tag=1;X="y;z"');
    expect(address).toMatchObject({ displayName: '张三 "x"', user: '138', host: 'h:5060' });
    expect(address?.params.get('x')).toBe('y;z');
  });
});
