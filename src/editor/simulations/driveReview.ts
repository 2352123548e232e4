import * as vscode from 'vscode';
import type { Route } from '../../telemetry/drive.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { say } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import { askAll, type Question } from '../base/wizard.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import type { RouteChoice } from '../routes/routeChoice.ts';
import { vinOrCount } from '../vehicles/vehicleWords.ts';
import type { AskedVehicles } from './askedVehicles.ts';
import { driveFields, drivePart } from './driveFields.ts';
import type { DriveAnswers } from './driveSettings.ts';
import { misfits, outgrownBy, type Outgrown, outgrownWords, scaleFields } from './scaleFields.ts';
import { scalePlanOf } from './scalePlan.ts';

/** All routes of the file: the vehicles take turns. */
export const ALL = 'all';

/** Begins the answer of who picks a note; its index follows. */
const NOTE = 'note ';

export type LoadReview = LoadBackend<'eventNotes' | 'rateSchema' | 'readEventRate' | 'readScriptedEvent'>;

/** What is asked about. */
export interface Asked {
  answers: DriveAnswers;
  choice: RouteChoice;
  asked: AskedVehicles;
}

/** Those of its file that are driven; the first one unless another, or all, were chosen. */
export function chosenRoutes({ which }: DriveAnswers, { file }: RouteChoice): Route[] {
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
  const { drive, spread } = drivePart(backend, answers, count);
  const told = { ...windowMeasures(), spreadOnce: spread && drive.end === 'stop' };
  // Vehicles take the routes in turn, so that a small fleet leaves the last ones out.
  const routes = chosenRoutes(answers, choice).slice(0, Math.max(1, count));
  return [...(choice.file?.notes ?? []), ...backend().eventNotes(drive.events ?? [], routes, told)].map(say);
}
