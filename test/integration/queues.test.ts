import { seedDemoQueues } from '../../src/db/seeds/demo/queues';
import { openPostgres } from '../../src/platform/postgres';
import { skillFor } from '../../src/routing/queue';
import { QueueStore } from '../../src/routing/queue.store';
import { freshDatabase } from '../support/servers';

test('queues come from the table, general is always there, and a change takes effect at once', async () => {
  const { url, drop } = await freshDatabase();
  const database = openPostgres(url, 2);
  const queues = new QueueStore(database);
  expect([...queues.all().keys()]).toEqual(['general']);
  await seedDemoQueues(database);
  await queues.refresh();
  expect(skillFor('enterprise', queues.all())).toBe('enterprise');
  await queues.put({ queue: 'enterprise', name: '企业专席', skill: 'general' }, async () => undefined);
  expect(skillFor('enterprise', queues.all())).toBe('general');
  const refused = queues.put({ queue: 'enterprise', name: '无痕迹', skill: 'general' }, async () => {
    throw new Error('the audit trail takes no entry');
  });
  await expect(refused).rejects.toThrow('the audit trail');
  await queues.refresh();
  expect(queues.all().get('enterprise')?.name).toBe('企业专席');
  await database.destroy();
  await expect(queues.refresh()).rejects.toThrow();
  expect(queues.all().get('enterprise')?.name).toBe('企业专席');
  await drop();
});
