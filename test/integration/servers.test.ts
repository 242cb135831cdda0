import Redis from 'ioredis';
import { Client } from 'pg';
import { asteriskConsole, freshDatabase, freshRedis, testServers } from '../support/servers';
import { printed } from '../../src/runtime/machine.service';

describe('the servers of a test run', () => {
  it('gives a migrated database and takes it away', async () => {
    const database = await freshDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await database.drop();
  });

  it('gives a Redis of one’s own that can be killed and comes back', async () => {
    const server = await freshRedis({ durable: true });
    const redis = new Redis(server.url);
    redis.on('error', () => undefined);
    await redis.set('a', '1');
    await new Promise((done) => setTimeout(done, 1200));
    await server.kill();
    await server.restart();
    expect(await redis.get('a')).toBe('1');
    redis.disconnect();
    await server.stop();
  });

  it('runs an Asterisk that knows its trunk, and gives SIPp and Chromium', async () => {
    expect(asteriskConsole('pjsip show endpoint trunk')).toContain('trunk');
    expect(printed(testServers().sipp, ['-v'])).toContain('SIPp');
    expect(printed(testServers().chromium, ['--version', '--no-sandbox'])).toContain('Chromium');
  });
});
