import type { VehicleRef } from '../core/vehicleRef.ts';
import { defined } from '../core/defined.ts';
import type { Codec, MessageKind } from './codec.ts';
import type { EncodedMessage, MessageContext, Sample } from './sample.ts';
import { troubleMessage } from './troubleMessage.ts';

const PLACE = { latitude: 33.77521, longitude: -84.39609, altitude: 290 };

/** One message of each kind that there is as the vehicles of a CMS generation send them, with made-up figures. */
export function messageTemplates(
  codec: Codec,
  vehicle: VehicleRef & Pick<MessageContext, 'topic'>,
  now: number,
): Partial<Record<MessageKind, EncodedMessage>> {
  const context = (serial: number): MessageContext => ({
    ...vehicle,
    tripId: 'run-1-LSH14J4C4LA046511-1',
    simulationId: 'run-1',
    serial,
  });
  const sample: Sample = {
    ...PLACE,
    time: now,
    heading: 87,
    speed: 13.4,
    maxSpeed: 15.2,
    averageSpeed: 11.8,
    odometer: 12_345_600,
    tripOdometer: 3200,
    fuel: 41.2,
    tripFuel: 0.23,
    tankCapacity: 60,
    charge: 0,
    batteryCapacity: 0,
    tripEnergy: 0,
    engineTemperature: 89,
    oilTemperature: 92,
    throttle: 0.18,
    maxThrottle: 0.34,
    acceleration: 1.2,
    lateralAcceleration: -0.6,
  };
  const trip = {
    startTime: now - 272_000,
    endTime: now,
    distance: sample.tripOdometer,
    fuel: sample.tripFuel,
    start: { latitude: 33.7815, longitude: -84.3833, altitude: 290 },
    end: PLACE,
  };
  return defined({
    sample: codec.sample(sample, context(1)),
    trouble: troubleMessage(codec, { code: 'P0217', time: now }, context(2), () => sample),
    event: codec.event({ name: 'Braking', source: 'dashcam', id: 3, time: now, place: PLACE }, context(3)),
    trip: codec.trip(trip, context(4)),
  });
}
