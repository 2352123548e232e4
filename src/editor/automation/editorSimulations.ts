import type { Place, SimulationSummary, ToolSimulations } from '../../automation/host.ts';
import { sentenceOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { unlessAborted } from '../../core/shared.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { DeviceProcess } from '../../device/client/deviceProcess.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { SimulationRun } from '../simulations/run.ts';
import { vinOrCount } from '../vehicles/vehicleWords.ts';
import type { HostSources } from './editorHost.ts';

/** The simulations of this window: those of tools stand in its views like all others. */
export class EditorSimulations implements ToolSimulations {
  readonly #sources: Pick<HostSources, 'access' | 'simulations' | 'maps' | 'allows'>;
  readonly #refs = new WeakMap<Place, StackRef>();
  /** Of those that tools started. */
  readonly #places = new Map<string, Message>();

  constructor(sources: Pick<HostSources, 'access' | 'simulations' | 'maps' | 'allows'>) {
    this.#sources = sources;
  }

  keep(place: Place, ref: StackRef): void {
    this.#refs.set(place, ref);
  }

  start(
    request: SimulationRequest,
    device: DeviceProcess,
    { place, where }: { place: Place; where: Message },
  ): Promise<void> {
    const { simulations, maps } = this.#sources;
    const ref = this.#refOf(place);
    const vehicles = request.vehicles.map((vehicle) => ({
      ...vehicle,
      ...simulations.gauges(vehicle.id, ref),
    }));
    const title = `${vinOrCount(vehicles)} · ${request.routes[0]?.name ?? ''}`;
    const run = simulations.start({ title, ref, request: { ...request, vehicles } }, device);
    this.#places.set(run.id, where);
    maps.showStarted(run);
    return Promise.resolve();
  }

  isDriving({ vin, id }: VehicleRef, place: Place): boolean {
    return this.#sources.simulations.driveOf({ ref: this.#refOf(place), vin, id }) !== undefined;
  }

  list(): SimulationSummary[] {
    const { access, simulations, allows } = this.#sources;
    return simulations.runs
      .filter(({ ref }) => allows(ref.connectionId))
      .map((run) => ({
        simulationId: run.id,
        where:
          this.#places.get(run.id) ??
          l10n.t('{deployment} ({connection})', {
            deployment: run.ref.stack,
            connection: access.connections.labelOf(run.ref.connectionId),
          }),
        state: stateOf(run),
        ...{ vehicles: [...run.vehicles.values()], totals: run.totals },
        drive: run.isOver ? run.figures : undefined,
        problem: run.problem === undefined ? undefined : sentenceOf(run.problem),
      }));
  }

  async stop(simulationId: string, signal: AbortSignal): Promise<void> {
    const run = this.#sources.simulations.run(simulationId);
    run?.control({ do: 'stop' });
    await unlessAborted(run?.finished ?? Promise.resolve(), signal);
  }

  endTrips(vehicle: VehicleRef, place: Place, signal: AbortSignal): Promise<void> {
    return this.#sources.simulations.endTrips(this.#refOf(place), [vehicle], signal);
  }

  #refOf(place: Place): StackRef {
    const ref = this.#refs.get(place);
    if (ref === undefined) throw new Error('The place of a tool is unknown');
    return ref;
  }
}

function stateOf({ isOver, state }: SimulationRun): SimulationSummary['state'] {
  if (!isOver) return 'running';
  return state === 'failed' || state === 'crashed' ? 'failed' : 'ended';
}
