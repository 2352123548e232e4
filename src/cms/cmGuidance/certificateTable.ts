import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { isAwsError } from '../../aws/errors.ts';
import { isExposed } from '../../aws/exposed.ts';
import { l10n } from '../../core/message.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import { type Items, textOf, vehicleKey } from './items.ts';
import type { Names } from './names.ts';

/** The certificate of a vehicle as the CMS keeps it; the private key in clear. */
export interface CertificateRow {
  readonly certificateId: string;
  readonly certificatePem: string;
  /** Undefined where the key was born elsewhere. */
  readonly privateKeyPem: string | undefined;
  readonly policyName: string | undefined;
  /** Whose it is, as the row has it. */
  readonly vin: string | undefined;
  readonly thingName: string | undefined;
}

/** The certificates that a deployment keeps of its vehicles. */
export interface CertificateTable {
  /** Whether certificates are read without their keys: where others on the network could read them, too. */
  readonly hidesKeys: boolean;
  /** The id of the certificate of a vehicle; its key is not read. */
  certificateIdOf(vehicleId: string, signal: AbortSignal): Promise<string | undefined>;
  certificate(vehicleId: string, signal: AbortSignal): Promise<CertificateRow | undefined>;
  /**
   * Writes a certificate whose key is not for the table, in place of the one that was read there; undefined if there was
   * none. False if there is another one by now.
   */
  putCertificate(
    row: {
      vehicleId: string;
      vin: string;
      certificateId: string;
      arn: string;
      pem: string;
      policyName: string;
      now: string;
    },
    instead: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  deleteCertificate(vehicleId: string, signal: AbortSignal): Promise<boolean>;
}

/** What there is to know of a certificate besides its key. */
const WITHOUT_KEY = 'vehicleId, vin, thingName, certificateId, certificatePem, policyName';

export function createCertificateTable(
  connection: Connection,
  items: Items,
  { tables }: Names,
): CertificateTable {
  const hidesKeys = isExposed(connection.endpoint);
  return {
    hidesKeys,
    async certificateIdOf(vehicleId, signal) {
      const doing = l10n.t('reading the certificate that the CMS keeps for {id}', { id: vehicleId });
      return textOf(
        (await items.get(tables.certificates, vehicleKey(vehicleId), doing, signal, 'certificateId'))
          ?.certificateId,
      );
    },
    async certificate(vehicleId, signal) {
      const doing = l10n.t('reading the certificate that the CMS keeps for {id}', { id: vehicleId });
      const fields = hidesKeys ? WITHOUT_KEY : undefined;
      const item = await items.get(tables.certificates, vehicleKey(vehicleId), doing, signal, fields);
      const certificateId = textOf(item?.certificateId);
      const certificatePem = textOf(item?.certificatePem);
      if (certificateId === undefined || certificatePem === undefined) return undefined;
      const privateKeyPem = textOf(item?.privateKey);
      if (privateKeyPem !== undefined) keepPrivateKey(privateKeyPem);
      return {
        ...{ certificateId, certificatePem, privateKeyPem, policyName: textOf(item?.policyName) },
        ...{ vin: textOf(item?.vin), thingName: textOf(item?.thingName) },
      };
    },
    async putCertificate({ vehicleId, vin, certificateId, arn, pem, policyName, now }, instead, signal) {
      const client = await connection.dynamoDb();
      const row: Record<string, string> = {
        ...{ vehicleId, vin, thingName: vin, certificateId, certificateArn: arn, certificatePem: pem },
        ...{ policyName, status: 'ACTIVE', createdAt: now, updatedAt: now },
      };
      const Item = Object.fromEntries(Object.entries(row).map(([name, S]) => [name, { S }]));
      const command = new PutItemCommand({
        ...{ TableName: tables.certificates, Item },
        // What is read as no certificate has none of the two, or an empty one.
        ...(instead === undefined
          ? {
              ConditionExpression:
                'attribute_not_exists(certificateId) OR attribute_not_exists(certificatePem) OR certificateId = :instead OR certificatePem = :instead',
              ExpressionAttributeValues: { ':instead': { S: '' } },
            }
          : {
              ConditionExpression: 'attribute_not_exists(vehicleId) OR certificateId = :instead',
              ExpressionAttributeValues: { ':instead': { S: instead } },
            }),
      });
      try {
        await calling(l10n.t('writing the certificate of {vin} into the table of the CMS', { vin }), () =>
          client.send(command, { abortSignal: signal }),
        );
        return true;
      } catch (error) {
        if (isAwsError(error, 'ConditionalCheckFailedException')) return false;
        throw error;
      }
    },
    deleteCertificate: (vehicleId, signal) =>
      items.remove(
        ...([tables.certificates, vehicleKey(vehicleId)] as const),
        l10n.t('deleting the certificate that the CMS keeps for {id}', { id: vehicleId }),
        signal,
      ),
  };
}
