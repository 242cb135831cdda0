import Redis from 'ioredis';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { openPostgres } from '../../src/platform/postgres';
import { DeskClient } from '../support/desk-client';
import {
  freshDatabase,
  freshRedis,
  ownAsterisk,
  ownPostgres,
  startService,
  type OwnAsterisk,
  type OwnServer,
  type Service,
} from '../support/servers';
import {
  callCitizen,
  callCitizens,
  type CallOptions,
  type CallsOptions,
  type CitizenCall,
} from '../support/sip-caller';
import { stopSipp } from '../support/sip-process';
import { SipPhones, type SipSeat } from '../support/sip-seat';
import { until } from '../support/until';

/** An agent at work: the desk and the phone. */
export interface Agent {
  desk: DeskClient;
  phone: SipSeat;
  phones: SipPhones;
  account: string;
}

export interface SceneOptions {
  /** Settings of the service; greeting, notice, rating, messages, recording and callbacks are off unless asked for. */
  env?: Record<string, string>;
  /** How many agents are signed in (and not ready yet). */
  agents?: number;
  /** PostgreSQL of its own, which may be stopped. */
  ownPostgres?: boolean;
}

const QUICK = {
  GREETING: 'false',
  RECORDED_NOTICE: 'false',
  OFFER_SECONDS: '3',
  WRAP_UP_SECONDS: '1',
  RATING_SECONDS: '0',
  WAITING_CHOICE: 'false',
  MESSAGE_WHEN_NO_SEAT: 'false',
  RECORD_CALLS: 'false',
  CALLBACKS: 'false',
  LOG_LEVEL: 'info',
};

/** The whole hotline for one test file: Asterisk, Redis, PostgreSQL, the service as a process, the demo city, agents. */
export class Scene {
  readonly agents: Agent[] = [];
  private readonly more: Service[] = [];
  private readonly desks: DeskClient[] = [];
  private readonly callers: CitizenCall[] = [];
  private world: SipPhones | null = null;

  private constructor(
    readonly asterisk: OwnAsterisk,
    readonly redis: OwnServer,
    readonly postgres: { url: string; server: OwnServer | null; drop(): Promise<void> },
    private readonly passwords: ReadonlyMap<string, string>,
    private readonly env: Record<string, string>,
    public service: Service,
  ) {}

  static async open(options: SceneOptions = {}): Promise<Scene> {
    const [asterisk, redis, database] = await Promise.all([
      ownAsterisk(),
      freshRedis(),
      options.ownPostgres ? ownPostgres() : freshDatabase(),
    ]);
    const server = 'kill' in database ? database : null;
    const drop = 'drop' in database ? database.drop : () => database.stop();
    const db = openPostgres(database.url, 2);
    const { accounts } = await seedDemoCity(db, { passwords: {} });
    await db.destroy();
    const env = {
      ...QUICK,
      POSTGRES_URL: database.url,
      REDIS_URL: redis.url,
      ARI_URL: asterisk.ariUrl,
      ARI_USERNAME: asterisk.ariUsername,
      ARI_PASSWORD: asterisk.ariPassword,
      PHONE_WS_URL: asterisk.phoneWsUrl,
      PROMPTS_DIR: asterisk.promptsDir,
      ...options.env,
    };
    const passwords = new Map(accounts.map(({ name, password }) => [name, password]));
    const service = await startService(env);
    const scene = new Scene(asterisk, redis, { url: database.url, server, drop }, passwords, env, service);
    try {
      await scene.inCommand();
      if (options.agents) await scene.addAgents(options.agents);
    } catch (fault) {
      const said = scene.service.logs().slice(-3000);
      await scene.close();
      throw new Error(`${String(fault)}\n${said}`, { cause: fault });
    }
    return scene;
  }

  get at(): { host: string; port: number } {
    return { host: this.asterisk.sipHost, port: this.asterisk.sipPort };
  }

  /** An account for a browser to sign in with. */
  account(name: string): { name: string; password: string } {
    return { name, password: this.passwords.get(name) ?? '' };
  }

  /** A signed-in desk that has no seat yet: `agent1` to `agent6`, `supervisor`, `admin`, `clerk-…`. */
  async desk(name: string): Promise<DeskClient> {
    const desk = await new DeskClient(this.service.url, name, this.passwords.get(name) ?? '').signIn();
    this.desks.push(desk);
    return desk;
  }

