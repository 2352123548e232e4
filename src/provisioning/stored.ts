import { placeOf } from '../aws/arn.ts';
import type { CmsError } from '../core/errors.ts';
import type { ProvisioningFacts } from './certificates.ts';

/** What the certificate store has of a vehicle: a good pair, none, or files that make no usable pair. */
export type Stored<Pair> = { kind: 'ok'; pair: Pair } | { kind: 'none' } | Unusable;

export interface Unusable {
  kind: 'unusable';
  /** CERTIFICATE_UNUSABLE, naming what is wrong and what helps. */
  why: CmsError;
  /** Another root signed the certificate, so it belongs to another cloud. */
  foreignIssuer: boolean;
}

/**
 * The pair; undefined if there is none.
 * @throws CERTIFICATE_UNUSABLE for files that make no usable pair
 */
export function usablePair<Pair>(stored: Stored<Pair>): Pair | undefined {
  if (stored.kind === 'unusable') throw stored.why;
  return stored.kind === 'ok' ? stored.pair : undefined;
}

/** A deployment, as far as files say whose they are. */
export interface Whose {
  readonly generation: string;
  readonly name: string;
  /** ARN of the stack it is known by, which says where it is. */
  readonly stack: { readonly id: string };
}

/**
 * The ARN that the files of a vehicle give for its certificate, if both are of a deployment: anybody may have written
 * what is in a workspace.
 */
export function arnIn(
  facts: Parameters<typeof isOf>[0] & Pick<ProvisioningFacts, 'certificateArn'>,
  deployment: Whose,
): string | undefined {
  const place = placeOf(deployment.stack.id);
  const named = placeOf(facts.certificateArn);
  const isThere = place?.accountId === named?.accountId && place?.region === named?.region;
  return isOf(facts, deployment) && isThere ? facts.certificateArn : undefined;
}

/** Whether files of a vehicle are of a deployment, as far as they say: accounts may have deployments of one name. */
export function isOf(
  facts: Pick<ProvisioningFacts, 'generation' | 'stackName' | 'accountId' | 'region'>,
  { generation, name, stack }: Whose,
): boolean {
  const place = placeOf(stack.id);
  return (
    facts.stackName === name &&
    (facts.generation === undefined || facts.generation === generation) &&
    (place === undefined || (facts.accountId === place.accountId && facts.region === place.region))
  );
}
