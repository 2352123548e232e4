import * as vscode from 'vscode';
import type { LiveVehicle } from './cms/contract/vehicles.ts';
import { systemTimers } from './core/timers.ts';
import type { CmsEnablementApi } from './editor/automation/api.ts';
import { registerAutomation } from './editor/automation/automation.ts';
import { WindowDevice } from './editor/base/deviceProcess.ts';
import { JsonDocuments } from './editor/base/jsonDocuments.ts';
import { harmlessLog, logError } from './editor/base/log.ts';
import { createBackendLoader } from './editor/base/loadBackend.ts';
import { RowChanges } from './editor/base/rowChanges.ts';
import { Selection } from './editor/base/selection.ts';
import { Tasks } from './editor/base/tasks.ts';
import { CertificateFolders } from './editor/certificates/certificateFolders.ts';
import { CertificateActions, registerCertificates, showProvisioned } from './editor/certificates/commands.ts';
import { CliCommands } from './editor/certificates/cliCommands.ts';
import { fileGlob } from './editor/base/fileGlob.ts';
import { tellWhetherThere } from './editor/base/filesContext.ts';
import { keepFolderMenu } from './editor/certificates/folderMenu.ts';
import { registerOwnCas } from './editor/certificates/ownCaCommands.ts';
import { OwnCas } from './editor/certificates/ownCas.ts';
import { VehicleAccess } from './editor/certificates/vehicleAccess.ts';
import { registerWatch } from './editor/certificates/watchCommand.ts';
import { ConnectionActions, registerConnections } from './editor/connections/commands.ts';
import { registerNetworkReport } from './editor/connections/networkReport.ts';
import { Connections } from './editor/connections/connections.ts';
import { networkSettings } from './editor/connections/networkSettings.ts';
import { ConnectionStates } from './editor/connections/connectionStates.ts';
import { ProfileSignIn, registerProfileSignIn } from './editor/connections/profileSignIn.ts';
import { CHART_VIEW, ChartPanels } from './editor/charts/chartPanels.ts';
import { registerHelp } from './editor/help/commands.ts';
import { Tour } from './editor/help/tour.ts';
import { registerMap, watchFleet } from './editor/map/commands.ts';
import { LastPlaces } from './editor/map/lastPlaces.ts';
import { MAP_VIEW, MapPanels } from './editor/map/mapPanels.ts';
import { createTileLoader } from './editor/map/tileLoader.ts';
import { type MapSources, reopen } from './editor/map/reopen.ts';
import { registerOnboarding } from './editor/onboarding/commands.ts';
import { FleetDiagnostics } from './editor/onboarding/fleetDiagnostics.ts';
import { registerFleetCompletions } from './editor/onboarding/fleetCompletions.ts';
import { registerFleetFixes } from './editor/onboarding/fleetFixes.ts';
import { Onboarding, showOnboarded } from './editor/onboarding/onboardVehicle.ts';
import { copyCliEnvironment } from './editor/sandbox/cliEnvironment.ts';
import { registerSandbox, SandboxActions, showFirstStart } from './editor/sandbox/commands.ts';
import { SANDBOX_ID, SandboxController } from './editor/sandbox/sandboxController.ts';
import { BackgroundRuns } from './editor/simulations/backgroundRuns.ts';
import { registerCloudDrives } from './editor/simulations/cloudCommands.ts';
import { CloudRuns } from './editor/simulations/cloudRuns.ts';
import { registerSimulations } from './editor/simulations/commands.ts';
import { ChartCommands } from './editor/simulations/chartCommands.ts';
import { DriveMemory } from './editor/simulations/driveMemory.ts';
import { Drives } from './editor/simulations/drives.ts';
import { PastDrives } from './editor/simulations/pastDrives.ts';
import { RunMaps } from './editor/simulations/runMaps.ts';
import { ScaleMaps } from './editor/simulations/scaleMaps.ts';
import { ScaleRecords } from './editor/simulations/scaleRecords.ts';
import { ScaleRuns } from './editor/simulations/scaleRuns.ts';
import { engineOfEarlier } from './editor/simulations/startScale.ts';
import { Simulations } from './editor/simulations/simulations.ts';
import { registerTryIt } from './editor/simulations/tryIt.ts';
import { TelemetryChannel } from './editor/simulations/telemetryChannel.ts';
import { registerStacks } from './editor/stacks/commands.ts';
import { Passwords } from './editor/stacks/passwords.ts';
import { Sessions } from './editor/stacks/sessions.ts';
import { SignIns } from './editor/stacks/signIn.ts';
import { Targets } from './editor/stacks/targets.ts';
import { registerTree } from './editor/tree/commands.ts';
import { findVehicle, revealVehicle } from './editor/tree/findVehicle.ts';
import { vehiclesOf } from './editor/tree/loadedVehicles.ts';
import { StacksTree } from './editor/tree/stacksTree.ts';
import type { Arrangement } from './editor/vehicles/arrangement.ts';
import { registerVehicles } from './editor/vehicles/commands.ts';
import { registerCsvKinds } from './editor/vins/csvKinds.ts';
import { registerFleetLenses } from './editor/vins/fleetLenses.ts';
import { FleetStates } from './editor/vins/fleetStates.ts';
import { registerVins } from './editor/vins/vinsInEditors.ts';
import { Doctor } from './editor/vehicles/doctor.ts';

