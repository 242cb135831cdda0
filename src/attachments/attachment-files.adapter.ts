import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const SHA256 = /^[0-9a-f]{64}$/;

/** What a content is called. */
export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The folder of the attachments' contents: one file for each content, named by its SHA-256, written whole or not at all. */
export class AttachmentFiles {
  constructor(private readonly folder: string) {}

  /** Keeps a content under its SHA-256; one that is there already is not written again. */
  async keep(sha256: string, content: Buffer): Promise<void> {
    if (!(await this.has(sha256))) await this.write(this.path(sha256), content);
  }

  /** Where a content is. Throws for what is no SHA-256. */
  path(sha256: string): string {
    if (!SHA256.test(sha256)) throw new Error('not the name of an attachment');
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  has(sha256: string): Promise<boolean> {
    return access(this.path(sha256)).then(
      () => true,
      () => false,
    );
  }

  /** The contents, a sub-folder at a time, written before an instant. Half-written files of that age are deleted. */
  async *olderThan(instant: Date): AsyncGenerator<string[]> {
    for (const part of await readdir(this.folder).catch(() => [])) {
      const names = await readdir(join(this.folder, part)).catch(() => []);
      const old = [];
      for (const name of names) {
        const facts = await stat(join(this.folder, part, name)).catch(() => null);
        if (!facts || facts.mtime >= instant) continue;
        if (SHA256.test(name)) old.push(name);
        else await rm(join(this.folder, part, name), { force: true });
      }
      if (old.length > 0) yield old;
    }
  }

  remove(sha256: string): Promise<void> {
    return rm(this.path(sha256), { force: true });
  }

  private async write(place: string, content: Buffer): Promise<void> {
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const part = `${place}.${randomUUID()}.part`;
    try {
      const file = await open(part, 'wx', 0o600);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, place);
    } catch (fault) {
      await rm(part, { force: true });
      throw fault;
    }
  }
}
