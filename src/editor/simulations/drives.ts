import path from 'node:path';
import * as vscode from 'vscode';
import { isCmsError } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import { fleetFileOf, isFleetTarget, meantOf } from '../base/fleetTarget.ts';
import { openCurrent } from '../base/openCurrent.ts';
import { pickFleetFile } from '../base/pickFile.ts';
import { logError } from '../base/log.ts';
import type { CommandCall } from '../base/registerCommand.ts';
import type { StackRef, VehicleName, VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import { askDrive, type DrivePlan, lastDrive, sampleDrive, vehiclesWithFiles } from './driveWizard.ts';
import { planOf, planOfRun } from './drivePlan.ts';
import { askWay } from './driveWays.ts';
import type { PastDrive, PastDrives } from './pastDrives.ts';
import { PastDriveRow } from './pastDriveRow.ts';
import type { SimulationRun } from './run.ts';
import { RunRow } from './simulationRows.ts';
import { type StartSources, startDrive } from './startDrive.ts';
import { driveTarget } from './targets.ts';

type Call = Pick<CommandCall, 'target' | 'targets'>;
const NOTHING: Call = { target: undefined, targets: [] };

interface Sources extends StartSources {
  past: PastDrives;
  /** Offered to who has no vehicle yet. */
  onboard: () => Promise<void>;
}

/** The ways to begin a simulation. Each says itself what goes wrong. */
export class Drives {
  readonly #tasks: Tasks;
  readonly #targets: Targets;
  readonly #sources: Sources;

  constructor(tasks: Tasks, targets: Targets, sources: Sources) {
    this.#tasks = tasks;
    this.#targets = targets;
    this.#sources = sources;
  }

  /** Of the vehicles that are named; without any it is asked whether to choose some, or how else to begin. */
  simulate({ targets }: Call = NOTHING): Promise<void> {
    return this.#tasks.attempt(async () => {
      const isChosen = targets.length > 0 || this.#targets.selected.length > 0;
      const way = isChosen ? 'choose' : await askWay(this.#endedLast()?.title);
      if (way === 'again') await this.simulateAgain();
      if (way === 'route') await this.simulateRoute(NOTHING);
      if (way === 'fleet') await this.simulateFleet(NOTHING);
      if (way !== 'choose') return;
      const given = await driveTarget(this.#targets, targets);
      if (given !== undefined) await this.#start(await this.#ask(given));
    });
  }

  /** Along a sample route, with nothing asked. */
  driveSample({ ref, vin, id }: VehicleOfStack): Promise<void> {
    return this.#tasks.attempt(async () => {
      await this.#start(await sampleDrive(this.#wizard, ref, [defined({ vin, id })]));
    });
  }

  /** Along the route of a file. */
  simulateRoute({ target }: Call): Promise<void> {
    return this.#tasks.attempt(async () => {
      const route = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
      const given = await driveTarget(this.#targets, []);
      if (given !== undefined) await this.#start(await this.#ask({ ...given, ...defined({ route }) }));
    });
  }

  /** Of the vehicles of a fleet file that are meant, or of all. */
  simulateFleet({ target, targets }: Call): Promise<void> {
    return this.#tasks.attempt(async () => {
      const file = fleetFileOf(target) ?? (await pickFile());
      if (file === undefined) return;
      const inFile = await this.#vehiclesOfFile(file);
      const only = isFleetTarget(target) ? target.only : undefined;
      const vehicles = meantOf(inFile, only, ({ vin }) => vin);
      if (vehicles.length === 0) return;
      const given = await driveTarget(this.#targets, target instanceof vscode.Uri ? [] : targets);
      if (given !== undefined) await this.#start(await askDrive(this.#wizard, { ref: given.ref, vehicles }));
    });
  }

  /** The same as a run, or as the last drive. */
  simulateAgain({ target, targets }: Call = NOTHING): Promise<void> {
    return this.#tasks.attempt(async () => {
      if (target instanceof RunRow || target instanceof PastDriveRow) {
        for (const row of targets) {
          if (row instanceof RunRow) await this.#start(planOfRun(row.run));
          if (row instanceof PastDriveRow) await this.#startPast(row.drive);
        }
        return;
      }
      const { memory } = this.#sources;
      const ended = target === undefined ? this.#endedLast() : undefined;
      if (ended !== undefined) return this.#start(planOfRun(ended));
      const given = await driveTarget(this.#targets, targets);
      if (given === undefined) return;
      const { ref, vehicles = await memory.vehicles() } = given;
      if (vehicles.length === 0) return this.#start(await this.#ask({ ref }));
      const last = await lastDrive(this.#wizard, ref, vehicles);
      await this.#start(last ?? (await this.#ask({ ref, vehicles })));
    });
  }

  #endedLast(): SimulationRun | undefined {
    return this.#sources.simulations.runs.findLast((run) => run.isOver);
  }

  /** The same as a drive of this workspace. Throws CmsError. */
  async #startPast(drive: PastDrive): Promise<void> {
    await this.#start(planOf(drive.ref, await this.#sources.past.read(drive)));
  }

  get #wizard(): Parameters<typeof askDrive>[0] {
    const { access, routes, memory, simulations } = this.#sources;
    const { backend, certificates, sessions, cli } = access;
    return { backend, certificates, sessions, cli, routes, memory, driving: simulations, holds: this.#holds };
  }

  /** Measured once a window and generation: what a machine can do doesn't change, and how busy it is nobody knows. */
  readonly #capacities = new Map<string, Promise<{ messagesPerSecond: number; vehicles: number }>>();
  readonly #holds = async (ref: StackRef, rate: number): Promise<number | undefined> => {
    const { access } = this.#sources;
    const { signal } = new AbortController();
    try {
      const { generation } = await access.sessions.open(ref, signal);
      const { codecOf, measuredCapacity, selfSigned } = access.backend();
      const measured =
        this.#capacities.get(generation) ??
        selfSigned().then((identity) => measuredCapacity(codecOf(generation), identity, signal));
      this.#capacities.set(generation, measured);
      const { messagesPerSecond, vehicles } = await measured;
      const most = Math.min(messagesPerSecond / rate, vehicles);
      return Math.floor(most / 100) * 100;
    } catch (error) {
      // The drive can be started all the same.
      logError(this.#tasks.log, error);
      this.#capacities.clear();
      return undefined;
    }
  };

  async #start(plan: DrivePlan | undefined): Promise<void> {
    const run = plan === undefined ? undefined : await startDrive(this.#tasks, this.#sources, plan);
    if (run !== undefined) this.#sources.maps.showStarted(run);
  }

  /** Asks for the rest; says what is missing when no vehicle can drive. */
  async #ask(given: {
    ref: StackRef;
    vehicles?: readonly VehicleName[];
    route?: vscode.Uri;
  }): Promise<DrivePlan | undefined> {
    const { access, certificates, onboard } = this.#sources;
    access.certificates.requireTrust();
    if (given.vehicles !== undefined) return askDrive(this.#wizard, given);
    await access.certificates.forWriting();
    const vehicles = await this.#tasks.run(
      { title: vscode.l10n.t('Checking {0}', given.ref.stack), quiet: true },
      ({ signal }) => vehiclesWithFiles(access.certificates, given.ref, access.sessions, signal),
    );
    if (vehicles === undefined) return undefined;
    if (vehicles.length > 1) return askDrive(this.#wizard, given);
    if (vehicles.length === 1) return askDrive(this.#wizard, { ...given, vehicles });
    const onboardTitle = vscode.l10n.t('Onboard Vehicle…');
    const provision = vscode.l10n.t('Provision Certificates…');
    const picked = await notify.info(
      vscode.l10n.t(
        'No vehicle of {0} has certificates in this workspace yet. A vehicle drives with its own.',
        given.ref.stack,
      ),
      onboardTitle,
      provision,
    );
    if (picked === onboardTitle) await onboard();
    if (picked === provision) await certificates.provision();
    return undefined;
  }

  async #vehiclesOfFile(file: vscode.Uri): Promise<VehicleName[]> {
    const name = path.posix.basename(file.path);
    const document = await this.#tasks.watched(
      { title: vscode.l10n.t('Reading {0}', name), quiet: true },
      ({ signal }) => openCurrent(file, signal),
    );
    try {
      const { GENERATIONS, manifestVins } = this.#sources.access.backend();
      const fields = GENERATIONS.flatMap(({ onboarding }) => onboarding ?? []);
      return manifestVins(document.getText(), name, fields, Date.now()).map((vin) => ({ vin }));
    } catch (error) {
      // What is wrong stands beside it then.
      if (isCmsError(error)) await vscode.window.showTextDocument(document);
      throw error;
    }
  }
}

function pickFile(): Promise<vscode.Uri | undefined> {
  return pickFleetFile(
    vscode.l10n.t('Simulate Fleet from File'),
    vscode.l10n.t(
      'There is no .csv or .cms-fleet.json file in the workspace. A fleet file has one line per vehicle, with its vin.',
    ),
  );
}
