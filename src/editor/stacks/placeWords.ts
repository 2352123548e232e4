import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection.ts';
import type { StackRef } from '../base/stackRef.ts';

/** The account, region and deployment that something is about to change, for its question. */
export async function placeWords(
  ref: StackRef,
  connection: Connection,
  signal: AbortSignal,
): Promise<string> {
  const { accountId } = await connection.identity(signal);
  return vscode.l10n.t('Account {0}, {1}, {2}', accountId, connection.region, ref.stack);
}
