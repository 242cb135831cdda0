/** The bare SQL of the answers that the bench asks our code for: as little as gives the same rows. */

const CLOSED = `('answered', 'refused', 'checked', 'followedUp', 'archived', 'merged', 'discarded')`;

/** By number: the citizen, the last calls, what is open. */
export const STORY_SQL = [
  `select c.citizen_id, c.name, c.note from citizens c join citizen_numbers n using (citizen_id) where n.number = $1`,
  'select record from call_records where caller_number = $1 order by arrived_at desc limit 11',
  `select ticket_id, number, title, state, lead_unit_name, due_at from tickets
    where caller_number = $1 and state not in ${CLOSED} order by number desc limit 20`,
];

const COLUMNS = `t.*, c.name, p.state, p.role, p.final, p.return_by, p.first_opinion_by, p.first_opinion_at,
  p.acknowledge_by, p.skipped, p.pauses, p.due_at, p.due_why,
  (select array_agg(r.kind) from ticket_requests r where r.ticket_id = t.ticket_id and r.state = 'pending') as pending,
  exists (select 1 from ticket_requests r where r.part_id = p.part_id and r.kind = 'return' and r.state = 'refused')`;
const LEAD = `tickets t join ticket_categories c using (category_code)
  left join ticket_parts p on p.ticket_id = t.ticket_id and p.unit_id = t.lead_unit_id and p.current`;
const PAGE = 'order by t.number desc limit $2';

/** A page below a number. */
export const LIST_SQL = {
  all: `select ${COLUMNS} from ${LEAD} where t.number < $1 ${PAGE}`,
  category: `select ${COLUMNS} from ${LEAD} where t.number < $1 and t.category_code = $3 ${PAGE}`,
  unit: `select ${COLUMNS} from tickets t join ticket_categories c using (category_code)
    join ticket_parts p on p.ticket_id = t.ticket_id and p.unit_id = $3 and p.current where t.number < $1 ${PAGE}`,
};

/** The newest with all words of a `tsquery`. */
export const SEARCH_SQL = `select ${COLUMNS} from ${LEAD}
  where t.ticket_id in (select ticket_id from ticket_search where words @@ $1::tsquery order by number desc limit $2)
  order by t.number desc`;

/** What is left on an older calendar; the next due timer with its ticket, locked; its end with all that belongs to it. */
export const SWEEP_SQL = {
  stale: `select part_id from ticket_parts where state in ('dispatched', 'acknowledged')
    and calendar_version < (select version from calendar_state) order by calendar_version limit 200`,
  due: `with due as (select * from due_timers where state = 'waiting' and at <= $1 order by at limit 1 for update skip locked)
    select due.timer_id, due.ticket_id, due.unit_id, t.timeline_seq + 1 as seq, t.timeline_hash as head
      from due join tickets t using (ticket_id) join ticket_parts p using (part_id) for update of t, p`,
  fire: `with timer as (update due_timers set state = 'fired', fired_at = $5 where timer_id = $1),
      ticket as (update tickets set timeline_seq = $4, updated_at = $5, timeline_hash = $9 where ticket_id = $2),
      notice as (insert into unit_inbox (unit_id, kind, ticket_id, words, source_id, at)
        values ($3, 'dueSoon', $2, $6, $1, $5))
    insert into ticket_timeline (ticket_id, seq, at, kind, words, facts, previous_hash, hash)
      values ($2, $4, $5, 'dueSoon', $6, $7, $8, $9)`,
};
