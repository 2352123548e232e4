import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { mapRoutes } from '../map/mapRoutes.ts';
import type { MapSource } from '../map/mapSource.ts';
import { showMap } from '../map/showMap.ts';
import { VehicleTracks } from '../map/vehicleTracks.ts';
import { errorText, inLanguage } from '../base/inLanguage.ts';
import type { SimulationRun } from './run.ts';
import { offlineOf, runState } from './runWords.ts';

interface Shown {
  run: SimulationRun;
  source: MapSource;
}

/**
 * What the map shows of each simulation. It opens when one starts, but not while that of another one is open; vehicles
 * that drive again do so on the map they had.
 */
export class RunMaps implements vscode.Disposable {
  readonly #app: App;
  readonly #tracks = new Map<SimulationRun, VehicleTracks>();
  /** A run that follows another one has its map. */
  readonly #keys = new WeakMap<SimulationRun, string>();
  /** What the open maps show, by their keys. */
  readonly #open = new Map<string, Shown>();
  readonly #subscriptions: vscode.Disposable;

  constructor(app: App) {
    this.#app = app;
    const { simulations } = app;
    this.#subscriptions = vscode.Disposable.from(
      simulations.onDidUpdate(({ run, update }) => {
        const tracks = this.#tracksOf(run);
        tracks.states(update.vehicles);
        tracks.acknowledged(update.messages);
        this.#describe(run);
      }),
      simulations.onDidChange(() => {
        for (const run of simulations.runs) this.#describe(run);
        this.#forget();
      }),
    );
  }

  showStarted(run: SimulationRun): void {
    const shown = [...this.#open.values()];
    if (shown.some((other) => other.run !== run && !other.run.isOver)) return;
    const before = shown.findLast((other) => hasSameVehicles(other.run, run))?.run;
    if (before === undefined) this.#show(run, { aside: true });
    else this.follow(before, run);
  }

  show(run: SimulationRun, vin?: string): void {
    this.#show(run, vin === undefined ? {} : { vin });
  }

  /** The map of a run that is over, if it is open, shows from now on the one that goes on. */
  follow(before: SimulationRun, run: SimulationRun): void {
    const key = this.#keyOf(before);
    if (!this.#open.has(key)) return;
    this.#keys.set(run, key);
    this.#show(run, { aside: true });
  }

  #show(run: SimulationRun, options: { vin?: string; aside?: boolean }): void {
    const key = this.#keyOf(run);
    const shown = this.#open.get(key);
    const source = shown?.run === run ? shown.source : this.#sourceOf(run);
    this.#open.set(key, { run, source });
    this.#describe(run);
    showMap(this.#app, source, options);
  }

  #tracksOf(run: SimulationRun): VehicleTracks {
    let tracks = this.#tracks.get(run);
    if (tracks === undefined) {
      tracks = new VehicleTracks({ kind: 'simulation', word: inLanguage });
      this.#tracks.set(run, tracks);
    }
    return tracks;
  }

  #sourceOf(run: SimulationRun): MapSource {
    const key = this.#keyOf(run);
    const tracks = this.#tracksOf(run);
    const [only] = run.vins;
    const source: MapSource = {
      key,
      scene: {
        source: 'simulation',
        title: run.title,
        routes: mapRoutes(run.request.routes),
        steers: ['pause', 'speed', 'jump', 'dtc', 'stop'],
        acts: ['show-payload', 'show-log', 'diagnose'],
        ...(run.vins.length === 1 && only !== undefined ? { select: only } : {}),
      },
      snapshot: () => tracks.snapshot(),
      onFrame: tracks.onFrame,
      steer: (control) => run.control(control),
      act: ({ act, vin }) => this.#act(run, act, vin),
      restore: undefined,
      // The panel was closed; the run goes on and can be shown again.
      dispose: () => {
        if (this.#open.get(key)?.source === source) this.#open.delete(key);
      },
    };
    return source;
  }

  #act(run: SimulationRun, act: 'show-payload' | 'show-log' | 'diagnose', vin: string | undefined): void {
    const target = vin === undefined ? { run: run.id } : { run: run.id, vin };
    switch (act) {
      case 'show-payload':
        void vscode.commands.executeCommand('cmsEnablement.simulationShowPayload', target);
        return;
      case 'show-log':
        void vscode.commands.executeCommand('cmsEnablement.showTelemetry');
        return;
      case 'diagnose':
        if (vin === undefined) return;
        void vscode.commands.executeCommand('cmsEnablement.diagnoseVehicle', {
          ref: run.ref,
          vin,
          node: undefined,
        });
    }
  }

  #describe(run: SimulationRun): void {
    const tracks = this.#tracks.get(run);
    if (tracks === undefined) return;
    const { state, problem } = run;
    const waits = run.isStopping || run.isFinishing || offlineOf(run) > 0;
    const note = problem === undefined ? (waits ? runState(run).words : undefined) : errorText(problem);
    tracks.run = {
      state: state === 'crashed' ? 'failed' : state,
      speed: run.speed,
      messagesPerSecond: run.messagesPerSecond,
      ...(note === undefined ? {} : { note }),
    };
  }

  #keyOf(run: SimulationRun): string {
    return this.#keys.get(run) ?? `simulation/${run.id}`;
  }

  /** What was cleared from the list and is not on a map any more. */
  #forget(): void {
    const shown = new Set([...this.#open.values()].map(({ run }) => run));
    for (const [run, tracks] of this.#tracks) {
      if (this.#app.simulations.run(run.id) === run || shown.has(run)) continue;
      tracks.dispose();
      this.#tracks.delete(run);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const tracks of this.#tracks.values()) tracks.dispose();
  }
}

function hasSameVehicles(a: SimulationRun, b: SimulationRun): boolean {
  return a.vins.length === b.vins.length && a.vins.every((vin, i) => vin === b.vins[i]);
}
