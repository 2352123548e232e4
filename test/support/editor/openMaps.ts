// Runs inside the extension host.
import * as vscode from 'vscode';
import type { MapMessage, MapRun } from '../../../src/protocol/map.ts';
import { until } from '../until.ts';

/** The maps that are opened, whose pages are the test. */
export class Maps {
  readonly #open: OpenMap[] = [];
  readonly #window = vscode.window as unknown as { createWebviewPanel: unknown };
  readonly #original = this.#window.createWebviewPanel;
  #seen = 0;

  constructor() {
    this.#window.createWebviewPanel = () => {
      const map = new OpenMap();
      this.#open.push(map);
      return map.panel;
    };
  }

  async next(): Promise<OpenMap> {
    const map = await until('a map', () => this.#open[this.#seen]);
    this.#seen += 1;
    map.page({ kind: 'ready' });
    return map;
  }

  leave(): void {
    this.#window.createWebviewPanel = this.#original;
    for (const map of this.#open) map.close();
  }
}

class OpenMap {
  readonly #received = new vscode.EventEmitter<unknown>();
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly #vehicles = new Map<string, { vin: string; phase: string }>();
  #run: MapRun | undefined;
  readonly page = (message: unknown): void => this.#received.fire(message);
  readonly close = (): void => this.#disposed.fire();
  readonly panel = {
    visible: true,
    title: '',
    viewColumn: vscode.ViewColumn.One,
    webview: {
      html: '',
      options: {},
      cspSource: 'https://webview.test',
      asWebviewUri: (uri: vscode.Uri) => uri,
      postMessage: (message: MapMessage) => {
        if (message.kind === 'frame') {
          for (const { id, vin, phase } of message.vehicles) this.#vehicles.set(id, { vin, phase });
          this.#run = message.run ?? this.#run;
        }
        return Promise.resolve(true);
      },
      onDidReceiveMessage: this.#received.event,
    },
    onDidChangeViewState: new vscode.EventEmitter<void>().event,
    onDidDispose: this.#disposed.event,
    reveal: () => undefined,
    dispose: () => this.close(),
  };

  /** What it shows of a vehicle, once that is under way. */
  vehicle(id: string): Promise<{ vin: string; phase: string }> {
    return until(
      `${id} on the map`,
      () => {
        const shown = this.#vehicles.get(id);
        return shown === undefined || shown.phase === 'waiting' ? undefined : shown;
      },
      { seen: () => [...this.#vehicles] },
    );
  }

  /** The state that it shows, and the words beside it. */
  get run(): MapRun | undefined {
    return this.#run;
  }
}
