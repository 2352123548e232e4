import type { MessageListener } from '../../../broker/contract.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Store } from '../../../kernel/store.ts';
import type { Enrichment } from '../fleet/enrichment.ts';
import type { FleetIndex } from '../fleet/fleetIndex.ts';
import { isObject, type Json, nestsDeeperThan, parseJson } from '../../../kit/json.ts';
import { timeOf } from '../fleet/times.ts';
import { locationOf, lowerKeys } from '../fleet/payload.ts';
import type { MessageLog } from './messageLog.ts';
import { messageRules, type MessageType, MOST_LEVELS } from './schema.ts';
import { refusalOf } from './validate.ts';

export interface IngestParts {
  store: Store;
  clock: Clock;
  log: Log;
  index: FleetIndex;
  enrichment: Enrichment;
  messages: MessageLog;
  /** The rule `cvra DTC update`: writes the code to the vehicle in the asset library. */
  updateTroubleCode: (vin: string, code: string) => void;
}

/** Oil hotter than this (CMS assumes °F) is an anomaly: more than 30 above 250. */
const HOT_OIL = 280;

/** The rules by the names that CMS gives them, and the type of message that each hands to its Lambda. */
const RULES: ReadonlyMap<string, MessageType> = new Map([
  ['cdf_auto_fleetmanager_iot_car_data', 'cardata'],
  ['cdf_auto_fleetmanager_iot_trip_data', 'trip'],
  ['cdf_auto_fleetmanager_iot_dtc_data', 'dtc'],
  ['cdf_auto_fleetmanager_iot_event_data', 'event'],
]);

/** Whether CMS has a topic rule of this name. */
export const isRule = (name: string): boolean => RULES.has(name);

/**
 * The topic rules `dt/cvra/+/{cardata,trip,dtc,event}` and the Lambdas behind them. An invalid message is dropped
 * silently.
 */
export function createIngest(parts: IngestParts): MessageListener {
  const { log, messages, enrichment } = parts;
  const store = createHandlers(parts);

  return ({ topic, payload, clientId, rule }) => {
    const match = /^dt\/cvra\/([^/]*)\/([^/]*)$/.exec(topic);
    const [, segment = '', last = ''] = match ?? [];
    const type = rule === undefined ? last : RULES.get(rule);
    if (type === undefined || !isMessageType(type)) return;
    const text = payload.toString('utf8');
    let vin = segment;
    let messageId: unknown;
    let run: unknown;
    let reason: string | undefined;
    try {
      enrichment.settle();
      const raw: unknown = parseJson(text);
      if (nestsDeeperThan(raw, MOST_LEVELS)) {
        reason = 'nested too deeply: the handler fails';
      } else if (isObject(raw)) {
        if (rule === undefined) applyRawRules(parts, type, raw);
        const message = lowerKeys(raw) as Json;
        if (typeof message.vin === 'string' && message.vin !== '') vin = message.vin;
        messageId = message.messageid;
        run = message.simulationid;
        reason = refusalOf(type, message) ?? store[type](message);
      } else {
        reason = raw === undefined ? 'not JSON' : 'not a JSON object';
      }
    } catch (error) {
      reason = `unreadable: ${error instanceof Error ? error.message : 'unknown'}`;
    }
    if (reason !== undefined) log('debug', `telemetry on ${topic} dropped: ${reason}`);
    messages.add({
      vin,
      topic,
      type,
      clientId,
      messageId,
      run: typeof run === 'string' ? run : undefined,
      reason,
      payload: text,
    });
  };
}

function isMessageType(type: string): type is MessageType {
  return Object.hasOwn(messageRules, type);
}

/** Rules on the raw message: their SQL matches PascalCase keys only, and the message is not validated first. */
function applyRawRules(
  { store, enrichment, updateTroubleCode }: IngestParts,
  type: MessageType,
  raw: Json,
): void {
  const vin = raw.VIN;
  if (typeof vin !== 'string') return;
  if (type === 'cardata' && typeof raw.OilTemp === 'number' && raw.OilTemp > HOT_OIL) {
    const anomalies = store.table<boolean>('cms/fleet/anomalies');
    // Only the first anomaly of a vehicle is an insert that the stream sees; later ones never show.
    if (anomalies.has(vin)) return;
    anomalies.set(vin, true);
    enrichment.anomaly(vin);
  }
  const code = isObject(raw.DTC) && raw.DTC.Changed === true ? raw.DTC.Code : undefined;
  if (type === 'dtc' && typeof code === 'string') updateTroubleCode(vin, code);
}

/** The handlers behind the validators. Each returns why it failed, or undefined. */
function createHandlers({ index }: IngestParts): Record<MessageType, (message: Json) => string | undefined> {
  return {
    cardata(message) {
      const vin = message.vin as string;
      const found = isObject(message.geolocation) ? locationOf(message) : undefined;
      if (!found) return 'no latitude and longitude: the handler fails and nothing is stored';
      const location: [number, number] = [Number(found.longitude), Number(found.latitude)];
      if (!location.every(Number.isFinite)) return 'latitude or longitude is not a number';
      const shared = index.shared.find(vin);
      index.putLatest({
        vin,
        message: visiblePart(message),
        location,
        sentAt: timeOf(message.sendtimestamp),
        ...(shared ? { shared } : {}),
      });
      const [longitude, latitude] = location;
      const at = timeOf(message.creationtimestamp);
      index.points.add(vin, message.tripid as string, { at, longitude, latitude });
      return undefined;
    },
    trip(message) {
      index.addTrip({ vin: message.vin as string, message, sentAt: timeOf(message.sendtimestamp) });
      return undefined;
    },
    dtc(message) {
      const code = isObject(message.dtc) ? message.dtc.code : undefined;
      if (typeof code !== 'string') return 'no dtc.code: the handler fails';
      index.shared.changeEach(message.vin as string, { trouble_codes: [{ code }] });
      return undefined;
    },
    event(message) {
      index.addEvent({ vin: message.vin as string, message, sentAt: timeOf(message.sendtimestamp) });
      return undefined;
    },
  };
}

/** The part of a message that the API reads. */
function visiblePart(message: Json): Json {
  const read = ['vin', 'sendtimestamp', 'geolocation', 'speed', 'odometer', 'fuel', 'oiltemp', 'fuelinfo'];
  return Object.fromEntries(read.filter((name) => name in message).map((name) => [name, message[name]]));
}
