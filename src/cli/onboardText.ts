import { relative } from 'node:path';
import { english } from '../core/wording.ts';
import type { FleetResult, VehicleOutcome } from '../onboarding/fleet.ts';
import type { OnboardingResult } from '../onboarding/onboard.ts';
import type { StepInfo, StepReport } from '../cms/contract/steps.ts';
import { columns, counted, seconds } from './format.ts';

/** Describes a finished onboarding, with its steps if requested. */
export function describeOnboarding(result: OnboardingResult, options: { steps: boolean }): string {
  const { live } = result;
  const at = live?.position;
  const where = at ? ` at ${at.latitude.toFixed(5)}, ${at.longitude.toFixed(5)}` : '';
  const parts = result.facts.map(({ label, value }) => `${english(label)} ${value}`);
  return [
    `${result.vin} is onboard ${result.stack}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}.`,
    ...(options.steps ? describeSteps(result.steps) : []),
    ...(live === undefined ? [] : [`Shown as     ${live.make} ${live.model} ${live.modelYear}${where}`]),
    ...result.lines.map(({ label, value }) => `${english(label).padEnd(12)} ${value}`),
    `Thing        ${result.thingName}`,
    `Certificate  ${result.certificateId}`,
    ...result.files.map((file, i) => `${i === 0 ? 'Files' : '     '}        ${relative('.', file)}`),
    ...(result.uiUrl === undefined ? [] : [`CMS          ${result.uiUrl}`]),
  ].join('\n');
}

export function describeSteps(steps: readonly StepReport[]): string[] {
  return steps.map(
    (step) => `  ${columns([english(step.title), step.outcome, seconds(step.ms)], [66, 10, 8])}`,
  );
}

/** Describes what an unfinished run has done and left behind. */
export function describeState(
  steps: readonly StepInfo[],
  reports: readonly StepReport[],
  vin: string,
): string {
  const done = steps.filter(({ id }) => reports.some((r) => r.id === id && isDone(r)));
  const open = steps.filter((step) => !done.includes(step));
  if (done.length === 0) return 'Nothing was changed.';
  return [
    `Done:     ${done.map(({ id }) => id).join(', ')}`,
    `Not done: ${open.map(({ id }) => id).join(', ')}`,
    'There now:',
    ...done.flatMap(({ leaves }) => (leaves === undefined ? [] : [`  - ${english(leaves)}`])),
    `The same command again continues; "cms-enablement offboard --vin ${vin}" undoes.`,
  ].join('\n');
}

function isDone(report: StepReport): boolean {
  return report.outcome !== 'failed' && report.outcome !== 'cancelled';
}

/** One line about a vehicle of a fleet. */
export function describeVehicle(outcome: VehicleOutcome): string {
  switch (outcome.status) {
    case 'onboarded': {
      const ms = outcome.result.steps.reduce((sum, step) => sum + step.ms, 0);
      const { outcome: what } = outcome.result;
      return `${outcome.vin}  ${what === 'found' ? 'was onboard' : 'onboarded'} (${seconds(ms)})`;
    }
    case 'failed': {
      const { code, message, step, remedy } = outcome.error;
      const where = step === undefined ? '' : ` in step ${step}`;
      return `${outcome.vin}  failed${where}: ${message} (${code})${remedy === undefined ? '' : ` ${english(remedy)}`}`;
    }
    case 'unfinished':
      return `${outcome.vin}  unfinished`;
  }
}

export function describeFleet(result: FleetResult): string {
  const parts = [`${result.created} created`, `${result.found} found`];
  if (result.failed > 0) parts.push(`${result.failed} failed`);
  if (result.unfinished > 0) parts.push(`${result.unfinished} unfinished`);
  const again = result.failed + result.unfinished > 0 ? ' The same command again continues.' : '';
  const stopped = result.stoppedBy === undefined ? '' : `Stopped early: ${result.stoppedBy.message}\n`;
  return `${stopped}${parts.join(', ')} of ${counted(result.vehicles.length, 'vehicle')} in ${seconds(result.ms)}.${again}`;
}
