import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { expectField } from '../../core/expectField.ts';
import { parseJson } from '../../core/json.ts';
import { l10n } from '../../core/message.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import type { MintedIdentity } from '../contract/provisioner.ts';
import type { Names } from './names.ts';

const schema = z.object({ certificatePem: z.string(), keyPair: z.object({ PrivateKey: z.string() }) });

/**
 * The claim that the stack made and renews every 90 days, as it is now.
 * @throws CmsError of the AWS call, AWS_ANSWER_UNEXPECTED
 */
export async function readClaimSecret(
  connection: Connection,
  { claimSecret }: Names,
  signal: AbortSignal,
): Promise<MintedIdentity> {
  const client = await connection.secretsManager();
  const doing = l10n.t('reading the claim secret {name}', { name: claimSecret });
  const answer = await calling(doing, () =>
    client.send(new GetSecretValueCommand({ SecretId: claimSecret }), { abortSignal: signal }),
  );
  // What is wrong with it is not quoted: it is a secret.
  const read = parseJson(schema, expectField(answer, 'SecretString', 'GetSecretValue'));
  if (!read.ok) {
    throw new CmsError(
      'AWS_ANSWER_UNEXPECTED',
      l10n.t('The secret {name} does not hold a claim certificate and its key.', { name: claimSecret }),
      { remedy: l10n.t('Have the stack rotate the secret, then try again.') },
    );
  }
  const { certificatePem, keyPair } = read.value;
  keepPrivateKey(keyPair.PrivateKey);
  return { certificatePem, privateKeyPem: keyPair.PrivateKey };
}
