import * as vscode from 'vscode';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { Powertrain, Route } from '../../telemetry/drive.ts';
import type { App } from '../app.ts';
import type { StackRef } from '../stacks/sessions.ts';
import { inLanguage } from '../base/inLanguage.ts';
import { driveFields, drivePart, type DriveAnswers } from './driveFields.ts';
import { runSteps, type Step } from '../base/wizard.ts';
import { AGAIN, RouteChoice } from '../routes/routeChoice.ts';

const MEMORY_KEY = 'driveAnswers';
const VINS_KEY = 'drivenVins';
/** What is remembered for the next drive. Vehicles are remembered with the workspace, which has their certificates. */
const REMEMBERED = [
  'route',
  'which',
  'pace',
  'speed',
  'rate',
  'end',
  'spread',
  'dtc',
  'minutes',
  'seed',
] as const;
/** All routes of the file: the vehicles take turns. */
const ALL = 'all';

/** Begins the answer of who picks a note; its index follows. */
const NOTE = 'note ';

/** What a person wants to have driven. */
export interface DrivePlan {
  ref: StackRef;
  vins: string[];
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
}

/** Asks for what is not given yet. Enter, Enter, Enter drives; undefined when the person leaves. */
export async function askDrive(
  app: App,
  given: { ref: StackRef; vins?: readonly string[]; route?: vscode.Uri },
): Promise<DrivePlan | undefined> {
  const answers: DriveAnswers = remembered(app);
  const choice = new RouteChoice(app);
  if (given.route !== undefined && !(await choice.read(given.route))) return undefined;
  if (given.route !== undefined) delete answers.which;
  if (given.vins !== undefined) answers.vins = given.vins.join('\n');
  const title = vscode.l10n.t('Simulate a Drive on {0}', given.ref.stack);
  const steps = [
    vehiclesStep(app, given, answers),
    ...routeSteps(given, answers, choice),
    review(app, answers, choice, title),
  ];
  if (!(await runSteps(title, steps, answers))) return undefined;
  if (answers.route === AGAIN) answers.route = remembered(app).route ?? '';
  return finish(app, given.ref, answers, choice);
}

/** The drive that was simulated last, with another vehicle or the same; undefined when there was none. */
export async function lastDrive(
  app: App,
  ref: StackRef,
  vins: readonly string[],
): Promise<DrivePlan | undefined> {
  const answers = remembered(app);
  const choice = new RouteChoice(app);
  if (answers.route === undefined || !(await choice.read(vscode.Uri.parse(answers.route)))) return undefined;
  answers.vins = vins.join('\n');
  return finish(app, ref, answers, choice);
}

async function finish(
  app: App,
  ref: StackRef,
  answers: DriveAnswers,
  choice: RouteChoice,
): Promise<DrivePlan | undefined> {
  const { file } = choice;
  if (file === undefined) return undefined;
  const vins = vinsOf(answers);
  const kept: Record<string, string> = { ...answers, route: file.uri.toString() };
  await app.context.globalState.update(
    MEMORY_KEY,
    Object.fromEntries(REMEMBERED.flatMap((key) => (kept[key] === undefined ? [] : [[key, kept[key]]]))),
  );
  await app.context.workspaceState.update(VINS_KEY, vins.slice(0, 1000));
  return {
    ref,
    vins,
    routes: chosenRoutes(answers, choice),
    ...drivePart(app, answers, vins.length),
    record: answers.record === 'yes',
  };
}

function remembered(app: App): DriveAnswers {
  const kept = app.context.globalState.get<Record<string, unknown>>(MEMORY_KEY, {});
  return Object.fromEntries(
    REMEMBERED.flatMap((key) => (typeof kept[key] === 'string' ? [[key, kept[key]]] : [])),
  );
}

function vinsOf(answers: DriveAnswers): string[] {
  return (answers.vins ?? '').split('\n').filter((vin) => vin !== '');
}

function vehiclesStep(
  app: App,
  given: { ref: StackRef; vins?: readonly string[] },
  answers: DriveAnswers,
): Step {
  return {
    kind: 'many',
    key: 'vins',
    prompt: vscode.l10n.t('Vehicles that drive: those with certificates in this workspace'),
    none: vscode.l10n.t('Choose at least one vehicle'),
    skip: () => given.vins !== undefined,
    items: async () =>
      (await vinsWithFiles(app, given.ref)).map((vin) => ({
        label: vin,
        value: vin,
        ...(app.simulations.simulating(vin, given.ref) === undefined
          ? {}
          : { description: vscode.l10n.t('is being simulated') }),
      })),
    value: () => (answers.vins === undefined ? lastVins(app) : vinsOf(answers)),
  };
}

