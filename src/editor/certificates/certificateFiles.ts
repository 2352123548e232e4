import * as vscode from 'vscode';
import type { KnownVehicle, VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify } from '../base/shown.ts';
import type { Targets, VehicleTarget } from '../stacks/targets.ts';
import { showCertificate } from './certificateDocument.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

interface Sources {
  access: VehicleAccess;
  /** Where pages are written. */
  storage: vscode.Uri;
  /** Gives a vehicle its certificates. */
  provision: (vehicle: VehicleTarget) => Promise<void>;
}

/** Shows what the workspace has of the certificates of a vehicle. */
export class CertificateFiles implements vscode.Disposable {
  readonly #tasks: Tasks;
  readonly #targets: Targets;
  readonly #sources: Sources;
  readonly #revealed = new vscode.EventEmitter<void>();
  /** A person looked at the certificates of a vehicle. */
  readonly onDidReveal = this.#revealed.event;

  constructor(tasks: Tasks, targets: Targets, sources: Sources) {
    this.#tasks = tasks;
    this.#targets = targets;
    this.#sources = sources;
  }

  /** In the Explorer. */
  async reveal(target: unknown): Promise<void> {
    const found = await this.#certificateOf(target, vscode.l10n.t('Reveal Certificates'));
    if (found === undefined) return;
    await vscode.commands.executeCommand('revealInExplorer', found.file);
    this.#revealed.fire();
  }

  /** As a page. */
  async show(target: unknown): Promise<void> {
    const found = await this.#certificateOf(target, vscode.l10n.t('Show Certificate'));
    if (found === undefined) return;
    const { vehicle, file } = found;
    const title = vscode.l10n.t('Reading the certificate of {0}', vehicle.vin);
    await this.#tasks.run({ title, quiet: true }, ({ signal }) =>
      showCertificate(this.#sources, vehicle, file, signal),
    );
    this.#revealed.fire();
  }

  /** The certificate file of a vehicle; says so, and offers to get one, where there is none. */
  async #certificateOf(
    target: unknown,
    what: string,
  ): Promise<{ vehicle: VehicleOfStack & KnownVehicle; file: vscode.Uri } | undefined> {
    const vehicle = await this.#targets.vehicle(target, what);
    if (vehicle === undefined) return undefined;
    const { access } = this.#sources;
    const id = vehicle.id ?? (await access.certificates.idOf(vehicle.vin));
    const folder = access.certificates.folderOf(id);
    if (folder === undefined) {
      void notify.info(vscode.l10n.t('Open a folder first: certificates live in the workspace.'));
      return undefined;
    }
    const file = vscode.Uri.joinPath(folder, 'production-certificate.pem.crt');
    try {
      await vscode.workspace.fs.stat(file);
    } catch {
      const provisionNow = vscode.l10n.t('Provision Certificates');
      const picked = await notify.info(
        vscode.l10n.t('There are no certificates of {0} in this workspace.', vehicle.vin),
        provisionNow,
      );
      if (picked === provisionNow) await this.#sources.provision(vehicle);
      return undefined;
    }
    return { vehicle: { ref: vehicle.ref, vin: vehicle.vin, id }, file };
  }

  dispose(): void {
    this.#revealed.dispose();
  }
}
