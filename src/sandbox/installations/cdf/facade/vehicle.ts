import { ArgumentError, requireFields, requireText, wrongType } from '../rest/arguments.ts';
import { type Json, isObject } from '../../../kit/json.ts';

/** The vehicle of an activate request, validated as far as the facade validates it. */
export interface VehicleRequest {
  vin: string;
  /** Attributes passed on to the asset library. Market code, country code and transmission subtype are not. */
  attributes: Json;
  tcu: Json;
  /** The other control units. */
  others: Json[];
}

const FIRST_YEAR = 1920;
const attributes = [
  'make',
  'model',
  'modelYear',
  'bodyType',
  'fuelType',
  'transmissionType',
  'colorCode',
  'iviType',
];

/** Throws ArgumentError for the first invalid field, in the facade's order. */
export function readVehicle(activation: Json, deviceId: string, thisYear: number): VehicleRequest {
  const vehicle = activation.vehicle;
  requireFields(vehicle);
  const modelYear =
    typeof vehicle.modelYear === 'string' ? parseInt(vehicle.modelYear, 10) : vehicle.modelYear;
  requireText(vehicle.make);
  requireText(vehicle.model);
  requireYear(modelYear, thisYear + 2);
  requireText(vehicle.vin);
  for (const name of ['bodyType', 'fuelType', 'transmissionType', 'colorCode', 'iviType']) {
    requireText(vehicle[name]);
  }
  const ecus = vehicle.ecus;
  if (!Array.isArray(ecus)) throw wrongType(ecus, 'array');
  if (ecus.length === 0) {
    throw new ArgumentError('Expected array to have a minimum length of `1`, got `0`');
  }
  const units = ecus.filter(isObject);
  const tcu = units.find((unit) => unit.type === 'tcu');
  requireFields(tcu);
  if (typeof tcu.id !== 'string') throw wrongType(tcu.id, 'string');
  if (tcu.id !== deviceId) {
    throw new ArgumentError(`Expected string to be equal to \`${deviceId}\`, got \`${tcu.id}\``);
  }
  return {
    vin: vehicle.vin,
    attributes: {
      ...Object.fromEntries(attributes.map((name) => [name, vehicle[name]])),
      modelYear,
    },
    tcu,
    others: units.filter((unit) => unit.id !== deviceId),
  };
}

function requireYear(year: unknown, last: number): void {
  if (typeof year !== 'number') throw wrongType(year, 'number');
  if (!(year >= FIRST_YEAR && year <= last)) {
    throw new ArgumentError(`Expected number to be in range [${FIRST_YEAR}..${last}], got ${year}`);
  }
}
