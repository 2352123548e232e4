import * as vscode from 'vscode';
import { isCmsError } from '../../core/errors.ts';
import type { Work } from '../../core/work.ts';
import type { ProvisionRequest, ProvisionResult } from '../../provisioning/provision.ts';
import type { App } from '../app.ts';
import type { StackRef } from '../stacks/sessions.ts';
import { endTrips } from '../simulations/endTrips.ts';
import { errorText } from '../base/inLanguage.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { vehicleTarget, type VehicleTarget } from '../stacks/targets.ts';
import { provisionDeps } from './workDeps.ts';

/** Provision, rotate and reveal the certificates of a vehicle. */
export function registerCertificateCommands(app: App): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(app, 'provisionCertificates', (target) => provision(app, target)),
    registerCommand(app, 'rotateCertificate', (target) => rotate(app, target)),
    registerCommand(app, 'revealCertificates', (target) => reveal(app, target)),
  );
}

async function provision(app: App, target: unknown): Promise<void> {
  const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Provision Certificates'));
  if (vehicle === undefined) return;
  await app.certificates.forWriting();
  const again = (): void => void provision(app, vehicle).catch((error: unknown) => app.showError(error));
  const result = await app.run(
    { title: vscode.l10n.t('Provisioning certificates for {0}', vehicle.vin), retry: again },
    async (running) => {
      try {
        return await provisionOne(app, vehicle, running);
      } catch (error) {
        if (!isCmsError(error) || error.code !== 'CERTIFICATE_UNUSABLE') throw error;
        if (!(await agreeToReplace(vehicle.vin, errorText(error)))) throw new vscode.CancellationError();
        return provisionOne(app, vehicle, running, { replace: true });
      }
    },
  );
  if (result === undefined) return;
  app.refresh(vehicle.node);
  if (result.result === 'found') await offerRotation(app, vehicle);
  else await sayProvisioned(app, vehicle);
}

/** What is on disk and cannot be used is never lost: it is set aside, and that is asked first. */
async function agreeToReplace(vin: string, reason: string): Promise<boolean> {
  const replace = vscode.l10n.t('Replace');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Replace the certificate of {0}?', vin),
    {
      modal: true,
      detail: vscode.l10n.t(
        '{0} Replacing sets the files aside, deletes none, and gets a new production certificate.',
        reason,
      ),
    },
    replace,
  );
  return picked === replace;
}

/** A certificate that works is replaced by rotating it. */
async function offerRotation(app: App, vehicle: VehicleTarget): Promise<void> {
  const go = vscode.l10n.t('Rotate Certificate…');
  const show = vscode.l10n.t('Reveal Certificates');
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} already has a working production certificate.', vehicle.vin),
    show,
    go,
  );
  if (picked === show) await reveal(app, vehicle);
  if (picked === go) await rotate(app, vehicle);
}

async function sayProvisioned(app: App, vehicle: VehicleTarget): Promise<void> {
  const text = vscode.l10n.t(
    '{0} has its production certificate; it connected and was verified.',
    vehicle.vin,
  );
  const show = vscode.l10n.t('Reveal Certificates');
  const simulate = vscode.l10n.t('Simulate a Drive');
  const picked = await vscode.window.showInformationMessage(text, simulate, show);
  if (picked === show) await reveal(app, vehicle);
  if (picked === simulate) await vscode.commands.executeCommand('cmsEnablement.simulateDrive', vehicle);
}

/** Gives certificates to vehicles that something is to be done with; false when that failed, which is said already. */
export async function provisionVehicles(app: App, ref: StackRef, vins: readonly string[]): Promise<boolean> {
  await app.certificates.forWriting();
  const [first] = vins;
  const title =
    vins.length === 1
      ? vscode.l10n.t('Provisioning certificates for {0}', first ?? '')
      : vscode.l10n.t('Provisioning certificates for {0} vehicles', vins.length);
  const done = await app.run({ title }, async (running) => {
    for (const vin of vins) await provisionOne(app, { ref, vin }, running);
    return true;
  });
  app.refresh();
  return done === true;
}

async function provisionOne(
  app: App,
  { ref, vin }: Pick<VehicleTarget, 'ref' | 'vin'>,
  running: Work,
  options: { replace?: boolean } = {},
): Promise<ProvisionResult> {
  const work = app.work();
  const request = { ...requestFor(app, vin), ...options };
  const deps = await provisionDeps(app, ref, running.signal);
  await work.ensureSetup({ templateName: request.templateName }, deps, running);
  return work.provision(request, deps, running);
}

async function rotate(app: App, target: unknown): Promise<void> {
  const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Rotate Certificate'));
  if (vehicle === undefined) return;
  const go = vscode.l10n.t('Rotate');
  const goDelete = vscode.l10n.t('Rotate and Delete the Old One');
  const isDriving = app.simulations.simulating(vehicle.vin, vehicle.ref) !== undefined;
  const driving = isDriving ? `${vscode.l10n.t('It is being simulated: its trip ends first.')}\n\n` : '';
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Rotate the certificate of {0}?', vehicle.vin),
    {
      modal: true,
      detail: `${driving}${vscode.l10n.t(
        'A new production certificate is made and proved by a connection. Then the old one is deactivated in AWS IoT; its files are moved aside, not deleted.',
      )}`,
    },
    go,
    goDelete,
  );
  if (picked === undefined) return;
  const work = app.work();
  const result = await app.run(
    {
      title: vscode.l10n.t('Rotating the certificate of {0}', vehicle.vin),
      retry: () => void rotate(app, vehicle),
    },
    async (running) => {
      const deps = await provisionDeps(app, vehicle.ref, running.signal);
      const request = { ...requestFor(app, vehicle.vin), deleteOld: picked === goDelete };
      await work.ensureSetup({ templateName: request.templateName }, deps, running);
      await endTrips(app.simulations, vehicle.ref, [vehicle.vin], running.signal);
      return work.rotate(request, deps, running);
    },
  );
  if (result === undefined) return;
  app.refresh(vehicle.node);
  const show = vscode.l10n.t('Reveal Certificates');
  const text = vscode.l10n.t('{0} uses a new certificate now; the old one is out of service.', vehicle.vin);
  if ((await vscode.window.showInformationMessage(text, show)) === show) await reveal(app, vehicle);
}

async function reveal(app: App, target: unknown): Promise<void> {
  const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Reveal Certificates'));
  if (vehicle === undefined) return;
  const folder = app.certificates.folderOf(vehicle.vin);
  if (folder === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Open a folder first: certificates live in the workspace.'),
    );
    return;
  }
  const certificate = vscode.Uri.joinPath(folder, 'production-certificate.pem.crt');
  try {
    await vscode.workspace.fs.stat(certificate);
  } catch {
    const provisionNow = vscode.l10n.t('Provision Certificates');
    const picked = await vscode.window.showInformationMessage(
      vscode.l10n.t('There are no certificates of {0} in this workspace.', vehicle.vin),
      provisionNow,
    );
    if (picked === provisionNow) await provision(app, vehicle);
    return;
  }
  await vscode.commands.executeCommand('revealInExplorer', certificate);
}

/** What the settings say of a vehicle's claim and key. */
function requestFor(app: App, vin: string): ProvisionRequest {
  const settings = vscode.workspace.getConfiguration('cmsEnablement');
  return {
    vin,
    claim: { kind: settings.get<'per-vehicle' | 'temporary'>('claim', 'per-vehicle') },
    keys: settings.get<'keys' | 'csr-ec' | 'csr-rsa'>('keys', 'keys'),
    templateName: app.work().requestDefaults().templateName ?? '',
  };
}
