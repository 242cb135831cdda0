import {
  AlignmentType,
  Document,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import { existsSync } from 'node:fs';
import PDFDocument from 'pdfkit';
import { HotlineError } from '../errors';
import type { FileReply } from '../platform/http-route';
import type { Paper, PaperBlock, PaperFormat } from './paper';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const RED = 'C00000';
/** Half points, as Word counts. */
const SIZE = { issuer: 44, title: 36, text: 32, table: 24 } as const;
const FONT = { ascii: 'Times New Roman', eastAsia: '仿宋', hAnsi: 'Times New Roman' };

/** Prints papers: DOCX always, PDF with a Chinese font (setting LETTER_FONT). */
export class PaperPrinter {
  constructor(private readonly fontFile: string | undefined) {}

  get formats(): PaperFormat[] {
    return this.fontFile !== undefined && existsSync(this.fontFile) ? ['docx', 'pdf'] : ['docx'];
  }

  /** Throws `not-ready` for a PDF without a font. */
  async print(paper: Paper, format: PaperFormat): Promise<FileReply> {
    const name = `${paper.title}${paper.number && `-${paper.number}`}`.replace(/[\\/:*?"<>|\s]/g, '');
    if (format === 'docx') return { file: await docxOf(paper), contentType: DOCX, fileName: `${name}.docx` };
    if (this.fontFile === undefined || !existsSync(this.fontFile))
      throw new HotlineError('not-ready', '服务器没有中文字体，只能导出 DOCX；请管理员设置 LETTER_FONT。');
    return {
      file: await pdfOf(paper, this.fontFile),
      contentType: 'application/pdf',
      fileName: `${name}.pdf`,
    };
  }
}

function line(
  text: string,
  look: { size?: number; bold?: boolean; color?: string; align?: 'center' | 'right'; indent?: boolean } = {},
): Paragraph {
  const run = { text, font: FONT, size: look.size ?? SIZE.text, bold: look.bold ?? false };
  return new Paragraph({
    alignment:
      look.align === 'center'
        ? AlignmentType.CENTER
        : look.align === 'right'
          ? AlignmentType.RIGHT
          : AlignmentType.BOTH,
    spacing: { line: 480, after: 120 },
    ...(look.indent ? { indent: { firstLine: 640 } } : {}),
    children: [new TextRun(look.color ? { ...run, color: look.color } : run)],
  });
}

function docxBlock(block: PaperBlock): (Paragraph | Table)[] {
  if (block.kind === 'heading') return [line(block.text, { bold: true })];
  if (block.kind === 'text') return block.text.split('\n').map((text) => line(text, { indent: true }));
  const row = (cells: readonly string[], bold: boolean) =>
    new TableRow({
      children: cells.map((text) => new TableCell({ children: [line(text, { size: SIZE.table, bold })] })),
    });
  return [
    new Table({
      width: { size: 100, type: WidthType.PERCENTAGE },
      rows: [row(block.columns, true), ...block.rows.map((cells) => row(cells, false))],
    }),
  ];
}

async function docxOf(paper: Paper): Promise<Buffer> {
  const document = new Document({
    creator: paper.issuer,
    title: paper.title,
    sections: [
      {
        children: [
          line(paper.issuer, { size: SIZE.issuer, bold: true, color: RED, align: 'center' }),
          ...(paper.number ? [line(paper.number, { align: 'center' })] : []),
          line(paper.title, { size: SIZE.title, bold: true, align: 'center' }),
          ...(paper.addressee ? [line(`${paper.addressee}：`)] : []),
          ...paper.blocks.flatMap(docxBlock),
          line(paper.issuer, { align: 'right' }),
          line(paper.date, { align: 'right' }),
        ],
      },
    ],
  });
  return Packer.toBuffer(document);
}

/** The first face of a collection; a plain font file has one only. */
const FACE: Record<string, string> = {
  'wqy-microhei.ttc': 'WenQuanYiMicroHei',
  'wqy-zenhei.ttc': 'WenQuanYiZenHei',
};

function pdfOf(paper: Paper, fontFile: string): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'A4', margin: 72, info: { Title: paper.title, Author: paper.issuer } });
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
  pdf.font(fontFile, FACE[fontFile.split('/').at(-1) ?? ''] as string);
  pdf.fillColor(`#${RED}`).fontSize(22).text(paper.issuer, { align: 'center' }).fillColor('black');
  pdf.moveDown(0.5).fontSize(14).text(paper.number, { align: 'center' });
  pdf.moveDown(0.5).fontSize(18).text(paper.title, { align: 'center' }).moveDown();
  pdf.fontSize(14);
  if (paper.addressee) pdf.text(`${paper.addressee}：`);
  for (const block of paper.blocks) pdfBlock(pdf, block);
  pdf.moveDown(2).fontSize(14).text(paper.issuer, { align: 'right' }).text(paper.date, { align: 'right' });
  pdf.end();
  return written;
}

function pdfBlock(pdf: PDFKit.PDFDocument, block: PaperBlock): void {
  if (block.kind === 'table') {
    pdf.moveDown(0.5).fontSize(10);
    pdf.table({ data: [[...block.columns], ...block.rows.map((row) => [...row])] });
    pdf.moveDown(0.5).fontSize(14);
  } else if (block.kind === 'heading') pdf.moveDown(0.5).fontSize(15).text(block.text).fontSize(14);
  else pdf.text(block.text, { indent: 28, lineGap: 6, paragraphGap: 6 });
}
