import { AwsError } from '../../../kernel/http.ts';

/** Names and statuses are from the AWS IoT API reference, "Errors" of each action. */

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message, 400);
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404);
}

export function certificateNotFound(): AwsError {
  return notFound('The certificate given in the principal does not exist.');
}

export function deleteConflict(message: string): AwsError {
  return new AwsError('DeleteConflictException', message, 409);
}

export function certificateState(message: string, certificateId: string): AwsError {
  return new AwsError('CertificateStateException', `${message} Id: ${certificateId}`, 406);
}

export function certificateInvalid(message: string): AwsError {
  return new AwsError('CertificateValidationException', message, 400);
}

export function malformedPolicy(message: string): AwsError {
  return new AwsError('MalformedPolicyException', message, 400);
}

export function versionsLimit(message: string): AwsError {
  return new AwsError('VersionsLimitExceededException', message, 409);
}

export function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceededException', message, 410);
}

/** The only error of the service with members in addition to its message. */
export function alreadyExists(message: string, resourceId: string, resourceArn: string): AwsError {
  return new AwsError('ResourceAlreadyExistsException', message, 409, { resourceId, resourceArn });
}
