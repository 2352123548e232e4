import path from 'node:path';
import * as vscode from 'vscode';
import { l10n, type Message } from '../../core/message.ts';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import type { FleetResult, VehicleOutcome } from '../../onboarding/fleet.ts';
import { fittingButtons } from '../base/buttons.ts';
import { cell } from '../base/findings.ts';
import type { Log } from '../base/log.ts';
import { say, sayError } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { StackRef, VehicleOfStack } from '../base/stackRef.ts';

/** Where a fleet that was onboarded leads to. */
export interface NextForFleet {
  simulate: (vehicles: readonly VehicleOfStack[]) => Promise<void>;
  watch: (ref: StackRef) => void;
  /** Shows its row, if rows are shown. */
  reveal: (vehicle: VehicleOfStack) => Promise<void>;
}

interface Sources {
  log: Log;
  /** Where reports are kept. */
  storage: vscode.Uri;
  next: NextForFleet;
  /** Does what is left once more. */
  again: () => Promise<void>;
}

/** Says what was created, found and failed, and where to go from there. */
export async function showFleetResult(ref: StackRef, result: FleetResult, sources: Sources): Promise<void> {
  const { log, next, again } = sources;
  for (const vehicle of result.vehicles) {
    if (vehicle.status === 'failed')
      log.error(`${vehicle.vin} (line ${vehicle.line}): ${vehicle.error.code} ${vehicle.error.message}`);
  }
  const onboarded = result.vehicles.flatMap((each) => (each.status === 'onboarded' ? [each.result] : []));
  const vehicles = onboarded.map(({ vin, id }) => ({ ref, vin, id }));
  const firstNew = vehicles[onboarded.findIndex(({ outcome }) => outcome === 'created')];
  if (firstNew !== undefined) void next.reveal(firstNew);
  const isAllDone = result.failed + result.unfinished === 0;
  const proceed = vscode.l10n.t('Continue');
  const showFailed = vscode.l10n.t('Show Failed');
  const simulate =
    vehicles.length === 1 ? vscode.l10n.t('Simulate a Drive') : vscode.l10n.t('Simulate Fleet');
  const watch = vscode.l10n.t('Watch');
  const onward = vehicles.length === 0 ? [] : [simulate, watch];
  const text = say(words(result));
  let picked: string | undefined;
  do {
    picked = isAllDone
      ? await notify.info(text, ...onward)
      : await notify.warn(text, ...fittingButtons([proceed, showFailed], onward));
    if (picked === showFailed) await showReport(ref, result, sources.storage);
    // Who has seen what failed still wants to continue, or to go on with the others.
  } while (picked === showFailed);
  if (picked === proceed) await again();
  else if (picked === simulate) await next.simulate(vehicles);
  else if (picked === watch) next.watch(ref);
}

function words({ vehicles, created, found, failed, unfinished, onboarded, stoppedBy }: FleetResult): Message {
  const count = vehicles.length;
  if (count === 1 && onboarded === 1)
    return found === 1 ? l10n.t('The vehicle was already onboarded.') : l10n.t('The vehicle is onboarded.');
  const parts = l10n.list(
    [
      ...(created > 0 ? [l10n.t('{count} created', { count: created })] : []),
      ...(found > 0 ? [l10n.t('{count} already there', { count: found })] : []),
      ...(failed > 0 ? [l10n.t('{count} failed', { count: failed })] : []),
      ...(unfinished > 0 ? [l10n.t('{count} not finished', { count: unfinished })] : []),
    ],
    'comma',
  );
  if (onboarded === count) {
    return l10n.plural(
      count,
      l10n.t('The vehicle is onboarded: {parts}.', { parts }),
      l10n.t('All {count} vehicles are onboarded: {parts}.', { count, parts }),
    );
  }
  const sentence = l10n.t('{onboarded} of {count} vehicles are onboarded: {parts}.', {
    onboarded,
    count,
    parts,
  });
  if (stoppedBy === undefined) return sentence;
  return l10n.t('{sentence} Stopped early: {reason}', { sentence, reason: stoppedBy.sentence });
}

/** What failed, and what to do about it, as a page that stays. */
async function showReport(ref: StackRef, result: FleetResult, storage: vscode.Uri): Promise<void> {
  const name = vscode.l10n.t('Vehicles that are not onboarded.md');
  const file = vscode.Uri.joinPath(storage, 'fleets', name);
  await makeFolder(storage.fsPath, path.dirname(file.fsPath));
  await writeFileSafely(file.fsPath, report(ref, result));
  await vscode.commands.executeCommand('markdown.showPreview', file);
}

function report({ stack }: StackRef, { vehicles }: FleetResult): string {
  const left = vehicles.filter(({ status }) => status !== 'onboarded');
  const headings = [
    vscode.l10n.t('Line'),
    vscode.l10n.t('Vehicle'),
    vscode.l10n.t('What went wrong'),
    vscode.l10n.t('What to do'),
  ];
  return [
    `# ${vscode.l10n.t('Vehicles that are not onboarded')}`,
    '',
    vscode.l10n.t('Stack {0}, {1}', cell(stack), new Date().toLocaleString()),
    '',
    `| ${headings.join(' | ')} |`,
    '|---|---|---|---|',
    ...left.map((each) => `| ${each.line} | ${cell(each.vin)} | ${reasonOf(each).map(cell).join(' | ')} |`),
    '',
  ].join('\n');
}

/** Why, and what to do. */
function reasonOf(outcome: VehicleOutcome): [string, string] {
  if (outcome.status !== 'failed')
    return [vscode.l10n.t('Not finished'), vscode.l10n.t('Continue picks up there.')];
  const { error } = outcome;
  return [`${sayError(error)} (${error.code})`, error.remedy === undefined ? '' : say(error.remedy)];
}
