import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import type { Renewal } from '../../cms/contract/provisioner.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { AskedRenewal, ProvisionRequest, ProvisionResult } from '../../provisioning/contract.ts';
import { flag } from '../base/commandLine.ts';
import type { Driving } from '../base/driving.ts';
import { say, sayError, sayPlural } from '../base/say.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { StackRef, VehicleName, VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { Targets, VehicleTarget } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import { agreeToAnother } from './agreeToAnother.ts';
import { CertificateFiles } from './certificateFiles.ts';
import { OwnCas } from './ownCas.ts';
import type { ProvisioningDeps, VehicleAccess } from './vehicleAccess.ts';

interface Sources {
  access: VehicleAccess;
  driving: Driving;
  rows: RowChanges;
  /** Where pages are written. */
  storage: vscode.Uri;
}

/** Provision, rotate and reveal the certificates of a vehicle. Each says itself what goes wrong. */
export class CertificateActions implements vscode.Disposable {
  readonly #tasks: Tasks;
  readonly #targets: Targets;
  readonly #sources: Sources;
  readonly #provisioned = new vscode.EventEmitter<VehicleOfStack>();
  /** A person gave a vehicle its certificate, and may want to use it now. */
  readonly onDidProvision = this.#provisioned.event;
  readonly #files: CertificateFiles;
  /** A person looked at the certificates of a vehicle. */
  readonly onDidReveal: vscode.Event<void>;

