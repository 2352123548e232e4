import * as vscode from 'vscode';
import type { DeviceProcess } from './device/client/deviceProcess.ts';
import type { App } from './editor/app.ts';
import { CertificateFolders } from './editor/certificates/certificateFolders.ts';
import { registerCommands } from './editor/commands/index.ts';
import { Connections, SANDBOX_ID } from './editor/connections/connections.ts';
import { createWorkLoader } from './editor/base/loadBackend.ts';
import { MAP_VIEW, MapPanels } from './editor/map/mapPanels.ts';
import { reopen } from './editor/map/reopen.ts';
import { Passwords } from './editor/stacks/passwords.ts';
import { signInFor } from './editor/stacks/signIn.ts';
import { endedByUser, runWork, showCancelled, showError } from './editor/base/tasks.ts';
import { SandboxController } from './editor/sandbox/sandboxController.ts';
import { Sessions } from './editor/stacks/sessions.ts';
import { createSimulations } from './editor/simulations/createSimulations.ts';
import { Simulations } from './editor/simulations/simulations.ts';
import { TelemetryDocuments } from './editor/base/jsonDocuments.ts';
import { StacksTree } from './editor/tree/stacksTree.ts';
import { createStacksView } from './editor/tree/stacksView.ts';
import { createStatusItem } from './editor/tree/statusItem.ts';

let close: () => Promise<void> = () => Promise.resolve();

/** The trips of simulated vehicles end with their summaries, as far as there is time. */
export function deactivate(): Promise<void> {
  return close();
}

/** Builds the objects and registers what the user sees. Loads nothing heavy and waits for nothing. */
export function activate(context: vscode.ExtensionContext): void {
  const dist = context.asAbsolutePath('dist');
  const log = vscode.window.createOutputChannel('CMS Enablement', { log: true });
  const work = createWorkLoader(dist);
  const sandbox = new SandboxController(context.globalStorageUri.fsPath, dist);
  const connections = new Connections(context.globalState, sandbox, work);
  const passwords = new Passwords(context.secrets, context.globalState);
  const sessions = new Sessions(connections, passwords, work);
  const certificates = new CertificateFolders(
    context.workspaceState,
    context.asAbsolutePath('dist/no-workspace'),
    work,
  );
  const simulations = new Simulations(work);
  const documents = new TelemetryDocuments();
  let device: Promise<DeviceProcess> | undefined;
  const app: App = {
    context,
    log,
    work,
    connections,
    sandbox,
    sessions,
    passwords,
    certificates,
    documents,
    get maps() {
      return maps;
    },
    simulations,
    lastSeen: new Map(),
    device: () => (device ??= work().startDevice()),
    signInFor: (ref) => signInFor(app, ref),
    refresh: (node) => tree.refresh(node),
    redraw: (node) => tree.redraw(node),
    showError: (error, retry) => void showError(app, error, retry),
    run: async (options, task) => {
      try {
        return await runWork(log, options, task);
      } catch (error) {
        if (options.retry !== undefined && endedByUser(error)) {
          void showCancelled(log, options.title, options.retry);
        } else void showError(app, error, options.retry);
        return undefined;
      }
    },
  };
  close = async () => {
    await simulations.close();
    (await device)?.dispose();
  };
  let epoch = sandbox.epoch;
  /** Whoever started, ended or emptied it: what was open to the sandbox before is of no use now. */
  const sandboxChanged = async (): Promise<void> => {
    if (epoch !== sandbox.epoch) {
      epoch = sandbox.epoch;
      sessions.drop(SANDBOX_ID);
      app.lastSeen.clear();
      await connections.close(SANDBOX_ID);
    }
    tree.refresh();
  };
  const maps = new MapPanels(app, (restore) => reopen(app, restore));
  const tree = new StacksTree(app);
  const view = createStacksView(app, tree);
  context.subscriptions.push(
    log,
    sandbox,
    connections,
    sessions,
    certificates,
    tree,
    documents,
    maps,
    vscode.window.registerWebviewPanelSerializer(MAP_VIEW, maps),
    createStatusItem(app),
    registerCommands(app, tree, view),
    createSimulations(app, tree, view),
    simulations,
    sandbox.onDidChange(() => void sandboxChanged()),
    connections.onDidChange(() => tree.refresh()),
    certificates.onDidChange(() => tree.refreshLocal()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => certificates.refresh()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cmsEnablement.certificatesFolder')) certificates.refresh();
    }),
  );
  // A sandbox that another window, or this one before a reload, started is found again.
  void sandbox.attach();
}
