import { defined } from '../core/defined.ts';
import { cancelled, isCancelled, isCmsError, sentenceOf, throwIfAborted } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { deploymentChecks } from './deploymentChecks.ts';
import {
  type Check,
  type CheckInput,
  type DiagnoseDeps,
  type DiagnoseRequest,
  type Finding,
  type Found,
  skip,
  type Verdict,
} from './diagnoseDeps.ts';
import { telemetryChecks } from './telemetryChecks.ts';
import { vehicleChecks } from './vehicleChecks.ts';

/** Every check, in the order in which data depends on what is checked. */
export const checks: readonly Check[] = [...deploymentChecks, ...vehicleChecks, ...telemetryChecks];

/**
 * Why would this vehicle's data not arrive? Gives the finding of each check as it is made. Changes nothing but, with
 * `publish`, one more message of the vehicle. A check that lacks what it needs is skipped and says so.
 * @throws CmsError CANCELLED only
 */
export async function* diagnose(
  request: DiagnoseRequest,
  deps: DiagnoseDeps,
  work: Work,
): AsyncGenerator<Finding, void, undefined> {
  let found: Partial<Found> = {};
  const failed: string[] = [];
  for (const check of checks) {
    const { id, title } = check;
    throwIfAborted(work.signal, id);
    work.progress({ step: id, level: 'debug', message: title, vin: request.vin });
    const verdict = (await run(check, { ...found, request, deps }, work)) ?? notChecked(failed);
    found = { ...found, ...verdict.found };
    if (verdict.finding.status === 'fail') failed.push(id);
    yield { id, title, ...verdict.finding };
  }
}

async function run(
  check: Check,
  input: CheckInput & Partial<Found>,
  work: Work,
): Promise<Verdict | undefined> {
  try {
    return await check.run(input, work);
  } catch (error) {
    if (work.signal.aborted || isCancelled(error)) throw cancelled(check.id);
    const remedy = isCmsError(error) ? error.remedy : undefined;
    return { finding: { status: 'fail', message: sentenceOf(error), ...defined({ remedy }) }, found: {} };
  }
}

function notChecked(failed: readonly string[]): Verdict {
  return skip(
    failed.length === 0
      ? l10n.t('Not checked, because of: what was left out.')
      : l10n.t('Not checked, because of: {checks}.', { checks: failed.join(', ') }),
  );
}
