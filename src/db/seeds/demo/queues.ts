import type { Database } from '../../../platform/postgres';
import type { Queue } from '../../../routing/queue';

/** Queues of the demonstration city; the skills are those of its agents. */
const QUEUES: Queue[] = [
  { queue: 'general', name: '综合', skill: 'general' },
  { queue: 'enterprise', name: '企业服务', skill: 'enterprise' },
  { queue: 'dialect', name: '方言', skill: 'dialect' },
  { queue: 'english', name: '英语', skill: 'english' },
];

/** Adds the queues that are not there yet. */
export async function seedDemoQueues(db: Database): Promise<void> {
  await db('queues').insert(QUEUES).onConflict('queue').ignore();
}
