import path from 'node:path';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { Powertrain, Route } from '../../telemetry/drive.ts';
import type { Driving } from '../base/driving.ts';
import { say } from '../base/say.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { KnownVehicle, StackRef, VehicleName } from '../base/stackRef.ts';
import { askAll, type Question } from '../base/wizard.ts';
import type { CliCommands } from '../certificates/cliCommands.ts';
import type { CertificateFolders } from '../certificates/certificateFolders.ts';
import { AGAIN, RouteChoice, type RouteSources } from '../routes/routeChoice.ts';
import { vinOrCount } from '../vehicles/vehicleWords.ts';
import { isOf } from '../../provisioning/stored.ts';
import { forLabel, notify } from '../base/shown.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import type { Sessions } from '../stacks/sessions.ts';
import { AskedVehicles } from './askedVehicles.ts';
import { driveFields, drivePart } from './driveFields.ts';
import type { DriveMemory } from './driveMemory.ts';
import { simulateWords } from './driveCommand.ts';
import { type DriveAnswers, takeBack } from './driveSettings.ts';
import {
  enginesFor,
  forgetWorkers,
  type Holds,
  misfits,
  outgrownBy,
  type Outgrown,
  outgrownWords,
  scaleFields,
} from './scaleFields.ts';
import { type ScalePlan, scalePlanOf } from './scalePlan.ts';

/** All routes of the file: the vehicles take turns. */
const ALL = 'all';

/** Begins the answer of who picks a note; its index follows. */
const NOTE = 'note ';

export type LoadReview = LoadBackend<'eventNotes' | 'rateSchema' | 'readEventRate' | 'readScriptedEvent'>;

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
  const questions = [
    vehiclesQuestion(sources, given, asked),
    ...routeQuestions(given, asked, choice),
    sources.cli.within(
      review(sources.backend, about, title, {
        engines: enginesFor(given.ref),
        holds: (rate) => sources.holds(given.ref, rate),
      }),
      given.ref,
      () => simulateWords(about),
    ),
  ];
  if (!(await askAll(title, questions, answers))) return undefined;
  return finish(sources, given.ref, { answers, choice, asked });
}

/** The drive that was simulated last, with another vehicle or the same; undefined when there was none. */
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
  const { drive } = drivePart(sources.backend, answers, vehicles.length);
  await forgetWorkers(answers, vehicles.length, {
    engines: enginesFor(ref),
    holds: () => sources.holds(ref, drive.rate ?? 1),
  });
  // What doesn't fit this fleet is asked, as for a drive that is new.
  if (misfits(answers, vehicles.length).length > 0) return undefined;
  return finish(sources, ref, { answers, choice, asked });
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

/** What is asked about. */
export interface Asked {
  answers: DriveAnswers;
  choice: RouteChoice;
  asked: AskedVehicles;
}

async function finish(
  sources: DriveSources,
  ref: StackRef,
  { answers, choice, asked }: Asked,
): Promise<DrivePlan | undefined> {
  const { file } = choice;
  if (file === undefined) return undefined;
  const vehicles = asked.chosen;
  await sources.memory.keep({ ...answers, route: file.uri.toString() }, vehicles);
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
        if (picked === AGAIN) takeBack(answers, before);
        else if (picked === before.route && before.which !== undefined) answers.which = before.which;
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

function chosenRoutes({ which }: DriveAnswers, { file }: RouteChoice): Route[] {
  const routes = file?.routes ?? [];
  if (which === ALL) return routes;
  const chosen = routes[Number(which ?? 0)] ?? routes[0];
  return chosen === undefined ? [] : [chosen];
}

/** Where a fleet can be driven. */
interface Machines {
  /** Whose workers reach the stack. */
  engines: Outgrown['engines'];
  /** How many vehicles this machine holds at so many messages a second each; undefined when nobody can say. */
  holds: (rate: number) => Promise<number | undefined>;
}

/**
 * All that will happen, with its defaults; any line can be changed before the start, and notes be read whole. A fleet
 * that is larger than what this machine holds is offered to workers elsewhere.
 */
export function review(
  backend: LoadReview,
  about: Asked,
  title: string,
  { engines, holds }: Machines = { engines: [], holds: () => Promise.resolve(undefined) },
): Question {
  const { answers, choice, asked } = about;
  let outgrown: Outgrown | undefined;
  const fields = () => driveFields(backend, answers, asked.chosen.length, outgrown);
  const notes = (): string[] => [
    ...(outgrown === undefined ? [] : [outgrownWords(outgrown, asked.chosen.length)]),
    ...notesOf(backend, about),
  ];
  return {
    kind: 'pick',
    key: 'review',
    prompt: vscode.l10n.t('Press Enter to start, or select a value to change it'),
    skip: () => answers.route === AGAIN,
    value: () => 'go',
    items: async () => {
      const vehicles = asked.chosen;
      const { drive } = drivePart(backend, answers, vehicles.length);
      const by = await outgrownBy(vehicles.length, () => holds(drive.rate ?? 1));
      outgrown = by === undefined ? undefined : { ...by, engines };
      const on = scalePlanOf(answers, vehicles.length)?.on;
      if (outgrown === undefined || (on !== undefined && !engines.includes(on)))
        Reflect.deleteProperty(answers, 'on');
      const routes = chosenRoutes(answers, choice);
      const points = routes.reduce((sum, route) => sum + route.points.length, 0);
      const who = vinOrCount(vehicles);
      return [
        {
          label: `$(play) ${vscode.l10n.t('Start: {0}', who)}`,
          description: vscode.l10n.t(
            '{0} · {1} points',
            routes
              .map(({ name }) => name)
              .slice(0, 2)
              .join(', '),
            points,
          ),
          alwaysShow: true,
          value: 'go',
        },
        ...notes().map((note, index) => ({ label: `$(info) ${note}`, value: `${NOTE}${index}` })),
        ...fields().map(({ key, label, words }) => ({ label, description: words(), value: key })),
      ];
    },
    onPicked: async (picked) => {
      if (picked === 'go') return goes();
      if (picked.startsWith(NOTE)) {
        const note = notes()[Number(picked.slice(NOTE.length))];
        if (note !== undefined) void notify.info(note);
        return false;
      }
      await ask(picked);
      return false;
    },
  };

  async function ask(wanted: string): Promise<boolean> {
    const field = fields().find(({ key }) => key === wanted);
    return field !== undefined && askAll(title, [field.question], answers);
  }

  /** Who drives a fleet that is too large is asked before it starts here; what workers need is shown before they start. */
  async function goes(): Promise<boolean> {
    if (outgrown !== undefined && answers.on === undefined) {
      if (!(await ask('on'))) return false;
      const needed = scaleFields(answers, asked.chosen.length);
      for (const { key } of needed) if (!(await ask(key))) break;
      return needed.length === 0;
    }
    for (const key of misfits(answers, asked.chosen.length)) if (!(await ask(key))) return false;
    return true;
  }
}

/** What people should know of the routes and of the events on them; sentences. */
function notesOf(backend: LoadReview, { answers, choice, asked }: Asked): string[] {
  const count = asked.chosen.length;
  const { events } = drivePart(backend, answers, count).drive;
  // Vehicles take the routes in turn, so that a small fleet leaves the last ones out.
  const routes = chosenRoutes(answers, choice).slice(0, Math.max(1, count));
  return [...(choice.file?.notes ?? []), ...backend().eventNotes(events ?? [], routes, windowMeasures())].map(
    say,
  );
}
