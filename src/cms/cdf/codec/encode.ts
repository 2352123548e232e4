import { defined } from '../../../core/defined.ts';
import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { TripSummary, TroubleCode, VideoEvent } from '../../../telemetry/codec.ts';
import type { EncodedMessage, MessageContext, Sample } from '../../../telemetry/sample.ts';

/**
 * Messages as CMS v1 (the CDF generation) accepts them on `dt/cvra/<thing>/…`: PascalCase keys, because the SQL of the
 * IoT rules expects them, and no keys unknown to the validators, which would silently drop the message.
 * Source: CMS v1 fleet manager validators and topic rules.
 */

/**
 * CMS v1 only knows gasoline. A battery's energy is sent as the equivalent amount of gasoline, 33.7 kWh per US gallon,
 * so that CMS shows the right level and miles per gallon. Source: EPA, miles per gallon gasoline equivalent.
 */
const JOULES_A_LITRE = (33.7 * 3.6e6) / 3.785411784;

/** The axes of `Acceleration`. CMS reads neither. */
const AXIS = { longitudinal: 0, lateral: 1 };

/**
 * One sample of a drive. Units on the wire: km/h; km (also in `Odometer.Metres`, despite its name); liters, but
 * milliliters in `CurrentTripConsumption`; °F; percent; m/s². Contains only one pair of coordinates, because CMS uses
 * the last one it finds anywhere in the message as the position.
 */
export function encodeCarData(sample: Sample, context: MessageContext): EncodedMessage {
  return encode('cardata', sample.time, context, {
    SimulationId: context.simulationId,
    TripId: context.tripId,
    GeoLocation: {
      ...coordinates(sample),
      Altitude: rounded('altitude', sample.altitude, 1),
      Heading: rounded('heading', sample.heading, 1) % 360,
      Speed: kilometresPerHour('speed', sample.speed),
    },
    Speed: {
      Max: kilometresPerHour('maxSpeed', sample.maxSpeed),
      Average: kilometresPerHour('averageSpeed', sample.averageSpeed),
    },
    Odometer: {
      Metres: rounded('odometer', sample.odometer / 1000, 3),
      TripOdometer: rounded('tripOdometer', sample.tripOdometer / 1000, 3),
    },
    Fuel: rounded('fuel', sample.fuel + sample.charge / JOULES_A_LITRE, 3),
    FuelInfo: {
      CurrentTripConsumption: millilitres(sample.tripFuel, sample.tripEnergy),
      TankCapacity: rounded('tankCapacity', sample.tankCapacity + sample.batteryCapacity / JOULES_A_LITRE, 1),
    },
    OilTemp: rounded('oilTemperature', sample.oilTemperature * 1.8 + 32, 1),
    Throttle: {
      Max: percent('maxThrottle', sample.maxThrottle),
      Average: percent('throttle', sample.throttle),
    },
    Acceleration: {
      MaxLongitudinal: {
        Axis: AXIS.longitudinal,
        Value: rounded('acceleration', sample.acceleration, 2),
      },
      MaxLateral: {
        Axis: AXIS.lateral,
        Value: rounded('lateralAcceleration', sample.lateralAcceleration, 2),
      },
    },
    // Our own key. Cardata may have unknown keys only at its top level.
    ...defined({
      StateOfCharge:
        sample.batteryCapacity > 0 ? percent('charge', sample.charge / sample.batteryCapacity) : undefined,
    }),
  });
}

/** The summary of a trip. Units on the wire: km, ms, ml. The fleet manager's trip list needs every field. */
export function encodeTrip(trip: TripSummary, context: MessageContext): EncodedMessage {
  return encode('trip', trip.endTime, context, {
    TripId: context.tripId,
    TripSummary: {
      StartTime: isoTime('startTime', trip.startTime),
      Distance: rounded('distance', trip.distance / 1000, 3),
      Duration: rounded('duration', trip.duration ?? trip.endTime - trip.startTime, 0),
      Fuel: millilitres(trip.fuel, trip.energy ?? 0),
      StartLocation: { ...coordinates(trip.start), Altitude: rounded('altitude', trip.start.altitude, 1) },
      EndLocation: { ...coordinates(trip.end), Altitude: rounded('altitude', trip.end.altitude, 1) },
      SpeedProfile: 0,
    },
  });
}

/** A diagnostic trouble code; the UI shows it after the vehicle's next sample. */
export function encodeDtc(trouble: TroubleCode, context: MessageContext): EncodedMessage {
  // The path to CMS's UI requires the string 'true' here and refuses the boolean.
  return encode('dtc', trouble.time, context, { DTC: { Code: trouble.code, Changed: 'true' } });
}

export function encodeEvent(event: VideoEvent, context: MessageContext): EncodedMessage {
  if (!Number.isInteger(event.id)) throw unsendable('event id', event.id);
  const { Latitude: latitude, Longitude: longitude } = coordinates(event.place);
  return encode('event', event.time, context, {
    Alert: {
      VideoEvent: {
        event_name: event.name,
        event_source: event.source,
        event_id: event.id,
        event_data: event.data ?? {},
        event_location: { latitude, longitude },
      },
    },
  });
}

function encode(
  kind: 'cardata' | 'trip' | 'dtc' | 'event',
  time: number,
  context: MessageContext,
  body: Record<string, unknown>,
): EncodedMessage {
  const at = isoTime('time', time);
  return {
    topic: `dt/cvra/${context.thingName}/${kind}`,
    payload: jsonBytes({
      MessageId: `${context.vin}-${at}#${context.serial}`,
      CreationTimeStamp: at,
      SendTimeStamp: at,
      VIN: context.vin,
      ...body,
    }),
  };
}

function coordinates(place: { latitude: number; longitude: number }) {
  if (!(Math.abs(place.latitude) <= 90)) throw unsendable('latitude', place.latitude);
  if (!(Math.abs(place.longitude) <= 180)) throw unsendable('longitude', place.longitude);
  // Seven decimals are about a centimeter.
  return {
    Latitude: rounded('latitude', place.latitude, 7),
    Longitude: rounded('longitude', place.longitude, 7),
  };
}

function kilometresPerHour(name: string, metresPerSecond: number): number {
  return rounded(name, metresPerSecond * 3.6, 2);
}

function percent(name: string, share: number): number {
  return rounded(name, share * 100, 1);
}

/** Gasoline in milliliters, including the equivalent of the joules. Zero for a battery that gained charge downhill. */
function millilitres(litres: number, joules: number): number {
  return Math.max(0, rounded('fuel', (litres + joules / JOULES_A_LITRE) * 1000, 1));
}

function rounded(name: string, value: number, decimals: number): number {
  if (!Number.isFinite(value)) throw unsendable(name, value);
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

function isoTime(name: string, time: number): string {
  if (!(Math.abs(time) <= 8.64e15)) throw unsendable(name, time);
  return new Date(time).toISOString();
}

/** JSON would turn the value into null or a string, and CMS would silently drop the message. */
function unsendable(name: string, value: number): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('A telemetry message cannot carry {name} = {value}.', { name, value: String(value) }),
    {
      remedy: l10n.t('Check the route or the sample the message was made from.'),
    },
  );
}

export function jsonBytes(body: object): Uint8Array {
  return Buffer.from(JSON.stringify(body), 'utf8');
}
