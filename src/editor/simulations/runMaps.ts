import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { mapRoutes } from '../map/mapRoutes.ts';
import type { MapSource } from '../map/mapSource.ts';
import { showMap } from '../map/showMap.ts';
import { VehicleTracks } from '../map/vehicleTracks.ts';
import { messageOf } from '../../core/errors.ts';
import type { SimulationRun } from './run.ts';
import { offlineOf, runState } from './runWords.ts';

interface Mapped {
  tracks: VehicleTracks;
  source: MapSource;
}

/** What the map shows of each simulation; opens it when a simulation starts, unless another one's is open already. */
export class RunMaps implements vscode.Disposable {
  readonly #app: App;
  readonly #mapped = new Map<string, Mapped>();
  /** Runs that went on with a crashed one share its map. */
  readonly #keys = new Map<string, string>();
  /** What the open maps of simulations show, by their keys. */
  readonly #open = new Map<string, MapSource>();
  readonly #subscriptions: vscode.Disposable;

  constructor(app: App) {
    this.#app = app;
    const { simulations } = app;
    this.#subscriptions = vscode.Disposable.from(
      simulations.onDidUpdate(({ run, update }) => {
        const mapped = this.#of(run);
        mapped.tracks.states(update.vehicles);
        mapped.tracks.acknowledged(update.messages);
        this.#describe(run);
      }),
      simulations.onDidChange(() => {
        for (const run of simulations.runs) this.#describe(run);
        this.#forget();
      }),
    );
  }

  /** Beside what is open, when no map of a simulation that runs is open already. */
  showStarted(run: SimulationRun): void {
    const shown = this.#app.simulations.active.some(
      (other) => other !== run && this.#open.has(this.#keyOf(other)),
    );
    if (!shown) this.#show(run, { aside: true });
  }

  show(run: SimulationRun, vin?: string): void {
    this.#show(run, vin === undefined ? {} : { vin });
  }

  #show(run: SimulationRun, options: { vin?: string; aside?: boolean }): void {
    const { source } = this.#of(run);
    this.#open.set(source.key, source);
    showMap(this.#app, source, options);
  }

  /** The map of a run that crashed shows from now on the one that goes on with it. */
  follow(crashed: SimulationRun, run: SimulationRun): void {
    const key = this.#keyOf(crashed);
    this.#keys.set(run.id, key);
    if (this.#open.has(key)) this.show(run);
  }

  #of(run: SimulationRun): Mapped {
    let mapped = this.#mapped.get(run.id);
    if (mapped === undefined) {
      const tracks = new VehicleTracks({ kind: 'simulation' });
      mapped = { tracks, source: this.#sourceOf(run, tracks) };
      this.#mapped.set(run.id, mapped);
      this.#describe(run);
    }
    return mapped;
  }

  #sourceOf(run: SimulationRun, tracks: VehicleTracks): MapSource {
    const key = this.#keyOf(run);
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
        if (this.#open.get(key) === source) this.#open.delete(key);
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
    const mapped = this.#mapped.get(run.id);
    if (mapped === undefined) return;
    const { state, totals, problem } = run;
    const waits = run.isStopping || run.isFinishing || offlineOf(run) > 0;
    const note = problem === undefined ? (waits ? runState(run).words : undefined) : messageOf(problem);
    mapped.tracks.run = {
      state: state === 'crashed' ? 'failed' : state,
      speed: run.speed,
      messagesPerSecond: run.isOver ? 0 : (totals?.messagesPerSecond ?? 0),
      ...(note === undefined ? {} : { note }),
    };
  }

  #keyOf(run: SimulationRun): string {
    return this.#keys.get(run.id) ?? `simulation/${run.id}`;
  }

  /** What was cleared from the list and is not on a map any more. */
  #forget(): void {
    for (const [id, { tracks, source }] of this.#mapped) {
      if (this.#app.simulations.run(id) !== undefined || this.#open.has(source.key)) continue;
      tracks.dispose();
      this.#mapped.delete(id);
      this.#keys.delete(id);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const { tracks } of this.#mapped.values()) tracks.dispose();
  }
}
