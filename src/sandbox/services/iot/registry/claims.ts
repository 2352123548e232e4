import type { Authority } from '../../../authority/contract.ts';
import { arnOf } from '../../../kit/partition.ts';
import type { ClaimRecord } from './records.ts';
import type { IotState } from './state.ts';

export interface Claims {
  create(templateName: string): Promise<{
    record: ClaimRecord;
    keys: { publicKeyPem: string; privateKeyPem: string };
  }>;
  /** Undefined once the claim has expired. */
  find(certificateId: string): ClaimRecord | undefined;
  /** The policy of a temporary claim: it may only use the provisioning topics of its template. */
  documentOf(claim: ClaimRecord): string;
}

/** "Provisioning by trusted user": temporary claim certificates expire after five minutes. */
const LIFETIME_MS = 5 * 60_000;

export function createClaims(state: IotState, authority: Authority): Claims {
  const { claims } = state;

  function dropExpired(): void {
    for (const claim of [...claims.values()]) {
      if (claim.expiresAt <= state.now()) claims.delete(claim.certificateId);
    }
  }

  return {
    async create(templateName) {
      dropExpired();
      const { certificateId, certificatePem, ...keys } = await authority.issueKeysAndCertificate(1);
      const createdAt = state.now();
      const record = {
        certificateId,
        certificatePem,
        templateName,
        createdAt,
        expiresAt: createdAt + LIFETIME_MS,
      };
      claims.set(certificateId, record);
      return { record, keys };
    },
    find(certificateId) {
      const claim = claims.get(certificateId);
      return claim !== undefined && claim.expiresAt > state.now() ? claim : undefined;
    },
    documentOf({ templateName }) {
      const topics = [
        '$aws/certificates/create/*',
        '$aws/certificates/create-from-csr/*',
        `$aws/provisioning-templates/${templateName}/provision/*`,
      ];
      const arns = (kind: string): string[] =>
        topics.map((topic) => arnOf(state.context.config, 'iot', `${kind}/${topic}`));
      return JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
          { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: arns('topic') },
          { Effect: 'Allow', Action: 'iot:Subscribe', Resource: arns('topicfilter') },
        ],
      });
    },
  };
}
