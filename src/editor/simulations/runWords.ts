import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { metresOf } from '../../text/describe.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import type { VehicleState } from '../../protocol/simulation.ts';
import { activeIcon, errorIcon, warningIcon } from '../base/icons.ts';
import { sayError, sayPlural } from '../base/say.ts';
import type { SimulationRun } from './run.ts';

/** How a run is, in a word or two, and the icon that says the same. */
export function runState(run: SimulationRun): { words: string; icon: vscode.ThemeIcon } {
  if (run.isStopping) return { words: vscode.l10n.t('stopping'), icon: new vscode.ThemeIcon('sync~spin') };
  if (run.isFinishing) return { words: vscode.l10n.t('finishing'), icon: new vscode.ThemeIcon('sync~spin') };
  switch (run.state) {
    case 'starting':
      return run.totals !== undefined && offlineOf(run) > 0
        ? { words: vscode.l10n.t('waiting for a connection'), icon: warningIcon('debug-disconnect') }
        : { words: vscode.l10n.t('starting'), icon: new vscode.ThemeIcon('sync~spin') };
    case 'running':
      return offlineOf(run) > 0
        ? { words: offlineWords(run), icon: warningIcon('debug-disconnect') }
        : {
            words: vscode.l10n.t('running'),
            icon: activeIcon('play-circle'),
          };
    case 'paused':
      return { words: vscode.l10n.t('paused'), icon: new vscode.ThemeIcon('debug-pause') };
    case 'ended':
      return run.totals !== undefined && run.totals.failed + run.totals.lost > 0
        ? { words: vscode.l10n.t('ended with problems'), icon: warningIcon('warning') }
        : { words: vscode.l10n.t('ended'), icon: new vscode.ThemeIcon('pass') };
    case 'failed':
      return { words: vscode.l10n.t('failed'), icon: errorIcon('error') };
    case 'crashed':
      return run.resumedBy === undefined
        ? { words: vscode.l10n.t('crashed'), icon: errorIcon('debug-disconnect') }
        : { words: vscode.l10n.t('crashed, then resumed'), icon: new vscode.ThemeIcon('debug-disconnect') };
  }
}

/** How far it is and what became of its messages. */
export function runProgress(run: SimulationRun): string {
  const { totals } = run;
  if (totals === undefined) return run.problem === undefined ? '' : sayError(run.problem);
  const [only] = run.vehicles.values();
  const parts =
    run.ids.length === 1 && only !== undefined
      ? placeOnRoute(only)
      : [
          run.isOver
            ? vehiclesWords(totals.vehicles)
            : vscode.l10n.t('{0}/{1} online', totals.online, totals.vehicles),
          windowMeasures().distance(metresOf(run.vehicles.values())),
        ];
  if (run.isOver) parts.push(vscode.l10n.t('{0} acknowledged', totals.acknowledged));
  else {
    // What stands still says so, and not how its rate fades.
    const stands = run.canResume && !run.canPause;
    if (!stands) parts.push(vscode.l10n.t('{0} msg/s', run.messagesPerSecond));
    if (!stands || totals.unacked > 0) parts.push(vscode.l10n.t('{0} unacked', totals.unacked));
    if (totals.queued > 0) parts.push(vscode.l10n.t('{0} waiting', totals.queued));
  }
  parts.push(vscode.l10n.t('lost {0}', totals.lost));
  if (totals.failed > 0 && run.ids.length > 1) parts.push(vscode.l10n.t('{0} failed', totals.failed));
  return parts.join(', ');
}

/** One vehicle of a run: in words, with how far it is. */
export function vehicleWords(state: VehicleState | undefined): {
  words: string;
  progress: string;
  icon: vscode.ThemeIcon;
} {
  if (state === undefined)
    return { words: vscode.l10n.t('waiting'), progress: '', icon: new vscode.ThemeIcon('circle-outline') };
  const { phase, link, queued, acknowledged, unacked, lost } = state;
  const counts = [
    ...placeOnRoute(state),
    vscode.l10n.t('{0} acknowledged', acknowledged),
    ...(unacked > 0 ? [vscode.l10n.t('{0} unacked', unacked)] : []),
    ...(queued > 0 ? [vscode.l10n.t('{0} waiting', queued)] : []),
    vscode.l10n.t('lost {0}', lost),
  ].join(', ');
  const isUnderWay = phase !== 'ended' && phase !== 'failed';
  if (isUnderWay && link !== 'online' && state.connects > 0)
    return { words: vscode.l10n.t('offline'), progress: counts, icon: warningIcon('debug-disconnect') };
  const words = {
    waiting: vscode.l10n.t('connecting'),
    driving: vscode.l10n.t('driving'),
    paused: vscode.l10n.t('paused'),
    ending: vscode.l10n.t('finishing'),
    ended: vscode.l10n.t('ended'),
    failed: vscode.l10n.t('failed'),
  }[phase];
  const icon = {
    waiting: new vscode.ThemeIcon('sync~spin'),
    driving: activeIcon('broadcast'),
    paused: new vscode.ThemeIcon('debug-pause'),
    ending: new vscode.ThemeIcon('sync~spin'),
    ended: lost > 0 ? warningIcon('warning') : new vscode.ThemeIcon('pass'),
    failed: errorIcon('error'),
  }[phase];
  return { words, progress: counts, icon };
}

/** How many that were connected are not. */
export function offlineOf({ totals, isOver }: SimulationRun): number {
  if (totals === undefined || isOver) return 0;
  return totals.vehicles - totals.online - totals.ended - totals.failed;
}

function offlineWords(run: SimulationRun): string {
  return run.ids.length === 1
    ? vscode.l10n.t('offline, still driving')
    : vscode.l10n.t('running, {0} offline', offlineOf(run));
}

/** So many simulations. */
export function simulationsWords(count: number): string {
  return sayPlural(count, l10n.t('1 simulation'), l10n.t('{count} simulations', { count }));
}

function vehiclesWords(count: number): string {
  return sayPlural(count, l10n.t('1 vehicle'), l10n.t('{count} vehicles', { count }));
}

function placeOnRoute({ point, points, metres }: VehicleState): string[] {
  return [vscode.l10n.t('{0}/{1} points', point, points), windowMeasures().distance(metres)];
}
