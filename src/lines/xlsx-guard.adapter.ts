import { inflateRawSync } from 'node:zlib';

/** Limits of an uploaded workbook. */
export interface WorkbookLimits {
  entries: number;
  /** Bytes of all entries together, unpacked. */
  unpackedBytes: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;

/**
 * Looks at an xlsx file before any library unpacks it, and says in Chinese why it is refused; null when it is harmless.
 * Every entry is really unpacked against the limit, because the sizes a zip bomb declares are lies. Named ranges over
 * whole columns are refused too: the reading library visits each of their cells.
 */
export function refuseWorkbook(file: Buffer, limits: WorkbookLimits): string | null {
  try {
    return inspect(file, limits);
  } catch (fault) {
    const code = typeof fault === 'object' && fault !== null && 'code' in fault ? fault.code : null;
    if (code === 'ERR_BUFFER_TOO_LARGE') return '工作簿解压后过大';
    return '文件不是完整的xlsx工作簿';
  }
}

function inspect(file: Buffer, limits: WorkbookLimits): string | null {
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || file.readUInt32LE(end) !== END_OF_DIRECTORY) return '文件不是完整的xlsx工作簿';
  const count = file.readUInt16LE(end + 10);
  if (count > limits.entries) return '工作簿内的文件过多';
  let at = file.readUInt32LE(end + 16);
  let left = limits.unpackedBytes;
  for (let entry = 0; entry < count; entry += 1) {
    if (file.readUInt32LE(at) !== DIRECTORY_ENTRY) return '文件不是完整的xlsx工作簿';
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.toString('utf8', at + 46, at + 46 + nameLength);
    const unpacked = unpack(file, at, left);
    if (unpacked === null || unpacked.length > left) return '工作簿解压后过大或压缩方式不受支持';
    left -= unpacked.length;
    if (name === 'xl/workbook.xml' && hasHugeNames(unpacked.toString('utf8')))
      return '工作簿含有过大的名称区域';
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return null;
}

function unpack(file: Buffer, at: number, most: number): Buffer | null {
  const method = file.readUInt16LE(at + 10);
  const packedBytes = file.readUInt32LE(at + 20);
  const local = file.readUInt32LE(at + 42);
  if (file.readUInt32LE(local) !== LOCAL_ENTRY) return null;
  const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const packed = file.subarray(start, start + packedBytes);
  if (method === 0) return packed;
  return method === 8 ? inflateRawSync(packed, { maxOutputLength: Math.max(1, most) }) : null;
}

/** A named range beyond row 5000 or column Z, or of whole rows or columns. */
function hasHugeNames(workbook: string): boolean {
  const names = [...workbook.matchAll(/<(?:\w+:)?definedName\b[^>]*>([^<]*)/g)].map(
    (found) => found[1] ?? '',
  );
  return names.some((text) => {
    const ranges = text.replace(/(?:'[^']*'|[^!,()]*)!/g, '');
    const wide = /\$?[A-Z]{2,3}\$?\d/i.test(ranges) || /(?:^|[:,(])\$?[A-Z]{1,3}:/i.test(ranges);
    return wide || [...ranges.matchAll(/\d+/g)].some((row) => Number(row[0]) > 5000);
  });
}