let close: () => Promise<void> = () => Promise.resolve();

/** The trips of simulated vehicles end with their summaries, as far as there is time. */
export function deactivate(): Promise<void> {
  return close();
}

/** Builds the objects in the order in which they need each other. Loads nothing heavy and waits for nothing. */
export function activate(context: vscode.ExtensionContext): CmsEnablementApi {
  const { extensionUri, globalState, workspaceState } = context;
  const channel = vscode.window.createOutputChannel('Connected Mobility', { log: true });
  const log = harmlessLog(channel);
  const tasks = new Tasks(log, extensionUri);
  const backend = createBackendLoader(context.asAbsolutePath('dist'));
  const device = new WindowDevice(backend);
  const documents = new JsonDocuments();
  const rows = new RowChanges();
  const selection = new Selection();
  const tour = new Tour(globalState);

  // What is connected, and who acts in it.
  const sandbox = new SandboxController(context.globalStorageUri.fsPath, context.asAbsolutePath('dist'));
  const cloudRuns = new CloudRuns();
  const { workspaceFile, workspaceFolders } = vscode.workspace;
  // Not its storage folder, which is another one while an older window still holds it.
  const workspace = (workspaceFile ?? workspaceFolders?.[0]?.uri)?.toString() ?? '';
  const globalStorage = context.globalStorageUri.fsPath;
  const scaleRecords = new ScaleRecords({ globalStorage, workspace, memory: workspaceState, log });
  const scaleRuns = new ScaleRuns(scaleRecords);
  const simulations = new Simulations(backend, systemTimers, scaleRuns);
  const sandboxActions = new SandboxActions(tasks, sandbox, () => simulations.drivingOn(SANDBOX_ID));
  const connections = new Connections(globalState, sandbox, backend);
  const connectionStates = new ConnectionStates(connections, globalState, backend);
  const profileSignIn = new ProfileSignIn(tasks, { connections, rows, backend });
  const passwords = new Passwords(context.secrets, globalState);
  const connectionActions = new ConnectionActions(tasks, connections, backend, {
    startSandbox: () => sandboxActions.start(),
    hasPasswords: (id) => passwords.has(id),
    isDriving: async (id) =>
      simulations.drivingOn(id) > 0 || cloudRuns.isUsing(id) || (await scaleRuns.isUsing(id)),
  });
  const sessions = new Sessions(connections, passwords, backend);
  const signIns = new SignIns(tasks, sessions, rows);
  const certificates = new CertificateFolders(
    workspaceState,
    context.asAbsolutePath('dist/no-workspace'),
    backend,
  );
  const targets = new Targets(
    tasks,
    {
      ...{ connections, offer: connectionActions, sessions, signIns, selection, certificates },
      memory: workspaceState,
    },
    backend,
  );

  // Vehicles and what is done with them.
  const ownCas = new OwnCas(backend, certificates);
  const cli = new CliCommands({ connections, sandbox, certificates });
  const access = new VehicleAccess({ backend, connections, sessions, certificates, device, ownCas, cli });
  const storage = context.storageUri ?? context.globalStorageUri;
  const certificateActions = new CertificateActions(tasks, targets, {
    ...{ access, driving: simulations, rows, storage },
  });
  const doctor = new Doctor(tasks, targets, { access, signIns, rows, storage });
  const fleetFiles = new FleetDiagnostics(backend, extensionUri);
  const onboarding = new Onboarding(tasks, targets, {
    ...{ access, rows, memory: globalState },
    done: () => tour.done('onboard'),
  });

  // Maps and simulations.
  const simulateRoute = (uri: vscode.Uri): void => void drives.simulateRoute({ target: uri, targets: [uri] });
  const routes = { tasks, backend, extensionUri, simulateRoute };
  const lastPlaces = new LastPlaces(workspaceState);
  const mapSources: MapSources = {
    ...{ tasks, backend, connections, sandbox, sessions, documents, lastPlaces, simulateRoute },
    appendTelemetry: (line) => telemetry.append(line),
    diagnose: (vehicle) => doctor.diagnose(vehicle),
    findSimulation: async (id) => {
      await background.find();
      const scaled = scaleRuns.runs.find((run) => run.id === id);
      return scaled === undefined ? runMaps.sourceOf(id) : mapsOfScaleRuns().sourceOf(scaled);
    },
  };
  const panels = new MapPanels(
    { extensionUri, log, backend, loadTile: createTileLoader(connections, backend, networkSettings) },
    (restore) => reopen(mapSources, restore),
  );
  const past = new PastDrives({ memory: workspaceState, storage, backend, log });
  // Before anybody else hears of it: the news offers what is kept.
  context.subscriptions.push(
    simulations.onDidEnd((run) => {
      // What a run in the background came to is kept from its own record.
      if (!run.isKept) void past.keep(run);
    }),
  );
  const background = new BackgroundRuns({
    ...{ simulations, past, backend, log, globalStorage, workspace, timers: systemTimers },
  });
  const telemetry = new TelemetryChannel(simulations);
  const runMaps = new RunMaps({
    ...{ tasks, simulations, panels, documents, backend, lastPlaces },
    showTelemetry: () => telemetry.show(),
    diagnose: (vehicle) => doctor.diagnose(vehicle),
  });
  const charts: ChartPanels = new ChartPanels(
    { extensionUri, log, backend, timers: systemTimers },
    (restore) => chartCommands.reopen(restore),
  );
  const chartCommands = new ChartCommands({
    ...{ tasks, simulations, past, charts, documents, backend },
    maps: panels,
    simulate: (vehicle) => drives.simulate({ target: vehicle, targets: [vehicle] }),
    watch: (ref) => watchFleet(panels, mapSources, ref),
  });
  let scaleMaps: ScaleMaps | undefined;
  const mapsOfScaleRuns = (): ScaleMaps => {
    if (scaleMaps === undefined) context.subscriptions.push((scaleMaps = new ScaleMaps(scaleRuns, panels)));
    return scaleMaps;
  };
  const scale = { access, scaleRuns, cli: context.asAbsolutePath('dist/cli.js') };
  const drives = new Drives(tasks, targets, {
    ...{ scale, access, routes, simulations, certificates: certificateActions, maps: runMaps, past },
    memory: new DriveMemory({
      ...{ global: globalState, workspace: workspaceState, folder: storage.fsPath },
      logError: (error) => logError(log, error),
    }),
    onboard: () => onboarding.onboard(),
  });

  // The tree shows all of it.
  const lastSeen = new Map<string, LiveVehicle>();
  const arrangements = new Map<string, Arrangement>();
  const tree = new StacksTree(
    {
      ...{ sandbox, connections, connectionStates, rows, log, backend },
      findStacks: (connectionId, signal) => sessions.find(connectionId, signal),
      vehicles: {
        ...{ sessions, connections, backend, certificates, lastSeen, arrangements, rows, log },
        driving: simulations,
      },
      provisioning: { backend, connections, certificates },
    },
    workspaceState,
  );
  const view = vscode.window.createTreeView('cmsEnablement.stacks', {
    treeDataProvider: tree,
    showCollapseAll: true,
    // Several vehicles set off together.
    canSelectMany: true,
  });

  const fleetStates = new FleetStates({
    ...{ targets, connections, sessions, backend, rows, log },
  });

  close = async () => {
    await Promise.all([simulations.close(), cloudRuns.close(), scaleRuns.close()]);
    await past.settled();
    await device.close();
  };
  const actions = {
    reveal: (vehicle: unknown) => certificateActions.reveal(vehicle),
    rotate: (vehicle: unknown) => certificateActions.rotate(vehicle),
    provision: (vehicle: unknown) => certificateActions.provision(vehicle),
    diagnose: (vehicle: unknown) => doctor.diagnose(vehicle),
    simulate: (vehicle: unknown) => drives.simulate({ target: vehicle, targets: [vehicle] }),
    startSandbox: () => sandboxActions.ifStopped(),
  };
  context.subscriptions.push(
    ...[
      channel,
      documents,
      tour,
      sandbox,
      sandboxActions,
      connections,
      connectionStates,
      sessions,
      certificates,
      certificateActions,
    ],
    ...[onboarding, fleetFiles, fleetStates, panels, telemetry, runMaps, past, simulations, tree, view, rows],
    charts,
    background,
    vscode.window.registerWebviewPanelSerializer(MAP_VIEW, panels),
    vscode.window.registerWebviewPanelSerializer(CHART_VIEW, charts),

    registerHelp(tasks, context.extension, tour),
    registerSandbox(tasks, sandbox, sandboxActions, {
      backend,
      forgetSignIns: () => passwords.forgetConnection(SANDBOX_ID),
    }),
    registerConnections(tasks, connections, connectionActions),
    registerProfileSignIn(tasks, profileSignIn),
    registerNetworkReport(tasks, { connections, backend, storage }),
    registerStacks(tasks, targets, sessions, signIns),
    registerCertificates(tasks, certificateActions),
    registerOwnCas(tasks, targets, { access, rows }),
    registerWatch(tasks, targets, { access, rows }),
    keepFolderMenu(certificates),
    registerVehicles(tasks, targets, { access, driving: simulations, rows, doctor }),
    registerOnboarding(tasks, targets, onboarding, {
      ...{ access, signIns, driving: simulations, rows, diagnostics: fleetFiles, storage },
      next: {
        simulate: (vehicles) => drives.simulate({ target: vehicles[0], targets: vehicles }),
        watch: (ref) => watchFleet(panels, mapSources, ref),
        reveal: (vehicle) => revealVehicle({ tasks, sessions }, { tree, view }, vehicle),
      },
    }),
    registerMap(tasks, targets, panels, {
      ...{ access, maps: mapSources, routes, storage },
      showSimulation: (vehicle) => runMaps.showVehicle(vehicle),
    }),
    registerSimulations(tasks, simulations, {
      storage,
      ...{
        drives,
        maps: runMaps,
        past,
        charts: chartCommands,
        cloudRuns,
        background,
        scaleRuns,
        showScaleRun: (run) => mapsOfScaleRuns().show(run),
        telemetry,
        documents,
        backend,
        device,
        workspaceState,
        news: actions,
      },
      isTreeVisible: () => view.visible,
      onDidShowTree: view.onDidChangeVisibility,
    }),
    cloudRuns,
    scaleRuns,
    registerCloudDrives(tasks, { access, targets, signIns, cloudRuns }),
    registerTryIt(tasks, {
      sandbox: sandboxActions,
      certificates,
      findStacks: (connectionId, signal) => sessions.find(connectionId, signal),
      canOnboard: (generation) =>
        backend().GENERATIONS.some(({ id, onboarding: fields }) => id === generation && fields !== undefined),
      onboardSample: (ref, next) => onboarding.onboardSample(ref, next),
      driveSample: (vehicle) => drives.driveSample(vehicle),
    }),
    view.onDidChangeSelection((event) => selection.set(event.selection)),
    registerTree(
      tasks,
      { tree, view },
      {
        ...{ targets, sessions, sandbox, connections, connectionStates, rows, arrangements, backend },
        driving: simulations,
      },
      {
        startSandbox: () => sandboxActions.start(),
        stopSandbox: () => sandboxActions.stop(),
        copyCliEnvironment: () => copyCliEnvironment(sandbox),
        addConnection: () => connectionActions.add(),
        onboardVehicle: () => onboarding.onboard(),
      },
    ),
    registerCsvKinds(log),
    tellWhetherThere('recordings', fileGlob('jsonl'), log),
    tellWhetherThere('caFolders', '**/ca.json', log),
    registerFleetFixes(fleetFiles),
    registerFleetCompletions(backend, fleetFiles, (field) => fleetStates.valuesOf(field)),
    registerFleetLenses({
      ...{ states: fleetStates, backend, certificates, driving: simulations },
      isFleet: (document) => fleetFiles.isFleet(document),
      rows: () => vehiclesOf(tree),
      changes: [
        fleetFiles.onDidFind,
        simulations.onDidChange,
        certificates.onDidChange,
        rows.onDidChangeLook,
        rows.onDidOutdate,
      ],
    }),
    registerVins(tasks, {
      onboardVehicle: (target) => onboarding.onboard(target),
      provisionCertificates: (target) => certificateActions.provision(target),
      findVehicle: (target) => findVehicle({ tasks, targets, sessions }, { tree, view }, target),
      diagnoseVehicle: (target) => doctor.diagnose(target),
      simulateDrive: (target) => drives.simulate({ target, targets: [target] }),
    }),

    // Where one feature leads to the next.
    sandboxActions.onDidStartFirst(
      (ready) => void tasks.attempt(() => showFirstStart(ready, () => onboarding.onboard())),
    ),
    certificateActions.onDidProvision(
      (vehicle) => void tasks.attempt(() => showProvisioned(vehicle, actions)),
    ),
    onboarding.onDidOnboard((onboarded) => {
      void tasks.attempt(() => showOnboarded(onboarded, actions));
      const { ref, result } = onboarded;
      void revealVehicle({ tasks, sessions }, { tree, view }, { ref, vin: result.vin, id: result.id });
    }),

    // What ticks off the steps of the walkthrough.
    sandbox.onDidChange(() => {
      if (sandbox.status === 'running') tour.done('sandbox');
    }),
    certificateActions.onDidReveal(() => tour.done('certificates')),
    simulations.onDidStart(() => tour.done('drive')),
    connections.onDidAdd(() => tour.done('account')),

    // What makes rows out of date.
    sandbox.onDidInvalidate(() => {
      sessions.drop(SANDBOX_ID);
      lastSeen.clear();
      void connections.close(SANDBOX_ID);
    }),
    sandbox.onDidChange(() => rows.refresh()),
    connections.onDidChange(() => rows.refresh()),
    connections.onDidRemove((id) => void tasks.attempt(() => passwords.forgetConnection(id))),
    certificates.onDidChange(() => tree.refreshLocal()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => certificates.refresh()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cmsEnablement.certificatesFolder')) certificates.refresh();
    }),
  );
  // A sandbox that another window, or this one before a reload, started is found again.
  const attached = sandbox.attach();
  void background.find();
  // They may be of the sandbox. What follows them is loaded only when there are some.
  void tasks.attempt(() => scaleRuns.restore((kept) => engineOfEarlier(tasks, scale, kept), attached));
  return registerAutomation(context, {
    ...{ access, backend, sandbox, signIns, targets, simulations, maps: runMaps, rows, log },
  });
}
