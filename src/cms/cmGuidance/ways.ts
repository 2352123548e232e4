import { type Scope, iotArn, scopeOf } from '../../aws/arn.ts';
import type { Connection } from '../../aws/connection.ts';
import { findCertificate, policiesOf } from '../../aws/iot/certificates.ts';
import { findPolicy } from '../../aws/iot/policies.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { SendingVehicle } from '../contract/telemetry.ts';
import { policyAllows } from '../kit/policyAllows.ts';
import { codec } from './codec/codec.ts';
import type { Names } from './names.ts';

/** The stages whose rules the policy of 0.4 lets vehicles publish to directly. */
const NAMED_STAGES = ['dev', 'staging', 'prod'];

/** How a vehicle can send what the stream takes in, best first. */
export type Way = 'rule' | 'topic' | 'rule-and-topic';
const WAYS: readonly Way[] = ['rule', 'topic', 'rule-and-topic'];

/**
 * Where a vehicle sends its telemetry: to the rule itself, which every policy but that of 0.4 allows for every stage, and
 * nobody can listen to; else to the topic that the rules listen to, which the scoped policy forbids. Source: the policies
 * of 0.4 and of the implementation guide.
 */
export function topicOf({ rule, stage }: Names, way: Way, vehicleId: string): string {
  switch (way) {
    case 'rule':
      return `$aws/rules/${rule}/${vehicleId}`;
    case 'topic':
      return `cms/${stage}/telemetry/${vehicleId}`;
    case 'rule-and-topic':
      // The form that AWS documents for Basic Ingest.
      return `$aws/rules/${rule}/cms/${stage}/telemetry/${vehicleId}`;
  }
}

/** What the policies of a vehicle let it do. */
export interface Allowed {
  readonly policies: readonly string[];
  /** Whether it may connect under its client id; undefined where that cannot be told. */
  readonly connect: boolean | undefined;
  /** The best way it has; undefined if its policies allow none. */
  readonly way: Way | undefined;
  /** `vehicleId`, among the attributes that a policy may ask the thing for. */
  readonly clientId: string;
}

/** Judges documents of policies for a vehicle. */
export function judge(
  documents: readonly string[],
  { names, scope, vehicle }: { names: Names; scope: Scope; vehicle: VehicleRef },
): Pick<Allowed, 'connect' | 'way'> {
  const { thingName, id: vehicleId } = vehicle;
  const may = (action: string, resource: string) =>
    policyAllows(documents, action, iotArn(scope, resource), thingName, { vehicleId });
  const publishes = WAYS.map((way) => ({
    way,
    may: may('iot:Publish', `topic/${topicOf(names, way, vehicleId)}`),
  }));
  return {
    connect: may('iot:Connect', `client/${codec.clientId(vehicle)}`),
    way: (publishes.find((each) => each.may === true) ?? publishes.find((each) => each.may === undefined))
      ?.way,
  };
}

/** Reads the policies of a certificate, and what they let its vehicle do. */
export async function allowedBy(
  connection: Connection,
  names: Names,
  { vehicle, certificateArn }: { vehicle: VehicleRef; certificateArn: string },
  signal: AbortSignal,
): Promise<Allowed> {
  const scope = scopeOf(await connection.identity(signal), connection.region);
  const policies = await policiesOf(connection, certificateArn, signal);
  const documents: string[] = [];
  for (const name of policies) {
    const policy = await findPolicy(connection, name, signal);
    if (policy !== undefined) documents.push(policy.document);
  }
  return { policies, clientId: codec.clientId(vehicle), ...judge(documents, { names, scope, vehicle }) };
}

/**
 * Where each vehicle of a fleet sends, by the policies of some. Where those may not be looked at, the policy of 0.4 is
 * assumed.
 * @throws CmsError REQUEST_INVALID where one of them may send nowhere
 */
export async function topicsFor(
  connection: Connection,
  names: Names,
  some: readonly SendingVehicle[],
  signal: AbortSignal,
): Promise<(vehicle: VehicleRef) => string> {
  let way: Way = assumedWay(names);
  try {
    const found = new Set<Way>();
    for (const { vehicle, certificateId } of some) {
      const certificate = await findCertificate(connection, certificateId, signal);
      // Whatever else is wrong with it is said when it connects.
      if (certificate === undefined) continue;
      const allowed = await allowedBy(
        connection,
        names,
        { vehicle, certificateArn: certificate.arn },
        signal,
      );
      if (allowed.way === undefined) throw maySendNowhere(vehicle, names);
      found.add(allowed.way);
    }
    const [only] = found;
    if (only !== undefined) way = found.size === 1 ? only : 'rule';
  } catch (error) {
    if (!isCmsError(error) || error.code !== 'ACCESS_DENIED') throw error;
  }
  return ({ id }) => topicOf(names, way, id);
}

export function assumedWay({ stage }: Names): Way {
  return NAMED_STAGES.includes(stage) ? 'rule' : 'topic';
}

export function maySendNowhere({ vin }: VehicleRef, { stage }: Names): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('The policies of {vin} let it send telemetry of the stage {stage} nowhere.', { vin, stage }),
    {
      remedy: l10n.t(
        'Run doctor for {vin}: it names the policies. Those of an account are shared by all stages, and the first one made them.',
        { vin },
      ),
    },
  );
}
