import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { isCancelled, messageOf, throwIfAborted } from '../../core/errors.ts';
import { systemClock, type Work } from '../../core/work.ts';
import { english } from '../../core/wording.ts';
import { background } from '../../core/background.ts';
import { systemTimers } from '../../core/timers.ts';
import { DriveHistory } from '../../text/history/driveHistory.ts';
import { say, sayErrorAndRemedy } from '../base/say.ts';
import { payloadText } from '../../core/payload.ts';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { Deployment } from '../../cms/contract/deployment.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef, VehicleOfStack } from '../base/stackRef.ts';
import { logError } from '../base/log.ts';
import type { Tasks } from '../base/tasks.ts';
import type { Connections } from '../connections/connections.ts';
import { SANDBOX_ID, type SandboxController } from '../sandbox/sandboxController.ts';
import type { Sessions } from '../stacks/sessions.ts';
import { FleetWatch, type WatchState } from './fleetWatch.ts';
import { LastPayloads } from './lastPayloads.ts';
import { type EarlierPlace, type LastPlaces, withOurTimes } from './lastPlaces.ts';
import type { MapSource } from './mapSource.ts';
import { vehicleActs } from './vehicleActs.ts';
import { VehicleTracks, vinIn } from './vehicleTracks.ts';

export function watchKey({ connectionId, stack }: StackRef): string {
  return `watch:${connectionId}/${stack}`;
}

/** How long an alert is said on the map. Milliseconds. */
const ALERT_SHOWN_MS = 60_000;

export interface WatchSources {
  tasks: Tasks;
  backend: LoadBackend<'followAlerts' | 'followTelemetry' | 'lastPositions'>;
  connections: Connections;
  sessions: Pick<Sessions, 'has' | 'open'>;
  lastPlaces: LastPlaces;
  sandbox: SandboxController;
  documents: JsonDocuments;
  /** Into the output with what vehicles send. */
  appendTelemetry: (line: string) => void;
  diagnose: (vehicle: VehicleOfStack) => Promise<void>;
}

