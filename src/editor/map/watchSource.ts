import * as vscode from 'vscode';
import { messageOf, throwIfAborted } from '../../core/errors.ts';
import { systemClock } from '../../core/work.ts';
import { systemTimers } from '../../core/timers.ts';
import type { App } from '../app.ts';
import { SANDBOX_ID } from '../connections/connections.ts';
import { logError } from '../base/tasks.ts';
import { errorWithRemedy } from '../base/inLanguage.ts';
import { FleetWatch, type WatchState } from './fleetWatch.ts';
import { LastPayloads } from './lastPayloads.ts';
import type { MapSource } from './mapSource.ts';
import { showPayload } from './showPayload.ts';
import { VehicleTracks } from './vehicleTracks.ts';

/** Telemetry of CMS v1, of every vehicle. */
const TOPICS = ['dt/cvra/+/#'];

export function watchKey(connectionId: string): string {
  return `watch:${connectionId}`;
}

/** Everything that reaches AWS IoT over a connection, with its credentials, for as long as the map is open. */
export function createWatchSource(app: App, connectionId: string): MapSource {
  const tracks = new VehicleTracks({ kind: 'watch' });
  const payloads = new LastPayloads();
  const { readTelemetry, watchTopics } = app.work();
  const label = app.connections.labelOf(connectionId);
  /** An attempt that fails as the one before is not worth a line. */
  let logged: string | undefined;
  const watch = new FleetWatch(tracks, {
    readTelemetry,
    timers: systemTimers,
    follow: async (handlers, signal) => {
      // It may run without our knowing: a machine that is too busy to answer in time counts as none.
      if (connectionId === SANDBOX_ID && app.sandbox.status === 'stopped') await app.sandbox.check();
      throwIfAborted(signal);
      const connection = await app.connections.open(connectionId);
      return watchTopics(connection, TOPICS, handlers, { signal, clock: systemClock, random: Math.random });
    },
    describe: (state, { size, leftOut }) => {
      if (state.is !== 'online') return describe(state, label);
      if (leftOut > 0) return vscode.l10n.t('Too many vehicles: only the first {0} are shown.', size);
      return size > 0 ? undefined : vscode.l10n.t('Connected. No vehicle has sent a message yet.');
    },
    told: (vin, topic, payload) => payloads.keep(vin, topic, payload),
    changed: (state) => {
      const now = 'why' in state ? messageOf(state.why) : state.is;
      if (now === logged || state.is === 'connecting') return;
      logged = now;
      if ('why' in state) logError(app.log, state.why);
      else app.log.info(`[map] ${label}: ${now}`);
    },
  });
  const subscriptions = vscode.Disposable.from(
    app.sandbox.onDidChange((status) => {
      // Once it is gone, it is looked for until it is back.
      if (connectionId === SANDBOX_ID && (status === 'running' || status === 'stopped')) watch.start();
    }),
    app.connections.onDidChange(() => {
      const gone =
        connectionId !== SANDBOX_ID && !app.connections.list().some(({ id }) => id === connectionId);
      // It then says itself why it cannot go on.
      if (gone && watch.state.is !== 'failed') watch.start();
    }),
  );
  watch.start();
  return {
    key: watchKey(connectionId),
    scene: {
      source: 'watch',
      title: vscode.l10n.t('Fleet: {0}', label),
      routes: [],
      steers: [],
      acts: ['show-payload', 'show-log', 'diagnose'],
    },
    restore: { kind: 'watch', connectionId },
    onFrame: tracks.onFrame,
    snapshot: () => tracks.snapshot(),
    act({ act, vin }) {
      if (act === 'show-log') app.log.show(true);
      if (act === 'show-payload' && vin !== undefined) void showPayload(app, payloads, vin);
      if (act === 'diagnose' && vin !== undefined) void diagnose(app, connectionId, vin);
    },
    wake() {
      if (watch.state.is === 'failed' || watch.state.is === 'offline') watch.start();
    },
    dispose() {
      subscriptions.dispose();
      watch.dispose();
      tracks.dispose();
    },
  };
}

function describe(state: Exclude<WatchState, { is: 'online' }>, label: string): string {
  if (state.is === 'connecting') return vscode.l10n.t('Connecting to {0}…', label);
  const why = errorWithRemedy(state.why);
  return state.is === 'offline'
    ? vscode.l10n.t('Offline; the map goes on by itself as soon as it can. {0}', why)
    : why;
}

/** The doctor wants to know the stack; a connection may have several. */
async function diagnose(app: App, connectionId: string, vin: string): Promise<void> {
  const found = await app.run({ title: vscode.l10n.t('Looking for stacks'), quiet: true }, (work) =>
    app.sessions.find(connectionId, work.signal),
  );
  const stacks = (found ?? []).filter(({ state }) => state.kind === 'ready').map(({ stack }) => stack.name);
  const stack =
    stacks.length > 1
      ? await vscode.window.showQuickPick(stacks, { placeHolder: vscode.l10n.t('Stack') })
      : stacks[0];
  if (stack === undefined) return;
  const target = { ref: { connectionId, stack }, vin, node: undefined };
  await vscode.commands.executeCommand('cmsEnablement.diagnoseVehicle', target);
}
