import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { LastPlaces } from '../map/lastPlaces.ts';
import { mapRoutes } from '../map/mapRoutes.ts';
import type { MapSource } from '../map/mapSource.ts';
import type { MapPanels } from '../map/mapPanels.ts';
import { VehicleTracks } from '../map/vehicleTracks.ts';
import { sayError, say } from '../base/say.ts';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { showLastMessage } from './messages.ts';
import type { SimulationRun } from './run.ts';
import { offlineOf, runState } from './runWords.ts';
import type { Simulations } from './simulations.ts';

interface Sources {
  tasks: Tasks;
  simulations: Simulations;
  panels: MapPanels;
  documents: JsonDocuments;
  backend: LoadBackend<'codecOf'>;
  /** Where a watch finds the vehicles later. */
  lastPlaces: LastPlaces;
  showTelemetry: () => void;
  diagnose: (vehicle: VehicleOfStack) => Promise<void>;
}

interface Shown {
  run: SimulationRun;
  source: MapSource;
}

/**
 * What the map shows of each simulation. It opens when one starts, but not while that of another one is open; vehicles
 * that drive again do so on the map they had.
 */
export class RunMaps implements vscode.Disposable {
  readonly #sources: Sources;
  readonly #tracks = new Map<SimulationRun, VehicleTracks>();
  /** A run that follows another one has its map. */
  readonly #keys = new WeakMap<SimulationRun, string>();
  /** What the open maps show, by their keys. */
  readonly #open = new Map<string, Shown>();
  readonly #subscriptions: vscode.Disposable;

  constructor(sources: Sources) {
    this.#sources = sources;
    const { simulations } = sources;
    this.#subscriptions = vscode.Disposable.from(
      simulations.onDidStart((run) => {
        if (run.found !== undefined) this.#tracksOf(run).came(run.found.soFar.history);
      }),
      simulations.onDidUpdate(({ run, update }) => {
        const tracks = this.#tracksOf(run);
        tracks.states(update.vehicles);
        tracks.acknowledged(update.messages);
        this.#describe(run);
      }),
      simulations.onDidEnd((run) => void this.#keepPlaces(run)),
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

  /** Shows the simulation of a vehicle; false when it is not simulated. */
  showVehicle(vehicle: VehicleOfStack): boolean {
    const found = this.#sources.simulations.simulating(vehicle);
    if (found !== undefined) this.show(found.run, found.id);
    return found !== undefined;
  }

  /** @param id of the vehicle that is selected on it */
  show(run: SimulationRun, id?: string): void {
    this.#show(run, defined({ id }));
  }

  /** The map of a run that is over, if it is open, shows from now on the one that goes on. */
  follow(before: SimulationRun, run: SimulationRun): void {
    const key = this.#keyOf(before);
    if (!this.#open.has(key)) return;
    this.#keys.set(run, key);
    this.#show(run, { aside: true });
  }

  /** The map of a run that was open before this window, if it goes on. */
  sourceOf(id: string): MapSource | undefined {
    const run = this.#sources.simulations.run(id);
    if (run === undefined) return undefined;
    const source = this.#sourceOf(run);
    this.#open.set(source.key, { run, source });
    this.#describe(run);
    return source;
  }

  #show(run: SimulationRun, options: { id?: string; aside?: boolean }): void {
    const key = this.#keyOf(run);
    const shown = this.#open.get(key);
    const source = shown?.run === run ? shown.source : this.#sourceOf(run);
    this.#open.set(key, { run, source });
    this.#describe(run);
    this.#sources.panels.show(source, options);
  }

  #tracksOf(run: SimulationRun): VehicleTracks {
    let tracks = this.#tracks.get(run);
    if (tracks === undefined) {
      tracks = new VehicleTracks({ kind: 'simulation', word: say });
      this.#tracks.set(run, tracks);
    }
    return tracks;
  }

  #sourceOf(run: SimulationRun): MapSource {
    const key = this.#keyOf(run);
    const tracks = this.#tracksOf(run);
    const [only] = run.ids;
    const source: MapSource = {
      key,
      scene: {
        source: 'simulation',
        title: run.title,
        routes: mapRoutes(run.request.routes),
        steers: ['pause', 'speed', 'jump', 'dtc', 'stop'],
        acts: ['show-payload', 'show-log', 'diagnose'],
        stack: { connectionId: run.ref.connectionId, stack: run.ref.stack },
        ...defined({ select: run.ids.length === 1 ? only : undefined }),
      },
      snapshot: () => tracks.snapshot(),
      onFrame: tracks.onFrame,
      steer: (control) => run.control(control),
      act: ({ act, id }) => this.#act(run, act, id),
      // Found again if it goes on in the background.
      restore: { kind: 'simulation', id: run.id },
      // The panel was closed; the run goes on and can be shown again.
      dispose: () => {
        if (this.#open.get(key)?.source === source) this.#open.delete(key);
      },
    };
    return source;
  }

  #act(run: SimulationRun, act: 'show-payload' | 'show-log' | 'diagnose', id: string | undefined): void {
    const { tasks, documents, backend } = this.#sources;
    switch (act) {
      case 'show-payload':
        void tasks.attempt(() =>
          showLastMessage(
            { documents, backend },
            { run, ...defined({ ids: id === undefined ? undefined : [id] }) },
          ),
        );
        return;
      case 'show-log':
        this.#sources.showTelemetry();
        return;
      case 'diagnose':
        if (id !== undefined) void this.#sources.diagnose({ ref: run.ref, vin: run.names.vinOf(id), id });
    }
  }

  #describe(run: SimulationRun): void {
    const tracks = this.#tracks.get(run);
    if (tracks === undefined) return;
    const { state, problem } = run;
    const waits = run.isStopping || run.isFinishing || offlineOf(run) > 0;
    const note = problem === undefined ? (waits ? runState(run).words : undefined) : sayError(problem);
    tracks.run = {
      state: state === 'crashed' ? 'failed' : state,
      speed: run.speed,
      messagesPerSecond: run.messagesPerSecond,
      ...(run.recording !== undefined && !run.isOver && { recording: true }),
      ...defined({ note }),
    };
  }

  #keepPlaces(run: SimulationRun): Promise<void> {
    const things = new Map(run.request.vehicles.map(({ id, thingName }) => [id, thingName]));
    const vehicles = this.#tracks.get(run)?.vehicles ?? [];
    const named = vehicles.map((each) => ({ ...each, id: things.get(each.id) ?? each.id }));
    return this.#sources.lastPlaces.keep(run.ref, named);
  }

  #keyOf(run: SimulationRun): string {
    return this.#keys.get(run) ?? `simulation/${run.id}`;
  }

  /** What was cleared from the list and is not on a map any more. */
  #forget(): void {
    const shown = new Set([...this.#open.values()].map(({ run }) => run));
    for (const [run, tracks] of this.#tracks) {
      if (this.#sources.simulations.run(run.id) === run || shown.has(run)) continue;
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
  return a.ids.length === b.ids.length && a.ids.every((id, i) => id === b.ids[i]);
}
