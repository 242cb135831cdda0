import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as rules from './support/architecture';
import type { Rule, Source } from './support/architecture';

const root = join(__dirname, '..');
const sources: Source[] = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((path) => join('src', path))
  .filter((path) => /\.(ts|tsx|mts)$/.test(path) && !path.endsWith('.d.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** For each rule: sources that must break it, and such as must not. */
const samples: Record<keyof typeof rules, { bad: [string, string][]; good: [string, string][] }> = {
  plainImportsNothingImpure: {
    bad: [
      ['src/seats/seat.ts', `import { readFileSync } from 'node:fs';`],
      ['src/seats/seat.ts', `import knex from 'knex';`],
      ['src/seats/seat.ts', `import { SeatStore } from './seat.store';`],
      ['src/seats/seat.ts', `import { openRedis } from '../platform/redis';`],
      ['src/seats/seat.ts', `export * from '../hotline';`],
      ['src/seats/seat.ts', `const fs = await import('fs');`],
    ],
    good: [
      [
        'src/seats/seat.ts',
        `import { z } from 'zod'; import { x } from '../lines/line'; import type { Seats } from './seat.store';`,
      ],
      [
        'src/seats/seat.ts',
        `import { CITY_ZONE } from '../platform/clock'; import { DateTime } from 'luxon';`,
      ],
      ['src/seats/seat.store.ts', `import Redis from 'ioredis';`],
    ],
  },
  plainHasNoClock: {
    bad: [
      ['src/calls/call.ts', `export const now = () => new Date();`],
      ['src/calls/call.ts', `export const id = () => crypto.randomUUID();`],
      ['src/calls/call.ts', `setTimeout(() => 1, 1);`],
      ['src/calls/call.ts', `const now = Date.now();`],
    ],
    good: [
      ['src/calls/call.ts', `export const day = (at: number) => new Date(at);`],
      ['src/calls/call.service.ts', `const now = new Date();`],
    ],
  },
  sqlOnlyInStores: {
    bad: [
      ['src/calls/call.service.ts', `import knex from 'knex';`],
      ['src/calls/call.service.ts', 'db.raw(`select a from calls where x = ${1}`)'],
      ['src/calls/call.routes.ts', `db.raw('delete from calls')`],
    ],
    good: [
      ['src/calls/call.store.ts', `db.raw('select a from calls')`],
      [
        'src/calls/call.service.ts',
        `import type { Knex } from 'knex'; const words = 'select one from the list, please'.length;`.replace(
          'select',
          'choose',
        ),
      ],
    ],
  },
  redisOnlyInStores: {
    bad: [['src/calls/call.service.ts', `import Redis from 'ioredis';`]],
    good: [['src/calls/call.store.ts', `import Redis from 'ioredis';`]],
  },
  processOnlyInMain: {
    bad: [
      ['src/calls/call.service.ts', `const x = process.env.X;`],
      ['src/platform/logger.ts', `process.exit(1);`],
    ],
    good: [
      ['src/main.ts', `process.exit(process.env.X ? 1 : 0);`],
      ['src/calls/call.service.ts', `process.on('exit', x); process.nextTick(x);`],
    ],
  },
  vendorsOnlyInTelephony: {
    bad: [
      ['src/calls/call.service.ts', `const asteriskId = 1;`],
      ['src/calls/call.ts', `const x = 'PJSIP/8001';`],
      ['src/calls/call.ts', `import x from 'ari-client';`],
      ['src/platform/logger.ts', `const ARI_URL = 1;`],
    ],
    good: [
      ['src/telephony/asterisk/ari-link.adapter.ts', `import ari from 'ari-client';`],
      ['src/calls/call.ts', `const variable = 'charisma'; // as Asterisk does`],
    ],
  },
  modulesMeetByTypes: {
    bad: [
      ['src/calls/call.service.ts', `import { SeatService } from '../seats/seat.service';`],
      ['src/calls/call.routes.ts', `import { type A, SeatStore } from '../seats/seat.store';`],
      ['src/web/desk/main.tsx', `import { x } from '../../seats/seat.store';`],
      ['src/platform/realtime.ts', `import { Desk } from '../desk/desk.service';`],
      ['src/calls/call.service.ts', `import { startHotline } from '../hotline';`],
    ],
    good: [
      ['src/calls/call.service.ts', `import type { SeatService } from '../seats/seat.service';`],
      [
        'src/calls/call.service.ts',
        `import { type SeatStore } from '../seats/seat.store'; import { SEAT_MOVES } from '../seats/seat';`,
      ],
      ['src/hotline.ts', `import { SeatService } from './seats/seat.service';`],
      [
        'src/web/desk/main.tsx',
        `import { may } from '../../permissions'; import { SEAT_MOVES } from '../../seats/seat';`,
      ],
    ],
  },
  noDumpingGround: {
    bad: [
      ['src/utils/text.ts', ''],
      ['src/calls/helpers.ts', ''],
      ['src/calls/all.ts', `export * from './call'; export { x } from './y';`],
    ],
    good: [['src/calls/call.ts', `export { x } from './y'; export const z = 1;`]],
  },
  honestTypes: {
    bad: [
      ['src/calls/call.ts', `export const x: any = 1;`],
      ['src/calls/call.ts', `// @ts-ignore\nexport const x = 1;`],
      ['src/calls/call.ts', `@Injectable() class A { x() {} }`],
      ['src/calls/call.ts', `class Dates { static a() {} static b() {} }`],
    ],
    good: [['src/calls/call.ts', `/** any word is fine here */ export class A { static x = 1; y = 'any'; }`]],
  },
};

const named = Object.entries(samples) as [keyof typeof rules, (typeof samples)[keyof typeof rules]][];

describe.each(named)('%s', (name, { bad, good }) => {
  const rule: Rule = rules[name];
  const judge = (path: string, text: string) => rule({ path, text });

  it.each(bad)('finds the breach in %s: %s', (path, text) => {
    const [breach] = judge(path, text);
    expect(breach?.where).toContain(path);
  });

  it.each(good)('lets %s be: %s', (path, text) => {
    expect(judge(path, text)).toEqual([]);
  });

  it('holds in the whole source', () => {
    const breaches = sources
      .flatMap((source) => rule(source))
      .map(({ where, words }) => `${where}: ${words}`);
    expect(breaches).toEqual([]);
  });
});

it('reads the source at all', () => {
  expect(sources.length).toBeGreaterThan(50);
  for (const path of ['src/main.ts', 'src/seats/seat.ts', 'src/web/desk/main.tsx'])
    expect(sources.map((source) => source.path)).toContain(path);
});
