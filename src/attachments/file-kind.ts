/** What may be attached (R1), as data: the name's ending, what the content must begin with, and how it is sent. */
export type FileGroup = 'image' | 'document' | 'media';

interface FileKind {
  extensions: readonly string[];
  mediaType: string;
  group: FileGroup;
  fits(content: Buffer): boolean;
}

const bytes = (...expected: number[]) => {
  const wanted = Buffer.from(expected);
  return (content: Buffer) => content.subarray(0, wanted.length).equals(wanted);
};
const text = (words: string, offset = 0) => {
  const wanted = Buffer.from(words, 'latin1');
  return (content: Buffer) => content.subarray(offset, offset + wanted.length).equals(wanted);
};
const riff = (form: string) => (content: Buffer) => text('RIFF')(content) && text(form, 8)(content);
const brand = (known: RegExp) => (content: Buffer) =>
  text('ftyp', 4)(content) && known.test(content.toString('latin1', 8, 12));
const sound = (content: Buffer) =>
  text('ID3')(content) || (content[0] === 0xff && ((content[1] ?? 0) & 0xe6) === 0xe2);

const KINDS: readonly FileKind[] = [
  { extensions: ['jpg', 'jpeg'], mediaType: 'image/jpeg', group: 'image', fits: bytes(0xff, 0xd8, 0xff) },
  {
    extensions: ['png'],
    mediaType: 'image/png',
    group: 'image',
    fits: bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  },
  { extensions: ['webp'], mediaType: 'image/webp', group: 'image', fits: riff('WEBP') },
  {
    extensions: ['gif'],
    mediaType: 'image/gif',
    group: 'image',
    fits: (content) => text('GIF87a')(content) || text('GIF89a')(content),
  },
  {
    extensions: ['heic', 'heif'],
    mediaType: 'image/heic',
    group: 'image',
    fits: brand(/^(hei[cxms]|mif1|msf1)$/),
  },
  { extensions: ['pdf'], mediaType: 'application/pdf', group: 'document', fits: text('%PDF-') },
  ...office('docx', 'word/', 'wordprocessingml.document'),
  ...office('xlsx', 'xl/', 'spreadsheetml.sheet'),
  ...office('pptx', 'ppt/', 'presentationml.presentation'),
  ...oldOffice('doc', ['WordDocument'], 'application/msword'),
  ...oldOffice('xls', ['Workbook', 'Book'], 'application/vnd.ms-excel'),
  ...oldOffice('ppt', ['PowerPoint Document'], 'application/vnd.ms-powerpoint'),
  { extensions: ['txt'], mediaType: 'text/plain', group: 'document', fits: isPlainText },
  { extensions: ['mp3'], mediaType: 'audio/mpeg', group: 'media', fits: sound },
  { extensions: ['wav'], mediaType: 'audio/wav', group: 'media', fits: riff('WAVE') },
  { extensions: ['amr'], mediaType: 'audio/amr', group: 'media', fits: text('#!AMR') },
  { extensions: ['m4a'], mediaType: 'audio/mp4', group: 'media', fits: brand(/^(M4A |mp4[12]|isom)$/) },
  {
    extensions: ['mp4'],
    mediaType: 'video/mp4',
    group: 'media',
    fits: brand(/^(isom|iso[2-6]|mp4[12]|avc1|M4V |dash)$/),
  },
];

/** The endings a page may offer for choosing a file. */
export const ATTACHABLE = KINDS.flatMap(({ extensions }) => extensions);

/**
 * What a file is, by its name and its content, which must agree; null when it is nothing that may be attached. Nothing is
 * unpacked: of an archive only the list of its entries is read.
 */
export function fileKindOf(name: string, content: Buffer): Pick<FileKind, 'mediaType' | 'group'> | null {
  const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const kind = KINDS.find(({ extensions }) => extensions.includes(extension));
  return kind?.fits(content) ? { mediaType: kind.mediaType, group: kind.group } : null;
}

/** Word, Excel and PowerPoint since 2007: an archive with a folder of its own, and without macros. */
function office(extension: string, folder: string, type: string): FileKind[] {
  const fits = (content: Buffer) => {
    const names = text('PK\x03\x04')(content) ? zipNames(content) : null;
    return (
      names !== null &&
      names.includes('[Content_Types].xml') &&
      names.some((name) => name.startsWith(folder)) &&
      !names.some((name) => /vbaProject\.bin$/i.test(name))
    );
  };
  const mediaType = `application/vnd.openxmlformats-officedocument.${type}`;
  return [{ extensions: [extension], mediaType, group: 'document', fits }];
}

/** Word, Excel and PowerPoint before 2007: a compound file that has their stream, and no macros. */
function oldOffice(extension: string, streams: string[], mediaType: string): FileKind[] {
  const within = (content: Buffer, name: string) => content.includes(Buffer.from(`${name}\0`, 'utf16le'));
  const fits = (content: Buffer) =>
    bytes(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)(content) &&
    streams.some((name) => within(content, name)) &&
    !within(content, '_VBA_PROJECT');
  return [{ extensions: [extension], mediaType, group: 'document', fits }];
}

const END_OF_ZIP = 0x06054b50;
const ZIP_ENTRY = 0x02014b50;

/** The names in an archive's central directory; null when it is damaged. */
function zipNames(content: Buffer): string[] | null {
  const end = content.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > content.length || content.readUInt32LE(end) !== END_OF_ZIP) return null;
  const names: string[] = [];
  let at = content.readUInt32LE(end + 16);
  for (let left = content.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + 46 > content.length || content.readUInt32LE(at) !== ZIP_ENTRY) return null;
    const [name, extra, comment] = [28, 30, 32].map((offset) => content.readUInt16LE(at + offset));
    names.push(content.toString('utf8', at + 46, at + 46 + (name ?? 0)));
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return names;
}

const MARKUP = /^\s*<(!doctype|html|head|body|script|svg|\?xml|iframe)/i;

/** Text in UTF-8 or GB 18030 that no browser would take for a page, and no shell for a program. */
function isPlainText(content: Buffer): boolean {
  const words = ['utf-8', 'gb18030']
    .map((encoding) => decoded(content, encoding))
    .find((one) => one !== null);
  return words !== undefined && !MARKUP.test(words) && !words.startsWith('#!');
}

function decoded(content: Buffer, encoding: string): string | null {
  try {
    const words = new TextDecoder(encoding, { fatal: true }).decode(content);
    return /[\x00-\x08\x0e-\x1f]/.test(words) ? null : words;
  } catch {
    return null;
  }
}
