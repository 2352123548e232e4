import PQueue from 'p-queue';
import type { ErrorCode } from '../core/errorCodes.ts';
import { CmsError, isCancelled, throwIfAborted } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import type { ManifestVehicle } from './manifest.ts';
import { newVehicleState, type OnboardingResult, resultOf } from './onboard.ts';
import type { OnboardDeps, PreparedState } from './onboardDeps.ts';
import { preparationSteps, vehicleSteps } from './onboardSteps.ts';
import { createShared } from './shared.ts';
import { runSteps, type StepReport, withStep } from './steps.ts';
import { collectWarnings } from './warnings.ts';

export interface FleetOptions {
  /** Vehicles worked on at the same time. Default 4. */
  concurrency?: number;
  /**
   * Vehicles begun in one second, at most. Each makes two certificates, and AWS IoT allows ten such calls a second
   * in an account (AWS IoT Core endpoints and quotas). Default 4.
   */
  startsPerSecond?: number;
}

export interface FleetDeps extends OnboardDeps {
  /** Told each vehicle as it ends. */
  onVehicle?: (outcome: VehicleOutcome) => void;
}

export type VehicleOutcome = { vin: string; line: number } & (
  | { status: 'onboarded'; result: OnboardingResult }
  | { status: 'failed'; error: CmsError }
  /** Not begun or not ended: the run was cancelled, or an error stopped it that concerns every vehicle. */
  | { status: 'unfinished' }
);

export interface FleetResult {
  /** In the order of the manifest. */
  vehicles: VehicleOutcome[];
  onboarded: number;
  failed: number;
  unfinished: number;
  cancelled: boolean;
  /** The error that ended the whole run early, if one did. */
  stoppedBy: CmsError | undefined;
  /** The steps done once for all. */
  preparation: StepReport[];
  ms: number;
}

/** Errors that the next vehicle would meet too. */
const FATAL: readonly ErrorCode[] = [
  'CREDENTIALS_EXPIRED',
  'CREDENTIALS_MISSING',
  'ACCESS_DENIED',
  'DEVICE_PROCESS_FAILED',
  'ENDPOINT_UNREACHABLE',
];

const THROTTLED_ATTEMPTS = 5;
const THROTTLED_FIRST_MS = 1_000;

/**
 * Onboards many vehicles: signs in once, looks at each supplier, user and template once, and works on a few
 * vehicles at a time. A vehicle that fails does not stop the others. Running again continues, as every step looks first.
 * @throws CmsError if a step that is done once for all fails or is cancelled; later errors are in the result
 */
export async function onboardFleet(
  vehicles: readonly ManifestVehicle[],
  deps: FleetDeps,
  work: Work,
  options: FleetOptions = {},
): Promise<FleetResult> {
  const started = work.clock.now();
  const prepared: PreparedState = { deps, shared: createShared() };
  const preparation = await runSteps(preparationSteps, prepared, work, { onStep: deps.onStep });

  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  let stoppedBy: CmsError | undefined;
  const queue = new PQueue({ concurrency: options.concurrency ?? 4 });
  const pace = createPace(options.startsPerSecond ?? 4, work);

  const onboardOne = async (vehicle: ManifestVehicle): Promise<VehicleOutcome> => {
    const about = { vin: vehicle.request.vin, line: vehicle.line };
    try {
      await pace(signal);
      return { ...about, status: 'onboarded', result: await patiently(vehicle) };
    } catch (thrown) {
      const error = thrown instanceof CmsError ? thrown : withStep(thrown, 'vehicle');
      if (isCancelled(error)) return { ...about, status: 'unfinished' };
      if (FATAL.includes(error.code) && stoppedBy === undefined) {
        stoppedBy = error;
        stop.abort();
      }
      return { ...about, status: 'failed', error };
    }
  };

  /** A throttled vehicle is tried again, later each time; the others go on meanwhile. */
  const patiently = async (vehicle: ManifestVehicle): Promise<OnboardingResult> => {
    for (let attempt = 1; ; attempt++) {
      const state = newVehicleState(vehicle.request, prepared, vehicle.warnings);
      const ownWork = collectWarnings({ ...work, signal }, state.warnings);
      try {
        const steps = await runSteps(vehicleSteps, state, ownWork, {
          vin: vehicle.request.vin,
          onStep: deps.onStep,
        });
        return resultOf(state, steps);
      } catch (error) {
        if (!isThrottled(error) || attempt === THROTTLED_ATTEMPTS) throw error;
        await work.clock.sleep(THROTTLED_FIRST_MS * 2 ** (attempt - 1) * (0.5 + work.random()), signal);
      }
    }
  };

  const outcomes = await queue.addAll(
    vehicles.map((vehicle) => async () => {
      const outcome = await onboardOne(vehicle);
      deps.onVehicle?.(outcome);
      return outcome;
    }),
  );
  return {
    vehicles: outcomes,
    onboarded: count(outcomes, 'onboarded'),
    failed: count(outcomes, 'failed'),
    unfinished: count(outcomes, 'unfinished'),
    cancelled: work.signal.aborted,
    stoppedBy,
    preparation,
    ms: work.clock.now() - started,
  };
}

function count(outcomes: readonly VehicleOutcome[], status: VehicleOutcome['status']): number {
  return outcomes.filter((outcome) => outcome.status === status).length;
}

function isThrottled(error: unknown): boolean {
  return error instanceof CmsError && error.code === 'AWS_THROTTLED';
}

/** Lets its callers through one after the other, so many a second. */
function createPace(perSecond: number, { clock }: Work): (signal: AbortSignal) => Promise<void> {
  let next = 0;
  return async (signal) => {
    throwIfAborted(signal);
    const at = Math.max(clock.now(), next);
    next = at + 1_000 / perSecond;
    if (at > clock.now()) await clock.sleep(at - clock.now(), signal);
  };
}
