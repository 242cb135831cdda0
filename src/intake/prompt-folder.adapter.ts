import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promptName, readPromptWords, type BuiltIn } from './prompt-catalogue';
import type { PlayedVersion } from './prompt.store';
import { wavSeconds } from './wav';

const WAV = '.wav';
/** A file that is being written, by the process of this number. */
const HALF = /\.wav\.\d+$/;

/**
 * The folder of replaced recordings, which Asterisk has as sounds/zh_CN: for a leg whose language is zh_CN it looks there
 * first and in sounds/zh next, each time it plays, so a new file counts with the next play and without the service too.
 */
export class PromptFolder {
  /** What this process has put there or found to be right, by name. */
  private readonly known = new Map<string, string>();

  constructor(private readonly folder: string) {}

  /**
   * Brings the folder in step: missing or different recordings are written, all others removed.
   *
   * @param load the sound of a version
   */
  async bringInStep(
    played: readonly PlayedVersion[],
    load: (version: PlayedVersion) => Promise<Buffer | null>,
  ): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o755 });
    for (const version of played) {
      if (await this.isThere(version)) continue;
      const audio = await load(version);
      if (audio) await this.write(version, audio);
    }
    const wanted = new Set(played.map(({ name }) => name + WAV));
    // Every service writes what is missing; what it does not know was taken back, or left half-written long ago.
    for (const file of await readdir(this.folder)) {
      if (file.endsWith(WAV) ? !wanted.has(file) : await this.isOldHalf(file)) await this.remove(file);
    }
  }

  private async isOldHalf(file: string): Promise<boolean> {
    if (!HALF.test(file)) return false;
    const found = await stat(join(this.folder, file)).catch(() => null);
    return found !== null && Date.now() - found.mtimeMs > 60_000;
  }

  /** Size each time, content once per process: another service may keep the same folder. */
  private async isThere({ name, versionId, sha256, bytes }: PlayedVersion): Promise<boolean> {
    const file = this.file(name);
    const size = await stat(file).then(
      (found) => found.size,
      () => null,
    );
    if (size !== bytes) return false;
    if (this.known.get(name) === versionId) return true;
    if (
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex') !== sha256
    )
      return false;
    this.known.set(name, versionId);
    return true;
  }

  /** Whole or not at all: the switch may be reading this very file. */
  private async write({ name, versionId }: PlayedVersion, audio: Buffer): Promise<void> {
    const half = `${this.file(name)}.${process.pid}`;
    await writeFile(half, audio, { mode: 0o644 });
    await rename(half, this.file(name));
    this.known.set(name, versionId);
  }

  private async remove(file: string): Promise<void> {
    this.known.delete(file.slice(0, -WAV.length));
    await rm(join(this.folder, file), { force: true });
  }

  private file(name: string): string {
    return join(this.folder, promptName.parse(name) + WAV);
  }
}

/** The recordings that are shipped: asterisk-config/prompts.tsv and sounds/zh. */
export class ShippedPrompts {
  private list: BuiltIn[] = [];

  constructor(private readonly folder: string) {}

  async start(): Promise<void> {
    const words = readPromptWords(await readFile(join(this.folder, 'prompts.tsv'), 'utf8'));
    this.list = await Promise.all(
      words.map(async (each) => ({ ...each, seconds: wavSeconds((await stat(this.file(each.name))).size) })),
    );
  }

  all(): readonly BuiltIn[] {
    return this.list;
  }

  /** The sound; null when none of this name is shipped. */
  async sound(name: string): Promise<Buffer | null> {
    return this.list.some((each) => each.name === name) ? readFile(this.file(name)) : null;
  }

  private file(name: string): string {
    return join(this.folder, 'sounds/zh', promptName.parse(name) + WAV);
  }
}