  /** Signs agents in with phones registered; they are not ready yet. `apart` gives each phone a SIPp of its own. */
  async addAgents(count: number, apart = false): Promise<Agent[]> {
    const first = this.agents.length + 1;
    const made = [];
    for (let number = first; number < first + count; number++) {
      const desk = await this.desk(`agent${number}`);
      const { phone } = await desk.takeSeat();
      made.push({ desk, ...phone });
    }
    const groups = apart ? made.map((each) => [each]) : [made];
    for (const group of groups) {
      const phones = await SipPhones.open(this.at, group);
      for (const { desk, account } of group)
        this.agents.push({ desk, account, phones, phone: phones.seat(account) });
    }
    const added = this.agents.slice(first - 1);
    await Promise.all(
      added.map(async ({ desk }) => {
        await desk.connect();
        await until(`phone of ${desk.name} is reachable`, async () => (await desk.seat())?.phoneReachable);
      }),
    );
    return added;
  }

  /** The phone behind a number outside, which calls by the trunk ring. */
  async outside(number: string): Promise<SipSeat> {
    const port = Number(this.asterisk.trunkHost.split(':')[1]);
    this.world ??= await SipPhones.outside(this.at, port);
    return this.world.seat(number);
  }

  /** One citizen calls. */
  async citizen(options: Omit<CallsOptions, 'at'> & CallOptions = {}): Promise<CitizenCall> {
    const call = await callCitizen({ at: this.at, ...options });
    this.callers.push(call);
    return call;
  }

  async citizens(calls: CallOptions[], options: Omit<CallsOptions, 'at'> = {}): Promise<CitizenCall[]> {
    const made = await callCitizens({ at: this.at, ...options }, calls);
    this.callers.push(...made);
    return made;
  }

  /** Resolves when the service commands the switch. */
  async inCommand(service = this.service): Promise<void> {
    let missing = '';
    await until(
      'the service is ready',
      async () => {
        const reply = await fetch(`${service.url}/readyz`);
        missing = await reply.text();
        return reply.ok;
      },
      15_000,
      () => `${missing}\n${service.logs().slice(-2000)}`,
    );
  }

  /** Another service beside the first, on the same switch and stores. */
  async secondService(): Promise<Service> {
    const service = await startService(this.env);
    this.more.push(service);
    return service;
  }

  /** A new service instead of the one that was killed, on the same port so that browsers come back. */
  async restartService(more: Record<string, string> = {}): Promise<void> {
    this.service = await startService({ ...this.env, ...more, HTTP_PORT: String(this.service.port) });
    await this.inCommand();
  }

  /** Channels that Asterisk holds. */
  channels(): number {
    return Number(/(\d+) active channels?/.exec(this.asterisk.console('core show channels'))?.[1] ?? -1);
  }

  noChannels(limitMs = 6000): Promise<boolean> {
    return until(
      'no channel is left on the switch',
      () => this.channels() === 0,
      limitMs,
      () => this.asterisk.console('core show channels concise'),
    );
  }

  /** Everybody hangs up and the agents' seats rest: the next test begins with nothing. */
  async calm(): Promise<void> {
    const open = this.callers.filter((call) => !call.over);
    await Promise.all(open.map((call) => call.hangUp().catch(() => undefined)));
    for (const { desk, phone } of this.agents) {
      phone.onRing = () => undefined;
      for (const ring of phone.rings) if (!ring.over && ring.answeredAt) await ring.hangUp();
      await until(
        `${desk.name} can rest`,
        async () => {
          const seat = await desk.seat();
          if (!seat || seat.state === 'notReady') return true;
          if (seat.state !== 'talking' && seat.state !== 'ringing') await desk.notReady();
          return false;
        },
        8000,
      );
      phone.forget();
      desk.feed.length = 0;
      desk.forgetPops();
    }
    this.callers.length = 0;
    this.world?.calm();
    await this.noChannels();
  }

  /** What Redis has, for a test that looks into it or empties it. */
  async inRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.redis.url);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    for (const desk of this.desks) desk.disconnect();
    await stopSipp();
    await Promise.all([...this.more, this.service].map((service) => service.stop()));
    await this.asterisk.stop();
    await this.redis.stop();
    await this.postgres.drop();
  }
}
