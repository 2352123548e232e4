import * as vscode from 'vscode';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { Log } from '../base/log.ts';
import { notify } from '../base/shown.ts';
import type { LastPayloads } from './lastPayloads.ts';
import type { MapSource } from './mapSource.ts';

interface Acts {
  log: Log;
  documents: JsonDocuments;
  payloads: LastPayloads;
  diagnose?: (vin: string) => void;
}

/** What can be done from the map with a vehicle of which only messages are known. */
export function vehicleActs({ log, documents, payloads, diagnose }: Acts): NonNullable<MapSource['act']> {
  return ({ act, vin }) => {
    if (act === 'show-log') log.show(true);
    if (vin === undefined) return;
    if (act === 'show-payload') void showPayload(documents, vin, payloads.of(vin));
    if (act === 'diagnose') diagnose?.(vin);
  };
}

async function showPayload(documents: JsonDocuments, vin: string, payload: unknown): Promise<void> {
  if (payload !== undefined) await documents.show(`${vin}.json`, payload);
  else void notify.info(vscode.l10n.t('There is no payload from {0}.', vin));
}
