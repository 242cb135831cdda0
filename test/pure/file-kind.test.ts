import { Workbook } from 'exceljs';
import { isServed, nameKept } from '../../src/attachments/attachment';
import { fileKindOf } from '../../src/attachments/file-kind';
import { compoundFile, PNG, zipOf } from '../support/files';

const TYPES = '[Content_Types].xml';
const docx = zipOf({ [TYPES]: '<Types/>', 'word/document.xml': '<w/>' });
const begin = (...bytes: (number | string)[]) =>
  Buffer.concat(
    bytes.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : Buffer.from([one]))),
  );

describe('what may be attached (R1)', () => {
  it.each<[string, Buffer, string]>([
    ['现场.JPG', begin(0xff, 0xd8, 0xff, 0xe0), 'image/jpeg'],
    ['a.png', PNG, 'image/png'],
    ['a.webp', begin('RIFF', 0, 0, 0, 0, 'WEBP'), 'image/webp'],
    ['a.gif', begin('GIF89a'), 'image/gif'],
    ['a.heic', begin(0, 0, 0, 24, 'ftypheic'), 'image/heic'],
    ['a.pdf', begin('%PDF-1.7'), 'application/pdf'],
    ['a.docx', docx, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['a.doc', compoundFile('WordDocument'), 'application/msword'],
    ['a.xls', compoundFile('Workbook'), 'application/vnd.ms-excel'],
    ['a.ppt', compoundFile('PowerPoint Document'), 'application/vnd.ms-powerpoint'],
    ['说明.txt', Buffer.from('小区停水三天。\r\n'), 'text/plain'],
    ['gbk.txt', Buffer.from([0xd6, 0xd0, 0xb9, 0xfa]), 'text/plain'],
    ['a.mp3', begin('ID3', 4), 'audio/mpeg'],
    ['b.mp3', begin(0xff, 0xfb, 0x90), 'audio/mpeg'],
    ['a.wav', begin('RIFF', 0, 0, 0, 0, 'WAVE'), 'audio/wav'],
    ['a.amr', begin('#!AMR\n'), 'audio/amr'],
    ['a.mp4', begin(0, 0, 0, 24, 'ftypisom'), 'video/mp4'],
  ])('%s is taken as %3$s', (name, content, mediaType) => {
    expect(fileKindOf(name, content)?.mediaType).toBe(mediaType);
  });

  it('a sheet as Excel writes it is taken', async () => {
    const book = new Workbook();
    book.addWorksheet('一').addRow(['工单', 1]);
    expect(fileKindOf('表.xlsx', Buffer.from(await book.xlsx.writeBuffer()))?.group).toBe('document');
  });

  it.each<[string, string, Buffer]>([
    ['a name without an ending', 'photo', PNG],
    ['a picture that is none', 'a.jpg', PNG],
    ['a program', 'a.exe', begin('MZ')],
    ['a program called a picture', 'a.png', begin('MZ', 0x90)],
    ['a page', 'a.html', Buffer.from('<html>')],
    ['a page called text', 'a.txt', Buffer.from('\ufeff <!DOCTYPE html><script>')],
    ['a drawing with script', 'a.svg', Buffer.from('<svg onload="x"/>')],
    ['a drawing called text', 'a.txt', Buffer.from('<svg onload="x"/>')],
    ['a shell script called text', 'a.txt', Buffer.from('#!/bin/sh\nrm -rf /')],
    ['bytes called text', 'a.txt', Buffer.from([0, 1, 2, 3])],
    ['an archive', 'a.zip', zipOf({ a: 'b' })],
    ['an archive called a document', 'a.docx', zipOf({ 'word/document.xml': 'x' })],
    ['a document called a sheet', 'a.xlsx', docx],
    ['a damaged archive', 'a.docx', docx.subarray(0, -30)],
    [
      'an archive that lies about its list',
      'a.docx',
      Buffer.concat([begin('PK', 3, 4), Buffer.alloc(9), begin('PK', 5, 6), Buffer.alloc(18, 0xff)]),
    ],
    [
      'a document with macros',
      'a.docx',
      zipOf({ [TYPES]: '', 'word/document.xml': '', 'word/vbaProject.bin': '' }),
    ],
    ['an old document with macros', 'a.doc', compoundFile('WordDocument', '_VBA_PROJECT')],
    ['an installer called a document', 'a.doc', compoundFile('Property')],
    ['nothing', 'a.pdf', Buffer.alloc(0)],
  ])('%s is refused', (_words, name, content) => {
    expect(fileKindOf(name, content)).toBeNull();
  });
});

it.each([
  ['../../etc/passwd.txt', '_.._etc_passwd.txt'],
  ['报告\u202egpj.exe', '报告gpj.exe'],
  ['a\r\nX: y.pdf', 'aX_ y.pdf'],
  [' .hidden.pdf. ', 'hidden.pdf'],
  [`${'长'.repeat(200)}.pdf`, `${'长'.repeat(116)}.pdf`],
  ['\ud83d.pdf', '.pdf'.slice(1)],
])('the name %j is kept as %j', (name, kept) => expect(nameKept(name)).toBe(kept));

it('serves what was found clean, what nobody can scan, and never what is infected', () => {
  expect(isServed('clean', true) && isServed('clean', false) && isServed('pending', false)).toBe(true);
  expect(isServed('pending', true) || isServed('infected', true) || isServed('infected', false)).toBe(false);
});
