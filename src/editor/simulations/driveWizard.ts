import path from 'node:path';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { Powertrain, Route } from '../../telemetry/drive.ts';
import type { Driving } from '../base/driving.ts';
import type { KnownVehicle, StackRef, VehicleName } from '../base/stackRef.ts';
import { askAll, type Question } from '../base/wizard.ts';
import type { CliCommands } from '../certificates/cliCommands.ts';
import type { CertificateFolders } from '../certificates/certificateFolders.ts';
import { AGAIN, RouteChoice, type RouteSources } from '../routes/routeChoice.ts';
import { isOf } from '../../provisioning/stored.ts';
import { forLabel } from '../base/shown.ts';
import type { Sessions } from '../stacks/sessions.ts';
import { AskedVehicles } from './askedVehicles.ts';
import { drivePart } from './driveFields.ts';
import type { DriveMemory } from './driveMemory.ts';
import { simulateWords } from './driveCommand.ts';
import { ALL, type Asked, chosenRoutes, type LoadReview, review } from './driveReview.ts';
import { type DriveAnswers, takeBack } from './driveSettings.ts';
import { enginesFor, type Holds, misfits, settleWorkers } from './scaleFields.ts';
import { type ScalePlan, scalePlanOf } from './scalePlan.ts';

/** What the questions about a drive are made of. */
export interface DriveSources {
  backend: LoadReview;
  sessions: Pick<Sessions, 'open'>;
  routes: RouteSources;
  memory: DriveMemory;
  certificates: Pick<CertificateFolders, 'peek'>;
  driving: Pick<Driving, 'driveOf'>;
  cli: Pick<CliCommands, 'within'>;
  /** How many vehicles this machine holds. */
  holds: Holds;
}

/** What a person wants to have driven. */
export interface DrivePlan {
  ref: StackRef;
  vehicles: VehicleName[];
  routes: Route[];
  /** Everything of the request that is about the drive. */
  drive: Pick<
    SimulationRequest,
    'rate' | 'speed' | 'pace' | 'end' | 'events' | 'eventRates' | 'jobs' | 'durationMs'
  >;
  /** Of all vehicles; without it each has what its fuel type says. */
  powertrain?: Powertrain;
  seed: number;
  spread: boolean;
  record: boolean;
  /** Workers elsewhere drive. */
  scale?: ScalePlan;
}

/** Asks for what is not given yet. Enter, Enter, Enter drives; undefined when the person leaves. */
export async function askDrive(
  sources: DriveSources,
  given: { ref: StackRef; vehicles?: readonly VehicleName[]; route?: vscode.Uri },
): Promise<DrivePlan | undefined> {
  const answers: DriveAnswers = sources.memory.answers;
  const choice = new RouteChoice(sources.routes);
  if (given.route !== undefined && !(await choice.read(given.route))) return undefined;
  if (given.route !== undefined) delete answers.which;
  const asked = new AskedVehicles(answers);
  if (given.vehicles !== undefined) asked.choose(given.vehicles);
  const title = vscode.l10n.t('Simulate a Drive on {0}', given.ref.stack);
  const about = { answers, choice, asked };
  let isAsBefore = false;
  const drivesAgain = async (): Promise<void> => {
    isAsBefore = await saysAll(sources, given.ref, answers, asked.chosen.length);
  };
  const reviewed = review(sources.backend, about, title, {
    engines: enginesFor(given.ref),
    holds: (rate) => sources.holds(given.ref, rate),
  });
  const questions = [
    vehiclesQuestion(sources, given, asked),
    ...routeQuestions(given, asked, choice, drivesAgain),
    {
      ...sources.cli.within(reviewed, given.ref, () => simulateWords(about)),
      skip: () => answers.route === AGAIN && isAsBefore,
    },
  ];
  if (!(await askAll(title, questions, answers))) return undefined;
  return finish(sources, given.ref, about);
}

/**
 * The drive that was simulated last, with another vehicle or the same; undefined when there was none, or when something
 * has to be asked about it.
 */
export async function lastDrive(
  sources: DriveSources,
  ref: StackRef,
  vehicles: readonly VehicleName[],
): Promise<DrivePlan | undefined> {
  const { answers } = sources.memory;
  const choice = new RouteChoice(sources.routes);
  if (answers.route === undefined || !(await choice.read(vscode.Uri.parse(answers.route)))) return undefined;
  const asked = new AskedVehicles(answers);
  asked.choose(vehicles);
  if (!(await saysAll(sources, ref, answers, vehicles.length))) return undefined;
  return finish(sources, ref, { answers, choice, asked });
}

/** Whether what was answered about the last drive is enough for so many vehicles. Those that fit drive here. */
async function saysAll(
  { backend, memory, holds }: DriveSources,
  ref: StackRef,
  answers: DriveAnswers,
  vehicles: number,
): Promise<boolean> {
  // This computer was chosen for fewer.
  if (answers.on === 'here' && vehicles > (await memory.vehicles()).length)
    Reflect.deleteProperty(answers, 'on');
  const { drive } = drivePart(backend, answers, vehicles);
  const isSettled = await settleWorkers(answers, vehicles, {
    engines: enginesFor(ref),
    holds: () => holds(ref, drive.rate ?? 1),
  });
  return isSettled && misfits(answers, vehicles).length === 0;
}