/** The vehicles that were asked for last in this workspace. */
export function lastVins(app: App): string[] {
  return app.context.workspaceState.get<string[]>(VINS_KEY, []);
}

/** Vehicles of a stack with files in the workspace; those of which it is not known to which stack they belong, too. */
export async function vinsWithFiles(app: App, ref: StackRef): Promise<string[]> {
  const store = app.certificates.peek();
  if (store === undefined) return [];
  const vins: string[] = [];
  for (const vin of await store.vins()) {
    const facts = await store.facts(vin);
    if (facts === undefined || facts.stackName === ref.stack) vins.push(vin);
  }
  return vins;
}

function routeSteps(given: { route?: vscode.Uri }, answers: DriveAnswers, choice: RouteChoice): Step[] {
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
        if (picked !== AGAIN && picked !== before.route) delete answers.which;
        return choice.take(picked === AGAIN ? (before.route ?? '') : picked);
      },
    },
    {
      kind: 'pick',
      key: 'which',
      prompt: vscode.l10n.t('The file has several routes'),
      skip: () => answers.route === AGAIN || (choice.file?.routes.length ?? 0) < 2,
      value: () => answers.which,
      items: () => [
        ...(vinsOf(answers).length > 1
          ? [{ label: vscode.l10n.t('All of them: the vehicles take turns'), value: ALL }]
          : []),
        ...(choice.file?.routes ?? []).map(({ name, points }, index) => ({
          label: name,
          description: vscode.l10n.t('{0} points', points.length),
          value: String(index),
        })),
      ],
    },
  ];
}

/** What the last drive was, in a few words. */
function lastWords({ route = '', speed = '1' }: DriveAnswers): string {
  const file = decodeURIComponent(route.split('/').at(-1) ?? '');
  return speed === '1' ? file : `${file} · ×${speed}`;
}

function chosenRoutes({ which }: DriveAnswers, { file }: RouteChoice): Route[] {
  const routes = file?.routes ?? [];
  if (which === ALL) return routes;
  const chosen = routes[Number(which ?? 0)] ?? routes[0];
  return chosen === undefined ? [] : [chosen];
}

/** All that will happen, with its defaults; any line can be changed before the start, and notes be read whole. */
export function review(app: App, answers: DriveAnswers, choice: RouteChoice, title: string): Step {
  return {
    kind: 'pick',
    key: 'review',
    prompt: vscode.l10n.t('Enter starts; pick a line to change it'),
    skip: () => answers.route === AGAIN,
    value: () => 'go',
    items: () => {
      const vins = vinsOf(answers);
      const routes = chosenRoutes(answers, choice);
      const points = routes.reduce((sum, route) => sum + route.points.length, 0);
      const who = vins.length === 1 ? (vins[0] ?? '') : vscode.l10n.t('{0} vehicles', vins.length);
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
        ...notesOf(app, answers, choice).map((note, index) => ({
          label: `$(info) ${note}`,
          value: `${NOTE}${index}`,
        })),
        ...driveFields(app, answers, vins.length).map(({ key, label, words }) => ({
          label,
          description: words(),
          value: key,
        })),
      ];
    },
    onPicked: async (picked) => {
      if (picked === 'go') return true;
      if (picked.startsWith(NOTE)) {
        const note = notesOf(app, answers, choice)[Number(picked.slice(NOTE.length))];
        if (note !== undefined) void vscode.window.showInformationMessage(note);
        return false;
      }
      const field = driveFields(app, answers, vinsOf(answers).length).find(({ key }) => key === picked);
      if (field !== undefined) await runSteps(title, [field.step], answers);
      return false;
    },
  };
}

/** What people should know of the routes and of the events on them; sentences. */
function notesOf(app: App, answers: DriveAnswers, choice: RouteChoice): string[] {
  const vins = vinsOf(answers);
  const { events } = drivePart(app, answers, vins.length).drive;
  // Vehicles take the routes in turn, so that a small fleet leaves the last ones out.
  const routes = chosenRoutes(answers, choice).slice(0, Math.max(1, vins.length));
  return [...(choice.file?.notes ?? []), ...app.work().eventNotes(events ?? [], routes)].map(inLanguage);
}
