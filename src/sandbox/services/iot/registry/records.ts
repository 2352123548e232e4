import type { CertificateStatus } from '../contract.ts';
import type { Numbered } from '../wire/page.ts';

/** The records of the registry. Times are milliseconds since 1970. */

export interface ThingRecord extends Numbered {
  thingName: string;
  thingId: string;
  thingTypeName?: string;
  attributes: Record<string, string>;
  version: number;
}

export interface ThingGroupRecord extends Numbered {
  name: string;
  id: string;
  parent: string | undefined;
  description: string | undefined;
  attributes: Record<string, string>;
  version: number;
  createdAt: number;
}

export interface TopicRuleRecord extends Numbered {
  ruleName: string;
  sql: string;
  /** What stands after FROM, without the quotation marks. */
  topicPattern: string;
  /** As GetTopicRule shows them. */
  actions: object[];
  enabled: boolean;
  createdAt: number;
}

/** A place in a VPC that rules reach Kafka at. */
export interface RuleDestinationRecord {
  arn: string;
  status: 'ENABLED' | 'IN_PROGRESS' | 'DISABLED' | 'ERROR';
  statusReason: string;
  vpc: { subnetIds: string[]; securityGroups: string[]; vpcId: string; roleArn: string };
  createdAt: number;
}

export interface ThingTypeRecord extends Numbered {
  thingTypeName: string;
  thingTypeId: string;
  description: string | undefined;
  searchableAttributes: string[];
  createdAt: number;
  deprecatedAt?: number;
}

export type CertificateMode = 'DEFAULT' | 'SNI_ONLY';

export interface CertificateRecord extends Numbered {
  certificateId: string;
  certificatePem: string;
  status: CertificateStatus;
  mode: CertificateMode;
  caCertificateId?: string;
  createdAt: number;
  modifiedAt: number;
  customerVersion: number;
  generationId: string;
}

/** A certificate from CreateProvisioningClaim. It is not a resource of the account. */
export interface ClaimRecord {
  certificateId: string;
  certificatePem: string;
  templateName: string;
  createdAt: number;
  expiresAt: number;
}

export interface CaRecord extends Numbered {
  certificateId: string;
  certificatePem: string;
  status: 'ACTIVE' | 'INACTIVE';
  autoRegistration: 'ENABLE' | 'DISABLE';
  mode: CertificateMode;
  registrationConfig?: RegistrationConfig;
  createdAt: number;
  modifiedAt: number;
  customerVersion: number;
  generationId: string;
}

export interface RegistrationConfig {
  templateBody?: string;
  roleArn?: string;
  templateName?: string;
}

export interface PolicyVersion {
  versionId: string;
  document: string;
  createdAt: number;
}

export interface PolicyRecord extends Numbered {
  policyName: string;
  versions: PolicyVersion[];
  defaultVersionId: string;
  lastVersion: number;
  createdAt: number;
  modifiedAt: number;
  generationId: string;
}

export interface TemplateVersion extends Numbered {
  versionId: number;
  body: string;
  createdAt: number;
}

export interface PreProvisioningHook {
  targetArn: string;
  payloadVersion?: string | undefined;
}

export interface TemplateRecord extends Numbered {
  templateName: string;
  description: string | undefined;
  enabled: boolean;
  provisioningRoleArn: string;
  type: 'FLEET_PROVISIONING' | 'JITP';
  preProvisioningHook?: PreProvisioningHook;
  versions: TemplateVersion[];
  defaultVersionId: number;
  lastVersion: number;
  createdAt: number;
  modifiedAt: number;
}

export interface AccountRecord {
  sequence: number;
  registrationCode?: string;
  /** Registry events that are sent. */
  events?: { enabled: string[]; createdAt: number; modifiedAt: number };
  /** Of CMS v1 (installations/cdf/iotResources.ts): it stands here in the state of every sandbox there was. */
  simulationCertificateId?: string;
}
