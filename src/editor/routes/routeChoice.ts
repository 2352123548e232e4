import path from 'node:path';
import * as vscode from 'vscode';
import type { Message } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { Route } from '../../telemetry/drive.ts';
import { isRouteName, LIKELY_ROUTES, ROUTE_FILE_EXTENSIONS } from '../../telemetry/routes/fileNames.ts';
import { fileGlob } from '../base/fileGlob.ts';
import { openFile, openFirst, openKind } from '../base/openFile.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Tasks } from '../base/tasks.ts';
import type { PickItem } from '../base/wizard.ts';
import { forLabel } from '../base/shown.ts';
import { canEnd, readRouteFile } from './routeFile.ts';

/** The answer that stands for everything as it was the last time. */
export const AGAIN = 'again';
const BROWSE = 'browse';
const MOST_FILES = 200;

/** What routes are read with. */
export interface RouteSources {
  tasks: Pick<Tasks, 'run' | 'log'>;
  backend: LoadBackend<'readRoutes'>;
  /** Samples come with the extension. */
  extensionUri: vscode.Uri;
}

/** A route file that was read. */
export interface RouteFile {
  uri: vscode.Uri;
  routes: Route[];
  /** What the reader decided, left out or changed; sentences for people. */
  notes: Message[];
}

/** Route files to choose from, and what is in the one that was chosen. */
export class RouteChoice {
  readonly #sources: RouteSources;
  file: RouteFile | undefined;

  constructor(sources: RouteSources) {
    this.#sources = sources;
  }

  /**
   * What comes with the extension and what is in the workspace, which the person likely wants.
   * @param again what to say of the last drive, if it can be repeated
   */
  async items(again: string | undefined): Promise<PickItem[]> {
    const separator = (label: string): PickItem => ({
      label,
      kind: vscode.QuickPickItemKind.Separator,
      value: '',
    });
    const [samples, files] = await Promise.all([this.#samples(), findRouteFiles()]);
    return [
      ...(again === undefined
        ? []
        : [
            {
              label: `$(debug-rerun) ${vscode.l10n.t('Drive Again')}`,
              description: again,
              value: AGAIN,
              alwaysShow: true,
            },
          ]),
      ...(files.length === 0 ? [] : [separator(vscode.l10n.t('in the workspace'))]),
      ...files.map((uri) => ({
        label: forLabel(vscode.workspace.asRelativePath(uri)),
        value: uri.toString(),
      })),
      separator(vscode.l10n.t('samples')),
      ...samples,
      separator(''),
      { label: `$(folder-opened) ${vscode.l10n.t('Browse…')}`, value: BROWSE, alwaysShow: true },
    ];
  }

  /** Reads what was picked; false when there is nothing to go on with, which is said already. */
  async take(picked: string): Promise<boolean> {
    const uri = picked === BROWSE ? await browse() : vscode.Uri.parse(picked);
    return uri === undefined ? false : this.read(uri);
  }

  async read(uri: vscode.Uri): Promise<boolean> {
    if (this.file?.uri.toString() === uri.toString()) return true;
    const file = path.posix.basename(uri.path);
    const read = await this.#sources.tasks.run(
      { title: vscode.l10n.t('Reading {0}', file), quiet: true },
      (work) => readRouteFile(this.#sources.backend, uri, work),
    );
    if (read === undefined) return false;
    for (const note of read.notes) this.#sources.tasks.log.info(`${file}: ${english(note)}`);
    this.file = { uri, ...read };
    return true;
  }

  /** Reads the first route that comes with the extension; false when that failed, which is said then. */
  async readSample(): Promise<boolean> {
    const [first] = await this.#samples();
    return first !== undefined && this.read(vscode.Uri.parse(first.value));
  }

  async #samples(): Promise<PickItem[]> {
    const folder = vscode.Uri.joinPath(this.#sources.extensionUri, 'media/routes');
    const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
    const uris = names
      .filter(isRouteName)
      .sort()
      .map((name) => vscode.Uri.joinPath(folder, name));
    return uris.map((uri) => ({
      label: titleOf(path.posix.parse(uri.path).name),
      description: path.posix.basename(uri.path),
      value: uri.toString(),
    }));
  }
}

/** Files in the workspace that look like routes, the one that is open first; fleets are lists of vehicles. */
async function findRouteFiles(): Promise<vscode.Uri[]> {
  const files = await vscode.workspace.findFiles(
    fileGlob(...LIKELY_ROUTES),
    `{**/node_modules/**,${fileGlob('cms-fleet.csv')}}`,
    MOST_FILES,
  );
  const fleets = await Promise.all(files.map(isFleet));
  const routes = files.filter((_, i) => fleets[i] !== true).sort((a, b) => a.path.localeCompare(b.path));
  const open = openKind() === 'route' ? openFile() : undefined;
  const isListed = routes.some((uri) => uri.toString() === open?.toString());
  return openFirst(open === undefined || isListed ? routes : [open, ...routes]);
}

/** Bigger files are routes, and not looked into. */
const MOST_FLEET_BYTES = 1_000_000;

/** Whether a CSV file lists vehicles: its header names the column `vin`. */
async function isFleet(uri: vscode.Uri): Promise<boolean> {
  if (!uri.path.toLowerCase().endsWith('.csv')) return false;
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if (size > MOST_FLEET_BYTES || !canEnd(type)) return false;
    const [header = ''] = Buffer.from(await vscode.workspace.fs.readFile(uri))
      .toString('utf8')
      .split('\n', 1);
    return header.split(/[,;\t]/).some((column) => /^\W*vin\W*$/i.test(column));
  } catch {
    // Gone meanwhile, or not to be read: said when it is picked.
    return false;
  }
}

async function browse(): Promise<vscode.Uri | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Route File'),
      filters: {
        [vscode.l10n.t('Routes')]: [...ROUTE_FILE_EXTENSIONS],
        // Logs of receivers have any name, and so have lines that are encoded.
        [vscode.l10n.t('All Files')]: ['*'],
      },
    })) ?? [];
  return uri;
}

function titleOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
