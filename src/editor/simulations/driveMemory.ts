import type * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { VehicleName } from '../base/stackRef.ts';
import { type DriveAnswers, REPEATED } from './driveSettings.ts';

const ANSWERS_KEY = 'driveAnswers';
/** Once it held VINs alone, later objects. */
const VEHICLES_KEY = 'drivenVins';
/** More are asked for again: a drive of some of them would not be the same drive. A hundred thousand are 4 MB. */
const MOST_VEHICLES = 100_000;

/** The drive that was asked for last. Its vehicles are remembered with the workspace, which has their certificates. */
export class DriveMemory {
  readonly #global: vscode.Memento;
  readonly #workspace: vscode.Memento;

  constructor(global: vscode.Memento, workspace: vscode.Memento) {
    this.#global = global;
    this.#workspace = workspace;
  }

  get answers(): DriveAnswers {
    const kept = this.#global.get<Record<string, unknown>>(ANSWERS_KEY, {});
    return Object.fromEntries(
      REPEATED.flatMap((key) => (typeof kept[key] === 'string' ? [[key, kept[key]]] : [])),
    );
  }

  /** The vehicles that were asked for last in this workspace. */
  get vehicles(): VehicleName[] {
    const kept = this.#workspace.get<unknown>(VEHICLES_KEY, []);
    return Array.isArray(kept) ? kept.flatMap((name: unknown) => nameOf(name) ?? []) : [];
  }

  async keep(answers: DriveAnswers, vehicles: readonly VehicleName[]): Promise<void> {
    await this.#global.update(
      ANSWERS_KEY,
      Object.fromEntries(
        REPEATED.flatMap((key) => (answers[key] === undefined ? [] : [[key, answers[key]]])),
      ),
    );
    const names = vehicles.length > MOST_VEHICLES ? [] : vehicles.map(wordOf);
    await this.#workspace.update(VEHICLES_KEY, names);
  }
}

/** VIN and id in one short word. */
function wordOf({ vin, id }: VehicleName): string {
  return id === undefined ? vin : `${vin}\n${id === vin ? '' : id}`;
}

/** Undefined for what is none: the editor hands out whatever was kept. */
function nameOf(kept: unknown): VehicleName | undefined {
  if (typeof kept === 'string') {
    const [vin = '', id] = kept.split('\n');
    return defined({ vin, id: id === '' ? vin : id });
  }
  if (typeof kept !== 'object' || kept === null || !('vin' in kept) || typeof kept.vin !== 'string')
    return undefined;
  return defined({ vin: kept.vin, id: 'id' in kept && typeof kept.id === 'string' ? kept.id : undefined });
}
