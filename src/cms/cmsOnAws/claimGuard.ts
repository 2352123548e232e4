import type { Connection } from '../../aws/connection.ts';
import { findTemplate } from '../../aws/iot/templates.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { ClaimWatch } from '../contract/provisioner.ts';
import { DOCTOR } from './condition.ts';
import { warmHook } from './hook.ts';
import { attemptsOf, buryAttempts, deadAttempts, isNamed } from './mend.ts';
import type { Names } from './names.ts';
import { putBack } from './putBack.ts';
import type { AuthorizedRow } from './rows.ts';
import type { Sources } from './sources.ts';
import { otherTemplate } from './things.ts';

/**
 * Everything the hook would refuse a vehicle for is looked at before a claim is used: it switches the vehicle's
 * certificate off before it looks itself. What an earlier attempt left behind, a row whose certificate is gone, is put in
 * order here.
 * @throws CmsError CLAIM_REJECTED, TEMPLATE_CONFLICT
 */
export async function beforeClaim(
  { vin, thingName }: VehicleRef,
  { connection, names, store }: Omit<Sources, 'lastSeen'>,
  work: Work,
): Promise<ClaimWatch> {
  const { signal } = work;
  await checkTemplate(connection, names, signal);
  const other = await otherTemplate(connection, names, thingName, signal);
  if (other !== undefined) throw ofAnother(thingName, other);
  const authorized = await store.authorized(vin, signal);
  const problem = whyNotAllowed(vin, authorized);
  if (problem !== undefined) throw problem;
  const rows = await store.provisioned(vin, signal);
  if (rows.some(({ missing }) => missing.length > 0)) throw stuck(vin);
  const before = await attemptsOf(connection, rows, signal);
  const dead = deadAttempts(before);
  if (dead.length > 0) {
    await buryAttempts(store, dead, signal);
    const message = l10n.t(
      'A row for {vin} named a certificate that no longer exists; it is now marked as deleted',
      {
        vin,
      },
    );
    work.progress({ step: 'claim', level: 'info', message, vin });
  }
  await warmHook(connection, names, work);
  // A rule that was late has left its row PENDING_ACTIVATION: the hook switches that off, too.
  const working = before.filter(({ row, certificate }) => isNamed(row) && certificate === 'ACTIVE');
  return {
    failed: (certificateId, cleaning) =>
      putBack(
        {
          ...{ vin, certificateId, working: working.map(({ row }) => row) },
          known: rows.map((row) => row.certificateId),
        },
        { connection, store },
        cleaning,
      ),
  };
}

/** Why the hook would not let a vehicle in; undefined if it would. */
export function whyNotAllowed(vin: string, authorized: AuthorizedRow | undefined): CmsError | undefined {
  if (authorized?.allowed === true && authorized.missing.length === 0) return undefined;
  const sentence =
    authorized === undefined
      ? l10n.t('{vin} is not in the list of authorized vehicles.', { vin })
      : authorized.missing.length > 0
        ? l10n.t('The authorization of {vin} lacks {what}.', { vin, what: authorized.missing.join(', ') })
        : l10n.t('{vin} is in the list of authorized vehicles, but not allowed to be provisioned.', { vin });
  return new CmsError('CLAIM_REJECTED', sentence, {
    step: 'claim',
    remedy: l10n.t('Run onboard for this vehicle: it authorizes it first. Nothing was claimed yet.'),
  });
}

function stuck(vin: string): CmsError {
  return new CmsError(
    'CLAIM_REJECTED',
    l10n.t('{vin} is stuck: one of its rows is incomplete, and the hook of CMS fails on it.', { vin }),
    { step: 'claim', remedy: DOCTOR },
  );
}

function ofAnother(thing: string, template: string): CmsError {
  return new CmsError(
    'TEMPLATE_CONFLICT',
    l10n.t('Thing {thing} belongs to another app: template {template} registered it.', { thing, template }),
    {
      step: 'claim',
      remedy: l10n.t(
        'Offboard the vehicle from that app first, or work on it there. Nothing was claimed yet.',
      ),
    },
  );
}

async function checkTemplate(
  connection: Connection,
  { template: name, hookFunction }: Names,
  signal: AbortSignal,
): Promise<void> {
  const template = await findTemplate(connection, name, signal);
  const problem =
    template === undefined
      ? l10n.t('There is no template {name}: new vehicles cannot be provisioned.', { name })
      : !template.enabled
        ? l10n.t('Template {name} is disabled.', { name })
        : template.hookArn?.endsWith(`:function:${hookFunction}`) === true
          ? undefined
          : l10n.t('Template {name} does not ask the hook {hook}, but {other}.', {
              ...{ name, hook: hookFunction, other: template.hookArn ?? '-' },
            });
  if (problem === undefined) return;
  throw new CmsError('TEMPLATE_CONFLICT', problem, {
    step: 'claim',
    remedy: l10n.t('Update the stacks of the CMS, which include it.'),
  });
}
