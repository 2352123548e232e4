import type { Authority } from '../../src/sandbox/authority/contract.ts';
import type {
  CertificateStatus,
  IotRegistry,
  ProvisioningTemplate,
  RegisteredCa,
  RegisteredCertificate,
  Thing,
} from '../../src/sandbox/services/iot/contract.ts';
import { AwsError } from '../../src/sandbox/kernel/http.ts';
import type { Context } from '../../src/sandbox/kernel/context.ts';

/** An in-memory IotRegistry whose content a test sets directly. */
export interface MemoryRegistry extends IotRegistry {
  addCertificate(
    certificate: { certificateId: string; certificatePem: string },
    more?: Partial<RegisteredCertificate> & { policies?: string[]; things?: string[] },
  ): void;
  addTemplate(templateName: string, more?: Partial<ProvisioningTemplate>): void;
  addCa(ca: RegisteredCa): void;
  setStatus(certificateId: string, status: CertificateStatus): void;
  setPolicies(certificateId: string, policies: string[]): void;
  setThing(thing: Partial<Thing> & { thingName: string }): void;
  /** The arguments of registerThing. */
  readonly registered: { body: string; parameters: Record<string, string> }[];
}

export function createMemoryRegistry(context: Context, authority: Authority): MemoryRegistry {
  const certificates = new Map<string, RegisteredCertificate>();
  const policies = new Map<string, string[]>();
  const attached = new Map<string, string[]>();
  const things = new Map<string, Thing>();
  const templates = new Map<string, ProvisioningTemplate>();
  const cas: RegisteredCa[] = [];
  const listeners: ((certificateId: string) => void)[] = [];
  const registered: MemoryRegistry['registered'] = [];
  const changed = (certificateId: string) => {
    for (const listener of listeners) listener(certificateId);
  };

  const registry: MemoryRegistry = {
    registered,
    certificate: (certificateId) => certificates.get(certificateId),
    policyDocuments: (certificateId) => policies.get(certificateId) ?? [],
    groupPolicyDocuments: () => [],
    exclusiveThingOf: () => undefined,
    thingsOf: (certificateId) => attached.get(certificateId) ?? [],
    thing: (thingName) => things.get(thingName),
    template: (templateName) => templates.get(templateName),
    caCertificates: () => cas,
    onCertificateChange: (listener) => {
      listeners.push(listener);
    },
    addCertificate({ certificateId, certificatePem }, { policies: documents, things: names, ...more } = {}) {
      certificates.set(certificateId, {
        certificateId,
        certificatePem,
        certificateArn: `arn:aws:iot:${context.config.region}:${context.config.accountId}:cert/${certificateId}`,
        status: 'ACTIVE',
        createdAt: context.clock.now(),
        ...more,
      });
      policies.set(certificateId, documents ?? []);
      attached.set(certificateId, names ?? []);
      for (const thingName of names ?? []) registry.setThing({ thingName });
      changed(certificateId);
    },
    addTemplate(templateName, more = {}) {
      templates.set(templateName, {
        templateName,
        templateArn: `arn:aws:iot:us-west-2:123456789012:provisioningtemplate/${templateName}`,
        body: '{}',
        enabled: true,
        type: 'FLEET_PROVISIONING',
        ...more,
      });
    },
    addCa: (ca) => {
      cas.push(ca);
    },
    setStatus(certificateId, status) {
      const certificate = certificates.get(certificateId);
      if (certificate !== undefined) certificates.set(certificateId, { ...certificate, status });
      changed(certificateId);
    },
    setPolicies(certificateId, documents) {
      policies.set(certificateId, documents);
      changed(certificateId);
    },
    setThing: (thing) => {
      things.set(thing.thingName, { thingArn: '', attributes: {}, version: 1, ...thing });
    },
    async createPendingCertificate(csrPem) {
      if (csrPem === undefined) {
        const issued = await authority.issueKeysAndCertificate();
        registry.addCertificate(issued, { status: 'PENDING_ACTIVATION' });
        return { ...issued, privateKeyPem: issued.privateKeyPem };
      }
      const issued = await authority.issueFromCsr(csrPem);
      registry.addCertificate(issued, { status: 'PENDING_ACTIVATION' });
      return { ...issued, privateKeyPem: undefined };
    },
    deleteCertificate(certificateId) {
      certificates.delete(certificateId);
      changed(certificateId);
    },
    autoRegister(certificatePem, caCertificateId) {
      const certificateId = `auto-${certificates.size}`;
      registry.addCertificate(
        { certificateId, certificatePem },
        { status: 'PENDING_ACTIVATION', caCertificateId },
      );
      const certificate = certificates.get(certificateId);
      if (certificate === undefined) throw new Error('not added');
      return Promise.resolve(certificate);
    },
    registerThing(body, parameters) {
      registered.push({ body, parameters });
      const thingName = parameters.SerialNumber;
      const certificateId = parameters['AWS::IoT::Certificate::Id'] ?? '';
      const certificate = certificates.get(certificateId);
      if (thingName === undefined || certificate === undefined) {
        return Promise.reject(new AwsError('InvalidRequestException', 'SerialNumber is missing', 400));
      }
      attached.set(certificateId, [thingName]);
      registry.setThing({ thingName });
      registry.setStatus(certificateId, 'ACTIVE');
      return Promise.resolve({
        thingName,
        certificatePem: certificate.certificatePem,
        resourceArns: {},
        deviceConfiguration: {},
      });
    },
  };
  return registry;
}
