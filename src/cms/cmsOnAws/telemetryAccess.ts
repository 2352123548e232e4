import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  CreatePolicyCommand,
  CreateThingGroupCommand,
  paginateListAttachedPolicies,
  paginateListThingGroupsForThing,
  RemoveThingFromThingGroupCommand,
} from '@aws-sdk/client-iot';
import { iotArn, scopeOf } from '../../aws/arn.ts';
import { alreadyExists, calling, unlessMissing } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { findCertificate } from '../../aws/iot/certificates.ts';
import { findPolicy } from '../../aws/iot/policies.ts';
import { CmsError } from '../../core/errors.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import { createShared, type Shared } from '../contract/shared.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { SendingVehicle } from '../contract/telemetry.ts';
import { policyAllows } from '../kit/policyAllows.ts';
import { isDenied } from '../kit/denied.ts';
import { topicOf } from './codec/encode.ts';
import type { Names } from './names.ts';

/** Our thing group, and the policy on it: of the same name, one for each app. */
export function accessName({ appId }: Names): string {
  return `cms-enablement-telemetry-${appId}`;
}

/** A thing may publish on its own topic below `cms/data`, and nothing else is given. */
function document(scope: Parameters<typeof iotArn>[0]): string {
  const topic = iotArn(scope, 'topic/cms/data/${iot:Connection.Thing.ThingName}');
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:Publish', Resource: [topic, `${topic}/*`] }],
  });
}

/**
 * Whether AWS IoT lets a vehicle send what CMS stores, by the policies of its certificate and of the groups of its thing.
 * Without a certificate only the groups count. Undefined where that cannot be told from the policies.
 */
export async function maySend(
  connection: Connection,
  { thingName }: Pick<VehicleRef, 'thingName'>,
  certificateArn: string | undefined,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const scope = scopeOf(await connection.identity(signal), connection.region);
  const groups = await groupsOf(connection, thingName, signal);
  const targets = [
    ...(certificateArn === undefined ? [] : [certificateArn]),
    ...groups.map(({ arn }) => arn),
  ];
  const documents: string[] = [];
  for (const name of await policiesOn(connection, targets, signal)) {
    const policy = await findPolicy(connection, name, signal);
    if (policy !== undefined) documents.push(policy.document);
  }
  const resource = iotArn(scope, `topic/${topicOf({ thingName })}`);
  return policyAllows(documents, 'iot:Publish', resource, thingName);
}