  constructor(tasks: Tasks, targets: Targets, sources: Sources) {
    this.#tasks = tasks;
    this.#targets = targets;
    this.#sources = sources;
    this.#files = new CertificateFiles(tasks, targets, {
      ...sources,
      provision: (vehicle) => this.provision(vehicle),
    });
    this.onDidReveal = this.#files.onDidReveal;
  }

  provision(target?: unknown): Promise<void> {
    return this.#tasks.attempt(() => this.#provision(target));
  }

  rotate(target: unknown): Promise<void> {
    return this.#tasks.attempt(() => this.#rotate(target));
  }

  reveal(target: unknown): Promise<void> {
    return this.#tasks.attempt(() => this.#files.reveal(target));
  }

  show(target: unknown): Promise<void> {
    return this.#tasks.attempt(() => this.#files.show(target));
  }

  /** Gives certificates to vehicles that something is to be done with; false when that failed, which is said already. */
  async provisionVehicles(ref: StackRef, vehicles: readonly VehicleName[]): Promise<boolean> {
    const { access, rows } = this.#sources;
    await access.certificates.forWriting();
    const count = vehicles.length;
    const title = sayPlural(
      count,
      l10n.t('Provisioning certificates for {vin}', { vin: vehicles[0]?.vin ?? '' }),
      l10n.t('Provisioning certificates for {count} vehicles', { count }),
    );
    let agreed: Promise<boolean> | undefined;
    const done = await this.#tasks.run({ title }, async (work) => {
      // One question for all of them.
      const agree = (renewal: AskedRenewal): Promise<boolean> =>
        (agreed ??= this.#agreeToAnother(ref, renewal, count, work.signal));
      for (const { vin, id } of vehicles) await this.#provisionOne({ ref, vin, id }, work, { agree });
      return true;
    });
    rows.refresh();
    return done === true;
  }

  async #provision(target: unknown): Promise<void> {
    const vehicle = await this.#targets.vehicle(target, vscode.l10n.t('Provision Certificates'));
    if (vehicle === undefined) return;
    const certificates = await this.#sources.access.certificates.forWriting();
    const title = say(l10n.t('Provisioning certificates for {vin}', { vin: vehicle.vin }));
    const result = await this.#tasks.run(
      { title, retry: () => void this.provision(vehicle) },
      async (work) => {
        const { ref, vin } = vehicle;
        const { access } = this.#sources;
        const { signal } = work;
        const deployment = await access.sessions.open(ref, signal);
        // Not as the files have it: another that the CMS has may share the VIN.
        const named = await access.certain(vehicle, { deployment }, signal);
        const stored = await certificates.production(named.id);
        // One that belongs to another cloud is set aside without asking.
        const replace = stored.kind === 'unusable' && !stored.foreignIssuer;
        if (
          replace &&
          !(await agreeToReplace(vin, sayError(stored.why), await access.placeWords(ref, signal)))
        )
          throw new vscode.CancellationError();
        const agree = (it: AskedRenewal): Promise<boolean> => this.#agreeToAnother(ref, it, 1, signal);
        return this.#provisionOne({ ref, ...named }, work, { replace, agree });
      },
    );
    if (result === undefined) return;
    this.#sources.rows.refresh(vehicle.node);
    if (result.result === 'found') await this.#offerRotation(vehicle);
    else this.#provisioned.fire(vehicle);
  }

  async #agreeToAnother(
    ref: StackRef,
    renewal: AskedRenewal,
    count: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    return agreeToAnother(renewal, count, await this.#sources.access.placeWords(ref, signal));
  }

  /** A certificate that works is replaced by rotating it. */
  async #offerRotation(vehicle: VehicleTarget): Promise<void> {
    const go = vscode.l10n.t('Rotate Certificate…');
    const show = vscode.l10n.t('Reveal Certificates');
    const picked = await notify.info(
      vscode.l10n.t('{0} already has a working production certificate.', vehicle.vin),
      show,
      go,
    );
    if (picked === show) await this.reveal(vehicle);
    if (picked === go) await this.rotate(vehicle);
  }

  async #provisionOne(
    { ref, vin, id }: VehicleOfStack,
    work: Work,
    { replace = false, agree }: { replace?: boolean; agree: (renewal: AskedRenewal) => Promise<boolean> },
  ): Promise<ProvisionResult> {
    const { ensureSetup, provision } = this.#sources.access.backend();
    const { access } = this.#sources;
    const deps = await access.forProvisioning(ref, work.signal);
    const vehicle = await access.certain({ vin, id }, deps, work.signal);
    const request = this.#requestFor(deps, vehicle, work);
    await ensureSetup(request, deps, work);
    return provision({ ...request, replace }, { ...deps, agree }, work);
  }

  async #rotate(target: unknown): Promise<void> {
    const vehicle = await this.#targets.vehicle(target, vscode.l10n.t('Rotate Certificate'));
    if (vehicle === undefined) return;
    const { access, driving, rows } = this.#sources;
    const isDriving = driving.driveOf(vehicle) !== undefined;
    const checked = await this.#tasks.run(
      { title: vscode.l10n.t('Checking {0}', vehicle.ref.stack), quiet: true },
      async ({ signal }) => ({
        renewal: (await access.forProvisioning(vehicle.ref, signal)).provisioner.renewal,
        where: await access.placeWords(vehicle.ref, signal),
      }),
    );
    if (checked === undefined) return;
    const { ref, vin, id = vin } = vehicle;
    const agreed = await access.cli.offered(ref, ['rotate', ...flag('vin', id)], (copy) =>
      agreeToRotate(vin, { ...checked, isDriving }, copy),
    );
    if (agreed === undefined) return;
    const title = vscode.l10n.t('Rotating the certificate of {0}', vehicle.vin);
    const result = await this.#tasks.run({ title, retry: () => void this.rotate(vehicle) }, async (work) => {
      const { ensureSetup, rotate } = access.backend();
      const deps = await access.forProvisioning(vehicle.ref, work.signal);
      const named = await access.certain(vehicle, deps, work.signal);
      const request = {
        ...this.#requestFor(deps, named, work),
        // It gets its next certificate the way it got the last one.
        way: (await deps.certificates.facts(named.id))?.way,
        deleteOld: agreed === 'delete-old',
      };
      await ensureSetup(request, deps, work);
      await driving.endTrips(vehicle.ref, [named], work.signal);
      return rotate(request, deps, work);
    });
    if (result === undefined) return;
    rows.refresh(vehicle.node);
    const show = vscode.l10n.t('Reveal Certificates');
    const text =
      result.previous.status === 'active'
        ? vscode.l10n.t('{0} uses a new certificate now; the old one is active, too.', vehicle.vin)
        : vscode.l10n.t('{0} uses a new certificate now; the old one is out of service.', vehicle.vin);
    if ((await notify.info(text, show)) === show) await this.reveal(vehicle);
  }

  /** As the generation of the vehicle wishes, and the settings where they can be kept. */
  #requestFor(
    { deployment, provisioner }: Pick<ProvisioningDeps, 'deployment' | 'provisioner'>,
    vehicle: VehicleRef,
    work: Work,
  ): ProvisionRequest {
    const { GENERATIONS, usualWishes } = this.#sources.access.backend();
    const fields = GENERATIONS.find(({ id }) => id === deployment.generation)?.onboarding;
    const preferred = {
      claim: oneOf(['per-vehicle', 'temporary'], 'claim'),
      keys: oneOf(['keys', 'csr-ec', 'csr-rsa'], 'keys'),
      way: OwnCas.way(),
    };
    const { wishes, unkept } = usualWishes(vehicle.vin, provisioner, fields, preferred, work.clock.now());
    for (const message of unkept) work.progress({ step: 'settings', level: 'warn', message });
    return { ...wishes, vehicle };
  }

  dispose(): void {
    this.#provisioned.dispose();
    this.#files.dispose();
  }
}

