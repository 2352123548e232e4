import type { IotRegistry } from '../services/iot/contract.ts';
import type { Context } from '../kernel/context.ts';
import { arnOf } from '../kit/partition.ts';
import { certificateIdOf, type Principal } from '../kernel/principal.ts';
import { compilePolicy, evaluate, type CompiledPolicy } from './policy.ts';
import { policyVariables, type ConnectFacts } from './policyVariables.ts';

export type IotAction = 'iot:Connect' | 'iot:Publish' | 'iot:RetainPublish' | 'iot:Subscribe' | 'iot:Receive';

/** What one connection may do. Checked on every action, as AWS does, so that a policy change applies at once. */
export interface Authorizer {
  connect(): boolean;
  publish(topic: string, retain: boolean): boolean;
  subscribe(filter: string): boolean;
  receive(topic: string): boolean;
}

export interface Authorization {
  of(principal: Principal, connect: ConnectFacts): Authorizer;
  /** Forgets all compiled policies. */
  forget(): void;
}

/** For how many client ids of one certificate policies are kept. */
const MOST_NAMES = 100;

/**
 * Policies are compiled once per certificate and client id, because those of thing groups hold for a client that is
 * named like its thing; they are discarded when the registry reports a change to the certificate.
 * @param roleAllows whether the role of an access key lets it do something; any other key may do everything
 */
export function createAuthorization(
  context: Context,
  registry: IotRegistry,
  roleAllows: (accessKeyId: string, action: IotAction, resource: string) => boolean = () => true,
): Authorization {
  const compiled = new Map<string, Map<string, readonly CompiledPolicy[]>>();
  registry.onCertificateChange((certificateId) => compiled.delete(certificateId));

  function arn(kind: 'client' | 'topic' | 'topicfilter', name: string): string {
    return arnOf(context.config, 'iot', `${kind}/${name}`);
  }

  function policiesOf(certificateId: string, clientId: string): readonly CompiledPolicy[] {
    const ofCertificate = compiled.get(certificateId) ?? new Map<string, readonly CompiledPolicy[]>();
    compiled.set(certificateId, ofCertificate);
    const cached = ofCertificate.get(clientId);
    if (cached !== undefined) return cached;
    const isThing = registry.thingsOf(certificateId).includes(clientId);
    const documents = [
      ...documentsOf(certificateId),
      ...(isThing ? registry.groupPolicyDocuments(clientId) : []),
    ];
    const policies = documents.flatMap((document) => {
      try {
        return [compilePolicy(document)];
      } catch (error) {
        context.log(
          'warn',
          `A policy of certificate ${certificateId.slice(0, 8)}… is ignored: ${String(error)}`,
        );
        return [];
      }
    });
    // A certificate can connect under any number of names, but most have one.
    if (ofCertificate.size >= MOST_NAMES) ofCertificate.clear();
    ofCertificate.set(clientId, policies);
    return policies;
  }

  /**
   * A claim from CreateProvisioningClaim may do exactly what its template needs; policies attached to it are ignored.
   */
  function documentsOf(certificateId: string): string[] {
    const template = registry.certificate(certificateId)?.claimTemplate;
    if (template === undefined) return registry.policyDocuments(certificateId);
    const topics = [
      '$aws/certificates/create/*',
      '$aws/certificates/create-from-csr/*',
      `$aws/provisioning-templates/${template}/provision/*`,
    ];
    const allow = (action: string[], resource: string[]) => ({
      Effect: 'Allow',
      Action: action,
      Resource: resource,
    });
    return [
      JSON.stringify({
        Version: '2008-10-17',
        Statement: [
          allow(['iot:Connect'], ['*']),
          allow(
            ['iot:Publish', 'iot:Receive'],
            topics.map((topic) => arn('topic', topic)),
          ),
          allow(
            ['iot:Subscribe'],
            topics.map((topic) => arn('topicfilter', topic)),
          ),
        ],
      }),
    ];
  }

  return {
    forget: () => compiled.clear(),
    of(principal, connect) {
      const certificateId = certificateIdOf(principal);
      const variables = policyVariables(registry, principal, connect, {
        topicArn: (topic) => arn('topic', topic),
        now: () => context.clock.now(),
      });
      const may = (action: IotAction, resource: string): boolean =>
        certificateId === undefined
          ? principal.kind !== 'iam' || roleAllows(principal.name, action, resource)
          : evaluate(policiesOf(certificateId, connect.clientId), { action, resource, variables }) ===
            'allow';
      return {
        connect: () => may('iot:Connect', arn('client', connect.clientId)),
        publish: (topic, retain) =>
          may('iot:Publish', arn('topic', topic)) &&
          (!retain || may('iot:RetainPublish', arn('topic', topic))),
        subscribe: (filter) => may('iot:Subscribe', arn('topicfilter', filter)),
        receive: (topic) => may('iot:Receive', arn('topic', topic)),
      };
    },
  };
}
