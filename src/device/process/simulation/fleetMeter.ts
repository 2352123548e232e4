import { Histogram } from '../../../core/histogram.ts';
import { createRateMeter } from '../../../core/rateMeter.ts';
import type { Timers } from '../../../core/timers.ts';
import type { SimulationDurations, SimulationTotals } from '../../../protocol/simulation.ts';
import { createPercentiles } from './percentiles.ts';
import type { Vehicle } from './vehicle.ts';

/** Measures a fleet and sums up its vehicles. */
export interface FleetMeter {
  /** Records the time from when a message was due to when it was sent. */
  sent(lagMs: number): void;
  acknowledged(ackMs: number): void;
  totals(vehicles: Iterable<Vehicle>): SimulationTotals;
  /** Of the whole run. */
  durations(): SimulationDurations;
}

export function createFleetMeter(timers: Timers): FleetMeter {
  const lag = createPercentiles(timers);
  const acks = createPercentiles(timers);
  const rate = createRateMeter(timers);
  const all = { lag: new Histogram(), ack: new Histogram() };
  return {
    sent(lagMs) {
      lag.add(lagMs);
      all.lag.add(lagMs);
    },
    acknowledged(ackMs) {
      acks.add(ackMs);
      all.ack.add(ackMs);
      rate.add();
    },
    totals: (vehicles) => ({
      ...sumOf(vehicles),
      messagesPerSecond: rate.perSecond(),
      lag: lag.read(),
      ack: acks.read(),
    }),
    durations: () => ({ lag: all.lag.read(), ack: all.ack.read() }),
  };
}

function sumOf(vehicles: Iterable<Vehicle>) {
  const sum = {
    vehicles: 0,
    online: 0,
    ended: 0,
    failed: 0,
    acknowledged: 0,
    unacked: 0,
    queued: 0,
    lost: 0,
    resent: 0,
  };
  for (const { state } of vehicles) {
    sum.vehicles += 1;
    if (state.link === 'online') sum.online += 1;
    if (state.phase === 'ended') sum.ended += 1;
    if (state.phase === 'failed') sum.failed += 1;
    sum.acknowledged += state.acknowledged;
    sum.unacked += state.unacked;
    sum.queued += state.queued;
    sum.lost += state.lost;
    sum.resent += state.resent;
  }
  return sum;
}
