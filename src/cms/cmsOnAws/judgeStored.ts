import { l10n, type Message } from '../../core/message.ts';

/**
 * Columns of numbers, of those that vehicles send most. A text there makes every query fail that reads it. Source: the
 * schema of the Glue table of v3.0.0.
 */
const NUMBERS = [
  'speed',
  'averagespeed',
  'traveleddistance',
  'traveleddistancesincestart',
  'tripmeterreading',
  'currentlocation.latitude',
  'currentlocation.longitude',
  'currentlocation.heading',
  'currentlocation.altitude',
  'vehicleidentification.year',
  'versionvss.major',
  'versionvss.minor',
  'versionvss.patch',
  'powertrain.fuelsystem.relativelevel',
  'powertrain.fuelsystem.absolutelevel',
  'powertrain.combustionengine.speed',
  'powertrain.tractionbattery.stateofcharge.current',
];

/**
 * What of a stored message makes every query over the store fail, of whichever vehicle; undefined if it can be read.
 */
export function breakingProblem(payload: Uint8Array): Message | undefined {
  const body = bodyOf(payload);
  return 'problem' in body ? body.problem : textForNumber(body.read);
}

/** What is wrong with a stored message of a vehicle for the queries over the store; undefined if nothing is. */
export function storedProblem(payload: Uint8Array, vin: string): Message | undefined {
  const breaking = breakingProblem(payload);
  if (breaking !== undefined) return breaking;
  const body = bodyOf(payload);
  if ('problem' in body) return body.problem;
  const key = capitalKey(body.read);
  if (key !== undefined) return l10n.t('the key {key} is not in lower case', { key });
  const said: unknown = (body.read as { vehicleidentification?: { vin?: unknown } }).vehicleidentification
    ?.vin;
  if (said === vin) return undefined;
  return l10n.t('vehicleidentification.vin is not {vin}', { vin });
}

function bodyOf(payload: Uint8Array): { read: object } | { problem: Message } {
  const text = Buffer.from(payload).toString('utf8');
  if (/[\r\n]/.test(text.trim())) return { problem: l10n.t('it has more than one line') };
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return { problem: l10n.t('it is not JSON') };
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    return { problem: l10n.t('it is not a JSON object') };
  return { read };
}

/** The reader of the store does not care for the case of keys. */
function textForNumber(body: object): Message | undefined {
  const path = NUMBERS.find((each) => {
    let value: unknown = body;
    for (const step of each.split('.')) {
      const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      value = entries.find(([key]) => key.toLowerCase() === step)?.[1];
    }
    return typeof value === 'string';
  });
  return path === undefined ? undefined : l10n.t('{key} is a text, and has to be a number', { key: path });
}

function capitalKey(value: object): string | undefined {
  for (const [key, below] of Object.entries(value) as [string, unknown][]) {
    if (key !== key.toLowerCase()) return key;
    const found = typeof below === 'object' && below !== null ? capitalKey(below) : undefined;
    if (found !== undefined) return `${key}.${found}`;
  }
  return undefined;
}
