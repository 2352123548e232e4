import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { Powertrain } from '../../telemetry/drive.ts';
import { sayPlural } from '../base/say.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { PickItem, Question } from '../base/wizard.ts';
import { mapUnits } from '../map/mapSettings.ts';
import { eventUnits } from './eventUnits.ts';
import { DEFAULTS, type DriveAnswers, type Setting } from './driveSettings.ts';
import type { DrivePlan } from './driveWizard.ts';
import { engineItems, type Outgrown, outgrownWords, scaleFields } from './scaleFields.ts';

type LoadFields = LoadBackend<'rateSchema' | 'readEventRate' | 'readScriptedEvent'>;
type EventRates = NonNullable<SimulationRequest['eventRates']>;

/** One thing about a drive that can be changed, and how it stands now. */
interface DriveField {
  key: string;
  label: string;
  words: () => string;
  question: Question;
}

/** A day; longer nobody means. */
const MOST_MINUTES = 24 * 60;

export const SPEEDS = [0.1, 0.5, 1, 2, 5, 10, 20] as const;

/** What can be changed about a drive of so many vehicles. */
export function driveFields(
  backend: LoadFields,
  answers: DriveAnswers,
  vehicles: number,
  outgrown?: Outgrown,
): DriveField[] {
  const { rateSchema, readEventRate, readScriptedEvent } = backend();
  const isUs = mapUnits() === 'us';
  const { places, rates: chances } = eventUnits(mapUnits());
  const now = (key: Setting): string => answers[key] ?? DEFAULTS[key];
  const choice = (key: Setting, label: string, choices: PickItem[]): DriveField => ({
    key,
    label,
    words: () => choices.find(({ value }) => value === now(key))?.label ?? now(key),
    question: { kind: 'pick', key, prompt: label, value: () => now(key), items: () => choices },
  });
  const text = (
    key: Setting,
    label: string,
    prompt: string,
    words: (value: string) => string,
    problem: (value: string) => string | undefined,
    units = { shown: (kept: string) => kept, kept: (typed: string) => typed },
  ): DriveField => ({
    key,
    label,
    words: () => words(units.shown(now(key))),
    question: {
      kind: 'text',
      key,
      prompt,
      value: () => units.shown(now(key)),
      keep: units.kept,
      validate: (value) => problem(units.kept(value.trim())),
    },
  });
  const yesNo: PickItem[] = [
    { label: vscode.l10n.t('no'), value: 'no' },
    { label: vscode.l10n.t('yes'), value: 'yes' },
  ];
  const rates = { least: rateSchema.minValue ?? 0, most: rateSchema.maxValue ?? 0 };
  const fields = [
    choice('speed', vscode.l10n.t('Time scale'), SPEEDS.map(speedItem)),
    choice('pace', vscode.l10n.t('Pace'), [
      { label: vscode.l10n.t('realistic: slows for curves, traffic, and stops'), value: 'drive' },
      { label: vscode.l10n.t('one point of the route per message'), value: 'points' },
    ]),
    text(
      'rate',
      vscode.l10n.t('Messages'),
      vscode.l10n.t('Messages per second per vehicle, from {0} to {1}', rates.least, rates.most),
      (value) => vscode.l10n.t('{0} per second per vehicle', value),
      (value) =>
        value !== '' && rateSchema.safeParse(Number(value)).success
          ? undefined
          : vscode.l10n.t('A number from {0} to {1}', rates.least, rates.most),
    ),
    choice('end', vscode.l10n.t('At the end of the route'), [
      { label: vscode.l10n.t('stop'), value: 'stop' },
      { label: vscode.l10n.t('start again, as a new trip'), value: 'loop' },
      { label: vscode.l10n.t('turn around and drive back, as a new trip'), value: 'ping-pong' },
    ]),
    ...(vehicles > 1 ? [choice('spread', vscode.l10n.t('Spread over the route'), yesNo)] : []),
    text(
      'events',
      vscode.l10n.t('Scheduled events'),
      isUs
        ? vscode.l10n.t(
            'Mile and what happens, such as 3:P0217, 5:braking or 6:oil; several with commas; empty for none',
          )
        : vscode.l10n.t(
            'Kilometer and what happens, such as 3:P0217, 5:braking or 6:oil; several with commas; empty for none',
          ),
      (value) => (value === '' ? vscode.l10n.t('none') : value),
      (value) =>
        partsOf(value).every((each) => readScriptedEvent(each) !== undefined)
          ? undefined
          : isUs
            ? vscode.l10n.t('Mile, colon, and a trouble code, braking or oil: 3:P0217')
            : vscode.l10n.t('Kilometer, colon, and a trouble code, braking or oil: 3:P0217'),
      places,
    ),
    text(
      'chance',
      vscode.l10n.t('Random events'),
      isUs
        ? vscode.l10n.t(
            'Times per 100 mi, such as braking:5, oil:1 or dtc:0.5; several with commas; empty for none',
          )
        : vscode.l10n.t(
            'Times per 100 km, such as braking:5, oil:1 or dtc:0.5; several with commas; empty for none',
          ),
      (value) => {
        if (value === '') return vscode.l10n.t('none');
        return isUs ? vscode.l10n.t('{0} per 100 mi', value) : vscode.l10n.t('{0} per 100 km', value);
      },
      (value) =>
        partsOf(value).every((each) => readEventRate(each) !== undefined)
          ? undefined
          : vscode.l10n.t('Braking, oil or dtc, a colon and a number: braking:5'),
      chances,
    ),
    choice('powertrain', vscode.l10n.t('Powertrain'), [
      { label: vscode.l10n.t('from each vehicle’s fuel type'), value: 'own' },
      { label: vscode.l10n.t('combustion engine'), value: 'combustion' },
      { label: vscode.l10n.t('electric'), value: 'electric' },
    ]),
    choice('jobs', vscode.l10n.t('Accept jobs from the cloud'), yesNo),
    text(
      'minutes',
      vscode.l10n.t('Stop after'),
      vscode.l10n.t('Minutes; empty to drive to the end'),
      (value) => {
        if (value === '') return vscode.l10n.t('the end of the route');
        return sayPlural(Number(value), l10n.t('1 minute'), l10n.t('{minutes} minutes', { minutes: value }));
      },
      (value) =>
        value === '' || (Number(value) > 0 && Number(value) <= MOST_MINUTES)
          ? undefined
          : vscode.l10n.t('Minutes, more than 0 and at most {0}', MOST_MINUTES),
    ),
    text(
      'seed',
      vscode.l10n.t('Seed'),
      vscode.l10n.t('A whole number; the same seed always gives the same drive'),
      (value) => value,
      (value) => (/^\d{1,9}$/.test(value) ? undefined : vscode.l10n.t('A whole number')),
    ),
    choice('record', vscode.l10n.t('Record to a file'), yesNo),
  ];
  if (outgrown === undefined) return fields;
  const scaled = scaleFields(answers, vehicles);
  const on = choice('on', vscode.l10n.t('Drive on'), engineItems(outgrown.engines));
  return [
    { ...on, question: { ...on.question, prompt: outgrownWords(outgrown, vehicles) } },
    ...scaled.map(({ key, label, prompt, words, problem }) => text(key, label, prompt, words, problem)),
    // Workers keep no messages.
    ...fields.filter(({ key }) => key !== 'record' || scaled.length === 0),
  ];
}

