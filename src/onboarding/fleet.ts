import type { ErrorCode } from '../core/errorCodes.ts';
import { createBucket } from '../core/bucket.ts';
import { type CmsError, isCancelled, isCmsError } from '../core/errors.ts';
import { exponential, retry } from '../core/retry.ts';
import { createSlots } from '../core/slots.ts';
import type { Work } from '../core/work.ts';
import type { StepReport } from '../cms/contract/steps.ts';
import type { ManifestVehicle } from './manifest.ts';
import { onboardPrepared, type OnboardingResult, prepare } from './onboard.ts';
import type { OnboardDeps } from './onboardDeps.ts';
import { createStepRunner, withStep } from './steps.ts';
import { collectWarnings } from './warnings.ts';

export interface FleetOptions {
  /** Vehicles worked on at the same time; those that wait until the CMS knows them do not count. Default 4. */
  concurrency?: number;
  /**
   * Vehicles begun in one second, at most. Each makes two certificates, and AWS IoT allows ten such calls a second
   * in an account (AWS IoT Core endpoints and quotas). Default 4.
   */
  startsPerSecond?: number;
}

export interface FleetDeps extends OnboardDeps {
  /** Called with each vehicle as it ends. */
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
  /** Created and found ones together. */
  onboarded: number;
  /** Vehicles that something was made for. */
  created: number;
  /** Vehicles that lacked nothing. */
  found: number;
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
  'PROFILE_INVALID',
  'CREDENTIALS_EXPIRED',
  'CREDENTIALS_MISSING',
  'ACCESS_DENIED',
  'DEVICE_PROCESS_FAILED',
  'ENDPOINT_UNREACHABLE',
];

/** Waits a half to one and a half times 1, 2, 4 and 8 seconds. */
const WHEN_THROTTLED = { attempts: 5, backoff: exponential(1_500, 12_000, 2 / 3) };

/**
 * Onboards many vehicles: signs in once, looks once at what vehicles share, and works on a few
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
  const preparing = createStepRunner(work, { onStep: deps.onStep });
  const prepared = await prepare(deps, preparing);

  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  let stoppedBy: CmsError | undefined;
  const slots = createSlots(options.concurrency ?? 4);
  const starts = createBucket(work.clock, { perSecond: options.startsPerSecond ?? 4 });

  const onboardOne = async (vehicle: ManifestVehicle): Promise<VehicleOutcome> => {
    const about = { vin: vehicle.request.vin, line: vehicle.line };
    const before = { made: false };
    const isAnother = (error: unknown) => isThrottled(error) && !stop.signal.aborted;
    try {
      await starts.enter(signal);
      return {
        ...about,
        status: 'onboarded',
        result: await retry(work, WHEN_THROTTLED, () => attempt(vehicle, before), isAnother),
      };
    } catch (thrown) {
      const error = isCmsError(thrown) ? thrown : withStep(thrown, 'vehicle');
      if (isCancelled(error)) return { ...about, status: 'unfinished' };
      if (FATAL.includes(error.code) && stoppedBy === undefined) {
        stoppedBy = error;
        stop.abort();
      }
      return { ...about, status: 'failed', error };
    }
  };

  /**
   * What was begun is brought to its end when another vehicle stops the run: a claim that is cut off in the middle may
   * cost a vehicle the certificate that it has.
   * @param before what throttled attempts made is still made for it
   */
  const attempt = async (
    { request, warnings }: ManifestVehicle,
    before: { made: boolean },
  ): Promise<OnboardingResult> => {
    const collected = [...warnings];
    const steps = createStepRunner(collectWarnings(work, collected), {
      vin: request.vin,
      onStep: deps.onStep,
    });
    try {
      const input = { ...prepared, request, warnings: collected, aside: slots.aside };
      const result = await onboardPrepared(input, steps);
      return before.made ? { ...result, outcome: 'created' } : result;
    } catch (error) {
      before.made ||= steps.made;
      throw error;
    }
  };

  const outcomes = await Promise.all(
    vehicles.map((vehicle) =>
      slots.run(async () => {
        const outcome = await onboardOne(vehicle);
        deps.onVehicle?.(outcome);
        return outcome;
      }),
    ),
  );
  const onboarded = count(outcomes, 'onboarded');
  const created = outcomes.filter((each) => each.status === 'onboarded' && each.result.outcome === 'created');
  return {
    vehicles: outcomes,
    onboarded,
    created: created.length,
    found: onboarded - created.length,
    failed: count(outcomes, 'failed'),
    unfinished: count(outcomes, 'unfinished'),
    cancelled: work.signal.aborted,
    stoppedBy,
    preparation: [...preparing.reports],
    ms: work.clock.now() - started,
  };
}

function count(outcomes: readonly VehicleOutcome[], status: VehicleOutcome['status']): number {
  return outcomes.filter((outcome) => outcome.status === status).length;
}

function isThrottled(error: unknown): boolean {
  return isCmsError(error) && error.code === 'AWS_THROTTLED';
}
