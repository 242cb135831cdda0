import { XMLBuilder } from 'fast-xml-parser';

const builder = new XMLBuilder({ format: false, suppressEmptyNode: true });
/** What XML 1.0 cannot hold is left out. */
const UNWRITABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** A tree of elements as an XML document in UTF-8; an array repeats its element, null leaves it empty. */
export function xmlOf(tree: Record<string, unknown>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build(written(tree)) as string}`;
}

function written(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(UNWRITABLE, '');
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, written(each)]));
}
