import { z } from 'zod';

/** What a file may be attached to. */
export const OWNER_KINDS = ['ticket', 'article'] as const;
export type OwnerKind = (typeof OWNER_KINDS)[number];

export const SCAN_STATES = ['pending', 'clean', 'infected'] as const;
export type ScanState = (typeof SCAN_STATES)[number];

/** An attachment as its table keeps it; the content is a file named by its SHA-256. */
export interface Attachment {
  attachmentId: string;
  ownerKind: OwnerKind;
  ownerId: string;
  name: string;
  mediaType: string;
  bytes: number;
  sha256: string;
  /** It leads to the citizen: shown to whoever may know him, or once the hotline has released it. */
  identifying: boolean;
  scan: ScanState;
  uploadedAt: Date;
  /** Person; null: the citizen himself. */
  uploadedBy: string | null;
  uploadedByName: string;
  removedAt: Date | null;
}

export const attachmentView = z.object({
  attachmentId: z.string(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  identifying: z.boolean(),
  scan: z.enum(SCAN_STATES),
  available: z.boolean().describe('可以下载：病毒扫描未发现问题'),
  uploadedAt: z.date(),
  uploadedByName: z.string(),
});
export type AttachmentView = z.infer<typeof attachmentView>;

/** Infected files never are; with a scanner only those it has found clean. */
export function isServed(scan: ScanState, scanning: boolean): boolean {
  return scan === 'clean' || (scan === 'pending' && !scanning);
}

/** A file's name as it is kept: one line of text without anything that disguises it. */
export function nameKept(name: string): string {
  return name
    .normalize('NFC')
    .slice(-120)
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
}
