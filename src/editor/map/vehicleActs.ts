import * as vscode from 'vscode';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import type { LastPayloads } from './lastPayloads.ts';
import type { MapSource } from './mapSource.ts';

interface Acts {
  tasks: Tasks;
  documents: JsonDocuments;
  payloads: LastPayloads;
  diagnose?: (vin: string) => void;
}

/** What can be done from the map with a vehicle of which only messages are known. */
export function vehicleActs({ tasks, documents, payloads, diagnose }: Acts): NonNullable<MapSource['act']> {
  return ({ act, vin }) => {
    if (act === 'show-log') tasks.log.show(true);
    if (vin === undefined) return;
    if (act === 'show-payload') void tasks.attempt(() => showPayload(documents, vin, payloads.of(vin)));
    if (act === 'diagnose') diagnose?.(vin);
  };
}

async function showPayload(documents: JsonDocuments, vin: string, payload: unknown): Promise<void> {
  if (payload !== undefined) await documents.show(`${vin}.json`, payload);
  else void notify.info(vscode.l10n.t('There is no payload from {0}.', vin));
}
