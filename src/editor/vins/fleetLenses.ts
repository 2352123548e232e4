import * as vscode from 'vscode';
import type { CertificateStore } from '../../provisioning/certificates.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRecord } from '../../cms/contract/vehicles.ts';
import type { ManifestName } from '../../onboarding/manifest.ts';
import type { Driving } from '../base/driving.ts';
import { fileGlob } from '../base/fileGlob.ts';
import type { FleetTarget } from '../base/fleetTarget.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { sayPlural } from '../base/say.ts';
import { forLabel } from '../base/shown.ts';
import { Soon } from '../base/soon.ts';
import type { KnownVehicle, StackRef, VehicleOfStack } from '../base/stackRef.ts';
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
  /** The rows of vehicles in the tree that are loaded. */
  rows(): readonly LoadedRow[];
  /** What tells that words are out of date. */
  changes: readonly vscode.Event<unknown>[];
}

type LoadedRow = Pick<VehicleNode, 'seen' | 'record' | 'stackRef'>;

/** How long changes are gathered before lines are drawn again, in milliseconds. */
const SOON_MS = 100;

type Known = Extract<KnownFleet, { kind: 'known' }>;

/** A line of a fleet file with its vehicle. Its words are found when the line is shown. */
class VehicleLens extends vscode.CodeLens {
  readonly fleet: Known;
  readonly vin: string;
  /** Undefined of one that is not onboarded. */
  readonly record: VehicleRecord | undefined;

  constructor(line: number, fleet: Known, vin: string, record: VehicleRecord | undefined) {
    super(new vscode.Range(line, 0, line, 0));
    this.fleet = fleet;
    this.vin = vin;
    this.record = record;
  }
}

/**
 * Above each line of a fleet file how its vehicle stands on the stack that commands are about, and above the first line
 * what can be done with all of them. Nothing while no stack is known.
 */
export function registerFleetLenses(sources: Sources): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const namesOf = keptNames(sources);
  let rows: ReadonlyMap<string, LoadedRow> | undefined;
  const rowOf: RowOf = (vehicle) => {
    rows ??= new Map(sources.rows().map((row) => [keyOf(row.stackRef, row.record.id), row]));
    return rows.get(keyOf(vehicle.ref, vehicle.id));
  };
  const soon = new Soon(SOON_MS, () => {
    rows = undefined;
    changed.fire();
  });
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => lensesOf(sources, namesOf, document),
    resolveCodeLens: (lens) => (lens instanceof VehicleLens ? resolved(sources, rowOf, lens) : lens),
  };
  return vscode.Disposable.from(
    changed,
    soon,
    vscode.languages.registerCodeLensProvider({ pattern: fileGlob('csv', 'cms-fleet.json') }, provider),
    sources.states.onDidChange(soon.call),
    ...sources.changes.map((event) => event(soon.call)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cmsEnablement.fleetCodeLens')) soon.call();
    }),
  );
}

type RowOf = (vehicle: VehicleOfStack) => LoadedRow | undefined;
type NamesOf = (document: vscode.TextDocument) => readonly ManifestName[];

function keyOf(ref: StackRef | undefined, id: string | undefined): string {
  return JSON.stringify([ref?.connectionId, ref?.stack, id]);
}

/** A file is read once for each of its versions, however often its lines are drawn. */
function keptNames({ backend }: Sources): NamesOf {
  const kept = new WeakMap<vscode.TextDocument, { version: number; names: readonly ManifestName[] }>();
  return (document) => {
    const { version } = document;
    const last = kept.get(document);
    if (last?.version === version) return last.names;
    const { GENERATIONS, manifestNames } = backend();
    const fields = GENERATIONS.flatMap(({ onboarding }) => onboarding ?? []);
    const names = manifestNames(document.getText(), document.fileName, fields);
    kept.set(document, { version, names });
    return names;
  };
}

function lensesOf(sources: Sources, namesOf: NamesOf, document: vscode.TextDocument): vscode.CodeLens[] {
  if (!sources.isFleet(document)) return [];
  const setting: unknown = vscode.workspace
    .getConfiguration('cmsEnablement', document.uri)
    .get('fleetCodeLens');
  if (setting === false) return [];
  const fleet = sources.states.now();
  if (fleet.kind === 'unknown') return [];
  if (fleet.kind === 'signed-out') return [signInLens(fleet)];
  const names = namesOf(document);
  const lenses = names.flatMap(({ line, vin }) => {
    // Of who is not on a list that was not read to its end nothing is known.
    const records = fleet.byVin.get(vin) ?? (fleet.isComplete ? [undefined] : []);
    return records.map((record) => new VehicleLens(Math.max(0, line - 1), fleet, vin, record));
  });
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
  if (count > 0 && fleet.canDrive) {
    const onboarded = vins.filter((vin) => fleet.byVin.has(vin));
    const only: FleetTarget = missing.length > 0 ? { ...target, only: onboarded } : target;
    lenses.push({
      title: vscode.l10n.t('Simulate Fleet…'),
      command: 'cmsEnablement.simulateFleet',
      arguments: [only],
    });
  }
  return lenses.map((command) => new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command));
}

function signInLens({ ref }: Extract<KnownFleet, { kind: 'signed-out' }>): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
    title: vscode.l10n.t('Sign in to {0} to see these vehicles…', forLabel(ref.stack)),
    command: 'cmsEnablement.signIn',
    arguments: [ref],
  });
}

async function resolved(sources: Sources, rowOf: RowOf, lens: VehicleLens): Promise<VehicleLens> {
  const { fleet, vin, record } = lens;
  if (record === undefined) {
    const title = vscode.l10n.t('not onboarded');
    lens.command = fleet.canOnboard
      ? {
          title,
          tooltip: vscode.l10n.t('Onboard Vehicle…'),
          command: 'cmsEnablement.onboardVehicle',
          arguments: [{ ref: fleet.ref, vin } satisfies VehicleOfStack],
        }
      : { title, command: '' };
    return lens;
  }
  const named: VehicleOfStack & KnownVehicle = { ref: fleet.ref, vin: record.vin, id: record.id };
  const seen = rowOf(named)?.seen;
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
    arguments: [named],
  };
  return lens;
}
