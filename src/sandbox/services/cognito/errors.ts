import { AwsError } from '../../kernel/http.ts';

/** Errors that more than one operation throws, with Cognito's messages. All are HTTP 400. */
export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function notAuthorized(message: string): AwsError {
  return new AwsError('NotAuthorizedException', message);
}

/** The answer to a wrong password, to a replayed proof and, if the client is configured so, to an unknown user. */
export function wrongCredentials(): AwsError {
  return notAuthorized('Incorrect username or password.');
}

export function userNotFound(): AwsError {
  return new AwsError('UserNotFoundException', 'User does not exist.');
}

export function poolNotFound(poolId: string): AwsError {
  return new AwsError('ResourceNotFoundException', `User pool ${poolId} does not exist.`);
}

export function clientNotFound(clientId: string): AwsError {
  return new AwsError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`);
}
