import path from 'node:path';
import * as vscode from 'vscode';
import { writeFileSafely } from '../../core/safeFiles.ts';
import { EXPORT_FORMATS, exportDrive, type ExportFormat } from '../../text/history/exportDrive.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify, pickOne } from '../base/shown.ts';
import { PastDriveRow } from './pastDriveRow.ts';
import type { PastDrive, PastDrives } from './pastDrives.ts';
import type { SimulationRun } from './run.ts';
import { RunRow } from './simulationRows.ts';
import { onRow } from './steering.ts';

const FORMATS: Record<ExportFormat, string> = { csv: 'CSV', gpx: 'GPX', geojson: 'GeoJSON', json: 'JSON' };

/** What can be done with drives that are over. */
export class ResultActions {
  readonly #tasks: Tasks;
  readonly #past: PastDrives;

  constructor(tasks: Tasks, past: PastDrives) {
    this.#tasks = tasks;
    this.#past = past;
  }

  register(): vscode.Disposable {
    return registerCommand(
      this.#tasks,
      'simulationExport',
      onRow(async ([row]) => {
        const drive = await this.#driveOf(row, vscode.l10n.t('Drive to export'));
        if (drive !== undefined) await this.export(drive);
      }),
    );
  }

  /** The same of a run that is over. */
  async exportRun(run: SimulationRun): Promise<void> {
    const drive = this.#past.find(run.id);
    if (drive !== undefined) await this.export(drive);
  }

  /** Writes a drive to a file of the person's choice. */
  async export(drive: PastDrive): Promise<void> {
    const title = vscode.l10n.t('Export Drive');
    const details: Record<ExportFormat, string> = {
      csv: vscode.l10n.t('a row per sample, for spreadsheets'),
      gpx: vscode.l10n.t('a track per vehicle, for maps and as a route'),
      geojson: vscode.l10n.t('a line per vehicle, for maps and as a route'),
      json: vscode.l10n.t('the summary and all samples'),
    };
    const picked = await pickOne(
      EXPORT_FORMATS.map((format) => ({ label: FORMATS[format], description: details[format], format })),
      { title, placeHolder: drive.title },
    );
    if (picked === undefined) return;
    const { format } = picked;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `${drive.id}.${format}`;
    const file = await vscode.window.showSaveDialog({
      title,
      filters: { [FORMATS[format]]: [format] },
      ...(folder !== undefined && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    });
    if (file === undefined) return;
    const { history } = await this.#past.read(drive);
    const { id, startedAt, figures } = drive;
    const text = exportDrive({ id, title: drive.title, startedAt, figures, history }, format);
    await writeFileSafely(file.fsPath, text, 0o644);
    const open = vscode.l10n.t('Open');
    const said = vscode.l10n.t('The drive is in {0}.', path.basename(file.fsPath));
    if ((await notify.info(said, open)) === open) await vscode.window.showTextDocument(file);
  }

  /** The one of the row; without a row the only one there is, or the one picked. */
  async #driveOf(row: unknown, placeHolder: string): Promise<PastDrive | undefined> {
    if (row instanceof PastDriveRow) return row.drive;
    const found = row instanceof RunRow ? this.#past.find(row.run.id) : undefined;
    const drives = this.#past.drives.toReversed();
    if (row !== undefined || drives.length === 0) {
      if (found === undefined)
        void notify.info(vscode.l10n.t('There is no drive that has sent anything yet.'));
      return found;
    }
    const picked = await pickOne(
      drives.map((drive) => ({
        label: drive.title,
        description: new Date(drive.startedAt).toLocaleString(vscode.env.language),
        drive,
      })),
      { title: placeHolder, placeHolder: vscode.l10n.t('Drives of this workspace, the latest first') },
    );
    return picked?.drive;
  }
}
