import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { LineNews } from '../../src/lines/line-news.store';
import { LineService } from '../../src/lines/line.service';
import { LineStore } from '../../src/lines/line.store';
import type { LineInput } from '../../src/lines/line';
import { AuditStore } from '../../src/platform/audit.store';
import { Bus } from '../../src/platform/bus';
import { systemClock } from '../../src/platform/clock';
import type { Caller } from '../../src/platform/http-route';
import { openLogger } from '../../src/platform/logger';
import { type Database, openPostgres } from '../../src/platform/postgres';

export const SETTINGS = { hotlineNumber: '12345', areaCode: '0355', cityZone: 'Asia/Shanghai' };

export const ADMINISTRATOR: Caller = {
  personId: 'p-admin',
  name: '管理员',
  role: 'administrator',
  unitId: null,
  sessionId: 's',
  address: '127.0.0.1',
};

const UNITS: Record<string, { name: string; kind: string }> = {
  'dept-zhujian': { name: '长治市住房和城乡建设局', kind: 'department' },
  'court-luzhou': { name: '潞州区人民法院', kind: 'other' },
};

export interface Side {
  db: Database;
  lines: LineService;
  bus: Bus;
  /** Line ids heard as `linesChanged`. */
  heard: string[];
  audit: AuditStore;
  close(): Promise<void>;
}

const open = new Set<Side>();

/** Closes whatever `openLines` opened and no test closed. */
export async function closeAll(): Promise<void> {
  for (const side of open) await side.close();
}

/** A line service on a database, as hotline.ts wires it; the audit trail and the directory are lists of the test. */
export function openLines(url: string, lookEveryMs = 60_000): Side {
  const db = openPostgres(url, 4);
  const bus = new Bus();
  const heard: string[] = [];
  bus.on('linesChanged', (event) => heard.push(event.lineId));
  const log = openLogger('silent');
  const audit = new AuditStore(db, systemClock);
  const lines = new LineService({
    store: new LineStore(db),
    news: (onNews) => new LineNews(url, onNews, log),
    settings: SETTINGS,
    audit,
    findUnit: (unitId) => UNITS[unitId] ?? null,
    bus,
    clock: systemClock,
    log,
    lookEveryMs,
  });
  const close = async () => {
    if (!open.delete(side)) return;
    await lines.stop();
    await db.destroy();
  };
  const side: Side = { db, lines, bus, heard, audit, close };
  open.add(side);
  return side;
}

export function input(change: Partial<LineInput> = {}): LineInput {
  return {
    name: '城建热线',
    mode: 'direct',
    numbers: ['0355-2012319'],
    unitId: 'dept-zhujian',
    owner: 'city',
    firstDay: '2021-01-01',
    lastDay: null,
    greetingSound: 'greeting-merged',
    greetingText: '您好',
    queue: 'general',
    priority: 0,
    defaultCategory: null,
    script: '',
    parallelDestination: null,
    ...change,
  };
}

/** Waits until a condition holds; fails after so many milliseconds. */
export async function until(condition: () => boolean, milliseconds = 8000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A wire to PostgreSQL that can be cut and mended. */
export class Wire {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  constructor(private readonly target: URL) {}

  async mend(): Promise<string> {
    this.server = createServer((near) => {
      const far = connect(Number(this.target.port || 5432), this.target.hostname);
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [near, far].forEach((one) => one.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.toString();
  }

  async cut(): Promise<void> {
    const server = this.server;
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }
}
