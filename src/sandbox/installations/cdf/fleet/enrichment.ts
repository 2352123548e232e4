import type { Clock } from '../../../kernel/clock.ts';
import type { CdfSettings } from '../contract.ts';
import type { Store } from '../../../kernel/store.ts';
import { isObject, type Json } from '../../../kit/json.ts';
import type { LibraryEvent } from '../library/events.ts';
import { lastSegment } from '../library/paths.ts';
import { lowerKeys } from './payload.ts';
import type { SharedIndex } from './shared.ts';

type Pending = { dueAt: number } & (
  { kind: 'vehicle'; vin: string; attributes: Json } | { kind: 'anomaly'; vin: string }
);

export interface Enrichment {
  /** Handles an asset library event, as the Lambda behind the topic rule does. */
  onEvent(event: LibraryEvent): void;
  /** Records that a vehicle's oil got too hot. The fleet manager learns of it much later. */
  anomaly(vin: string): void;
  /** Applies everything that is due by now. Call it before anything is read or stored. */
  settle(): void;
  reload(): void;
}

/** Attributes in the schema of group events. Any other (such as `marketCode`) makes the Lambda drop the event. */
const knownAttributes = [
  'make',
  'model',
  'modelyear',
  'bodytype',
  'fueltype',
  'transmissiontype',
  'colorcode',
  'ivitype',
];
const knownMembers = ['attributes', 'groups', 'name', 'templateid', 'parentpath', 'grouppath', 'category'];

/**
 * The handler of a group event takes a moment itself, so even without a configured delay it sees the device events
 * of the same activation.
 */
const HANDLER_MS = 100;

/** The anomaly path (Firehose, analytics, stream) takes minutes where an event takes seconds. */
const ANOMALY_DELAY_FACTOR = 20;

/** What the fleet manager learns with a delay. Due changes are applied on the next access, so no timers are needed. */
export function createEnrichment(
  store: Store,
  clock: Clock,
  settings: Pick<CdfSettings, 'eventDelayMs'>,
  shared: SharedIndex,
): Enrichment {
  const pending = store.table<Pending>('cms/fleet/pending');
  let last = 0;
  let nextDue = Infinity;

  const earliest = (): number =>
    [...pending.values()].reduce((least, work) => Math.min(least, work.dueAt), Infinity);

  function reload(): void {
    last = 0;
    for (const key of pending.keys()) last = Math.max(last, Number(key));
    nextDue = earliest();
  }

  function schedule(work: Pending): void {
    pending.set(String(++last), work);
    nextDue = Math.min(nextDue, work.dueAt);
  }

  function settle(now = clock.now()): void {
    if (now < nextDue) return;
    const due = [...pending.entries()]
      .filter(([, work]) => work.dueAt <= now)
      .sort(([, a], [, b]) => a.dueAt - b.dueAt);
    for (const [key, work] of due) {
      pending.delete(key);
      if (work.kind === 'vehicle') shared.add(work.vin, work.attributes);
      else shared.changeEach(work.vin, { anomalies: [{ anomaly_type: 'OilTemp' }] });
    }
    nextDue = earliest();
  }

  reload();
  return {
    reload,
    settle: () => settle(),
    onEvent(event) {
      settle(clock.now() - HANDLER_MS);
      if (event.type === 'groups' && event.event !== 'delete') {
        const vehicle = vehicleOf(event);
        if (vehicle) schedule({ kind: 'vehicle', dueAt: clock.now() + settings.eventDelayMs, ...vehicle });
      }
      if (event.type === 'devices' && event.event === 'modify') {
        const device = deviceOf(event);
        if (device) shared.mergeDevice(device);
      }
    },
    anomaly: (vin) =>
      schedule({ kind: 'anomaly', vin, dueAt: clock.now() + ANOMALY_DELAY_FACTOR * settings.eventDelayMs }),
  };
}

/** VIN and attributes of a group event that describes a vehicle and passes the Lambda's schema. */
function vehicleOf({ payload }: LibraryEvent): { vin: string; attributes: Json } | undefined {
  if (payload === undefined) return undefined;
  const vin = (JSON.parse(payload) as Json).name;
  const item = lowerKeys(JSON.parse(payload));
  if (!isObject(item) || !isObject(item.attributes) || typeof vin !== 'string') return undefined;
  const { attributes } = item;
  if (attributes.make === undefined) return undefined;
  if (!Object.keys(item).every((member) => knownMembers.includes(member))) return undefined;
  if (!Object.keys(attributes).every((name) => knownAttributes.includes(name))) return undefined;
  return { vin, attributes };
}

/** The content of a device event: where the device was installed, or the software it was installed with. */
function deviceOf(
  event: LibraryEvent,
): { deviceid: string; vin?: string; softwareversion?: unknown } | undefined {
  const { attributes, payload, objectId } = event;
  if (attributes?.relationship === 'installed_in' && attributes.attachedToGroup !== undefined) {
    return { deviceid: objectId, vin: lastSegment(attributes.attachedToGroup) };
  }
  if (payload === undefined) return undefined;
  const item = lowerKeys(JSON.parse(payload));
  if (!isObject(item) || !isObject(item.attributes)) return undefined;
  if (item.attributes.status !== 'installed') return undefined;
  return { deviceid: objectId, softwareversion: item.attributes.softwareversion };
}
