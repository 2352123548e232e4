import { randomBytes } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { HttpRequest, Problem } from '../../kernel/http.ts';
import { allows } from './evaluate.ts';

/** Credentials of a role, as the runtime of a function gets them. */
export interface RoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** Where AWS's SDKs look for them. */
export function environmentOf(credentials: RoleCredentials): NodeJS.ProcessEnv {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    AWS_SESSION_TOKEN: sessionToken,
  };
}

/** Callers that are a role. All others may do everything here. */
export interface RoleSessions {
  open(roleArn: string, sessionName: string): RoleCredentials;
  /** Why a call is refused; undefined if it is allowed, or if its caller is no role. */
  refusal(service: string, operation: string, request: HttpRequest): Problem | undefined;
  /** Whether whoever signed with this key may do it over MQTT. */
  allows(accessKeyId: string, action: string, resource: string): boolean;
}

interface Session {
  roleArn: string;
  name: string;
}

/** Calls that IAM names by something else (Service Authorization Reference, Amazon S3). */
const ACTIONS: Readonly<Record<string, string>> = {
  's3:ListObjectsV2': 's3:ListBucket',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
};

/**
 * @param policiesOf the documents of a role; undefined if it is gone
 * @param resourceOf the ARN that a call is about
 */
export function createRoleSessions(
  { config }: Context,
  policiesOf: (roleArn: string) => readonly string[] | undefined,
  resourceOf: (service: string, operation: string, request: HttpRequest) => string,
): RoleSessions {
  const sessions = new Map<string, Session>();
  const mayDo = ({ roleArn }: Session, action: string, resource: string): boolean =>
    allows(policiesOf(roleArn) ?? [], action, resource);

  return {
    open(roleArn, name) {
      const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
      sessions.set(accessKeyId, { roleArn, name });
      const secret = (): string => randomBytes(30).toString('base64');
      return { accessKeyId, secretAccessKey: secret(), sessionToken: secret() };
    },
    refusal(service, operation, request) {
      const [, key = ''] = /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? '') ?? [];
      const session = sessions.get(key);
      if (session === undefined) return undefined;
      const action = ACTIONS[`${service}:${operation}`] ?? `${service}:${operation}`;
      const resource = resourceOf(service, operation, request);
      if (mayDo(session, action, resource)) return undefined;
      const role = session.roleArn.slice(session.roleArn.lastIndexOf('/') + 1);
      const user = `arn:aws:sts::${config.accountId}:assumed-role/${role}/${session.name}`;
      return {
        code: service === 's3' ? 'AccessDenied' : 'AccessDeniedException',
        message: `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        status: service === 'iot' || service === 's3' ? 403 : 400,
      };
    },
    allows(accessKeyId, action, resource) {
      const session = sessions.get(accessKeyId);
      return session === undefined || mayDo(session, action, resource);
    },
  };
}