/** The answers as a request takes them. */
export function drivePart(
  backend: LoadFields,
  answers: DriveAnswers,
  vehicles: number,
): Pick<DrivePlan, 'drive' | 'seed' | 'spread' | 'powertrain'> {
  const { readEventRate, readScriptedEvent } = backend();
  const now = (key: Setting): string => (answers[key] ?? DEFAULTS[key]).trim();
  const end = now('end');
  const minutes = now('minutes');
  const chosen = now('powertrain');
  const powertrain: Powertrain | undefined =
    chosen === 'combustion' || chosen === 'electric' ? chosen : undefined;
  return {
    drive: {
      rate: Number(now('rate')),
      speed: Number(now('speed')),
      pace: now('pace') === 'points' ? 'points' : 'drive',
      end: end === 'loop' || end === 'ping-pong' ? end : 'stop',
      events: partsOf(now('events')).flatMap((each) => readScriptedEvent(each) ?? []),
      eventRates: Object.assign({}, ...partsOf(now('chance')).map(readEventRate)) as EventRates,
      jobs: now('jobs') === 'yes',
      ...defined({ durationMs: minutes === '' ? undefined : Number(minutes) * 60_000 }),
    },
    seed: Number(now('seed')),
    ...defined({ powertrain }),
    spread: vehicles > 1 && now('spread') === 'yes',
  };
}

/** A speed as it is offered. */
export function speedItem(speed: number): PickItem {
  const words =
    speed === 1
      ? vscode.l10n.t('real time')
      : speed < 1
        ? vscode.l10n.t('slow motion')
        : vscode.l10n.t('time lapse');
  return { label: `×${speed} ${words}`, value: String(speed) };
}

function partsOf(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
