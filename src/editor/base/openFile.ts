import * as vscode from 'vscode';
import { HEAD_BYTES } from './csvHead.ts';
import { csvKind, type CsvKind } from './csvKind.ts';

/** What a person has open in the editor: most likely what a command that needs a file is meant for. */
export function openFile(): vscode.Uri | undefined {
  return vscode.window.activeTextEditor?.document.uri;
}

/** The same list with the file that is open first. */
export function openFirst(files: readonly vscode.Uri[]): vscode.Uri[] {
  const open = openFile()?.toString();
  return files.toSorted((a, b) => rank(a, open) - rank(b, open));
}

function rank(uri: vscode.Uri, open: string | undefined): number {
  return uri.toString() === open ? 0 : 1;
}

const ROUTE_FILE = /\.(gpx|kml|tcx|geojson|geojsonl|nmea)$/i;
const FLEET_FILE = /\.cms-fleet\.(csv|json)$/i;

/** What the file that is open is for sure: by its name, or by what a CSV file starts with. */
export function openKind(): CsvKind | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) return undefined;
  const { path } = document.uri;
  if (ROUTE_FILE.test(path)) return 'route';
  if (FLEET_FILE.test(path)) return 'fleet';
  if (!/\.csv$/i.test(path)) return undefined;
  const head = new vscode.Range(document.positionAt(0), document.positionAt(HEAD_BYTES));
  return csvKind(document.getText(head));
}
