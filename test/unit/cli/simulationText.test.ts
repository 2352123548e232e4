import assert from 'node:assert/strict';
import { describeResult, neverConnected } from '../../../src/cli/simulationText.ts';
import type { SimulationResult, VehicleState } from '../../../src/protocol/simulation.ts';

function vehicle(vin: string, more: Partial<VehicleState> = {}): VehicleState {
  return {
    vin, id: vin, phase: 'ended', link: 'offline', point: 1, points: 10, fraction: 0, metres: 0, trip: 0, serial: 0,
    acknowledged: 0, lost: 0, queued: 0, unacked: 0, resent: 0, connects: 1, ...more,
  }; // prettier-ignore
}

function resultOf(vehicles: VehicleState[]): SimulationResult {
  const totals = { acknowledged: 0, lost: 0, ack: { p50: 0, p99: 0 } } as SimulationResult['totals'];
  return { totals, vehicles, durations: { lag: { buckets: [], max: 0 }, ack: { buckets: [], max: 0 } } };
}

describe('the summary of a simulation', () => {
  it('counts vehicles that never connected, and those that failed apart from them', () => {
    const vehicles = [
      vehicle('A'),
      vehicle('B', { connects: 0 }),
      vehicle('C', { connects: 0, phase: 'failed' }),
    ];
    assert.deepEqual(
      neverConnected(vehicles).map(({ vin }) => vin),
      ['B'],
    );
    assert.match(describeResult(resultOf(vehicles)), /\n1 vehicle never connected\./);
  });

  it('does not mention them when there are none', () => {
    assert.doesNotMatch(describeResult(resultOf([vehicle('A')])), /never/);
  });
});
