import path from 'node:path';
import * as vscode from 'vscode';
import { systemTimers } from '../../core/timers.ts';
import { DriveHistory } from '../../text/history/driveHistory.ts';
import { sayError } from '../base/say.ts';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Tasks } from '../base/tasks.ts';
import { LastPayloads } from './lastPayloads.ts';
import type { MapSource } from './mapSource.ts';
import { RecordingReplay } from './recordingReplay.ts';
import { vehicleActs } from './vehicleActs.ts';
import { VehicleTracks } from './vehicleTracks.ts';

export interface RecordingSources {
  tasks: Tasks;
  backend: LoadBackend<'recordingLength' | 'replayRecording'>;
  documents: JsonDocuments;
}

/** A recorded run, played as it happened; sends nothing. */
export function createRecordingSource(
  { tasks, backend, documents }: RecordingSources,
  uri: vscode.Uri,
): MapSource {
  const tracks = new VehicleTracks({ kind: 'recording' });
  const payloads = new LastPayloads();
  const history = new DriveHistory();
  const { recordingLength, replayRecording } = backend();
  const replay = new RecordingReplay(tracks, {
    timers: systemTimers,
    length: (signal) => recordingLength(uri.fsPath, signal),
    play: (clock, { from, signal }, told) => {
      history.clear();
      return replayRecording(uri.fsPath, { speed: 1, from, clock, signal }, (message, at) => {
        const { vin, id = vin, topic, payload, encoding } = message;
        if (payload !== undefined) payloads.keep(id, topic, { payload, encoding });
        history.add([message]);
        told(message, at);
      });
    },
    describe(state) {
      if (state.is === 'failed') return sayError(state.why);
      return state.is === 'ended' ? vscode.l10n.t('The recording has ended.') : undefined;
    },
    changed: (state) => {
      if (state.is === 'failed') void tasks.showError(state.why, () => replay.start());
    },
  });
  replay.start();
  return {
    key: `recording:${uri.toString()}`,
    scene: {
      source: 'recording',
      title: vscode.l10n.t('Recording: {0}', path.posix.basename(uri.path)),
      routes: [],
      steers: ['pause', 'speed', 'seek', 'stop'],
      acts: ['show-payload', 'show-log'],
    },
    restore: { kind: 'recording', uri: uri.toString() },
    onFrame: tracks.onFrame,
    history,
    snapshot: () => tracks.snapshot(),
    steer: (control) => replay.steer(control),
    act: vehicleActs({ tasks, documents, payloads, vinOf: (id) => tracks.vinOf(id) }),
    dispose() {
      replay.dispose();
      tracks.dispose();
    },
  };
}
