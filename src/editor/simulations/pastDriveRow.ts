import * as vscode from 'vscode';
import { summaryWords } from '../../text/driveSummary.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import { say } from '../base/say.ts';
import { oneWord, type StandsForVehicles, type VehicleOfStack } from '../base/stackRef.ts';
import type { PastDrive } from './pastDrives.ts';

/** A drive of an earlier window as a row. */
export class PastDriveRow implements StandsForVehicles {
  readonly drive: PastDrive;

  constructor(drive: PastDrive) {
    this.drive = drive;
  }

  get id(): string {
    return `past/${this.drive.id}`;
  }

  get vehicles(): readonly VehicleOfStack[] {
    const { ref, vins } = this.drive;
    return vins.map((vin) => ({ ref, vin }));
  }

  item(): vscode.TreeItem {
    const { title, vins, startedAt, figures, ref } = this.drive;
    const [only] = vins;
    const item = new vscode.TreeItem(vins.length === 1 && only !== undefined ? only : title);
    const when = new Date(startedAt).toLocaleString(vscode.env.language, {
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    const words = summaryWords(figures, windowMeasures()).map(say).join(', ');
    item.id = this.id;
    item.description = `${when} · ${words}`;
    item.iconPath = new vscode.ThemeIcon('history');
    item.contextValue = ['pastDrive', ...oneWord(vins), 'over'].join(' ');
    item.tooltip = `${title} — ${ref.stack}\n${when}\n${words}`;
    item.accessibilityInformation = {
      label: vscode.l10n.t('Past drive {0}, {1}', title, `${when}, ${words}`),
    };
    return item;
  }
}
