import { certificateNotFound, invalidRequest, notFound } from '../wire/errors.ts';
import type { IotState } from './state.ts';

const CERTIFICATE_ARN = /^arn:aws[a-z-]*:iot:[a-z0-9-]+:\d{12}:cert\/((?:0x)?[0-9a-fA-F]{64})$/;
const COGNITO_IDENTITY = /^[a-z0-9-]+:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a policy can be attached to: a principal, or a thing group. Throws as `principalOf` does. */
export function targetOf(state: IotState, target: string): string {
  const prefix = state.arn('thinggroup', '');
  if (!target.startsWith(prefix)) return principalOf(state, target);
  if (!state.groups.has(target.slice(prefix.length))) {
    throw notFound(`The thing group given in the target does not exist: ${target}`);
  }
  return target;
}

/**
 * The principal or policy target that a request refers to: the ARN of a certificate of this account, or an Amazon
 * Cognito identity. Throws InvalidRequestException for anything else, ResourceNotFoundException for an unknown
 * certificate.
 */
export function principalOf(state: IotState, principal: string): string {
  const certificateId = CERTIFICATE_ARN.exec(principal)?.[1]?.toLowerCase();
  if (certificateId !== undefined) {
    const exists =
      state.certificates.has(certificateId) && principal.toLowerCase() === state.arn('cert', certificateId);
    if (!exists) throw certificateNotFound();
    return state.arn('cert', certificateId);
  }
  if (COGNITO_IDENTITY.test(principal)) return principal;
  throw invalidRequest(
    `Invalid principal: ${principal}. It must be a certificate ARN or an Amazon Cognito identity.`,
  );
}
