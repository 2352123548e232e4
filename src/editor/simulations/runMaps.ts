import * as vscode from 'vscode';
import type { MapRoute } from '../../protocol/map.ts';
import type { App } from '../app.ts';
import type { MapSource } from '../map/mapSource.ts';
import { showMap } from '../map/showMap.ts';
import { VehicleTracks } from '../map/vehicleTracks.ts';
import { messageOf } from '../../core/errors.ts';
import type { SimulationRun } from './run.ts';
import { offlineOf, runState } from './runWords.ts';

/** A route of a million points is drawn as well with some thousands. */
const MOST_POINTS = 5000;

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
  readonly #open = new Set<string>();
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
    if (!shown) this.show(run);
  }

  show(run: SimulationRun, vin?: string): void {
    const { source } = this.#of(run);
    this.#open.add(source.key);
    showMap(this.#app, source, vin === undefined ? {} : { vin });
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
    return {
      key,
      scene: {
        source: 'simulation',
        title: run.title,
        routes: run.request.routes.map(mapRoute),
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
      dispose: () => void this.#open.delete(key),
    };
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

/** As the map takes it, with fewer points where there are very many. */
export function mapRoute({ name, points }: SimulationRun['request']['routes'][number]): MapRoute {
  const step = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const last = points.length - 1;
  return {
    name,
    points: points
      .filter((_, index) => index % step === 0 || index === last)
      .map(({ longitude, latitude }) => [longitude, latitude]),
  };
}