export function registerCertificates(tasks: Tasks, actions: CertificateActions): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(tasks, 'provisionCertificates', ({ target }) => actions.provision(target)),
    registerCommand(tasks, 'rotateCertificate', ({ target }) => actions.rotate(target)),
    registerCommand(tasks, 'showCertificate', ({ target }) => actions.show(target)),
    registerCommand(tasks, 'revealCertificates', ({ target }) => actions.reveal(target)),
  );
}

/** Says that a vehicle has its certificate, and what can be done with it. */
export async function showProvisioned(
  vehicle: VehicleOfStack,
  next: {
    simulate: (vehicle: VehicleOfStack) => Promise<void>;
    reveal: (vehicle: VehicleOfStack) => Promise<void>;
  },
): Promise<void> {
  const text = vscode.l10n.t(
    '{0} has its production certificate; it connected and was verified.',
    vehicle.vin,
  );
  const show = vscode.l10n.t('Reveal Certificates');
  const simulate = vscode.l10n.t('Simulate a Drive');
  const picked = await notify.info(text, simulate, show);
  if (picked === show) await next.reveal(vehicle);
  if (picked === simulate) await next.simulate(vehicle);
}

/** What somebody has set, if it is one of these: the editor hands out whatever a settings.json says. */
function oneOf<const T extends string>(values: readonly T[], setting: string): T | undefined {
  const { globalValue, workspaceValue, workspaceFolderValue } =
    vscode.workspace.getConfiguration('cmsEnablement').inspect(setting) ?? {};
  const value = workspaceFolderValue ?? workspaceValue ?? globalValue;
  return values.find((known) => known === value);
}

/** What is on disk and cannot be used is never lost: it is set aside, and that is asked first. */
async function agreeToReplace(vin: string, reason: string, where: string): Promise<boolean> {
  const replace = vscode.l10n.t('Replace');
  const picked = await notify.warn(
    vscode.l10n.t('Replace the certificate of {0}?', vin),
    {
      modal: true,
      detail: [
        where,
        '',
        vscode.l10n.t(
          '{0} Replacing sets the files aside, deletes none, and gets a new production certificate.',
          reason,
        ),
      ].join('\n'),
    },
    replace,
  );
  return picked === replace;
}

async function agreeToRotate(
  vin: string,
  { renewal, where, isDriving }: { renewal: Renewal; where: string; isDriving: boolean },
  copy: string,
): Promise<string | undefined> {
  const go = vscode.l10n.t('Rotate');
  const goDelete = vscode.l10n.t('Rotate and Delete the Old One');
  const driving = isDriving ? `${vscode.l10n.t('It is being simulated: its trip ends first.')}\n\n` : '';
  const picked = await notify.warn(
    vscode.l10n.t('Rotate the certificate of {0}?', vin),
    { modal: true, detail: `${where}\n\n${driving}${say(renewal.words)}` },
    ...(renewal.oldEnds === 'after' ? [go, goDelete] : [go]),
    copy,
  );
  return picked === goDelete ? 'delete-old' : picked === go ? 'keep-old' : picked;
}
