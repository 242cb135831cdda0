import { CallRecordStore } from '../calls/call-record.store';
import { Directory } from '../directory/directory.service';
import { LineService } from '../lines/line.service';
import { Kept } from '../platform/kept';
import { CallerStandings } from '../routing/caller-standing.service';
import { leaderShiftRoutes } from '../routing/leader-shift.routes';
import { LeaderShifts } from '../routing/leader-shift.service';
import { LeaderShiftStore } from '../routing/leader-shift.store';
import { QueueStore } from '../routing/queue.store';
import { TicketReadStore } from '../tickets/ticket-read.store';
import { clock, type Ground } from './ground';
import { sitter } from './directory';

/** 领导接听日: which leader answers when, and whose calls. */
export function buildLeaders(
  { log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  lines: LineService,
  queues: QueueStore,
): LeaderShifts {
  const store = new LeaderShiftStore(database);
  const kept = new Kept({ name: 'leader shifts', source: store, first: [], log });
  const shifts = new LeaderShifts({
    store,
    kept,
    audit,
    clock,
    sitter: (personId) => sitter(directory, personId),
    lineKnown: (lineId) => lines.line(lineId) !== null,
    queueKnown: (queue) => queues.all().has(queue),
  });
  lifecycle.add('leader shifts', kept);
  const choices = () => ({
    people: directory
      .people()
      .flatMap(({ personId, name }) => (sitter(directory, personId) ? [{ personId, name }] : [])),
    queues: [...queues.all().values()].map(({ queue, name }) => ({ queue, name })),
  });
  http.mount(leaderShiftRoutes({ shifts, choices }));
  return shifts;
}

/** Who called lately and with whom, and who waits for something urgent: beside the call path. */
export function buildStandings(
  { config, log, bus, lifecycle }: Ground,
  records: CallRecordStore,
  tickets: TicketReadStore,
): CallerStandings {
  const standings = new CallerStandings({
    endedSince: (since) => records.endedSince(since),
    urgentNumbers: () => tickets.urgentNumbers(),
    clock,
    memoryMs: config.REPEAT_HOURS * 3_600_000,
    log,
  });
  bus.onAny((event) => standings.hear(event));
  lifecycle.add('callers’ standing', standings);
  return standings;
}

/** The queues that somebody's skills serve. */
export function queuesOf(directory: Directory, queues: QueueStore, personId: string): string[] {
  const skills = directory.person(personId)?.skills ?? [];
  return [...queues.all().values()].filter(({ skill }) => skills.includes(skill)).map(({ queue }) => queue);
}
