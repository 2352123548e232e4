import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { createAwsJsonService, operation } from '../../protocols/awsJson.ts';
import { pageOf } from '../../protocols/page.ts';
import { defined } from '../../kit/defined.ts';
import { createSecrets, notFound, type Secret, type Secrets } from './secrets.ts';

/** Makes the new value of a secret, as the function behind its rotation does. */
export type Rotation = () => Promise<void>;

export interface SecretsManager {
  readonly service: HttpService;
  /** Puts secrets in, as CloudFormation does for a template. */
  readonly secrets: Secrets;
  /** What RotateSecret does to the secret of this name. */
  rotateBy(name: string, rotation: Rotation): void;
}

const DAY_S = 86_400;
const MOST = 100;

/** AWS Secrets Manager 2017-10-17: reading the secrets that installations put in, and rotating those that have a function. */
export function createSecretsManager(context: Context): SecretsManager {
  const secrets = createSecrets(context);
  const rotations = new Map<string, Rotation>();
  const SecretId = z.string().min(1).max(2048);

  function described(secret: Secret): object {
    const { name, description, versions, rotationDays, rotatedAt, createdAt, changedAt } = secret;
    return {
      ARN: secrets.arnOf(name),
      Name: name,
      CreatedDate: createdAt / 1000,
      LastChangedDate: changedAt / 1000,
      RotationEnabled: rotationDays !== undefined,
      ...defined({
        Description: description,
        RotationRules: rotationDays === undefined ? undefined : { AutomaticallyAfterDays: rotationDays },
        LastRotatedDate: rotatedAt === undefined ? undefined : rotatedAt / 1000,
        NextRotationDate:
          rotationDays === undefined ? undefined : (rotatedAt ?? createdAt) / 1000 + rotationDays * DAY_S,
      }),
      VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
    };
  }

  const service = createAwsJsonService({
    name: 'secretsmanager',
    target: 'secretsmanager',
    version: '1.1',
    invalid: 'ValidationException',
    tooFast: 'ThrottlingException',
    sensitive: ['SecretString'],
    operations: {
      GetSecretValue: operation(
        z.object({
          SecretId,
          VersionId: z.string().min(32).max(64).optional(),
          VersionStage: z.string().min(1).max(256).optional(),
        }),
        ({ SecretId: reference, VersionId, VersionStage }) => {
          const secret = secrets.lookUp(reference);
          const stage = VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
          const version = secret.versions.find(
            ({ id, stages }) =>
              (VersionId === undefined || id === VersionId) &&
              (stage === undefined || stages.includes(stage)),
          );
          if (version === undefined) {
            const which = VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${VersionId}`;
            throw notFound(`Secrets Manager can't find the specified secret value for ${which}`);
          }
          return {
            ARN: secrets.arnOf(secret.name),
            Name: secret.name,
            VersionId: version.id,
            SecretString: version.value,
            VersionStages: version.stages,
            CreatedDate: version.createdAt / 1000,
          };
        },
      ),

      DescribeSecret: operation(z.object({ SecretId }), ({ SecretId: reference }) =>
        described(secrets.lookUp(reference)),
      ),

      ListSecrets: operation(
        z.object({ MaxResults: z.int().min(1).max(MOST).default(MOST), NextToken: z.string().optional() }),
        ({ MaxResults, NextToken }) => {
          const list = {
            name: 'ListSecrets',
            cursorOf: ({ name }: Secret) => name,
            invalid: () => new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.'),
          };
          const inOrder = secrets.all().sort((a, b) => (a.name < b.name ? -1 : 1));
          const page = pageOf(inOrder, list, { token: NextToken, size: MaxResults });
          return { SecretList: page.items.map(described), ...defined({ NextToken: page.next }) };
        },
      ),

      RotateSecret: operation(z.object({ SecretId }), async ({ SecretId: reference }) => {
        const { name } = secrets.lookUp(reference);
        const rotation = rotations.get(name);
        if (rotation === undefined) {
          throw new AwsError(
            'InvalidRequestException',
            'No Lambda rotation function ARN is associated with this secret.',
          );
        }
        await rotation();
        secrets.rotated(name);
        const version = secrets.find(name)?.versions.find(({ stages }) => stages.includes('AWSCURRENT'));
        return { ARN: secrets.arnOf(name), Name: name, ...defined({ VersionId: version?.id }) };
      }),
    },
  });

  return {
    service,
    secrets,
    rotateBy(name, rotation) {
      rotations.set(name, rotation);
    },
  };
}
