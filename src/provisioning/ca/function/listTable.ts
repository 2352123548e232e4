import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Allowed } from '../judge.ts';

/**
 * Attributes of an item of the list besides its key. `admitted` is the function's own: the certificate it let in last, and
 * in lines `key:…`, which have no VIN, the vehicle that came in with that public key.
 */
export const ITEM_KEY = 'thingName';
export const ITEM_PARTS = ['vin', 'certificateId', 'serialNumber', 'publicKey'] as const;
export const ADMITTED = 'admitted';

type Item = Record<string, AttributeValue>;

/** An item of the table as a line of the list; undefined if it has no VIN. */
export function allowedIn(item: Item): Allowed | undefined {
  const text = (name: string): string | undefined => item[name]?.S;
  const [thingName, vin] = [text(ITEM_KEY), text('vin')];
  if (thingName === undefined || vin === undefined) return undefined;
  return {
    ...{ vin, thingName },
    certificateId: text('certificateId'),
    serialNumber: text('serialNumber'),
    publicKey: text('publicKey'),
  };
}
