/**
 * What the four telemetry Lambdas of the fleet manager accept, keys in lower case. Their validators are strict; only
 * the top level of cardata accepts unknown keys.
 */

/** Python cannot parse JSON nested deeper than about its recursion limit. */
export const MOST_LEVELS = 900;

export type FieldType =
  | 'text'
  /** JSON numbers, and numeric strings, which later break the API's calculations. */
  | 'number'
  | 'integer'
  /** ISO 8601 with a time. */
  | 'time'
  /** Any keys, all values strings. */
  | 'texts'
  | 'object'
  | ObjectRule;

export interface ObjectRule {
  fields: Record<string, FieldType>;
  required?: string[];
  /** Keys without a rule are kept instead of refused. */
  open?: boolean;
}

export type MessageType = 'cardata' | 'trip' | 'dtc' | 'event';

const numbers = (...names: string[]): ObjectRule => ({
  fields: Object.fromEntries(names.map((name) => [name, 'number' as const])),
});

const header: Record<string, FieldType> = {
  messageid: 'text',
  creationtimestamp: 'time',
  sendtimestamp: 'time',
  vin: 'text',
};

export const messageRules: Record<MessageType, ObjectRule> = {
  cardata: {
    open: true,
    required: ['sendtimestamp', 'vin', 'tripid'],
    fields: {
      ...header,
      simulationid: 'text',
      tripid: 'text',
      driverid: 'text',
      geolocation: numbers('latitude', 'longitude', 'altitude', 'heading', 'speed'),
      speed: numbers('max', 'average'),
      odometer: numbers('metres', 'tripodometer', 'ticksfl', 'ticksfr', 'ticksrl', 'ticksrr'),
      fuel: 'number',
      oiltemp: 'number',
      fuelinfo: numbers('currenttripconsumption', 'tankcapacity'),
      throttle: numbers('max', 'average'),
      acceleration: {
        fields: { maxlongitudinal: numbers('axis', 'value'), maxlateral: numbers('axis', 'value') },
      },
      communications: { fields: { gsm: 'texts', wifi: 'texts', wired: 'texts' } },
      name: 'text',
    },
  },
  trip: {
    required: ['sendtimestamp', 'vin', 'tripid'],
    fields: {
      ...header,
      tripid: 'text',
      driverid: 'text',
      tripsummary: {
        fields: {
          starttime: 'time',
          distance: 'number',
          duration: 'number',
          fuel: 'number',
          startlocation: numbers('latitude', 'longitude', 'altitude'),
          endlocation: numbers('latitude', 'longitude', 'altitude'),
          speedprofile: 'number',
        },
      },
    },
  },
  dtc: {
    required: ['sendtimestamp', 'vin'],
    fields: { ...header, dtc: { required: ['code'], fields: { code: 'text', changed: 'text' } } },
  },
  event: {
    required: ['sendtimestamp', 'vin'],
    fields: {
      ...header,
      alert: {
        required: ['videoevent'],
        fields: {
          videoevent: {
            fields: {
              event_name: 'text',
              event_source: 'text',
              event_id: 'integer',
              event_data: 'object',
              event_location: numbers('latitude', 'longitude'),
            },
          },
        },
      },
    },
  },
};