/** A route that comes with the extension, with nothing asked, and not remembered as what the person wanted. */
export async function sampleDrive(
  sources: Pick<DriveSources, 'backend' | 'routes'>,
  ref: StackRef,
  vehicles: VehicleName[],
): Promise<DrivePlan | undefined> {
  const choice = new RouteChoice(sources.routes);
  if (!(await choice.readSample())) return undefined;
  const drive = drivePart(sources.backend, {}, vehicles.length);
  return { ref, vehicles, routes: chosenRoutes({}, choice), ...drive, record: false };
}

async function finish(
  sources: DriveSources,
  ref: StackRef,
  { answers, choice, asked }: Asked,
): Promise<DrivePlan | undefined> {
  const { file } = choice;
  if (file === undefined) return undefined;
  const vehicles = asked.chosen;
  // Whose workers drive large fleets stays remembered when this one drives here; this computer is chosen each time.
  const { on } = sources.memory.answers;
  const workers = on === 'here' ? undefined : on;
  await sources.memory.keep(
    { ...defined({ on: workers }), ...answers, route: file.uri.toString() },
    vehicles,
  );
  return {
    ref,
    vehicles,
    routes: chosenRoutes(answers, choice),
    ...drivePart(sources.backend, answers, vehicles.length),
    record: answers.record === 'yes',
    ...defined({ scale: scalePlanOf(answers, vehicles.length) }),
  };
}

function vehiclesQuestion(
  { certificates, driving, memory, sessions }: DriveSources,
  given: { ref: StackRef; vehicles?: readonly VehicleName[] },
  asked: AskedVehicles,
): Question {
  let last: VehicleName[] = [];
  return {
    kind: 'many',
    key: 'vehicles',
    prompt: vscode.l10n.t('Vehicles to simulate: those with certificates in this workspace'),
    none: vscode.l10n.t('Choose at least one vehicle'),
    skip: () => given.vehicles !== undefined,
    items: async () => {
      const { ref } = given;
      last = await memory.vehicles();
      const vehicles = await vehiclesWithFiles(certificates, ref, sessions);
      asked.offer(vehicles);
      return vehicles.map(({ vin, id }) => ({
        label: forLabel(vin),
        value: id,
        ...defined({
          description:
            driving.driveOf({ ref, vin, id }) === undefined ? undefined : vscode.l10n.t('is being simulated'),
        }),
      }));
    },
    value: () => asked.values ?? last.map(({ vin, id = vin }) => id),
  };
}

/** Vehicles of a deployment with files in the workspace; those of which it is not known whose they are, too. */
export async function vehiclesWithFiles(
  certificates: Pick<CertificateFolders, 'peek'>,
  ref: StackRef,
  sessions: Pick<Sessions, 'open'>,
  signal = new AbortController().signal,
): Promise<KnownVehicle[]> {
  const store = certificates.peek();
  const ids = store === undefined ? [] : await store.ids();
  if (store === undefined || ids.length === 0) return [];
  const deployment = await sessions.open(ref, signal);
  const vehicles: KnownVehicle[] = [];
  for (const id of ids) {
    const facts = await store.facts(id);
    if (facts === undefined || isOf(facts, deployment)) vehicles.push({ vin: facts?.vin ?? id, id });
  }
  return vehicles;
}

function routeQuestions(
  given: { route?: vscode.Uri },
  asked: AskedVehicles,
  choice: RouteChoice,
  drivesAgain: () => Promise<void>,
): Question[] {
  const { answers } = asked;
  const before = { ...answers };
  const again = before.route === undefined ? undefined : lastWords(before);
  return [
    {
      kind: 'pick',
      key: 'route',
      prompt: vscode.l10n.t('Route to drive'),
      skip: () => given.route !== undefined,
      items: () => choice.items(again),
      value: () => (again === undefined ? answers.route : AGAIN),
      onPicked: async (picked) => {
        const route = picked === AGAIN ? before.route : picked;
        if (route === undefined || !(await choice.take(route))) return false;
        // What was answered on the way to another file, before the person went back, is not of this one.
        if (picked === AGAIN) {
          takeBack(answers, before);
          await drivesAgain();
        } else if (picked === before.route && before.which !== undefined) answers.which = before.which;
        else delete answers.which;
        return true;
      },
    },
    {
      kind: 'pick',
      key: 'which',
      prompt: vscode.l10n.t('The file has several routes'),
      skip: () => answers.route === AGAIN || (choice.file?.routes.length ?? 0) < 2,
      value: () => answers.which,
      items: () => [
        ...(asked.chosen.length > 1
          ? [{ label: vscode.l10n.t('All of them: the vehicles take turns'), value: ALL }]
          : []),
        ...(choice.file?.routes ?? []).map(({ name, points }, index) => ({
          label: forLabel(name),
          description: vscode.l10n.t('{0} points', points.length),
          value: String(index),
        })),
      ],
    },
  ];
}

/** What the last drive was, in a few words. */
function lastWords({ route = '', speed = '1' }: DriveAnswers): string {
  const file = decodeURIComponent(path.posix.basename(route));
  return speed === '1' ? file : `${file} · ×${speed}`;
}
