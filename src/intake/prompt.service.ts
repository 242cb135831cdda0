import { createHash } from 'node:crypto';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Logger } from '../platform/logger';
import { RepeatedTask } from '../platform/repeated-task';
import type { AudioConverter } from './audio-conversion.adapter';
import {
  mayBeNamed,
  promptCatalogue,
  type Prompt,
  type PromptLine,
  type PromptVersion,
} from './prompt-catalogue';
import type { PromptFolder, ShippedPrompts } from './prompt-folder.adapter';
import type { NewVersion, PromptStore } from './prompt.store';

export interface PromptDeps {
  store: PromptStore;
  folder: PromptFolder;
  shipped: ShippedPrompts;
  converter: AudioConverter;
  audit: Pick<AuditStore, 'append'>;
  clock: Clock;
  log: Pick<Logger, 'warn' | 'info'>;
  lines(): readonly PromptLine[];
  /** Lines whose digit menu has choices. */
  linesWithMenu(): readonly string[];
}

type Who = Pick<Caller, 'personId' | 'name' | 'address'>;

/** The folder is looked at this often: another service may have taken an upload, or somebody removed a file. */
const LOOK_SECONDS = 10;

/**
 * The recordings callers hear: built-in ones, and uploads that replace them or are new. PostgreSQL keeps every version;
 * each service keeps a folder in step with it from which the switch plays.
 */
export class PromptService {
  private current: ReadonlyMap<string, PromptVersion> = new Map();
  private trouble: string | null = null;
  private readonly looking: RepeatedTask;
  /** Changes and looks follow each other, so that an older state never overwrites a newer one. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: PromptDeps) {
    this.looking = new RepeatedTask(
      LOOK_SECONDS,
      () => this.publish(),
      () => undefined,
    );
  }

  async start(): Promise<void> {
    await this.deps.shipped.start();
    this.looking.start();
  }

  stop(): Promise<void> {
    return this.looking.stop();
  }

  /** Whether there is a recording of this name; what was last known while the database is away. */
  known(name: string): boolean {
    const version = this.current.get(name);
    if (version && version.action !== 'reverted') return true;
    return this.deps.shipped.all().some((each) => each.name === name);
  }

  /** Every recording, and in Chinese what keeps replaced ones from being heard (null: nothing). */
  async list(): Promise<{ prompts: Prompt[]; trouble: string | null }> {
    const { store, shipped, lines, linesWithMenu } = this.deps;
    const current = await store.current();
    return {
      prompts: promptCatalogue(shipped.all(), current, lines(), linesWithMenu()),
      trouble: this.trouble,
    };
  }

  /** Versions of a recording, newest first. Throws `not-found`. */
  async history(name: string): Promise<PromptVersion[]> {
    const versions = await this.deps.store.history(name);
    if (versions.length === 0) await this.one(name);
    return versions;
  }

  /** The sound played now, or that of a version. Throws `not-found`. */
  async sound(name: string, versionId?: string): Promise<Buffer> {
    const id = versionId ?? (await this.one(name)).uploaded?.versionId;
    const sound = id ? (await this.deps.store.version(name, id))?.audio : await this.deps.shipped.sound(name);
    if (!sound) throw new HotlineError('not-found', '没有这段录音', { name });
    return sound;
  }

  /** Puts an uploaded file in the place of a recording, or adds a new one. Nothing changes when it cannot be used. */
  async upload(
    name: string,
    words: string,
    file: { bytes: Buffer; fileName: string },
    who: Who,
  ): Promise<Prompt> {
    const { prompts } = await this.list();
    if (!prompts.some((each) => each.name === name) && !mayBeNamed(name, this.deps.lines()))
      throw new HotlineError('invalid-input', '新录音的名称须以 greeting- 开头，或是某条热线的菜单', {
        field: 'name',
      });
    const { wav, seconds, kind } = await this.deps.converter.convert(file.bytes);
    return this.add(
      { ...sounding(wav), name, words, seconds, action: 'uploaded', source: `${kind} ${file.fileName}` },
      who,
    );
  }

  /** Plays an earlier version again. */
  async restore(name: string, versionId: string, who: Who): Promise<Prompt> {
    const version = await this.deps.store.version(name, versionId);
    if (!version?.audio) throw new HotlineError('not-found', '没有这个版本的录音', { name });
    const { words, seconds, source, audio } = version;
    return this.add({ ...sounding(audio), name, words, seconds, source, action: 'restored' }, who);
  }

  /** Goes back to the built-in recording; one of one's own is removed. Nothing is forgotten: it can be restored. */
  async revert(name: string, who: Who): Promise<Prompt | null> {
    const before = await this.one(name);
    if (!before.uploaded) throw new HotlineError('wrong-state', '正在使用的就是内置录音', { name });
    if (!before.builtIn && before.group === 'greeting' && before.lines.length > 0)
      throw new HotlineError('wrong-state', `热线“${before.lines.join('”“')}”正在使用这段问候语，请先更换`, {
        lines: before.lines,
      });
    const none = { audio: null, sha256: null, seconds: null, source: '' };
    const { words } = before;
    return this.change({ ...none, name, words, action: 'reverted' }, who);
  }

  private async one(name: string): Promise<Prompt> {
    const found = (await this.list()).prompts.find((each) => each.name === name);
    if (!found) throw new HotlineError('not-found', '没有这段录音', { name });
    return found;
  }

  private async add(version: Omit<NewVersion, 'at' | 'whoId' | 'whoName'>, who: Who): Promise<Prompt> {
    await this.change(version, who);
    return this.one(version.name);
  }

  private async change(
    version: Omit<NewVersion, 'at' | 'whoId' | 'whoName'>,
    who: Who,
  ): Promise<Prompt | null> {
    const { store, audit, clock } = this.deps;
    const whole = { ...version, whoId: who.personId, whoName: who.name, at: clock.now() };
    await store.add(whole, (within, before) =>
      audit.append(
        {
          who: who.personId,
          address: who.address,
          action: `prompt.${version.action}`,
          subject: `prompt:${version.name}`,
          facts: {
            before: before && { versionId: before.versionId, action: before.action, words: before.words },
            words: version.words,
            seconds: version.seconds,
            source: version.source,
            sha256: version.sha256,
          },
        },
        within,
      ),
    );
    await this.publish();
    return (await this.list()).prompts.find((each) => each.name === version.name) ?? null;
  }

  /** Brings the switch's folder in step with the database. A fault is remembered and said, and tried again. */
  private publish(): Promise<void> {
    const work = this.turn.then(() => this.publishNow());
    this.turn = work;
    return work;
  }

  private async publishNow(): Promise<void> {
    const { store, folder, log } = this.deps;
    try {
      this.current = await store.current();
      await folder.bringInStep(
        await store.played(),
        async ({ name, versionId }) => (await store.version(name, versionId))?.audio ?? null,
      );
      if (this.trouble) log.info('the folder of recordings is in step again');
      this.trouble = null;
    } catch (fault) {
      if (!this.trouble)
        log.warn({ err: fault }, 'the folder of recordings is not in step with the database');
      this.trouble = '录音已保存，但写入交换机的录音文件夹失败，来电人暂时还听不到新的录音；系统会自动重试';
    }
  }
}

function sounding(audio: Buffer): { audio: Buffer; sha256: string } {
  return { audio, sha256: createHash('sha256').update(audio).digest('hex') };
}
