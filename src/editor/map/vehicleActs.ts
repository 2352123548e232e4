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
  vinOf: (id: string) => string;
  /** By its id: what a payload calls it is a claim only. */
  diagnose?: (id: string) => void;
}

/** What can be done from the map with a vehicle of which only messages are known. */
export function vehicleActs({
  tasks,
  documents,
  payloads,
  vinOf,
  diagnose,
}: Acts): NonNullable<MapSource['act']> {
  return ({ act, id }) => {
    if (act === 'show-log') tasks.log.show(true);
    if (id === undefined) return;
    const vin = vinOf(id);
    if (act === 'show-payload') void tasks.attempt(() => showPayload(documents, vin, payloads.of(id)));
    if (act === 'diagnose') diagnose?.(id);
  };
}

async function showPayload(documents: JsonDocuments, vin: string, payload: unknown): Promise<void> {
  if (payload !== undefined) await documents.show(`${vin}.json`, payload);
  else void notify.info(vscode.l10n.t('There is no payload from {0}.', vin));
}
