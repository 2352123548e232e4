import * as vscode from 'vscode';
import type { MapRun } from '../../protocol/map.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import type { SampledVehicle } from '../../scale/channelMessages.ts';
import type { MapPanels } from '../map/mapPanels.ts';
import { mapRoutes } from '../map/mapRoutes.ts';
import type { MapSource } from '../map/mapSource.ts';
import { VehicleTracks } from '../map/vehicleTracks.ts';
import { say, sayError } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import { stateOf } from './scaleRunRow.ts';
import type { ScaleRun } from './scaleRun.ts';
import type { ScaleRuns } from './scaleRuns.ts';

interface Shown {
  tracks: VehicleTracks;
  source: MapSource;
  sceneChanged: vscode.EventEmitter<void>;
  /** The last sample of each vehicle that was taken. */
  serials: Map<string, number>;
  routes: number;
}

/** Maps of runs of several workers: of each shard some vehicles, which the map says. */
export class ScaleMaps implements vscode.Disposable {
  readonly #panels: Pick<MapPanels, 'show'>;
  readonly #shown = new Map<ScaleRun, Shown>();
  readonly #subscriptions: vscode.Disposable;

  constructor(runs: Pick<ScaleRuns, 'onDidProgress' | 'onDidChange'>, panels: Pick<MapPanels, 'show'>) {
    this.#panels = panels;
    this.#subscriptions = vscode.Disposable.from(
      runs.onDidProgress((run) => this.#take(run)),
      runs.onDidChange(() => {
        for (const run of this.#shown.keys()) this.#take(run);
      }),
    );
  }

  show(run: ScaleRun): void {
    this.#panels.show(this.sourceOf(run));
  }

  /** What the map of a run shows. */
  sourceOf(run: ScaleRun): MapSource {
    const open = this.#shown.get(run);
    if (open !== undefined) return open.source;
    const tracks = new VehicleTracks({ kind: 'simulation', word: say });
    const sceneChanged = new vscode.EventEmitter<void>();
    const { title } = run.kept;
    const shown: Shown = {
      ...{ tracks, sceneChanged, serials: new Map(), routes: run.routes.length },
      source: {
        key: `scale/${run.id}`,
        get scene() {
          return {
            // Without its stack: what menus offer for a vehicle needs one that this window simulates.
            ...{ source: 'simulation' as const, title, routes: mapRoutes(run.routes) },
            ...{ steers: ['pause', 'speed', 'dtc', 'stop'] satisfies MapSource['scene']['steers'], acts: [] },
          };
        },
        onScene: sceneChanged.event,
        snapshot: () => tracks.snapshot(),
        onFrame: tracks.onFrame,
        steer: (control) => steer(run, control),
        restore: { kind: 'simulation', id: run.id },
        // The run goes on and can be shown again.
        dispose: () => {
          this.#shown.delete(run);
          tracks.dispose();
          sceneChanged.dispose();
        },
      },
    };
    this.#shown.set(run, shown);
    this.#take(run);
    return shown.source;
  }

  #take(run: ScaleRun): void {
    const shown = this.#shown.get(run);
    if (shown === undefined) return;
    const { tracks, serials, sceneChanged } = shown;
    for (const { status } of run.view?.shards ?? []) {
      const fresh = (status?.sample ?? []).filter(({ id, serial }) => serials.get(id) !== serial);
      for (const { id, serial } of fresh) serials.set(id, serial);
      tracks.states(fresh.map((vehicle) => stateOfSampled(vehicle, 'driving')));
      tracks.acknowledged(fresh.map((vehicle) => ({ ...vehicle, topic: '', type: 'sample', ackMs: 0 })));
      if (run.isOver)
        tracks.states((status?.sample ?? []).map((vehicle) => stateOfSampled(vehicle, 'ended')));
    }
    tracks.run = mapRunOf(run, tracks.size);
    if (shown.routes === run.routes.length) return;
    shown.routes = run.routes.length;
    sceneChanged.fire();
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const { tracks, sceneChanged } of this.#shown.values()) {
      tracks.dispose();
      sceneChanged.dispose();
    }
  }
}

/** All its vehicles: the run channel names none. */
function steer(run: ScaleRun, control: SimulationControl): void {
  if (control.ids === undefined) run.control(control);
  else
    void notify.info(
      vscode.l10n.t('A run of several workers is steered as a whole. Deselect the vehicle, then try again.'),
    );
}

function mapRunOf(run: ScaleRun, sampled: number): MapRun {
  const totals = run.view?.totals;
  const all = totals?.vehicles ?? run.kept.vehicles;
  const { problem } = run;
  const words = problem === undefined ? stateOf(run).words : sayError(problem);
  const sample = vscode.l10n.t('Sample: {0} of {1} vehicles are shown.', sampled, all);
  return {
    ...{ state: mapStateOf(run), speed: run.speed, note: `${sample} ${words}` },
    messagesPerSecond: run.isOver ? 0 : (totals?.messagesPerSecond ?? 0),
  };
}

function mapStateOf(run: ScaleRun): MapRun['state'] {
  if (run.isOver) return run.problem === undefined ? 'ended' : 'failed';
  if (run.isPaused) return 'paused';
  return run.hasBegun ? 'running' : 'starting';
}

/** What a sample says of a vehicle, as a simulation of this window says it. */
function stateOfSampled({ vin, id, serial }: SampledVehicle, phase: 'driving' | 'ended') {
  return {
    ...{ vin, id, serial, acknowledged: serial, phase, trip: 1, connects: 1 },
    link: phase === 'driving' ? ('online' as const) : ('offline' as const),
    ...{ point: 0, points: 0, fraction: 0, metres: 0, unacked: 0, queued: 0, lost: 0, resent: 0 },
  };
}
