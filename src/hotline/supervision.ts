import type { Knex } from 'knex';
import type { TimerStore } from '../deadlines/timer.store';
import type { WorkingCalendar } from '../deadlines/working-calendar';
import type { UnitInboxStore } from '../notifications/unit-inbox.store';
import { EscalationService, type EscalationParts } from '../supervision/escalation.service';
import { LadderService } from '../supervision/ladder.service';
import { LadderStore } from '../supervision/ladder.store';
import { LetterService } from '../supervision/letter.service';
import { LetterStore } from '../supervision/letter.store';
import { MatterService, type MatterParts } from '../supervision/matter.service';
import { MatterStore } from '../supervision/matter.store';
import { PaperPrinter } from '../supervision/paper.adapter';
import type { TicketStore } from '../tickets/ticket.store';
import type { Config } from '../config';
import type { Ground } from './ground';

/** Supervision (S1–S5): the ladder, its letters, and what people raise beyond them. */
export function buildSupervision(
  {
    config,
    database,
    audit,
  }: Pick<Ground, 'database' | 'audit'> & {
    config: Pick<Config, 'LETTER_FONT' | 'LETTER_ISSUER' | 'REMIND_WORKING_HOURS_BEFORE'>;
  },
  parts: {
    timers: TimerStore;
    tickets: TicketStore;
    inbox: UnitInboxStore;
    tellUnit: EscalationParts['tellUnit'];
    calendar: { current(trx?: Knex): Promise<WorkingCalendar> };
    hurry: MatterParts['hurry'];
    unit: MatterParts['unit'];
    clock: MatterParts['clock'];
    announce: MatterParts['announce'];
    onFault(fault: unknown, timerId: string): void;
  },
) {
  const { timers, tickets, inbox, calendar, hurry, clock, announce } = parts;
  const printer = new PaperPrinter(config.LETTER_FONT);
  const shared = {
    ...{ tickets, inbox, calendar, hurry, clock, announce },
    print: (...what: Parameters<PaperPrinter['print']>) => printer.print(...what),
    issuer: config.LETTER_ISSUER,
  };
  const ladder = new LadderService({
    ...{ store: new LadderStore(database), audit, clock },
    workingHoursBefore: config.REMIND_WORKING_HOURS_BEFORE,
  });
  const letters: LetterService = new LetterService({
    ...shared,
    store: new LetterStore(database),
    rungs: {
      hold: (trx, ticketId) => escalation.hold(trx, ticketId),
      refresh: (trx, partId) => escalation.refresh(trx, partId),
    },
  });
  const matters = new MatterService({
    ...shared,
    store: new MatterStore(database),
    timers,
    unit: parts.unit,
  });
  const escalation: EscalationService = new EscalationService({
    ...{ timers, tickets, inbox, calendar, ladder, letters, matters, clock, announce },
    tellUnit: parts.tellUnit,
    onFault: parts.onFault,
  });
  return { escalation, ladder, letters, matters };
}
