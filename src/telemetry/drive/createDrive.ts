import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Drive, DriveOptions, Route } from '../drive.ts';
import type { Motion } from './motion.ts';
import { pathOf, type Path } from './path.ts';
import { physicalMotion } from './physicalMotion.ts';
import { planTrip } from './plan.ts';
import { pointsMotion } from './pointsMotion.ts';
import { recordedMotion } from './recordedMotion.ts';
import { scriptOf } from './script.ts';
import { startTrip } from './trip.ts';
import { createVehicle } from './vehicle.ts';

/** With a shorter tick, two samples could have the same millisecond. */
const SHORTEST_TICK = 0.001;

/**
 * A drive along a route. Each trip yields `trip-start`, then one sample per tick, each preceded by the events since the
 * previous sample, and `trip-end`. The next trip's first sample follows one tick later: a `loop` starts again at the
 * start of the route, a `ping-pong` drives back. Odometer, tank or battery, and oil temperature carry over from trip to
 * trip. A vehicle whose tank or battery is nearly empty stops and fills it. After a jump the vehicle accelerates from
 * standstill, and skipped events do not happen.
 *
 * Throws REQUEST_INVALID for options and ROUTE_INVALID for a route that cannot be driven.
 */
export function createDrive(options: DriveOptions): Drive {
  check(options);
  const { route, tick, seed, end } = options;
  const length = pathOf(route).length;
  const vehicle = createVehicle(options);
  let back: Route | undefined;
  let number = 0;
  let ended = false;
  let { trip, motion } = beginTrip(0);

  function beginTrip(ticks: number) {
    const path = pathOf(end === 'ping-pong' && number % 2 === 1 ? reverse() : route);
    const script = scriptOf(options, number, path.length);
    const brakings = script.filter(({ kind }) => kind === 'braking').map(({ at }) => at);
    const nextMotion = motionOn(path, brakings);
    return { motion: nextMotion, trip: startTrip({ motion: nextMotion, vehicle, script, tick, ticks }) };
  }

  function motionOn(path: Path, brakings: readonly number[]): Motion {
    if (options.pace === 'points') return pointsMotion(path, tick);
    if (path.schedule !== undefined) return recordedMotion(path, path.schedule, brakings, tick);
    return physicalMotion(path, planTrip(path, seed, number), brakings, tick);
  }

  function reverse(): Route {
    back ??= { name: route.name, points: route.points.toReversed() };
    return back;
  }

  return {
    length,
    get samplesPerTrip() {
      return motion.samples;
    },
    next() {
      if (ended) return undefined;
      const { value: step } = trip.steps.next();
      if (step?.kind === 'trip-end') {
        ended = end === 'stop';
        number++;
        // Start it now, so that a jump before the next step applies to the new trip.
        if (!ended) ({ trip, motion } = beginTrip(trip.ticks + 1));
      }
      return step ?? undefined;
    },
    jumpTo(fraction) {
      if (!(fraction >= 0 && fraction <= 1)) {
        throw invalid(
          l10n.t('{fraction} is not a position on a route: 0 is its start, 1 its end.', {
            fraction: String(fraction),
          }),
        );
      }
      if (!ended) trip.jumpTo(fraction);
    },
  };
}

function check({ tick, seed, events = [], eventRates = {}, start = {} }: DriveOptions): void {
  if (!(tick >= SHORTEST_TICK && Number.isFinite(tick))) {
    throw invalid(
      l10n.t('A tick of {tick} seconds is not possible; the shortest is {shortest}.', {
        tick: String(tick),
        shortest: SHORTEST_TICK,
      }),
    );
  }
  if (!Number.isFinite(seed))
    throw invalid(l10n.t('The seed {seed} is not a number.', { seed: String(seed) }));
  for (const { kind, at } of events) {
    if (!(at >= 0)) {
      throw invalid(l10n.t('The event "{kind}" cannot happen at {at} meters.', { kind, at: String(at) }));
    }
  }
  for (const [kind, rate] of Object.entries(eventRates)) {
    if (!(rate >= 0 && Number.isFinite(rate))) {
      throw invalid(l10n.t('"{kind}" cannot happen {rate} times in 100 km.', { kind, rate: String(rate) }));
    }
  }
  const { odometer = 0, fuel = 0, charge = 0, oilTemperature = 0 } = start;
  if (!(charge >= 0 && charge <= 1)) {
    throw invalid(l10n.t('A battery cannot be charged to {charge}: 1 is full.', { charge: String(charge) }));
  }
  if (!(odometer >= 0 && fuel >= 0 && Number.isFinite(odometer + fuel + oilTemperature))) {
    throw invalid(
      l10n.t('A vehicle cannot start with odometer {odometer}, fuel {fuel} and oil at {oil} °C.', {
        odometer: String(odometer),
        fuel: String(fuel),
        oil: String(oilTemperature),
      }),
    );
  }
}

function invalid(sentence: Message): CmsError {
  return new CmsError('REQUEST_INVALID', sentence, {
    remedy: l10n.t('Correct the options of the simulation.'),
  });
}
