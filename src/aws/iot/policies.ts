import { GetPolicyCommand } from '@aws-sdk/client-iot';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import { unlessMissing } from '../calls.ts';
import type { Connection } from '../connection.ts';

export interface CloudPolicy {
  /** JSON text. */
  document: string;
  /** The version in force. */
  versionId: string;
}

export async function findPolicy(
  connection: Connection,
  name: string,
  signal: AbortSignal,
): Promise<CloudPolicy | undefined> {
  const iot = await connection.iot();
  const policy = await unlessMissing(l10n.t('reading policy {name}', { name }), () =>
    iot.send(new GetPolicyCommand({ policyName: name }), { abortSignal: signal }),
  );
  return (
    policy && {
      document: expectField(policy, 'policyDocument', 'GetPolicy'),
      versionId: expectField(policy, 'defaultVersionId', 'GetPolicy'),
    }
  );
}
