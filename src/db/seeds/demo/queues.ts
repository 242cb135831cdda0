import type { Database } from '../../../platform/postgres';
import type { Queue } from '../../../routing/queue';

/** Queues of the demonstration city; the skills are those of its agents. A language nobody else speaks is not relaxed. */
const QUEUES: Queue[] = [
  { queue: 'general', name: '综合', skill: 'general' },
  {
    queue: 'enterprise',
    name: '企业服务',
    skill: 'enterprise',
    relax: [{ afterSeconds: 30, skill: 'general' }],
  },
  { queue: 'dialect', name: '方言', skill: 'dialect', relax: [{ afterSeconds: 45, skill: 'general' }] },
  { queue: 'english', name: '英语', skill: 'english' },
];

/** Adds the queues that are not there yet. */
export async function seedDemoQueues(db: Database): Promise<void> {
  const rows = QUEUES.map((queue) => ({ ...queue, relax: JSON.stringify(queue.relax ?? []) }));
  await db('queues').insert(rows).onConflict('queue').ignore();
}
