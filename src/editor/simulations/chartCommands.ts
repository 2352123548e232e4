import * as vscode from 'vscode';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { notify, pickOne } from '../base/shown.ts';
import { sameStack, type StackRef, type VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { ChartPanels } from '../charts/chartPanels.ts';
import type { ChartRestore, ChartSource } from '../charts/chartSource.ts';
import type { MapPanels } from '../map/mapPanels.ts';
import type { MapSource } from '../map/mapSource.ts';
import { watchKey } from '../map/watchSource.ts';
import { chartOfMap, chartOfPast, chartOfRun } from './chartSources.ts';
import { PastDriveRow } from './pastDriveRow.ts';
import type { PastDrive, PastDrives } from './pastDrives.ts';
import type { SimulationRun } from './run.ts';
import { RunRow, SimulatedVehicleRow } from './simulationRows.ts';
import type { Simulations } from './simulations.ts';
import { onRow } from './steering.ts';
import { vehicleOf } from './targets.ts';

interface Sources {
  tasks: Tasks;
  simulations: Simulations;
  past: PastDrives;
  maps: Pick<MapPanels, 'active' | 'sourceOf' | 'sources'>;
  charts: Pick<ChartPanels, 'show'>;
  documents: JsonDocuments;
  backend: LoadBackend<'codecOf'>;
  simulate: (vehicle: VehicleOfStack) => Promise<void>;
  watch: (ref: StackRef) => void;
}

/** What is drawn, and which vehicles of it first. */
interface Found {
  source: ChartSource;
  select?: string[];
}

/** *Show Chart*: of a simulation, a drive that is over, a watch, a replay, or of one vehicle wherever it is in these. */
export class ChartCommands {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  register(): vscode.Disposable {
    return registerCommand(
      this.#sources.tasks,
      'showChart',
      onRow(async ([target]) => {
        const found = await this.#find(target);
        if (found === undefined) return;
        const { source, select } = found;
        this.#sources.charts.show(source, { select, beside: isOfMap(target) });
      }),
    );
  }

  /** The charts that were open before the window was reloaded; undefined when the drive is not kept. */
  async reopen({ id }: ChartRestore): Promise<ChartSource | undefined> {
    const drive = this.#sources.past.find(id);
    return drive && this.#ofPast(drive);
  }

  async #find(target: unknown): Promise<Found | undefined> {
    if (target instanceof RunRow) return { source: this.#ofRun(target.run) };
    if (target instanceof SimulatedVehicleRow) {
      return { source: this.#ofRun(target.run), select: [target.vehicleId] };
    }
    if (target instanceof PastDriveRow) return { source: await this.#ofPast(target.drive) };
    if (isOfMap(target) && target.mapSource === 'recording') return this.#ofReplay(target);
    const vehicle = vehicleOf(target);
    return vehicle === undefined ? this.#pick() : this.#ofVehicle(vehicle);
  }

  /** What is known best and latest of a vehicle: of a simulation, of a watch that is open, of a drive that is kept. */
  async #ofVehicle(vehicle: VehicleOfStack): Promise<Found | undefined> {
    const { simulations, maps, past } = this.#sources;
    const run = simulations.runs.findLast(
      (each) => sameStack(each.ref, vehicle.ref) && each.names.idOf(vehicle) !== undefined,
    );
    const id = run?.names.idOf(vehicle);
    const driving = simulations.simulating(vehicle);
    if (driving !== undefined) return { source: this.#ofRun(driving.run), select: [driving.id] };
    const watched = maps.sourceOf(watchKey(vehicle.ref));
    const heard = watched?.history?.vehicles.find(
      (each) => each.id === vehicle.vin || each.vin === vehicle.vin || each.id === vehicle.id,
    );
    if (watched !== undefined && heard !== undefined) return this.#ofMap(watched, [heard.id]);
    if (run !== undefined && id !== undefined) return { source: this.#ofRun(run), select: [id] };
    const drive = past.drives.findLast(
      ({ ref, vins }) => sameStack(ref, vehicle.ref) && vins.includes(vehicle.vin),
    );
    if (drive !== undefined) {
      const source = await this.#ofPast(drive);
      const kept = source.vehicles().find(({ vin }) => vin === vehicle.vin);
      return { source, ...(kept !== undefined && { select: [kept.id] }) };
    }
    await this.#offer(vehicle);
    return undefined;
  }

  /** There is nothing to draw yet: what brings something. */
  async #offer(vehicle: VehicleOfStack): Promise<void> {
    const simulate = vscode.l10n.t('Simulate a Drive…');
    const watch = vscode.l10n.t('Watch Fleet on Map');
    const text = vscode.l10n.t('There are no samples of {0} to chart yet.', vehicle.vin);
    const picked = await notify.info(text, simulate, watch);
    if (picked === simulate) await this.#sources.simulate(vehicle);
    if (picked === watch) this.#sources.watch(vehicle.ref);
  }

  /** The menu is of the map in front. */
  #ofReplay({ vin }: OfMap): Found | undefined {
    const source = this.#sources.maps.active;
    const vehicle = source?.history?.vehicles.find((each) => each.vin === vin);
    return source && this.#ofMap(source, vehicle === undefined ? undefined : [vehicle.id]);
  }

  /** From the palette: the only thing there is, or the one picked. */
  async #pick(): Promise<Found | undefined> {
    const { simulations, past, maps } = this.#sources;
    const known = new Set(simulations.runs.map(({ id }) => id));
    const all: { label: string; description: string; find: () => Promise<Found | undefined> | Found }[] = [
      ...simulations.runs.toReversed().map((run) => ({
        label: `$(play) ${run.title}`,
        description: run.isOver ? vscode.l10n.t('ended') : vscode.l10n.t('running'),
        find: () => ({ source: this.#ofRun(run) }),
      })),
      ...maps.sources.flatMap((source) =>
        source.history === undefined
          ? []
          : [
              {
                label: `$(eye) ${source.scene.title}`,
                description: vscode.l10n.t('on the map'),
                find: () => Promise.resolve(this.#ofMap(source)),
              },
            ],
      ),
      ...past.drives
        .filter(({ id }) => !known.has(id))
        .toReversed()
        .map((drive) => ({
          label: `$(history) ${drive.title}`,
          description: new Date(drive.startedAt).toLocaleString(vscode.env.language),
          find: async () => ({ source: await this.#ofPast(drive) }),
        })),
    ];
    const [only, another] = all;
    if (only === undefined) {
      void notify.info(vscode.l10n.t('There is nothing to chart yet. Simulate a drive, or watch a fleet.'));
      return undefined;
    }
    if (another === undefined) return only.find();
    const picked = await pickOne(all, {
      title: vscode.l10n.t('Show Chart'),
      placeHolder: vscode.l10n.t('What to chart'),
    });
    return picked?.find();
  }

  #ofRun(run: SimulationRun): ChartSource {
    const { tasks, documents, backend } = this.#sources;
    return once(run, () => chartOfRun({ tasks, documents, backend }, run));
  }

  #ofMap(source: MapSource, select?: string[]): Found | undefined {
    const { maps } = this.#sources;
    const chart = chartOfMap(source, () => maps.sourceOf(source.key) === source);
    return chart && { source: once(source, () => chart), ...(select !== undefined && { select }) };
  }

  async #ofPast(drive: PastDrive): Promise<ChartSource> {
    const run = this.#sources.simulations.run(drive.id);
    if (run !== undefined) return this.#ofRun(run);
    return chartOfPast(drive, await this.#sources.past.read(drive));
  }
}

/** What a page draws already is not drawn anew. */
const made = new WeakMap<object, ChartSource>();
function once(of: object, make: () => ChartSource): ChartSource {
  const known = made.get(of) ?? make();
  made.set(of, known);
  return known;
}

/** A vehicle as the page of a map names it to menus. */
interface OfMap {
  mapSource: string;
  vin: string;
}

function isOfMap(target: unknown): target is OfMap {
  return (
    typeof target === 'object' &&
    target !== null &&
    'mapSource' in target &&
    'vin' in target &&
    typeof target.vin === 'string'
  );
}
