import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { hasCode, makeFolder, readFileOfOurs, writeFileSafely } from '../../core/safeFiles.ts';
import { type Log, logError } from '../base/log.ts';

/** Where the list once was: in the state of the workspace. */
const KEY = 'scaleRuns';
const MOST_BYTES = 64 * 1024;

/** What the next window finds a run by: names and places, nothing secret. */
const keptSchema = z.object({
  id: z.string(),
  title: z.string(),
  ref: z.object({ connectionId: z.string(), stack: z.string() }),
  shards: z.number(),
  vehicles: z.number(),
  on: z.enum(['batch', 'slurm']),
  /** `s3://bucket/prefix`, or a folder. */
  store: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
});
export type KeptScaleRun = z.infer<typeof keptSchema>;
const recordSchema = z.extend(keptSchema, { workspace: z.string() });

interface Sources {
  /** Of the extension, for all windows of this user: the folder of a workspace is another one for its second window. */
  globalStorage: string;
  /** URI of the workspace whose runs these are; empty without one. */
  workspace: string;
  memory: vscode.Memento;
  log: Log;
}

/**
 * The runs of several workers of a workspace that aren't over, each in a file of its own: of a list, every window of the
 * workspace would have its own, and write it over that of the others.
 */
export class ScaleRecords {
  readonly #sources: Sources;
  readonly #folder: string;
  /** One write after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#folder = path.join(sources.globalStorage, 'scaleRuns');
  }

  /** Oldest first. Never rejects. */
  async all(): Promise<KeptScaleRun[]> {
    await this.#takeList();
    const names = await readdir(this.#folder).catch(() => []);
    const records = await Promise.all(
      names.filter((name) => /^\w.*\.json$/.test(name)).map((name) => this.#read(name)),
    );
    return records.flatMap((record) => record ?? []).sort((a, b) => a.startedAt - b.startedAt);
  }

  /** The next window finds it from then on. Throws CmsError. */
  async keep(kept: KeptScaleRun): Promise<void> {
    try {
      await this.#write(() => this.#put(kept));
    } catch (error) {
      if (isCmsError(error)) throw error;
      throw new CmsError(
        'STORE_FAILED',
        l10n.t("Couldn't save how the next window finds {title}.", { title: kept.title }),
        { remedy: l10n.t('Make room on the disk, then try again.'), cause: error },
      );
    }
  }

  /** Never rejects: what cannot be written is in the log. */
  keepAgain(kept: KeptScaleRun): Promise<void> {
    return this.#logged(this.#write(() => this.#put(kept)));
  }

  /** Never rejects. */
  forget(id: string): Promise<void> {
    return this.#logged(this.#write(() => rm(this.#fileOf(id), { force: true })));
  }

  /** Until everything is on the disk. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #read(name: string): Promise<KeptScaleRun | undefined> {
    try {
      const text = await readFileOfOurs(path.join(this.#folder, name), MOST_BYTES);
      const { workspace, ...kept } = z.parse(recordSchema, JSON.parse(text));
      return workspace === this.#sources.workspace ? kept : undefined;
    } catch (error) {
      // Another window has just forgotten it.
      if (!hasCode(error, 'ENOENT')) logError(this.#sources.log, error);
      return undefined;
    }
  }

  /** What an older version left; it stays there until all of it is written. */
  #takeList(): Promise<void> {
    return this.#logged(
      this.#write(async () => {
        const { memory } = this.#sources;
        const list = z.safeParse(z.array(keptSchema), memory.get(KEY));
        if (!list.success) return;
        for (const kept of list.data) await this.#put(kept);
        await memory.update(KEY, undefined);
      }),
    );
  }

  async #put(kept: KeptScaleRun): Promise<void> {
    const { globalStorage, workspace } = this.#sources;
    await makeFolder(globalStorage, this.#folder);
    await writeFileSafely(this.#fileOf(kept.id), JSON.stringify({ ...kept, workspace }));
  }

  #write(write: () => Promise<void>): Promise<void> {
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => undefined);
    return written;
  }

  #logged(written: Promise<void>): Promise<void> {
    return written.catch((error: unknown) => logError(this.#sources.log, error));
  }

  #fileOf(id: string): string {
    return path.join(this.#folder, `${id.replaceAll(/[^\w.-]/g, '_')}.json`);
  }
}
