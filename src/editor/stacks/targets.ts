import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { SANDBOX_ID } from '../connections/connections.ts';
import type { StackRef } from './sessions.ts';
import { Node } from '../base/node.ts';
import { StackNode } from '../tree/stackNode.ts';
import { FactNode, VehicleNode } from '../vehicles/vehicleNode.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { ensureSignedIn } from './signIn.ts';
import { inLanguage } from '../base/inLanguage.ts';

/** A vehicle an action is about; `node` when it came from the tree. */
export interface VehicleTarget {
  ref: StackRef;
  vin: string;
  node: VehicleNode | undefined;
}

/** The stack of a row, the only ready one, or the one picked. */
export async function stackTarget(app: App, target: unknown): Promise<StackRef | undefined> {
  if (target instanceof StackNode && !target.ready) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        '{0} cannot be used: {1}',
        target.found.stack.name,
        'reason' in target.found.state ? inLanguage(target.found.state.reason) : '',
      ),
    );
    return undefined;
  }
  if (target instanceof Node && target.stackRef !== undefined) return target.stackRef;
  const refs = await readyStacks(app);
  if (refs === undefined) return undefined;
  if (refs.length === 1) return refs[0]?.ref;
  if (refs.length === 0) {
    const start = vscode.l10n.t('Start Local Sandbox');
    const add = vscode.l10n.t('Add Connection…');
    const picked = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        'There is no stack to work on yet. Start the local sandbox, or add a connection to your AWS account.',
      ),
      start,
      add,
    );
    if (picked === start) await vscode.commands.executeCommand('cmsEnablement.startSandbox');
    if (picked === add) await vscode.commands.executeCommand('cmsEnablement.addConnection');
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(refs, { placeHolder: vscode.l10n.t('Stack') });
  return picked?.ref;
}

async function readyStacks(app: App): Promise<(vscode.QuickPickItem & { ref: StackRef })[] | undefined> {
  const ids = [
    ...(app.sandbox.status === 'running' ? [SANDBOX_ID] : []),
    ...app.connections.list().map((connection) => connection.id),
  ];
  if (ids.length === 0) return [];
  return app.run({ title: vscode.l10n.t('Looking for stacks'), quiet: true }, async (work) => {
    const found: (vscode.QuickPickItem & { ref: StackRef })[] = [];
    for (const connectionId of ids) {
      for (const deployment of await app.sessions.find(connectionId, work.signal)) {
        if (deployment.state.kind !== 'ready') continue;
        found.push({
          label: deployment.stack.name,
          description: app.connections.labelOf(connectionId),
          ref: { connectionId, stack: deployment.stack.name },
        });
      }
    }
    return found;
  });
}

/** The vehicle of a row, or one picked from the first page of a stack (any other VIN can be typed). */
export async function vehicleTarget(
  app: App,
  target: unknown,
  prompt: string,
): Promise<VehicleTarget | undefined> {
  if (target instanceof VehicleNode) return { ref: target.stackRef, vin: target.vin, node: target };
  if (target instanceof FactNode && target.vehicle !== undefined)
    return { ...target.vehicle, node: undefined };
  if (isVehicleTarget(target)) return target;
  const ref = await stackTarget(app, target);
  if (ref === undefined || !(await ensureSignedIn(app, ref))) return undefined;
  const vin = await pickVin(app, ref, prompt);
  return vin === undefined ? undefined : { ref, vin, node: undefined };
}

/** Whether it names a vehicle of a stack; anybody may call a command. */
export function isVehicleTarget(target: unknown): target is VehicleTarget {
  if (typeof target !== 'object' || target === null || !('vin' in target && 'ref' in target)) return false;
  const { vin, ref } = target;
  return (
    typeof vin === 'string' &&
    typeof ref === 'object' &&
    ref !== null &&
    'connectionId' in ref &&
    typeof ref.connectionId === 'string' &&
    'stack' in ref &&
    typeof ref.stack === 'string'
  );
}

async function pickVin(app: App, ref: StackRef, prompt: string): Promise<string | undefined> {
  return pickOrType(
    { title: prompt, placeholder: vscode.l10n.t('Pick a vehicle or type a VIN') },
    async (signal) => {
      const deployment = await app.sessions.open(ref, signal);
      const { items } = await deployment.vehicles({ size: 100 }, signal);
      return items.map((v) => ({
        label: v.vin,
        description: `${v.make} ${v.model} ${v.modelYear} ${v.owners.join(', ')}`,
      }));
    },
    (text) => text.toUpperCase(),
  );
}
