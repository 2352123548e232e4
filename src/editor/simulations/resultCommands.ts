import path from 'node:path';
import * as vscode from 'vscode';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import { compareDrives } from '../../text/history/compareDrives.ts';
import { EXPORT_FORMATS, exportDrive, type ExportFormat } from '../../text/history/exportDrive.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { say } from '../base/say.ts';
import type { Tasks } from '../base/tasks.ts';
import { forMarkdown, notify, pickOne } from '../base/shown.ts';
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
  readonly #storage: vscode.Uri;

  /** @param storage where pages are written */
  constructor(tasks: Tasks, past: PastDrives, storage: vscode.Uri) {
    this.#tasks = tasks;
    this.#past = past;
    this.#storage = storage;
  }

  register(): vscode.Disposable {
    return vscode.Disposable.from(
      this.#command('simulationExport', vscode.l10n.t('Drive to export'), (drive) => this.export(drive)),
      this.#command(
        'simulationCompare',
        vscode.l10n.t('Drive to compare with the last one before it'),
        (drive) => this.compare(drive),
      ),
    );
  }

  #command(id: string, prompt: string, act: (drive: PastDrive) => Promise<void>): vscode.Disposable {
    return registerCommand(
      this.#tasks,
      id,
      onRow(async ([row]) => {
        const drive = await this.#driveOf(row, prompt);
        if (drive !== undefined) await act(drive);
      }),
    );
  }

  /** The same of a run that is over. */
  async exportRun(run: SimulationRun): Promise<void> {
    const drive = this.#past.find(run.id);
    if (drive !== undefined) await this.export(drive);
  }

  /** Of a run that is over. */
  async compareRun(run: SimulationRun): Promise<void> {
    const drive = this.#past.find(run.id);
    if (drive !== undefined) await this.compare(drive);
  }

  /** Whether there is a drive to compare a run with. */
  hasEarlier(run: SimulationRun): boolean {
    const drive = this.#past.find(run.id);
    return drive !== undefined && this.#past.before(drive) !== undefined;
  }

  /** Shows what a drive came to beside the one before it. */
  async compare(drive: PastDrive): Promise<void> {
    const before = this.#past.before(drive);
    if (before === undefined) {
      void notify.info(vscode.l10n.t('There is no earlier drive on {0} to compare with.', drive.ref.stack));
      return;
    }
    const heading = ({ title, startedAt }: PastDrive): string =>
      `${forMarkdown(title)}, ${new Date(startedAt).toLocaleString(vscode.env.language)}`;
    const rows = compareDrives(drive.figures, before.figures, windowMeasures()).map(
      ({ label, these, others, change }) => `| ${say(label)} | ${these} | ${others} | ${change} |`,
    );
    const text = [
      `# ${vscode.l10n.t('Drives Compared')}`,
      '',
      `| | ${heading(drive)} | ${heading(before)} | ${vscode.l10n.t('Change')} |`,
      '|---|---:|---:|---:|',
      ...rows,
      '',
    ].join('\n');
    const file = vscode.Uri.joinPath(this.#storage, 'diagnosis', vscode.l10n.t('Drives compared.md'));
    await makeFolder(this.#storage.fsPath, path.dirname(file.fsPath));
    await writeFileSafely(file.fsPath, text);
    await vscode.commands.executeCommand('markdown.showPreview', file);
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
      if (found === undefined) void notify.info(vscode.l10n.t('No drive has sent anything yet.'));
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
