import type * as vscode from 'vscode';
import { type DriveAnswers, REPEATED } from './driveSettings.ts';

const ANSWERS_KEY = 'driveAnswers';
const VINS_KEY = 'drivenVins';

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
  get vins(): string[] {
    return this.#workspace.get<string[]>(VINS_KEY, []);
  }

  async keep(answers: DriveAnswers, vins: readonly string[]): Promise<void> {
    await this.#global.update(
      ANSWERS_KEY,
      Object.fromEntries(
        REPEATED.flatMap((key) => (answers[key] === undefined ? [] : [[key, answers[key]]])),
      ),
    );
    await this.#workspace.update(VINS_KEY, vins.slice(0, 1000));
  }
}
