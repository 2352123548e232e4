import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { endTrips } from '../simulations/endTrips.ts';
import { VehiclesNode } from './vehiclesNode.ts';
import type { TreeRow } from '../base/treeRow.ts';
import type { StacksTree } from '../tree/stacksTree.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { ensureSignedIn } from '../stacks/signIn.ts';
import { inLanguage } from '../base/inLanguage.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { stackTarget, vehicleTarget } from '../stacks/targets.ts';
import { vehicleDeps } from '../certificates/workDeps.ts';

/** Look at, copy from and change one vehicle. */
export function registerVehicleCommands(
  app: App,
  tree: StacksTree,
  view: vscode.TreeView<TreeRow>,
): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(app, 'associateOwner', (target) => associateOwner(app, target)),
    registerCommand(app, 'offboardVehicle', (target) => offboard(app, target)),
    registerCommand(app, 'copyVin', async (target) => {
      const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Copy VIN'));
      if (vehicle !== undefined) await copy(vehicle.vin, vscode.l10n.t('VIN copied'));
    }),
    registerCommand(app, 'copyArn', (target) => copyArn(app, target)),
    registerCommand(app, 'findVehicle', (target) => findVehicle(app, tree, view, target)),
  );
}

async function copy(text: string, said: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`$(check) ${said}`, 4000);
}

async function copyArn(app: App, target: unknown): Promise<void> {
  const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Copy ARN'));
  if (vehicle === undefined) return;
  const arn = await app.run(
    { title: vscode.l10n.t('Reading the device of {0}', vehicle.vin), quiet: true },
    async (work) => {
      const deployment = await app.sessions.open(vehicle.ref, work.signal);
      return { thing: (await deployment.device(vehicle.vin, work.signal))?.thingArn };
    },
  );
  if (arn === undefined) return;
  if (arn.thing === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} has no thing yet: its device is not registered.', vehicle.vin),
    );
  } else await copy(arn.thing, vscode.l10n.t('Thing ARN copied'));
}

async function associateOwner(app: App, target: unknown): Promise<void> {
  const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Associate Owner'));
  if (vehicle === undefined) return;
  const owner = await pickOrType(
    {
      title: vscode.l10n.t('Owner of {0}', vehicle.vin),
      placeholder: vscode.l10n.t('Pick a CMS user or type a user name'),
    },
    async (signal) => {
      const deployment = await app.sessions.open(vehicle.ref, signal);
      const { items } = await deployment.users({ size: 200 }, signal);
      return items.map(({ username, firstName, lastName, email }) => ({
        label: username,
        description: [`${firstName} ${lastName}`, email].filter(Boolean).join(' · '),
      }));
    },
  );
  if (owner === undefined) return;
  const done = await app.run(
    { title: vscode.l10n.t('Making {0} the owner of {1}', owner, vehicle.vin), quiet: true },
    async (work) => {
      const deployment = await app.sessions.open(vehicle.ref, work.signal);
      return deployment.ensureOwner(vehicle.vin, owner, work.signal);
    },
  );
  if (done === undefined) return;
  app.refresh(vehicle.node?.parent);
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} owns {1}.', owner, vehicle.vin));
}

/** Says first what goes, in order, and what stays; then removes it. */
async function offboard(app: App, target: unknown): Promise<void> {
  const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Offboard Vehicle'));
  if (vehicle === undefined) return;
  const work = app.work();
  const planned = await app.run(
    { title: vscode.l10n.t('Looking at what {0} has', vehicle.vin), quiet: true },
    async (running) => {
      const { connection, deployment, certificates } = await vehicleDeps(app, vehicle.ref, running.signal);
      const deps = { deployment, certificates, cloud: work.createCloudIdentities(connection) };
      return { deps, plan: await work.planOffboard({ vin: vehicle.vin }, deps, running) };
    },
  );
  if (planned === undefined) return;
  const { plan, deps } = planned;
  if (plan.removals.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is nothing of {0} to remove.', vehicle.vin),
    );
    return;
  }
  const go = vscode.l10n.t('Offboard');
  const lines = plan.removals.map((removal) => `• ${inLanguage(work.describeRemoval(removal))}`);
  const isDriving = app.simulations.simulating(vehicle.vin, vehicle.ref) !== undefined;
  const driving = isDriving ? [vscode.l10n.t('It is being simulated: its trip ends first.'), ''] : [];
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Offboard {0} from {1}?', vehicle.vin, vehicle.ref.stack),
    {
      modal: true,
      detail: [
        ...driving,
        vscode.l10n.t('This is removed and cannot be undone:'),
        ...lines,
        '',
        ...plan.keeps.map(inLanguage),
      ].join('\n'),
    },
    go,
  );
  if (picked !== go) return;
  const result = await app.run(
    { title: vscode.l10n.t('Offboarding {0}', vehicle.vin), retry: () => void offboard(app, vehicle) },
    async (running) => {
      await endTrips(app.simulations, vehicle.ref, [vehicle.vin], running.signal);
      return work.offboard(plan, deps, running);
    },
  );
  app.refresh(vehicle.node?.parent);
  if (result === undefined) return;
  void vscode.window.showInformationMessage(
    vscode.l10n.t('{0} is offboarded: {1} things removed.', vehicle.vin, result.removed.length),
  );
}

/** Goes straight to a vehicle, however many pages away it is. */
async function findVehicle(
  app: App,
  tree: StacksTree,
  view: vscode.TreeView<TreeRow>,
  target: unknown,
): Promise<void> {
  const ref = await stackTarget(app, target);
  if (ref === undefined || !(await ensureSignedIn(app, ref))) return;
  const vin = await vscode.window.showInputBox({
    title: vscode.l10n.t('Find Vehicle by VIN'),
    prompt: vscode.l10n.t('The whole VIN'),
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined),
  });
  if (vin === undefined) return;
  const wanted = vin.trim().toUpperCase();
  const found = await app.run(
    { title: vscode.l10n.t('Looking for {0}', wanted), quiet: true },
    async (work) => {
      const deployment = await app.sessions.open(ref, work.signal);
      return { vehicle: await deployment.vehicle(wanted, work.signal) };
    },
  );
  if (found === undefined) return;
  if (found.vehicle === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} is not on {1}.', wanted, ref.stack));
    return;
  }
  const list = await tree.find(
    (node): node is VehiclesNode =>
      node instanceof VehiclesNode &&
      node.stackRef?.stack === ref.stack &&
      node.connectionId === ref.connectionId,
  );
  if (list === undefined) return;
  const { node, children } = list.pin(found.vehicle, await tree.children(list));
  tree.replaceChildren(list, children);
  await view.reveal(tree.row(node), { select: true, focus: true, expand: true });
}
