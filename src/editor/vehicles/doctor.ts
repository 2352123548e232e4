import path from 'node:path';
import * as vscode from 'vscode';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { SignIns } from '../stacks/signIn.ts';
import type { Targets, VehicleTarget } from '../stacks/targets.ts';
import { isGiven } from '../../cms/contract/needs.ts';
import type { Fix } from '../../cms/contract/checks.ts';
import { notify } from '../base/shown.ts';
import { say } from '../base/say.ts';
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

  async #diagnose(target: unknown): Promise<void> {
    const vehicle = await this.#targets.vehicle(target, vscode.l10n.t('Diagnose Vehicle'));
    if (vehicle === undefined) return;
    const { access, signIns, rows, storage } = this.#sources;
    const { ref } = vehicle;
    const need = await signIns.needOf(ref, async (deployment, signal) => {
      const able = await deployment.capabilities(signal);
      return able.find(({ id }) => id === 'doctor')?.needs ?? deployment.vehicles.needs;
    });
    if (need === undefined) return;
    const who = await signIns.ask(ref, need);
    if (isGiven(need) && who !== undefined) access.sessions.give(ref, need, who);
    const found = await this.#tasks.run({ title: vscode.l10n.t('Diagnosing {0}', vehicle.vin) }, (work) =>
      diagnoseToMarkdown({ access, log: this.#tasks.log }, vehicle, work),
    );
    if (found?.signedIn === true) await access.sessions.rememberGiven(ref, need);
    else access.sessions.takeBack(ref, need);
    if (found === undefined) return;
    // The VIN is part of a file name here: whatever else was typed stays out of it.
    const name = vehicle.vin.replace(/[^A-Za-z0-9_-]/g, '_');
    const file = vscode.Uri.joinPath(storage, 'diagnosis', vscode.l10n.t('Diagnosis of {0}.md', name));
    await makeFolder(storage.fsPath, path.dirname(file.fsPath));
    await writeFileSafely(file.fsPath, found.report);
    await vscode.commands.executeCommand('markdown.showPreview', file);
    rows.refresh(vehicle.node);
    if (found.fixes.length > 0) await this.#offerFixes(vehicle, found.fixes);
  }

  /** What the remedies say can be done from here, each only when the person agrees to it. */
  async #offerFixes(vehicle: VehicleTarget, fixes: readonly Fix[]): Promise<void> {
    const where = await this.#tasks.run(
      { title: vscode.l10n.t('Checking {0}', vehicle.ref.stack), quiet: true },
      ({ signal }) => this.#sources.access.placeWords(vehicle.ref, signal),
    );
    if (where === undefined) return;
    const go = vscode.l10n.t('Fix');
    const picked = await notify.warn(
      vscode.l10n.t('Some of the problems with {0} can be fixed from here.', vehicle.vin),
      { modal: true, detail: [where, '', ...fixes.map(({ title }) => `• ${say(title)}`)].join('\n') },
      go,
    );
    if (picked !== go) return;
    const done = await this.#tasks.run({ title: vscode.l10n.t('Fixing {0}', vehicle.vin) }, async (work) => {
      for (const fix of fixes) {
        work.progress({ step: 'fix', level: 'info', message: fix.title });
        await fix.run(work);
      }
      return true;
    });
    if (done === true) await this.#diagnose(vehicle);
  }
}
