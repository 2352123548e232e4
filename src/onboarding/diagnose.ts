import { CmsError, cancelled, isCancelled, messageOf, throwIfAborted } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import { english } from '../core/wording.ts';
import { deploymentChecks } from './deploymentChecks.ts';
import type {
  Check,
  DiagnoseDeps,
  DiagnoseRequest,
  DiagnoseState,
  Finding,
  Verdict,
} from './diagnoseDeps.ts';
import { telemetryChecks } from './telemetryChecks.ts';
import { vehicleChecks } from './vehicleChecks.ts';

/** Every check, in the order in which data depends on what is checked. */
export const checks: readonly Check[] = [...deploymentChecks, ...vehicleChecks, ...telemetryChecks];

/**
 * Why would this vehicle's data not arrive? Gives one finding a check, as they are made. Changes nothing but, with
 * `publish`, one more message of the vehicle. A check whose ground is missing is skipped and says so.
 * @throws CmsError CANCELLED only
 */
export async function* diagnose(
  request: DiagnoseRequest,
  deps: DiagnoseDeps,
  work: Work,
): AsyncGenerator<Finding, void, undefined> {
  const state: DiagnoseState = { request, deps };
  const failed: string[] = [];
  for (const check of checks) {
    throwIfAborted(work.signal, check.id);
    work.progress({ step: check.id, level: 'debug', message: check.title, vin: request.vin });
    const ready = check.needs.every((key) => state[key] !== undefined);
    const verdict: Verdict = ready
      ? await run(check, state, work)
      : { status: 'skip', message: `Not checked, because of: ${failed.join(', ') || 'what was left out'}.` };
    if (verdict.status === 'fail') failed.push(check.id);
    yield { id: check.id, title: check.title, ...verdict };
  }
}

async function run(check: Check, state: DiagnoseState, work: Work): Promise<Verdict> {
  try {
    return await check.run(state, work);
  } catch (error) {
    if (work.signal.aborted || isCancelled(error)) throw cancelled(check.id);
    const remedy = error instanceof CmsError && error.remedy ? english(error.remedy) : undefined;
    return { status: 'fail', message: messageOf(error), ...(remedy === undefined ? {} : { remedy }) };
  }
}
