import path from 'node:path';
import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { sayPlural } from '../base/say.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { PickItem } from '../base/wizard.ts';
import { SANDBOX_ID } from '../sandbox/sandboxController.ts';
import type { DriveAnswers, Setting } from './driveSettings.ts';
import { engineName, now, type ScalePlan, scalePlanOf, VEHICLES_A_SHARD } from './scalePlan.ts';

/** Any machine that VS Code runs on holds so many; below that nothing is measured. */
const FEW_VEHICLES = 300;
/** As AWS Batch limits an array job. */
const MOST_SHARDS = 10_000;

/** How many vehicles of a stack this machine holds at so many messages a second each; undefined when nobody can say. */
export type Holds = (ref: StackRef, rate: number) => Promise<number | undefined>;

/** What is known of a fleet that is larger than what this machine is known to hold. */
export interface Outgrown {
  /** How many it holds; undefined when that could not be measured. */
  most: number | undefined;
  /** Whose workers reach the stack. */
  engines: readonly ScalePlan['on'][];
}

/** The engines whose workers reach a stack: nodes of Slurm lack the CA and the keys of the sandbox, which only this window knows. */
export function enginesFor({ connectionId }: StackRef): readonly ScalePlan['on'][] {
  return connectionId === SANDBOX_ID ? ['batch'] : ['batch', 'slurm'];
}

/** Undefined for a fleet that fits. */
export async function outgrownBy(
  vehicles: number,
  holds: () => Promise<number | undefined>,
): Promise<Pick<Outgrown, 'most'> | undefined> {
  if (vehicles <= FEW_VEHICLES) return undefined;
  const most = await holds();
  return most !== undefined && most >= vehicles ? undefined : { most };
}

/**
 * Lets a fleet be driven here that fits, wherever another one was driven before.
 * @returns whether somebody said who drives one that doesn't fit, and those workers reach its stack
 */
export async function settleWorkers(
  answers: DriveAnswers,
  vehicles: number,
  { engines, holds }: { engines: readonly ScalePlan['on'][]; holds: () => Promise<number | undefined> },
): Promise<boolean> {
  if (answers.on === 'here') return true;
  if ((await outgrownBy(vehicles, holds)) === undefined) {
    Reflect.deleteProperty(answers, 'on');
    return true;
  }
  const scale = scalePlanOf(answers, vehicles);
  return scale !== undefined && engines.includes(scale.on);
}

/** What this machine holds, as a sentence. */
export function outgrownWords({ most }: Pick<Outgrown, 'most'>, vehicles: number): string {
  if (most === undefined)
    return vscode.l10n.t('How many vehicles this computer can drive could not be measured.');
  return vscode.l10n.t(
    'This computer can drive about {0} of the {1} vehicles at this rate, as just measured.',
    most,
    vehicles,
  );
}

/** Where a fleet can be driven that outgrew this machine. */
export function engineItems(engines: readonly ScalePlan['on'][]): PickItem[] {
  return [
    { label: vscode.l10n.t('this computer'), value: 'here' },
    ...engines.map((on) => ({ label: engineName(on), value: on })),
  ];
}

/** One thing about a run of several workers that can be changed. */
export interface ScaleField {
  key: Setting;
  label: string;
  prompt: string;
  words: (value: string) => string;
  problem: (value: string) => string | undefined;
}

/** What can be changed where workers drive; nothing where this machine does. */
export function scaleFields(answers: DriveAnswers, vehicles: number): ScaleField[] {
  const scale = scalePlanOf(answers, vehicles);
  if (scale === undefined) return [];
  const onBatch = scale.on === 'batch';
  const ofSetup = vscode.l10n.t('the bucket of "scale setup"');
  return [
    {
      key: 'shards',
      label: vscode.l10n.t('Shards'),
      prompt: vscode.l10n.t(
        'How many workers share the vehicles; empty for one per {0} vehicles',
        VEHICLES_A_SHARD,
      ),
      words: () =>
        sayPlural(scale.shards, l10n.t('1 worker'), l10n.t('{count} workers', { count: scale.shards })),
      problem: (value) =>
        value === '' || (/^[1-9]\d{0,4}$/.test(value) && Number(value) <= Math.min(MOST_SHARDS, vehicles))
          ? undefined
          : vscode.l10n.t('A whole number from 1 to {0}', Math.min(MOST_SHARDS, vehicles)),
    },
    {
      key: 'store',
      label: vscode.l10n.t('Plan and results'),
      prompt: onBatch
        ? vscode.l10n.t('s3://bucket/prefix; empty for the bucket of "scale setup"')
        : vscode.l10n.t('Folder that all machines see in the same place'),
      words: (value) => (value === '' ? (onBatch ? ofSetup : vscode.l10n.t('not set')) : value),
      problem: onBatch ? s3Problem : folderProblem,
    },
    {
      key: 'identities',
      label: vscode.l10n.t('Certificates for workers'),
      prompt: onBatch
        ? vscode.l10n.t('s3://bucket/prefix of "identities push"; empty for the bucket of "scale setup"')
        : vscode.l10n.t('s3://bucket/prefix of "identities push"; empty for the certificate folder'),
      words: (value) => (value === '' ? (onBatch ? ofSetup : vscode.l10n.t('certificate folder')) : value),
      problem: s3Problem,
    },
  ];
}

/** What workers lack, or what was answered for another engine or a larger fleet. */
export function misfits(answers: DriveAnswers, vehicles: number): Setting[] {
  return scaleFields(answers, vehicles)
    .filter(({ key, problem }) => problem(now(answers, key)) !== undefined)
    .map(({ key }) => key);
}

function s3Problem(value: string): string | undefined {
  return value === '' || /^s3:\/\/[a-z0-9][a-z0-9.-]{2,62}(\/|$)/.test(value)
    ? undefined
    : vscode.l10n.t('s3://bucket/prefix, or empty');
}

function folderProblem(value: string): string | undefined {
  return path.isAbsolute(value)
    ? undefined
    : vscode.l10n.t('The whole path of a folder, such as /shared/runs');
}
