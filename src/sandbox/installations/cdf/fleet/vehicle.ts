import { isObject, type Json } from '../../../kit/json.ts';
import type { LatestDocument } from './documents.ts';
import { float, item, number, round } from './python.ts';

const MILES_PER_KM = 0.621371;
const GALLONS_PER_LITRE = 0.264;
const GALLONS_PER_ML = 0.000264;

/**
 * The vehicles as the API shows them. A vehicle that lacks a required field, or has a number as a string, fails the
 * whole list. As in the original, only a missing oil temperature is tolerated, from the second vehicle on: the
 * vehicle gets the value of the one before it.
 */
export function vehicleList(documents: LatestDocument[]): Json[] {
  let oilTemp: unknown;
  return documents.map((document) => {
    const { message } = document;
    const odometer = item(message, 'odometer');
    const odometerMiles = number(item(odometer, 'metres')) * MILES_PER_KM;
    const geolocation = item(message, 'geolocation');
    const current = number(item(geolocation, 'speed')) * MILES_PER_KM;
    const max = number(item(item(message, 'speed'), 'max')) * MILES_PER_KM;
    const average = number(item(item(message, 'speed'), 'average')) * MILES_PER_KM;
    const gallons = number(item(message, 'fuel')) * GALLONS_PER_LITRE;
    if ('oiltemp' in message) oilTemp = message.oiltemp;
    return {
      vin: document.vin,
      ...described(document),
      telemetry: {
        odometer: round(odometerMiles, 1),
        fuelLevel: round(gallons, 1),
        oilTemp: round(number(oilTemp), 2),
        currentSpeed: round(current, 1),
        maxSpeed: round(max, 1),
        avgSpeed: round(average, 1),
        ...tripFigures(odometer, message.fuelinfo),
      },
      devices: (document.shared?.devices ?? []).map((device) => ({
        swVersion: item(device, 'softwareversion'),
        deviceId: device.deviceid.toUpperCase(),
      })),
      geoLocation: {
        heading: item(geolocation, 'heading'),
        coordinates: [float(item(geolocation, 'longitude')), float(item(geolocation, 'latitude'))],
      },
    };
  });
}

/** Empty strings and 0 if the telemetry was indexed before the asset library's event. */
function described({ shared }: LatestDocument): Json {
  if (!shared) return { make: '', model: '', modelYear: 0, color: '' };
  return {
    make: item(shared.attributes, 'make'),
    model: item(shared.attributes, 'model'),
    modelYear: item(shared.attributes, 'modelyear'),
    color: item(shared.attributes, 'colorcode'),
  };
}

/** Optional figures; zero counts as missing. */
function tripFigures(odometer: unknown, fuelInfo: unknown): Json {
  const figures: Json = {};
  const tripOdometer = isObject(odometer) ? odometer.tripodometer : undefined;
  const { currenttripconsumption: fuel, tankcapacity: tank } = isObject(fuelInfo) ? fuelInfo : {};
  if (tripOdometer) figures.tripOdometer = round(number(tripOdometer) * MILES_PER_KM, 2);
  if (fuel) figures.tripFuel = round(number(fuel) * GALLONS_PER_ML, 2);
  if (tank) figures.tankCapacity = round(number(tank), 2);
  return figures;
}

/** One trip as the API shows it. Every part of the summary is required. */
export function tripOf(message: Json): Json {
  const summary = item(message, 'tripsummary');
  const miles = number(item(summary, 'distance')) * MILES_PER_KM;
  const duration = number(item(summary, 'duration')) / 60_000;
  const gallons = number(item(summary, 'fuel')) * GALLONS_PER_ML;
  const place = (name: string): unknown[] => {
    const location = item(summary, name);
    return [item(location, 'longitude'), item(location, 'latitude')];
  };
  return {
    tripId: item(message, 'tripid'),
    startTime: item(summary, 'starttime'),
    duration,
    fuel: gallons,
    startLocation: place('startlocation'),
    endLocation: place('endlocation'),
    distance: { miles },
    fuelEconomy: { mpg: gallons === 0 ? 0 : miles / gallons },
  };
}