/** Those that may not, of some; nobody where that may not be looked at. */
export async function whoMayNotSend(
  connection: Connection,
  vehicles: readonly SendingVehicle[],
  signal: AbortSignal,
): Promise<VehicleRef[]> {
  const silenced: VehicleRef[] = [];
  try {
    for (const { vehicle, certificateId } of vehicles) {
      const certificate = await findCertificate(connection, certificateId, signal);
      // Whatever else is wrong with it is said when it connects.
      if (certificate === undefined) continue;
      const may = await maySend(connection, vehicle, certificate.arn, signal);
      if (may === false) silenced.push(vehicle);
    }
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
  return silenced;
}

async function policiesOn(
  connection: Connection,
  targets: readonly string[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const client = await connection.iot();
  const doing = l10n.t('listing the policies of the vehicle');
  const names = new Set<string>();
  for (const target of targets) {
    await unlessMissing(doing, async () => {
      const pages = paginateListAttachedPolicies(
        { client },
        { target, recursive: true },
        { abortSignal: signal },
      );
      const ending = endingPages(pages, doing, ({ nextMarker: next, policies: items }) => ({ next, items }));
      for await (const { policies = [] } of ending) {
        for (const policy of policies) names.add(expectField(policy, 'policyName', 'ListAttachedPolicies'));
      }
    });
  }
  return names;
}

async function groupsOf(
  connection: Connection,
  thingName: string,
  signal: AbortSignal,
): Promise<{ name: string; arn: string }[]> {
  const client = await connection.iot();
  const doing = l10n.t('listing the thing groups of {name}', { name: thingName });
  const found: { name: string; arn: string }[] = [];
  await unlessMissing(doing, async () => {
    const pages = paginateListThingGroupsForThing({ client }, { thingName }, { abortSignal: signal });
    const ending = endingPages(pages, doing, ({ nextToken: next, thingGroups: items }) => ({ next, items }));
    for await (const { thingGroups = [] } of ending) {
      for (const { groupName = '', groupArn = '' } of thingGroups)
        found.push({ name: groupName, arn: groupArn });
    }
  });
  return found;
}

/**
 * Gives a vehicle the right to send what CMS stores, the least invasive way: our own thing group, with a policy for the
 * thing's own topic. It is made once, raises no event of the thing, and stays when the vehicle gets another certificate.
 * @param shared of a run: group and policy are looked at once in it
 * @throws CmsError TEMPLATE_CONFLICT if somebody else has a policy of this name
 */
export async function ensureAccess(
  connection: Connection,
  names: Names,
  { thingName }: VehicleRef,
  signal: AbortSignal,
  shared: Shared = createShared(),
): Promise<EnsureResult> {
  const name = accessName(names);
  const isIn = (await groupsOf(connection, thingName, signal)).some((group) => group.name === name);
  // A run may have ended between group and policy.
  await shared.once(name, () => ensureGroup(connection, name, signal));
  if (isIn) return 'found';
  const iot = await connection.iot();
  await calling(l10n.t('adding {thing} to the thing group {name}', { thing: thingName, name }), () =>
    iot.send(new AddThingToThingGroupCommand({ thingGroupName: name, thingName }), { abortSignal: signal }),
  );
  return 'created';
}

async function ensureGroup(connection: Connection, name: string, signal: AbortSignal): Promise<void> {
  const iot = await connection.iot();
  const abort = { abortSignal: signal };
  const scope = scopeOf(await connection.identity(signal), connection.region);
  const wanted = document(scope);
  const policy =
    (await findPolicy(connection, name, signal)) ??
    (await calling(l10n.t('creating the policy {name}', { name }), async () => {
      try {
        await iot.send(new CreatePolicyCommand({ policyName: name, policyDocument: wanted }), abort);
        return undefined;
      } catch (error) {
        if (!alreadyExists(error)) throw error;
        // Somebody made it meanwhile.
        return findPolicy(connection, name, signal);
      }
    }));
  if (policy !== undefined && JSON.stringify(JSON.parse(policy.document)) !== wanted) {
    throw new CmsError(
      'TEMPLATE_CONFLICT',
      l10n.t('There is already a policy {name}, and it allows something else.', { name }),
      { remedy: l10n.t('Delete that policy if nobody needs it, then repeat.') },
    );
  }
  await calling(l10n.t('creating the thing group {name}', { name }), async () => {
    try {
      await iot.send(new CreateThingGroupCommand({ thingGroupName: name }), abort);
    } catch (error) {
      if (!alreadyExists(error)) throw error;
    }
  });
  const target = iotArn(scope, `thinggroup/${name}`);
  await calling(l10n.t('attaching the policy {name} to its thing group', { name }), () =>
    iot.send(new AttachPolicyCommand({ policyName: name, target }), abort),
  );
}

/** False if it was not in the group. Group and policy stay: other vehicles need them. */
export async function leaveGroup(
  connection: Connection,
  names: Names,
  thingName: string,
  signal: AbortSignal,
): Promise<boolean> {
  const name = accessName(names);
  if (!(await groupsOf(connection, thingName, signal)).some((group) => group.name === name)) return false;
  const iot = await connection.iot();
  const doing = l10n.t('taking {thing} out of the thing group {name}', { thing: thingName, name });
  const command = new RemoveThingFromThingGroupCommand({ thingGroupName: name, thingName });
  await unlessMissing(doing, () => iot.send(command, { abortSignal: signal }));
  return true;
}

export async function isInGroup(
  connection: Connection,
  names: Names,
  thingName: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await groupsOf(connection, thingName, signal)).some(({ name }) => name === accessName(names));
}
