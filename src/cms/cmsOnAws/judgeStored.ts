import { l10n, type Message } from '../../core/message.ts';

/**
 * What is wrong with a stored message for the queries over the store; undefined if nothing is. One that cannot be read
 * makes every query fail that reads it, of whichever vehicle.
 */
export function storedProblem(payload: Uint8Array, vin: string): Message | undefined {
  const text = Buffer.from(payload).toString('utf8');
  if (/[\r\n]/.test(text.trim())) return l10n.t('it has more than one line');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return l10n.t('it is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return l10n.t('it is not a JSON object');
  const key = capitalKey(body);
  if (key !== undefined) return l10n.t('the key {key} is not in lower case', { key });
  const said: unknown = (body as { vehicleidentification?: { vin?: unknown } }).vehicleidentification?.vin;
  if (said === vin) return undefined;
  return l10n.t('vehicleidentification.vin is not {vin}', { vin });
}

function capitalKey(value: object): string | undefined {
  for (const [key, below] of Object.entries(value) as [string, unknown][]) {
    if (key !== key.toLowerCase()) return key;
    const found = typeof below === 'object' && below !== null ? capitalKey(below) : undefined;
    if (found !== undefined) return `${key}.${found}`;
  }
  return undefined;
}
