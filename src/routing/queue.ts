/** A queue and the skill a seat needs to serve it. */
export interface Queue {
  queue: string;
  name: string;
  skill: string;
}

/** Known without the database; its rows come on top. Every unknown queue is served as `general`. */
export const DEFAULT_QUEUES: Queue[] = [{ queue: 'general', name: '综合', skill: 'general' }];

/** The skill a call of this queue needs; an unknown queue is served by everybody with the general skill. */
export function skillFor(queue: string, queues: ReadonlyMap<string, Queue>): string {
  return queues.get(queue)?.skill ?? 'general';
}
