import path from 'node:path';
import * as vscode from 'vscode';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { SignIns } from '../stacks/signIn.ts';
import type { Targets } from '../stacks/targets.ts';
import { diagnoseToMarkdown } from './diagnosisReport.ts';

interface Sources {
  access: VehicleAccess;
  signIns: SignIns;
  rows: RowChanges;
  /** Where reports are kept. */
  storage: vscode.Uri;
}

/** Runs the doctor on a vehicle and opens what it found as a readable page, which survives a reload. */
export class Doctor {
  readonly #tasks: Tasks;
  readonly #targets: Targets;
  readonly #sources: Sources;

  constructor(tasks: Tasks, targets: Targets, sources: Sources) {
    this.#tasks = tasks;
    this.#targets = targets;
    this.#sources = sources;
  }

  /** Says itself what goes wrong. */
  diagnose(target?: unknown): Promise<void> {
    return this.#tasks.attempt(() => this.#diagnose(target));
  }

  /** The same of a vehicle of one of the stacks of a connection: asks which, if there are several. */
  diagnoseOn(connectionId: string, vin: string): void {
    void this.#tasks.attempt(async () => {
      const ref = await this.#targets.stackOf(connectionId);
      if (ref !== undefined) await this.#diagnose({ ref, vin });
    });
  }

  async #diagnose(target: unknown): Promise<void> {
    const vehicle = await this.#targets.vehicle(target, vscode.l10n.t('Diagnose Vehicle'));
    if (vehicle === undefined) return;
    const { access, signIns, rows, storage } = this.#sources;
    const signIn = await signIns.for(vehicle.ref);
    const found = await this.#tasks.run({ title: vscode.l10n.t('Diagnosing {0}', vehicle.vin) }, (work) =>
      diagnoseToMarkdown({ access, log: this.#tasks.log }, { ...vehicle, signIn }, work),
    );
    if (found === undefined) return;
    if (found.signedIn) await access.sessions.remember(vehicle.ref, signIn);
    // The VIN is part of a file name here: whatever else was typed stays out of it.
    const name = vehicle.vin.replace(/[^A-Za-z0-9_-]/g, '_');
    const file = vscode.Uri.joinPath(storage, 'diagnosis', vscode.l10n.t('Diagnosis of {0}.md', name));
    await makeFolder(storage.fsPath, path.dirname(file.fsPath));
    await writeFileSafely(file.fsPath, found.report);
    await vscode.commands.executeCommand('markdown.showPreview', file);
    rows.refresh(vehicle.node);
  }
}
