import { rm } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { hasCode, makeFolder, readFileOfOurs, writeFileSafely } from '../../core/safeFiles.ts';
import type { VehicleName } from '../base/stackRef.ts';
import { type DriveAnswers, REPEATED } from './driveSettings.ts';

const ANSWERS_KEY = 'driveAnswers';
/** Where older versions kept the vehicles: VINs alone, later objects, later words. */
const VEHICLES_KEY = 'drivenVins';
/** More are asked for again: a drive of some of them would not be the same drive. A hundred thousand are 4 MB. */
const MOST_VEHICLES = 100_000;
const MOST_BYTES = 32 * 1024 * 1024;

interface Sources {
  global: vscode.Memento;
  workspace: vscode.Memento;
  /**
   * Of the workspace. The vehicles are in a file there: a memento is one text, which is read when the extension
   * activates, and written whole whenever any of it changes.
   */
  folder: string;
  logError: (error: unknown) => void;
}

/** The drive that was asked for last. Its vehicles are remembered with the workspace, which has their certificates. */
export class DriveMemory {
  readonly #sources: Sources;
  readonly #file: string;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#file = path.join(sources.folder, 'drivenVehicles.json');
  }

  get answers(): DriveAnswers {
    const kept = this.#sources.global.get<Record<string, unknown>>(ANSWERS_KEY, {});
    return Object.fromEntries(
      REPEATED.flatMap((key) => (typeof kept[key] === 'string' ? [[key, kept[key]]] : [])),
    );
  }

  /** The vehicles that were asked for last in this workspace. Never rejects. */
  async vehicles(): Promise<VehicleName[]> {
    const kept = await this.#read();
    return Array.isArray(kept) ? kept.flatMap((name: unknown) => nameOf(name) ?? []) : [];
  }

  /** The drive goes on when its vehicles cannot be written, and the next one asks for them. */
  async keep(answers: DriveAnswers, vehicles: readonly VehicleName[]): Promise<void> {
    const { global, workspace } = this.#sources;
    await global.update(
      ANSWERS_KEY,
      Object.fromEntries(
        REPEATED.flatMap((key) => (answers[key] === undefined ? [] : [[key, answers[key]]])),
      ),
    );
    const names = vehicles.length > MOST_VEHICLES ? [] : vehicles.map(wordOf);
    await this.#write(JSON.stringify(names));
    if (workspace.get(VEHICLES_KEY) !== undefined) await workspace.update(VEHICLES_KEY, undefined);
  }

  async #read(): Promise<unknown> {
    const { workspace, logError } = this.#sources;
    try {
      return JSON.parse(await readFileOfOurs(this.#file, MOST_BYTES));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return workspace.get<unknown>(VEHICLES_KEY);
      logError(error);
      return undefined;
    }
  }

  async #write(text: string): Promise<void> {
    const { folder, logError } = this.#sources;
    try {
      await makeFolder(folder, path.dirname(this.#file));
      await writeFileSafely(this.#file, text);
    } catch (error) {
      logError(error);
      // They would be those of an earlier drive.
      await rm(this.#file, { force: true }).catch(logError);
    }
  }
}

/** VIN and id in one short word. */
function wordOf({ vin, id }: VehicleName): string {
  return id === undefined ? vin : `${vin}\n${id === vin ? '' : id}`;
}

/** Undefined for what is none: whatever was kept is handed out. */
function nameOf(kept: unknown): VehicleName | undefined {
  if (typeof kept === 'string') {
    const [vin = '', id] = kept.split('\n');
    return defined({ vin, id: id === '' ? vin : id });
  }
  if (typeof kept !== 'object' || kept === null || !('vin' in kept) || typeof kept.vin !== 'string')
    return undefined;
  return defined({ vin: kept.vin, id: 'id' in kept && typeof kept.id === 'string' ? kept.id : undefined });
}
