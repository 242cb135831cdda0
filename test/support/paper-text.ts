import { inflateRawSync, inflateSync } from 'node:zlib';

/** The text of a PDF that has one embedded font, read back by the font's own table of characters (ToUnicode). */
export function pdfText(file: Buffer): string {
  const streams: string[] = [];
  for (let at = 0; (at = file.indexOf('stream\n', at)) >= 0;) {
    const end = file.indexOf('endstream', at);
    try {
      streams.push(inflateSync(file.subarray(at + 7, end)).toString('latin1'));
    } catch {
      // Not compressed: an image or metadata.
    }
    at = end + 9;
  }
  const characters = new Map<number, string>();
  for (const map of streams.filter((text) => text.includes('beginbfrange')))
    for (const [, first, list] of map.matchAll(/<(\w+)> <\w+> \[(.*?)\]/gs))
      [...(list ?? '').matchAll(/<([\w\s]+)>/g)].forEach(([, code], index) =>
        characters.set(parseInt(first ?? '', 16) + index, unicode(code ?? '')),
      );
  return streams
    .filter((text) => text.includes(' Tf') || text.includes(' TJ'))
    .flatMap((text) => [...text.matchAll(/<([0-9a-fA-F]+)>/g)])
    .map(([, glyphs]) =>
      (glyphs?.match(/.{4}/g) ?? []).map((glyph) => characters.get(parseInt(glyph, 16)) ?? '').join(''),
    )
    .join('');
}

const unicode = (hex: string): string =>
  Buffer.from(hex.replaceAll(/\s/g, ''), 'hex').swap16().toString('utf16le');

/** The text of a DOCX: its main part unpacked by the ZIP's directory, without the marks of XML. */
export function docxText(file: Buffer): string {
  for (let at = 0; (at = file.indexOf('PK\x01\x02', at, 'latin1')) >= 0; at += 4) {
    const name = file.subarray(at + 46, at + 46 + file.readUInt16LE(at + 28)).toString();
    if (name !== 'word/document.xml') continue;
    const local = file.readUInt32LE(at + 42);
    const from = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const packed = file.subarray(from, from + file.readUInt32LE(at + 20));
    const xml = file.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    return xml.toString().replaceAll(/<[^>]+>/g, '');
  }
  throw new Error('not a DOCX');
}
