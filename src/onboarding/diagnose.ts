import {
  type Check,
  type CheckInput,
  type CheckStage,
  type DiagnoseRequest,
  type Finding,
  skip,
  type Verdict,
} from '../cms/contract/checks.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import { defined } from '../core/defined.ts';
import { cancelled, isCancelled, isCmsError, sentenceOf, throwIfAborted } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import { commonChecks } from './commonChecks.ts';
import type { CommonFound, DiagnoseDeps } from './diagnoseDeps.ts';
import { provisioningChecks } from './provisioningChecks.ts';
import { resolveVehicle } from './resolveVehicle.ts';
import { vehicleChecks } from './vehicleChecks.ts';

/**
 * Every check of a deployment, in the order in which data depends on what is checked. Without one, those of every CMS:
 * what else there is to check, and how its vehicles get certificates, only a deployment says.
 */
export function checksFor(deployment: Pick<Deployment, 'checks' | 'certificates'> | undefined): Check[] {
  const of = (stage: CheckStage): Check[] =>
    (deployment?.checks ?? []).filter((check) => check.stage === stage);
  return [
    ...commonChecks,
    ...of('deployment'),
    ...provisioningChecks(deployment?.certificates),
    ...of('vehicle'),
    ...vehicleChecks,
    ...of('telemetry'),
  ];
}

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
  const { connection, cloud, certificates } = deps;
  const certificateHere = async ({ id }: VehicleRef) => {
    const stored = await certificates.production(id);
    return stored.kind === 'ok' ? stored.pair.certificateId : undefined;
  };
  let asked = request;
  let found: Partial<CommonFound> = { deps };
  const failed: string[] = [];
  const queue = checksFor(undefined);
  for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
    const { id, title } = check;
    throwIfAborted(work.signal, id);
    work.progress({ step: id, level: 'debug', message: title, vin: asked.vin });
    const input = { ...found, request: asked, tools: { connection, cloud, certificateHere } };
    const verdict = (await run(check, input, work)) ?? notChecked(failed);
    const before = found.deployment;
    found = { ...found, ...verdict.found };
    if (verdict.finding.status === 'fail') failed.push(id);
    yield { id, title, ...verdict.finding, ...defined({ signedIn: verdict.found.signedIn }) };
    const { deployment } = found;
    if (before === undefined && deployment !== undefined) {
      const named = await namesOf(request.vin, deployment, deps, work);
      if (named.finding !== undefined) {
        failed.push(named.finding.id);
        yield named.finding;
      }
      const { vehicle } = named;
      found = { ...found, ...defined({ vehicle }) };
      // Whatever somebody named it by, it is called by its VIN.
      asked = { ...request, vin: vehicle?.vin ?? request.vin };
      const done = commonChecks.length;
      queue.splice(0, Infinity, ...checksFor(deployment).slice(done));
    }
    if (id === commonChecks.at(-1)?.id && deployment === undefined) yield ownChecksLeftOut(failed);
  }
}

type Named =
  | { vehicle: CommonFound['vehicle']; finding?: undefined }
  /** Why its names cannot be found out; the checks that need them are skipped then. */
  | { vehicle?: undefined; finding: Finding };

async function namesOf(
  vin: string,
  deployment: Deployment,
  { certificates }: DiagnoseDeps,
  work: Work,
): Promise<Named> {
  try {
    return { vehicle: await resolveVehicle(vin, deployment, certificates, work.signal) };
  } catch (error) {
    if (work.signal.aborted || isCancelled(error)) throw cancelled('vehicle');
    return { finding: { id: 'vehicle', title: l10n.t('Vehicle in the CMS'), ...failureOf(error) } };
  }
}

async function run(
  check: Check,
  input: CheckInput & Partial<CommonFound>,
  work: Work,
): Promise<Verdict | undefined> {
  try {
    return await check.run(input, work);
  } catch (error) {
    if (work.signal.aborted || isCancelled(error)) throw cancelled(check.id);
    return { finding: failureOf(error), found: {} };
  }
}

function failureOf(error: unknown): Verdict['finding'] {
  const remedy = isCmsError(error) ? error.remedy : undefined;
  return { status: 'fail', message: sentenceOf(error), ...defined({ remedy }) };
}

/** In place of checks that nobody knows without the deployment that brings them. */
function ownChecksLeftOut(failed: readonly string[]): Finding {
  return {
    id: 'own-checks',
    title: l10n.t('Checks specific to this CMS'),
    status: 'skip',
    message: l10n.t('Its checks and those of its templates were skipped, because of: {checks}.', {
      checks: failed.join(', '),
    }),
  };
}

function notChecked(failed: readonly string[]): Verdict {
  return skip(
    failed.length === 0
      ? l10n.t('Not checked, because of: what was left out.')
      : l10n.t('Not checked, because of: {checks}.', { checks: failed.join(', ') }),
  );
}
