import { scopeOf } from '../aws/arn.ts';
import type { Connection } from '../aws/connection.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { ensureRole, registrationPolicyArn } from './role.ts';

/** Something this run made, in words for people and with what undoing it needs. */
export type Made =
  | { kind: 'role'; roleName: string }
  | { kind: 'role-policy'; roleName: string; policyArn: string }
  | { kind: 'policy'; policyName: string }
  | { kind: 'policy-version'; policyName: string; made: string; before: string }
  | { kind: 'template'; templateName: string }
  | { kind: 'ca'; caId: string };

export interface SetupResult {
  /** The most that was done to any of the three. */
  result: 'found' | 'repaired' | 'created';
  /** Undefined where the CMS brings its own. */
  roleArn: string | undefined;
  /** In the order it was made; `undoSetup` takes it back. */
  made: Made[];
}

/** The most that was done to any of several. */
export function mostOf(outcomes: readonly SetupResult['result'][]): SetupResult['result'] {
  return (['created', 'repaired'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'found';
}

/** The IAM role with which AWS IoT registers things, and what of it this run made. */
export async function ensureRegistrationRole(
  roleName: string,
  { connection, roleBoundary: boundary }: { connection: Connection; roleBoundary?: string | undefined },
  work: Work,
): Promise<{ outcome: SetupResult['result']; roleArn: string; made: Made[] }> {
  const { signal } = work;
  work.progress({
    step: 'role',
    message: l10n.t('Checking role {name}', { name: roleName }),
    level: 'debug',
  });
  const scope = scopeOf(await connection.identity(signal), connection.region);
  const policyArn = registrationPolicyArn(scope.partition);
  const role = await ensureRole(await connection.iam(), { roleName, policyArn, boundary }, signal);
  if (role.otherBoundary && boundary !== undefined) {
    work.progress({
      step: 'role',
      level: 'warn',
      message: l10n.t(
        'Role {name} exists without the permissions boundary {boundary}; it is left unchanged.',
        { name: roleName, boundary },
      ),
    });
  }
  const made: Made[] = [];
  if (role.outcome === 'created') made.push({ kind: 'role', roleName });
  if (role.attached) made.push({ kind: 'role-policy', roleName, policyArn });
  return { outcome: role.outcome, roleArn: role.roleArn, made };
}
