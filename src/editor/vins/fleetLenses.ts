import * as vscode from 'vscode';
import type { CertificateStore } from '../../provisioning/certificates.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRecord } from '../../cms/contract/vehicles.ts';
import type { Driving } from '../base/driving.ts';
import { fileGlob } from '../base/fileGlob.ts';
import type { FleetTarget } from '../base/fleetTarget.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { sayPlural } from '../base/say.ts';
import { forLabel } from '../base/shown.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import { noCertificate, readCertificate } from '../vehicles/certificateState.ts';
import type { VehicleNode } from '../vehicles/vehicleNode.ts';
import type { FleetStates, KnownFleet } from './fleetStates.ts';
import { standingWords } from './fleetWords.ts';

interface Sources {
  states: Pick<FleetStates, 'now' | 'onDidChange'>;
  backend: LoadBackend<'GENERATIONS' | 'manifestNames'>;
  /** Whether a document is a fleet file, by its name or because somebody wanted to onboard it. */
  isFleet(document: vscode.TextDocument): boolean;
  certificates: { peek(): Pick<CertificateStore, 'production'> | undefined };
  driving: Pick<Driving, 'driveOf'>;
  /** The row of a vehicle in the tree, if that is loaded. */
  rowOf(vehicle: VehicleOfStack): Pick<VehicleNode, 'seen'> | undefined;
  /** What tells that words are out of date. */
  changes: readonly vscode.Event<unknown>[];
}

type Known = Extract<KnownFleet, { kind: 'known' }>;

/** A line of a fleet file with its vehicle. Its words are found when the line is shown. */
class VehicleLens extends vscode.CodeLens {
  readonly fleet: Known;
  readonly vin: string;
  readonly record: VehicleRecord | undefined;

  constructor(line: number, fleet: Known, vin: string) {
    super(new vscode.Range(line, 0, line, 0));
    this.fleet = fleet;
    this.vin = vin;
    this.record = fleet.byVin.get(vin);
  }
}

/**
 * Above each line of a fleet file how its vehicle stands on the stack that commands are about, and above the first line
 * what can be done with all of them. Nothing while no stack is known.
 */
export function registerFleetLenses(sources: Sources): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => lensesOf(sources, document),
    resolveCodeLens: (lens) => (lens instanceof VehicleLens ? resolved(sources, lens) : lens),
  };
  const fire = (): void => changed.fire();
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerCodeLensProvider({ pattern: fileGlob('csv', 'cms-fleet.json') }, provider),
    sources.states.onDidChange(fire),
    ...sources.changes.map((event) => event(fire)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cmsEnablement.fleetCodeLens')) fire();
    }),
  );
}

function lensesOf(sources: Sources, document: vscode.TextDocument): vscode.CodeLens[] {
  if (!sources.isFleet(document)) return [];
  const setting: unknown = vscode.workspace
    .getConfiguration('cmsEnablement', document.uri)
    .get('fleetCodeLens');
  if (setting === false) return [];
  const fleet = sources.states.now();
  if (fleet.kind === 'unknown') return [];
  if (fleet.kind === 'signed-out') return [signInLens(fleet)];
  const { GENERATIONS, manifestNames } = sources.backend();
  const fields = GENERATIONS.flatMap(({ onboarding }) => onboarding ?? []);
  const names = manifestNames(document.getText(), document.fileName, fields);
  // Of who is not on a list that was not read to its end nothing is known.
  const told = names.filter(({ vin }) => fleet.isComplete || fleet.byVin.has(vin));
  const lenses = told.map(({ line, vin }) => new VehicleLens(Math.max(0, line - 1), fleet, vin));
  return [...actionLenses(fleet, document.uri, [...new Set(names.map(({ vin }) => vin))]), ...lenses];
}

/** Of the whole file. */
function actionLenses(fleet: Known, file: vscode.Uri, vins: readonly string[]): vscode.CodeLens[] {
  const { connectionId, stack } = fleet.ref;
  const target: FleetTarget = { connectionId, stack, file };
  const missing = vins.filter((vin) => !fleet.byVin.has(vin));
  const all = vins.length;
  const count = all - missing.length;
  const on = { count, all, stack: forLabel(`${stack} (${fleet.place})`) };
  const lenses: vscode.Command[] = [];
  if (all > 0 && fleet.isComplete)
    lenses.push({
      title: sayPlural(
        all,
        l10n.t('{count} of 1 vehicle is on {stack}', on),
        l10n.t('{count} of {all} vehicles are on {stack}', on),
      ),
      command: '',
    });
  if (missing.length > 0 && fleet.isComplete && fleet.canOnboard) {
    const only: FleetTarget = { ...target, only: missing };
    lenses.push({
      title: sayPlural(
        missing.length,
        l10n.t('Onboard This One…'),
        l10n.t('Onboard These {count}…', { count: missing.length }),
      ),
      command: 'cmsEnablement.onboardFleet',
      arguments: [only],
    });
  }
  if (count > 0 && fleet.canDrive)
    lenses.push({
      title: vscode.l10n.t('Simulate Fleet…'),
      command: 'cmsEnablement.simulateFleet',
      arguments: [target],
    });
  return lenses.map((command) => new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command));
}

function signInLens({ ref }: Extract<KnownFleet, { kind: 'signed-out' }>): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
    title: vscode.l10n.t('Sign in to {0} to see these vehicles…', forLabel(ref.stack)),
    command: 'cmsEnablement.signIn',
    arguments: [ref],
  });
}

async function resolved(sources: Sources, lens: VehicleLens): Promise<VehicleLens> {
  const { fleet, vin, record } = lens;
  const vehicle = { ...fleet.ref, vin };
  if (record === undefined) {
    const title = vscode.l10n.t('not onboarded');
    lens.command = fleet.canOnboard
      ? {
          title,
          tooltip: vscode.l10n.t('Onboard Vehicle…'),
          command: 'cmsEnablement.onboardVehicle',
          arguments: [vehicle],
        }
      : { title, command: '' };
    return lens;
  }
  const named = { ref: fleet.ref, vin: record.vin, id: record.id };
  const seen = sources.rowOf(named)?.seen;
  const store = sources.certificates.peek();
  const certificate =
    store === undefined ? noCertificate : await readCertificate(store, record.id, () => noCertificate);
  const standing = {
    drive: sources.driving.driveOf(named),
    isLive: seen?.isLive === true,
    certificate: { ...certificate, status: seen?.certificateStatus },
  };
  lens.command = {
    title: standingWords(standing, Date.now()),
    tooltip: vscode.l10n.t('Find in Tree'),
    command: 'cmsEnablement.findVehicle',
    arguments: [vehicle],
  };
  return lens;
}
