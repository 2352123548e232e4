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

/** Whether files of a vehicle are of a deployment, as far as they say. */
export function isOf(
  { generation, stackName }: Pick<ProvisioningFacts, 'generation' | 'stackName'>,
  deployment: { readonly generation: string; readonly name: string },
): boolean {
  return stackName === deployment.name && (generation === undefined || generation === deployment.generation);
}
