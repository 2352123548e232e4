// Runs inside the extension host.
import assert from 'node:assert/strict';
import type { SimulationControl } from '../../../src/protocol/control.ts';
import { systemTimers, type Timers } from '../../../src/core/timers.ts';
import type { RunningSimulation } from '../../../src/device/client/startSimulation.ts';
import type { SimulationRun } from '../../../src/editor/simulations/run.ts';
import { Simulations } from '../../../src/editor/simulations/simulations.ts';
import { SimulationsTree } from '../../../src/editor/simulations/simulationsTree.ts';
import type { SimulationTotals, SimulationUpdate, VehicleState } from '../../../src/protocol/simulation.ts';
import { totalsOf, vehicle } from '../../unit/editor/simulations/fakeEngine.ts';

export const REF = { connectionId: 'sandbox', stack: 'cms-dev1' };

/** What a test does with a run. */
interface Engine {
  update(vehicles: VehicleState[], more?: Partial<SimulationUpdate>): void;
  /** @param last what is heard of its vehicles; without it they have ended */
  end(more?: Partial<SimulationTotals>, last?: VehicleState[]): void;
  fail(error: unknown): void;
  stops: number;
  /** What it comes to when it is stopped. */
  stopped: Partial<SimulationTotals>;
  readonly controls: SimulationControl[];
}

/** The simulations of a window, on engines that do what the test says. */
export function simulatedWindow(timers: Timers = systemTimers) {
  const simulations = new Simulations(() => {
    throw new Error('not needed');
  }, timers);
  const engines = new Map<string, Engine>();
  const start = (id: string, vins: readonly string[], ref = REF): SimulationRun =>
    simulations.add(
      {
        title: vins.length === 1 ? `${vins[0] ?? ''} · Ring` : `${vins.length} vehicles · Ring`,
        ref,
        request: {
          simulationId: id,
          generation: 'cdf',
          broker: { host: 'h', port: 1, rootCaPem: '' },
          routes: [
            {
              name: 'Ring',
              points: [
                { latitude: 48, longitude: 11 },
                { latitude: 48.1, longitude: 11 },
              ],
            },
          ],
          vehicles: vins.map((vin) => ({
            vin,
            id: vin,
            thingName: vin,
            identity: { certificatePem: '', privateKeyPem: '' },
            seed: 1,
          })),
        },
      },
      (request, update) => {
        let resolve: (result: Awaited<RunningSimulation['ended']>) => void = () => undefined;
        let reject: (error: unknown) => void = () => undefined;
        const ended = new Promise<Awaited<RunningSimulation['ended']>>((yes, no) => {
          resolve = yes;
          reject = no;
        });
        const engine: Engine = {
          stops: 0,
          stopped: {},
          controls: [],
          update: (vehicles, more = {}) =>
            update({ totals: totalsOf(vins.length), vehicles, messages: [], omitted: 0, ...more }),
          end: (more = {}, last) =>
            resolve({
              totals: totalsOf(vins.length, { ended: vins.length, online: 0, ...more }),
              vehicles: last ?? vins.map((vin) => vehicle(vin, { phase: 'ended', link: 'offline' })),
              durations: { lag: { buckets: [], max: 0 }, ack: { buckets: [], max: 0 } },
            }),
          fail: reject,
        };
        engines.set(id, engine);
        return {
          ended,
          control: (control: SimulationControl) => {
            engine.controls.push(control);
            if (control.do !== 'stop') return;
            engine.stops += 1;
            engine.end(engine.stopped);
          },
          keep: () => Promise.resolve(),
          gauges: () => undefined,
          resumption: () => ({ ...request, simulationId: `${id}-r2` }),
        } as unknown as RunningSimulation;
      },
    );
  const engine = (id: string): Engine => {
    const found = engines.get(id);
    assert.ok(found);
    return found;
  };
  return { simulations, start, engine, tree: new SimulationsTree(simulations, { drives: [] }) };
}
