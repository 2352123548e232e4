import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { EncodedMessage, MessageContext, Sample } from '../../../telemetry/sample.ts';

/**
 * Telemetry of CMS on AWS: the signals of COVESA VSS 4.0 as one nested JSON object on one line, all keys in lower case,
 * on `cms/data/<thing>`. Nothing checks a message on its way into the store, but one that does not fit the columns of
 * its table (a text for a number, a fraction for an integer, several lines) makes every query over the store fail, and
 * one that leaves a signal out makes those fail that ask for it. So each message has all of them, with the same types.
 * Source: the schema of the Glue table of v3.0.0; VSS 4.0 for units.
 */

/** The last segment is the name of the thing, so that a policy can bind it. */
export function topicOf({ thingName }: { thingName: string }): string {
  return `cms/data/${thingName}`;
}

/** Kilopascals; volts; meters. What the drive does not know, as a car in order has it. */
const TIRE_PRESSURE = 240;
const BATTERY_VOLTAGE = 13.8;
const GNSS_ACCURACY = 3;
/** Of the tank. */
const LOW_FUEL = 0.1;

export function encodeSample(sample: Sample, context: MessageContext): EncodedMessage {
  const isElectric = sample.batteryCapacity > 0;
  const { troubleCode } = context;
  const odometer = rounded('odometer', sample.odometer / 1000, 3);
  const tripOdometer = rounded('tripOdometer', sample.tripOdometer / 1000, 3);
  const throttle = whole('throttle', sample.throttle * 100);
  const level = sample.tankCapacity > 0 ? sample.fuel / sample.tankCapacity : 0;
  const charge = isElectric ? sample.charge / sample.batteryCapacity : 0;
  const engine = whole('engineTemperature', sample.engineTemperature);
  const oil = whole('oilTemperature', sample.oilTemperature);
  const tires = { left: { tire: { pressure: TIRE_PRESSURE } }, right: { tire: { pressure: TIRE_PRESSURE } } };
  return encode(context, {
    vehicleidentification: { vin: context.vin },
    versionvss: { major: 4, minor: 0, patch: 0 },
    currentlocation: {
      timestamp: isoTime(sample.time),
      latitude: within('latitude', sample.latitude, 90),
      longitude: within('longitude', sample.longitude, 180),
      heading: rounded('heading', sample.heading, 1) % 360,
      altitude: rounded('altitude', sample.altitude, 1),
      horizontalaccuracy: GNSS_ACCURACY,
      gnssreceiver: { fixtype: 'THREE_D' },
    },
    speed: kilometresPerHour('speed', sample.speed),
    averagespeed: kilometresPerHour('averageSpeed', sample.averageSpeed),
    ismoving: sample.speed > 0,
    isbrokendown: false,
    traveleddistance: odometer,
    traveleddistancesincestart: tripOdometer,
    tripmeterreading: tripOdometer,
    acceleration: {
      longitudinal: rounded('acceleration', sample.acceleration, 2),
      // ISO 8855: to the left is positive; in a sample, to the right.
      lateral: rounded('lateralAcceleration', 0 - sample.lateralAcceleration, 2),
    },
    lowvoltagesystemstate: 'ON',
    lowvoltagebattery: { currentvoltage: BATTERY_VOLTAGE },
    powertrain: {
      type: isElectric ? 'ELECTRIC' : 'COMBUSTION',
      fuelsystem: {
        relativelevel: whole('fuel', level * 100),
        absolutelevel: rounded('fuel', sample.fuel, 3),
        tankcapacity: rounded('tankCapacity', sample.tankCapacity, 1),
        isfuellevellow: !isElectric && level < LOW_FUEL,
      },
      combustionengine: { isrunning: !isElectric, ect: engine, eot: oil, tps: isElectric ? 0 : throttle },
      tractionbattery: {
        stateofcharge: { current: rounded('charge', charge * 100, 2) },
        charging: { ischarging: false },
      },
    },
    chassis: {
      accelerator: { pedalposition: throttle },
      axle: { row1: { wheel: tires }, row2: { wheel: tires } },
    },
    obd: {
      status: { ismilon: troubleCode !== undefined, dtccount: troubleCode === undefined ? 0 : 1 },
      // A single text, not a list; there has to be one.
      dtclist: troubleCode ?? '',
      coolanttemperature: rounded('engineTemperature', sample.engineTemperature, 1),
      oiltemperature: rounded('oilTemperature', sample.oilTemperature, 1),
      throttleposition: rounded('throttle', sample.throttle * 100, 1),
    },
  });
}

/** What a vehicle says once with a new certificate: the row of this very certificate is marked then. */
export function encodeHello(vin: string, certificateId: string): EncodedMessage {
  return { topic: 'vehicleactive/', payload: jsonBytes({ vin, certificate_id: certificateId }) };
}

function encode(context: MessageContext, body: object): EncodedMessage {
  return { topic: topicOf(context), payload: jsonBytes(body) };
}

function within(name: string, degrees: number, most: number): number {
  // Seven decimals are about a centimeter.
  if (!(Math.abs(degrees) <= most)) throw unsendable(name, degrees);
  return rounded(name, degrees, 7);
}

function kilometresPerHour(name: string, metresPerSecond: number): number {
  return rounded(name, metresPerSecond * 3.6, 2);
}

function whole(name: string, value: number): number {
  return rounded(name, value, 0);
}

function rounded(name: string, value: number, decimals: number): number {
  if (!Number.isFinite(value)) throw unsendable(name, value);
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

function isoTime(time: number): string {
  if (!(Math.abs(time) <= 8.64e15)) throw unsendable('time', time);
  return new Date(time).toISOString();
}

/** JSON would turn the value into null, which makes queries fail. */
function unsendable(name: string, value: number): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('A telemetry message cannot carry {name} = {value}.', { name, value: String(value) }),
    { remedy: l10n.t('Check the route or the sample the message was made from.') },
  );
}

function jsonBytes(body: object): Uint8Array {
  return Buffer.from(JSON.stringify(body), 'utf8');
}
