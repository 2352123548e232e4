import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { TripSummary } from '../../../telemetry/codec.ts';
import type { EncodedMessage, MessageContext, Sample } from '../../../telemetry/sample.ts';
import { wrap } from './wrap.ts';

/**
 * Telemetry of the Guidance for Connected Mobility (SO9618): one flat JSON object, in the units of its own simulator.
 * `vehicleId` and `timestamp` are needed; everything else counts where the signal catalog has it.
 * Source: the simulator of 0.4.
 */

const MPH = 3600 / 1609.344;
const MILES = 1 / 1609.344;
/** Psi, volts. What the drive does not know, as a car in order has it. */
const TIRE_PRESSURE = 35;
const OIL_PRESSURE = 45;
const BATTERY_VOLTAGE = 13.8;
/** Of a battery car: volts, and what the pack has when it works. */
const PACK_VOLTAGE = 400;
const PACK_TEMPERATURE = 30;
const IDLE_RPM = 750;

/**
 * Values beyond the thresholds that the event catalog gives a trouble code: a code itself cannot be sent.
 * Source: the event catalog of 0.4, engineTemp 240, oilPressure 12, batteryVoltage 11.
 */
const FAULTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  P0217: { engineTemp: 255, coolant_temp: 255 },
  P0520: { oilPressure: 8 },
  P0562: { batteryVoltage: 10.5 },
};

/** One sample of a drive. The first of a trip says that the engine has started. */
export function encodeSample(sample: Sample, context: MessageContext): EncodedMessage {
  const isElectric = sample.batteryCapacity > 0;
  const { troubleCode } = context;
  const level = isElectric
    ? sample.charge / sample.batteryCapacity
    : sample.tankCapacity > 0
      ? sample.fuel / sample.tankCapacity
      : 0;
  const speed = rounded('speed', sample.speed * MPH, 2);
  const acceleration = rounded('acceleration', sample.acceleration, 2);
  const turn = Math.abs(rounded('lateralAcceleration', sample.lateralAcceleration, 2));
  const temperature = fahrenheit('engineTemperature', sample.engineTemperature);
  return encode(context, sample.time, {
    lat: within('latitude', sample.latitude, 90),
    lng: within('longitude', sample.longitude, 180),
    heading: rounded('heading', sample.heading, 1) % 360,
    speed,
    acceleration: Math.max(0, acceleration),
    // A negative zero would be written as 0, too.
    deceleration: Math.min(0, acceleration),
    lateralAcceleration: turn,
    harsh_acc: Math.max(0, acceleration),
    harsh_brk: Math.max(0, 0 - acceleration),
    harsh_turn: turn,
    ...(isElectric
      ? {
          is_ev: true,
          soc: percent('charge', level),
          volt: PACK_VOLTAGE,
          ev_battery_temp_max: PACK_TEMPERATURE,
        }
      : { is_ev: false, engineRPM: Math.round(IDLE_RPM + speed * 30 + sample.throttle * 1500) }),
    engineTemp: temperature,
    coolant_temp: temperature,
    oilPressure: OIL_PRESSURE,
    batteryVoltage: BATTERY_VOLTAGE,
    fuelLevel: percent('fuel', level),
    odometer: rounded('odometer', sample.odometer * MILES, 3),
    tire_pressure_fl: TIRE_PRESSURE,
    tire_pressure_fr: TIRE_PRESSURE,
    tire_pressure_rl: TIRE_PRESSURE,
    tire_pressure_rr: TIRE_PRESSURE,
    seatbeltStatus: true,
    phoneConnected: false,
    dtc_codes_active: troubleCode === undefined ? 0 : 1,
    ignitionOn: true,
    ...(context.begins === true ? { engineEvent: 'ENGINE_START' } : {}),
    ...(troubleCode === undefined ? {} : FAULTS[troubleCode.toUpperCase()]),
  });
}

/** The end of a trip: the ignition is off, which completes it and takes the vehicle off the map. */
export function encodeEnd({ endTime, end }: TripSummary, context: MessageContext): EncodedMessage {
  return encode(context, endTime, {
    lat: within('latitude', end.latitude, 90),
    lng: within('longitude', end.longitude, 180),
    speed: 0,
    ignitionOn: false,
    engineEvent: 'ENGINE_STOP',
  });
}

function encode(context: MessageContext, time: number, body: object): EncodedMessage {
  const { topic, id, vin } = context;
  if (topic === undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('Where {vin} sends its telemetry is not known.', { vin }), {
      remedy: l10n.t('Name the deployment that the vehicle belongs to.'),
    });
  }
  // Seconds would be read as a moment in 1970, and dropped without a word.
  const timestamp = rounded('time', time, 0);
  const text = JSON.stringify({ messageType: 'TELEMETRY', vehicleId: id, timestamp, ...body });
  return { topic, payload: wrap(text) };
}

function within(name: string, degrees: number, most: number): number {
  // Seven decimals are about a centimeter.
  if (!(Math.abs(degrees) <= most)) throw unsendable(name, degrees);
  return rounded(name, degrees, 7);
}

function percent(name: string, share: number): number {
  return rounded(name, share * 100, 1);
}

function fahrenheit(name: string, celsius: number): number {
  return rounded(name, celsius * 1.8 + 32, 1);
}

function rounded(name: string, value: number, decimals: number): number {
  if (!Number.isFinite(value)) throw unsendable(name, value);
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

/** JSON would turn the value into null. */
function unsendable(name: string, value: number): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('A telemetry message cannot carry {name} = {value}.', { name, value: String(value) }),
    { remedy: l10n.t('Check the route or the sample the message was made from.') },
  );
}