/** What reaches AWS IoT from the vehicles of a deployment, for as long as the map is open. */
export function createWatchSource(sources: WatchSources, ref: StackRef): MapSource {
  const { connections, sandbox, documents, sessions, lastPlaces } = sources;
  const { connectionId } = ref;
  const { log } = sources.tasks;
  const tracks = new VehicleTracks({ kind: 'watch' });
  const payloads = new LastPayloads();
  const history = new DriveHistory();
  const { followAlerts, followTelemetry, lastPositions } = sources.backend();
  const label = vscode.l10n.t('{0} on {1}', ref.stack, connections.labelOf(connectionId));
  const closed = new AbortController();
  /** An attempt that fails as the one before is not worth a line. */
  let logged: string | undefined;
  const watch = new FleetWatch(tracks, {
    timers: systemTimers,
    follow: async (handlers, signal) => {
      // It may run without our knowing: a machine that is too busy to answer in time counts as none.
      if (connectionId === SANDBOX_ID && sandbox.status === 'stopped') await sandbox.check();
      throwIfAborted(signal);
      const deployment = await sessions.open(ref, signal);
      void showEarlier(deployment);
      showAlerts(deployment);
      const connection = await connections.open(connectionId);
      return followTelemetry({ connection, deployment }, handlers, {
        ...{ signal, clock: systemClock, random: Math.random },
      });
    },
    describe: (state, { size, leftOut, isHeard }) => {
      if (state.is !== 'online') return describe(state, label);
      if (alert !== undefined && systemClock.now() - alert.at < ALERT_SHOWN_MS) return alert.words;
      if (state.note !== undefined) return say(state.note);
      if (leftOut > 0) return vscode.l10n.t('Too many vehicles: only the first {0} are shown.', size);
      if (isHeard) return undefined;
      return size > 0
        ? vscode.l10n.t('Connected. Vehicles are shown where they were last, until they send a message.')
        : vscode.l10n.t('Connected. No vehicle has sent a message yet.');
    },
    told: (read, topic, payload) => {
      const { thingName: id, time = systemClock.now(), place, code } = read;
      const text = payloadText(payload);
      payloads.keep(id, topic, text);
      history.add([
        { id, vin: vinIn(read), time, ...text, ...defined({ code, place: place && defined(place) }) },
      ]);
    },
    changed: (state) => {
      const now = 'why' in state ? messageOf(state.why) : state.is;
      if (now === logged || state.is === 'connecting') return;
      logged = now;
      if ('why' in state) logError(log, state.why);
      else log.info(`[map] ${label}: ${now}`);
    },
  });
  /** The last thing that the CMS warned of, and when it was read. */
  let alert: { words: string; at: number } | undefined;
  let areAlertsShown = false;
  /** Once: what the CMS warns of from now on, on the map for a while and in the output. */
  function showAlerts(deployment: Deployment): void {
    if (areAlertsShown) return;
    areAlertsShown = true;
    const work: Work = {
      ...{ signal: closed.signal, clock: systemClock, random: Math.random },
      progress: ({ step, level, message }) => log[level](`[${step}] ${english(message)}`),
    };
    background(
      followAlerts(deployment, work, ({ vin, text, time }) => {
        alert = { words: vscode.l10n.t('Alert of {0}: {1}', vin, text), at: systemClock.now() };
        const at = new Date(time ?? systemClock.now()).toISOString();
        sources.appendTelemetry(`${at} ${vin} ${vscode.l10n.t('alert')}: ${text}\n`);
      }),
      (error) => {
        if (!isCancelled(error)) logError(log, error);
      },
    );
  }
  /** Once: where the vehicles were last, as far as that can be read without asking anybody for anything. */
  let isEarlierShown = false;
  async function showEarlier(deployment: Deployment): Promise<void> {
    if (isEarlierShown) return;
    isEarlierShown = true;
    const ours = lastPlaces.of(ref);
    let ofCms: EarlierPlace[] = [];
    try {
      if (await sessions.has(ref, deployment.vehicles.needs)) {
        const found = await lastPositions(deployment, closed.signal);
        ofCms = found.map(({ vin, thingName: id, position: { longitude, latitude, headingDegrees } }) => ({
          ...{ id, vin, at: undefined },
          place: { longitude, latitude, heading: headingDegrees },
        }));
      }
    } catch (error) {
      if (!isCancelled(error)) logError(log, error);
    }
    if (!closed.signal.aborted) tracks.earlier([...ours, ...withOurTimes(ofCms, ours)]);
  }
  const subscriptions = vscode.Disposable.from(
    sandbox.onDidChange((status) => {
      // Once it is gone, it is looked for until it is back.
      if (connectionId === SANDBOX_ID && (status === 'running' || status === 'stopped')) watch.start();
    }),
    connections.onDidChange(() => {
      const gone = connectionId !== SANDBOX_ID && !connections.list().some(({ id }) => id === connectionId);
      // It then says itself why it cannot go on.
      if (gone && watch.state.is !== 'failed') watch.start();
    }),
  );
  watch.start();
  return {
    key: watchKey(ref),
    scene: {
      source: 'watch',
      title: vscode.l10n.t('Fleet: {0}', label),
      routes: [],
      steers: [],
      acts: ['show-payload', 'show-log', 'diagnose'],
      stack: { connectionId, stack: ref.stack },
    },
    restore: { kind: 'watch', connectionId, stack: ref.stack },
    onFrame: tracks.onFrame,
    history,
    snapshot: () => tracks.snapshot(),
    act: vehicleActs({
      ...{ tasks: sources.tasks, documents, payloads },
      vinOf: (id) => tracks.vinOf(id),
      // Its track is of the thing that the topic names.
      diagnose: (thingName) => void sources.diagnose({ ref, vin: thingName }),
    }),
    wake() {
      if (watch.state.is === 'failed' || watch.state.is === 'offline') watch.start();
    },
    dispose() {
      closed.abort();
      void lastPlaces.keep(ref, tracks.vehicles);
      subscriptions.dispose();
      watch.dispose();
      tracks.dispose();
    },
  };
}

function describe(state: Exclude<WatchState, { is: 'online' }>, label: string): string {
  if (state.is === 'connecting') return vscode.l10n.t('Connecting to {0}…', label);
  const why = sayErrorAndRemedy(state.why);
  return state.is === 'offline' ? vscode.l10n.t('Offline. Reconnecting automatically… {0}', why) : why;
}
