import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { activeIcon, errorIcon, warningIcon } from '../base/icons.ts';
import { sayError, sayPlural } from '../base/say.ts';
import { oneWord, type StandsForVehicles, type VehicleOfStack } from '../base/stackRef.ts';
import type { CloudDriveRun } from './cloudRuns.ts';

/** A drive that the simulator of a CMS does, as a row. */
export class CloudRunRow implements StandsForVehicles {
  readonly run: CloudDriveRun;

  constructor(run: CloudDriveRun) {
    this.run = run;
  }

  get id(): string {
    return `cloud/${this.run.id}`;
  }

  get vehicles(): readonly VehicleOfStack[] {
    const { ref, vins } = this.run;
    return vins.map((vin) => ({ ref, vin }));
  }

  item(): vscode.TreeItem {
    const { run } = this;
    const { words, icon } = stateOf(run);
    const label = cloudTitle(run);
    const description = [words, arrivedWords(run)].filter((part) => part !== '').join(' · ');
    const item = new vscode.TreeItem(label);
    item.id = this.id;
    item.description = description;
    item.iconPath = icon;
    item.contextValue = ['cloudRun', ...oneWord(run.vins), run.isOver ? 'over' : 'active'].join(' ');
    const why = run.problem === undefined ? '' : `\n${sayError(run.problem)}`;
    item.tooltip = `${label} — ${run.ref.stack}\n${description}${why}`;
    item.accessibilityInformation = {
      label: vscode.l10n.t('Simulation in the cloud, {0}, {1}', label, description.replaceAll(' · ', ', ')),
    };
    return item;
  }
}

/** Who is simulated there. */
export function cloudTitle({ vins }: Pick<CloudDriveRun, 'vins'>): string {
  const [only] = vins;
  if (vins.length === 1 && only !== undefined) return only;
  return sayPlural(
    vins.length,
    l10n.t('1 vehicle in the cloud'),
    l10n.t('{count} vehicles in the cloud', { count: vins.length }),
  );
}

function stateOf(run: CloudDriveRun): { words: string; icon: vscode.ThemeIcon } {
  if (run.isStopping) return { words: vscode.l10n.t('stopping'), icon: new vscode.ThemeIcon('sync~spin') };
  if (!run.isOver) {
    return run.isRunning
      ? { words: vscode.l10n.t('running in the cloud'), icon: activeIcon('cloud') }
      : { words: vscode.l10n.t('starting'), icon: new vscode.ThemeIcon('sync~spin') };
  }
  if (run.problem !== undefined) return { words: vscode.l10n.t('failed'), icon: errorIcon('error') };
  if (run.reports.some(({ state }) => state === 'failed')) {
    return { words: vscode.l10n.t('ended with problems'), icon: warningIcon('warning') };
  }
  return {
    words: run.isStopped ? vscode.l10n.t('stopped') : vscode.l10n.t('ended'),
    icon: new vscode.ThemeIcon('pass'),
  };
}

function arrivedWords(run: CloudDriveRun): string {
  const { arrived } = run;
  if (!run.isOver || arrived === undefined) return '';
  return vscode.l10n.t('telemetry of {0} of {1}', arrived, run.vins.length);
}
