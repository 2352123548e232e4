import { randomUUID } from 'node:crypto';
import type { Json } from '../../../kit/json.ts';
import type { Data } from '../data.ts';
import { textOf } from '../rows.ts';

/** The event catalogue is read again so often. */
const RELOAD_MS = 5 * 60_000;
/** The same event of a vehicle comes again after so long at the earliest. */
const REPEAT_MS = 5 * 60_000;
const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];
const SOURCE = 'flink-maintenance-processor';

/** The apps `safety-processor` and `maintenance-processor`: the rules of the event catalogue on each message. */
export interface Rules {
  /** @param apps those of the two that run */
  take(message: Json, trip: string | undefined, apps: { safety: boolean; maintenance: boolean }): void;
  reload(): void;
}

export function createRules(data: Data): Rules {
  let catalogue: { readonly at: number; readonly rows: readonly Json[] } | undefined;
  /** By vehicle and event: when it came last. */
  const last = new Map<string, number>();

  function rows(): readonly Json[] {
    const now = data.now();
    if (catalogue === undefined || now - catalogue.at >= RELOAD_MS || now < catalogue.at) {
      catalogue = { at: now, rows: data.events.all() };
    }
    return catalogue.rows;
  }

  function isDue(vehicleId: string, rule: Json): boolean {
    const key = `${vehicleId}/${textOf(rule.event_id)}`;
    const before = last.get(key);
    if (before !== undefined && data.now() - before < REPEAT_MS) return false;
    last.set(key, data.now());
    return true;
  }

  function safetyEvent(message: Json, rule: Json, value: number, trip: string | undefined): void {
    const { vehicleId, timestamp, driverId = null, lat = null, lng = null, speed = null } = message;
    data.storage('safety-events').put({
      eventId: randomUUID(),
      ...{ vehicleId, tripId: trip, driverId, timestamp: numberOf(timestamp) ?? data.now() },
      eventType: rule.event_type,
      severity: severityOf(rule),
      ...{ lat, lng, speed },
      triggerField: rule.json_fields,
      triggerValue: value,
      threshold: rule.threshold_value,
      message: sentence(rule, value),
    });
  }

  function maintenanceAlert(message: Json, rule: Json, value: number, trip: string | undefined): void {
    const { vehicleId, timestamp, driverId = null, lat = null, lng = null, odometer = null } = message;
    const at = numberOf(timestamp) ?? data.now();
    data.storage('maintenance-alerts').put({
      alertId: randomUUID(),
      ...{ vehicleId, tripId: trip, driverId, timestamp: at, lat, lng },
      alertType: rule.event_type,
      severity: severityOf(rule),
      message: sentence(rule, value),
      status: 'OPEN',
      priority: Math.min(5, Math.max(1, 5 - Number(rule.severity))),
      category: rule.category,
      currentValue: value,
      thresholdValue: rule.threshold_value,
      triggerField: rule.json_fields,
      triggerCondition: `${textOf(rule.json_fields)} ${textOf(rule.threshold_operator)} ${String(rule.threshold_value)}`,
      currentMileage: odometer,
    });
    const code = textOf(rule.dtc_code);
    if (code !== '') troubleCode(textOf(vehicleId), code, at, rule);
  }

  /** One ACTIVE row of a vehicle, code and source. */
  function troubleCode(vehicleId: string, code: string, at: number, rule: Json): void {
    const history = data.storage('dtc-history');
    const own = history.partition(vehicleId);
    const isKnown = own.some(
      (row) => row.dtcCode === code && row.source === SOURCE && row.status === 'ACTIVE',
    );
    if (isKnown) return;
    const taken = new Set(own.map(({ timestamp }) => timestamp));
    let timestamp = at;
    while (taken.has(timestamp)) timestamp++;
    history.put({
      ...{ vehicleId, timestamp, dtcCode: code, source: SOURCE, status: 'ACTIVE' },
      activeCode: `${vehicleId}#${code}`,
      severity: severityOf(rule),
    });
  }

  return {
    take(message, trip, apps) {
      for (const rule of rows()) {
        const isSafety = rule.category === 'safety';
        if (isSafety ? !apps.safety : !apps.maintenance) continue;
        const value = numberOf(message[textOf(rule.json_fields)]);
        if (value === undefined || !fires(rule, value, message) || !isDue(textOf(message.vehicleId), rule)) {
          continue;
        }
        if (isSafety) safetyEvent(message, rule, value, trip);
        else maintenanceAlert(message, rule, value, trip);
      }
    },
    reload() {
      catalogue = undefined;
      last.clear();
    },
  };
}

/** Flags count as 0 and 1. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function fires(rule: Json, value: number, { ignitionOn }: Json): boolean {
  const limit = Number(rule.threshold_value);
  switch (rule.threshold_operator) {
    case '<':
    case '<=':
      // With the engine off many sensors say nothing but zero.
      if (ignitionOn === false && value === 0) return false;
      return rule.threshold_operator === '<' ? value < limit : value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
    default:
      return false;
  }
}

function severityOf({ severity }: Json): string {
  return SEVERITIES[Number(severity) - 1] ?? 'LOW';
}

function sentence(rule: Json, value: number): string {
  return `${textOf(rule.event_type)}: ${textOf(rule.json_fields)} is ${value} (${textOf(rule.threshold_operator)} ${String(rule.threshold_value)})`;
}
