import type { CloudRun } from '../../contract/cloudSimulator.ts';
import type { Attribute, DeviceType } from './api.ts';

/**
 * The types of devices of a run, one a vehicle: only so each sends its own VIN. Their ids have the run's before them,
 * since the simulator puts a type in the place of another of the same id without a word.
 */
export function typesOf({ id, vins }: Pick<CloudRun, 'id' | 'vins'>): DeviceType[] {
  return vins.map((vin) => ({ type_id: `${id}-${vin}`, name: vin, topic: '', payload: payloadOf(vin) }));
}

/**
 * What such a vehicle sends: signals of the store's table, by types that fit its columns. The simulator makes numbers up,
 * from 0 to 1; `min`, `max`, `lat` and `long` make its call fail, so there are no positions. Below an object only texts
 * can be fixed.
 */
function payloadOf(vin: string): Attribute[] {
  return [
    object('vehicleidentification', [{ name: 'vin', type: 'string', static: true, default: vin }]),
    object('currentlocation', [{ name: 'timestamp', type: 'timestamp' }]),
    { name: 'speed', type: 'float', precision: 2 },
    { name: 'averagespeed', type: 'float', precision: 2 },
    { name: 'traveleddistance', type: 'float', precision: 3 },
    { name: 'ismoving', type: 'bool' },
    { name: 'lowvoltagesystemstate', type: 'pickOne', arr: ['ON'] },
    object('powertrain', [{ name: 'type', type: 'pickOne', arr: ['COMBUSTION'] }]),
  ];
}

function object(name: string, payload: Attribute[]): Attribute {
  return { name, type: 'object', payload };
}

/** The only device of a type; its thing and its topic are called so. */
export function deviceOf(vin: string): string {
  return `${vin}-0`;
}

/** The simulator does not use the topic of a type. */
export function simulatedTopic(vin: string): string {
  return `cms/data/simulated/${deviceOf(vin)}`;
}
