/** A document as people read it, apart from its file format: letters, summaries for leaders, case files. */
export interface Paper {
  /** Who issues it: the red line on top. */
  issuer: string;
  title: string;
  /** 督〔2026〕12号; empty while it is a draft. */
  number: string;
  addressee: string;
  blocks: readonly PaperBlock[];
  /** Day of issue, in words. */
  date: string;
}

export type PaperBlock =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'table'; columns: readonly string[]; rows: readonly (readonly string[])[] };

export const PAPER_FORMATS = ['docx', 'pdf'] as const;
export type PaperFormat = (typeof PAPER_FORMATS)[number];

/** Telephone, identity and card numbers, however they are grouped. */
const LONG_NUMBER = /\+?\d(?:[\s-]?\d){6,}/g;

/**
 * Free text without what says who the citizen is: the name given, and every long number. For work orders whose citizen
 * asked not to be known, or who reports (举报).
 */
export function withoutIdentity(text: string, citizenName: string): string {
  const named = citizenName.length > 1 ? text.replaceAll(citizenName, '＊＊') : text;
  return named.replace(LONG_NUMBER, '＊＊＊');
}
