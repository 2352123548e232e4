import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { LastPayloads } from './lastPayloads.ts';

/** Shows the last message of a vehicle as it was sent, if there is one. */
export async function showPayload(app: App, payloads: LastPayloads, vin: string): Promise<void> {
  const last = payloads.of(vin);
  if (last !== undefined) await app.documents.show(`${vin}.json`, last);
  else void vscode.window.showInformationMessage(vscode.l10n.t('There is no payload of {0}.', vin));
}
