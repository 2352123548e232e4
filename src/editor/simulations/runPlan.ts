import type { CmsError } from '../../core/errors.ts';
import type { Recording } from '../../device/client/recording.ts';
import type { RunningSimulation } from '../../device/client/startSimulation.ts';
import type { RunSoFar } from '../../protocol/backgroundRun.ts';
import type { RunRequest, SimulationUpdate, VehicleState } from '../../protocol/simulation.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { SimulationRun } from './run.ts';

/** `crashed`: the device process died; what is left can be resumed. */
export type RunState = 'starting' | 'running' | 'paused' | 'ended' | 'failed' | 'crashed';

/** What is to be simulated. Its request may hold private keys: it is kept in memory only. */
export interface RunPlan {
  /** For people: who drives where. */
  title: string;
  ref: StackRef;
  request: RunRequest;
  recording?: Recording;
  /** Of a run that another window started: what happened before. */
  found?: FoundRun;
}

/** A run that this window found in the background. */
export interface FoundRun {
  startedAt: number;
  /** URI of the workspace that keeps its result; empty for a window without one. */
  workspace: string;
  soFar: RunSoFar;
}

/** Told to whoever keeps the runs. */
export interface RunEvents {
  /** Another state, or another set of vehicles that are under way. */
  changed(run: SimulationRun): void;
  /** Ten times a second at most, before what it changed is told. */
  updated(run: SimulationRun, update: SimulationUpdate): void;
  /** These cannot go on; each vehicle is told once. */
  vehiclesFailed(run: SimulationRun, vehicles: VehicleState[]): void;
  /** It goes on when the window closes. */
  kept(run: SimulationRun): void;
  /** Nothing more comes. */
  over(run: SimulationRun): void;
  /** The recording lacks something from now on; told once. */
  recordingFailed(run: SimulationRun, problem: CmsError): void;
}

/** Starts the engine for a run; `signal` ends it without a last word. */
export type StartEngine = (
  request: RunRequest,
  update: (update: SimulationUpdate) => void,
  signal: AbortSignal,
) => RunningSimulation;
