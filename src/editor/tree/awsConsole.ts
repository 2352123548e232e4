import * as vscode from 'vscode';
import type { LoadBackend } from '../base/loadBackend.ts';
import { Node } from '../base/node.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import type { Connections } from '../connections/connections.ts';
import type { ConnectionStates } from '../connections/connectionStates.ts';
import { SANDBOX_ID } from '../sandbox/sandboxController.ts';
import { ScaleRunRow } from '../simulations/scaleRunRow.ts';

/** Whether a row has a page in the AWS console. A sandbox has none, nor has anything else that is not AWS. */
export function hasConsolePage(
  { arn, connectionId }: Pick<Node, 'arn' | 'connectionId'>,
  states: Pick<ConnectionStates, 'of'>,
  backend: LoadBackend<'consolePage'>,
): boolean {
  if (arn === undefined || connectionId === undefined || connectionId === SANDBOX_ID) return false;
  const state = states.of(connectionId);
  return (
    !(state.kind === 'works' && state.endpoint !== undefined) &&
    backend().consolePage(arn, 'us-east-1') !== undefined
  );
}

/** Opens the page of a row in the browser. */
export function registerAwsConsole(
  tasks: Tasks,
  connections: Pick<Connections, 'open'>,
  backend: LoadBackend<'bucketArn' | 'consolePage'>,
): vscode.Disposable {
  return registerCommand(tasks, 'openInConsole', async ({ target }) => {
    const page = await pageOf(target);
    if (page === undefined) void notify.info(vscode.l10n.t('The AWS console has no page for this.'));
    else await vscode.env.openExternal(vscode.Uri.parse(page));
  });

  async function pageOf(target: unknown): Promise<string | undefined> {
    const isRun = target instanceof ScaleRunRow;
    const connectionId = isRun
      ? target.run.kept.ref.connectionId
      : target instanceof Node
        ? target.connectionId
        : undefined;
    if (connectionId === undefined) return undefined;
    const { endpoint, region } = await connections.open(connectionId);
    // Something else than AWS answers there.
    if (endpoint !== undefined) return undefined;
    const { bucketArn, consolePage } = backend();
    const [, bucket] = /^s3:\/\/([^/]+)/.exec(isRun ? target.run.kept.store : '') ?? [];
    const arn =
      bucket !== undefined ? bucketArn(bucket, region) : target instanceof Node ? target.arn : undefined;
    return arn === undefined ? undefined : consolePage(arn, region);
  }
}
