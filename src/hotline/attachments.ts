import { join } from 'node:path';
import type { OwnerKind } from '../attachments/attachment';
import { AttachmentFiles } from '../attachments/attachment-files.adapter';
import { attachmentRoutes } from '../attachments/attachment.routes';
import { Attachments, type OwnerRules } from '../attachments/attachment.service';
import { AttachmentStore } from '../attachments/attachment.store';
import { AttachmentSweep } from '../attachments/attachment-sweep.service';
import { clamd } from '../attachments/clamd.adapter';
import { HotlineError } from '../errors';
import { may } from '../permissions';
import type { Caller } from '../platform/http-route';
import type { Database } from '../platform/postgres';
import { identityHidden } from '../tickets/ticket';
import type { TicketReading } from '../tickets/ticket-reading.service';
import { maySeeCitizen } from '../tickets/ticket-view';
import { TicketStore } from '../tickets/ticket.store';
import { clock, type Ground } from './ground';

const MB = 1024 * 1024;

/** Files of work orders and knowledge articles, their virus scan, and the end of what nobody has any more. */
export function buildAttachments(
  { config, log, database, audit, lifecycle, http }: Ground,
  reading: TicketReading,
  owners: Pick<Record<OwnerKind, OwnerRules>, 'article'>,
): Attachments {
  const store = new AttachmentStore(database);
  const files = new AttachmentFiles(config.ATTACHMENTS_DIR ?? join(config.VAR_DIR, 'attachments'));
  const sweep = new AttachmentSweep({
    ...{ store, files, clock, log },
    scan: config.VIRUS_SCANNER ? clamd(config.VIRUS_SCANNER) : null,
    sweepSeconds: config.SWEEP_SECONDS,
  });
  lifecycle.add('attachments', sweep);
  const limits = {
    file: {
      image: config.ATTACHMENT_IMAGE_MB * MB,
      document: config.ATTACHMENT_DOCUMENT_MB * MB,
      media: config.ATTACHMENT_MEDIA_MB * MB,
    },
    owner: config.ATTACHMENTS_MB * MB,
  };
  const attachments = new Attachments({
    ...{ store, files, limits, audit, clock },
    owners: { ticket: ticketOwner(database, reading), ...owners },
    scanning: config.VIRUS_SCANNER !== undefined,
    hurry: () => sweep.hurry(),
  });
  http.mount(attachmentRoutes({ attachments, maxBytes: Math.max(...Object.values(limits.file)) }));
  return attachments;
}

/** A work order's attachments are for who may see it; the hotline and its units add to it. */
export function ticketOwner(database: Database, reading: Pick<TicketReading, 'find'>): OwnerRules {
  const tickets = new TicketStore(database);
  const find = (caller: Caller, ticketId: string) =>
    reading.find(ticketId, caller).catch((fault: unknown) => {
      if (fault instanceof HotlineError && fault.code === 'not-found') return null;
      throw fault;
    });
  return {
    mayRead: async (caller, ticketId) =>
      may(caller.role, 'ticket.view') && (await find(caller, ticketId)) !== null,
    mayWrite: async ({ role }) => may(role, 'ticket.open') || may(role, 'ticket.handle'),
    maySeeCitizen: async (caller, ticketId) => {
      const row = await find(caller, ticketId);
      return row !== null && maySeeCitizen(row, caller.role);
    },
    isConfidential: async (ticketId) => {
      const row = await tickets.find(ticketId);
      return row === null || identityHidden(row);
    },
    note: async (trx, ticketId, words, caller, at) => {
      const by = { id: caller.personId, name: caller.name };
      await tickets.writeTimeline(trx, ticketId, { at, kind: 'attachment', words, by });
    },
  };
}
