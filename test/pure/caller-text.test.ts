import fc from 'fast-check';
import { cleanText, percentDecoded, textFromBase64, textFromBytes } from '../../src/telephony/caller-text';

const gbk = Uint8Array.from([0xd5, 0xc5, 0xc8, 0xfd]); // 张三

describe('text of callers', () => {
  it.each([
    ['张三 😀', '张三 😀'],
    ['a\r\nVia: x\0b', 'a Via: x b'],
    ['a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['\u202e12345\u2066', '12345'],
    ['  a \t b  ', 'a b'],
    ['<script>alert("1")</script>', '<script>alert("1")</script>'],
  ])('%j is cleaned to %j', (dirty, clean) => expect(cleanText(dirty, 80)).toBe(clean));

  it('cuts between characters, not inside one', () => {
    expect(cleanText('😀'.repeat(1000), 3)).toBe('😀😀😀');
    expect(cleanText('x'.repeat(10_000_000), 4)).toBe('xxxx');
  });

  it('reads UTF-8, else GBK, else what it can', () => {
    expect(textFromBytes(new TextEncoder().encode('张三'))).toBe('张三');
    expect(textFromBytes(gbk)).toBe('张三');
    expect(textFromBytes(Uint8Array.from([0x61, 0xff]))).toBe('a\ufffd');
  });

  it('reads base64, cut off or wrong', () => {
    expect(textFromBase64('5byg5LiJ')).toBe('张三');
    expect(textFromBase64('5byg5L')).toBe('张');
    expect(textFromBase64('***!')).toBe('');
  });

  it('resolves percent-escapes and leaves a lone % alone', () => {
    expect(percentDecoded('%D5%C5%C8%FD100%%2')).toBe('张三100%%2');
  });

  it('never throws and always gives one valid line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (text, bytes) => {
        for (const line of [
          cleanText(text, 50),
          cleanText(textFromBytes(bytes), 50),
          cleanText(percentDecoded(text), 50),
          textFromBase64(text),
        ])
          expect(typeof line).toBe('string');
        expect(cleanText(text, 50)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/u);
      }),
    );
  });
});
