/** After a call has waited so long, seats with one more skill may take it too. */
export interface RelaxStep {
  afterSeconds: number;
  skill: string;
}

/** A queue and the skill a seat needs to serve it; `relax` lets more seats serve it as a call waits. */
export interface Queue {
  queue: string;
  name: string;
  skill: string;
  relax?: RelaxStep[];
}

/** Known without the database; its rows come on top. Every unknown queue is served as `general`. */
export const DEFAULT_QUEUES: Queue[] = [{ queue: 'general', name: '综合', skill: 'general' }];

/** The skill a call of this queue needs; an unknown queue is served by everybody with the general skill. */
export function skillFor(queue: string, queues: ReadonlyMap<string, Queue>): string {
  return queues.get(queue)?.skill ?? 'general';
}

/** Every skill that may serve the queue, sooner or later: whether anybody could answer at all. */
export function skillsEver(queue: string, queues: ReadonlyMap<string, Queue>): string[] {
  return [skillFor(queue, queues), ...(queues.get(queue)?.relax ?? []).map(({ skill }) => skill)];
}

/** The steps that a call of this queue has reached after waiting so long, earliest first. */
export function relaxedAfter(
  queue: string,
  queues: ReadonlyMap<string, Queue>,
  waitedMs: number,
): RelaxStep[] {
  return (queues.get(queue)?.relax ?? [])
    .filter(({ afterSeconds }) => waitedMs >= afterSeconds * 1000)
    .sort((a, b) => a.afterSeconds - b.afterSeconds);
}
