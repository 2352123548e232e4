import { createHash } from 'node:crypto';
import { invalidRequest } from '../wire/errors.ts';
import { attributeName, attributeValue, policyName, thingName, thingTypeName } from '../wire/fields.ts';
import { evaluate, type Scope, textOf } from './intrinsics.ts';
import type { CertificateResource, Override, PolicyResource, Template, ThingResource } from './template.ts';

/** A template with all values filled in: the resources that shall exist. */
export interface Plan {
  thing?: PlannedThing;
  certificate?: PlannedCertificate;
  policies: PlannedPolicy[];
  deviceConfiguration: Record<string, string>;
}

export interface PlannedThing {
  logicalName: string;
  thingName: string;
  thingTypeName: string | undefined;
  attributes: Record<string, string> | undefined;
  groups: string[];
  billingGroup: string | undefined;
  override: { attributes: Override; type: Override; groups: Override };
}

export interface PlannedCertificate {
  logicalName: string;
  source: { id: string } | { csr: string } | { pem: string; caPem: string | undefined };
  status: 'ACTIVE' | 'INACTIVE' | undefined;
  override: Override | undefined;
}

export interface PlannedPolicy {
  logicalName: string;
  policyName: string;
  /** Undefined if the policy must already exist. */
  document?: string;
}

/** Throws InvalidRequestException when a value is missing or not allowed. */
export function planOf(template: Template, parameters: Record<string, string>): Plan {
  const scope: Scope = {
    mappings: template.Mappings,
    parameter: (name) =>
      Object.hasOwn(parameters, name)
        ? parameters[name]
        : Object.hasOwn(template.Parameters, name)
          ? template.Parameters[name]?.Default
          : undefined,
  };
  const plan: Plan = { policies: [], deviceConfiguration: {} };
  for (const [logicalName, resource] of Object.entries(template.Resources)) {
    switch (resource.Type) {
      case 'AWS::IoT::Thing':
        plan.thing = plannedThing(logicalName, resource, scope);
        break;
      case 'AWS::IoT::Certificate':
        plan.certificate = plannedCertificate(logicalName, resource, scope);
        break;
      case 'AWS::IoT::Policy':
        plan.policies.push(plannedPolicy(logicalName, resource, scope));
        break;
    }
  }
  for (const [key, value] of Object.entries(template.DeviceConfiguration)) {
    plan.deviceConfiguration[key] = textOf(value, scope);
  }
  return plan;
}

function plannedThing(
  logicalName: string,
  { Properties, OverrideSettings }: ThingResource,
  scope: Scope,
): PlannedThing {
  const type = Properties.ThingTypeName === undefined ? undefined : textOf(Properties.ThingTypeName, scope);
  if (type !== undefined && !thingTypeName.safeParse(type).success) throw invalidName('ThingTypeName', type);
  const name = textOf(Properties.ThingName, scope);
  if (!thingName.safeParse(name).success) throw invalidName('ThingName', name);
  const attributes =
    Properties.AttributePayload === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(Properties.AttributePayload).map(([key, value]) => [key, textOf(value, scope)]),
        );
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (!attributeName.safeParse(key).success) throw invalidName('name of an attribute', key);
    if (!attributeValue.safeParse(value).success) throw invalidName(`value of the attribute ${key}`, value);
  }
  return {
    logicalName,
    thingName: name,
    thingTypeName: type,
    attributes,
    groups: (Properties.ThingGroups ?? []).map((group) => textOf(group, scope)),
    billingGroup: Properties.BillingGroup === undefined ? undefined : textOf(Properties.BillingGroup, scope),
    // AWS documents no default. We leave an existing thing unchanged.
    override: {
      attributes: OverrideSettings?.AttributePayload ?? 'DO_NOTHING',
      type: OverrideSettings?.ThingTypeName ?? 'DO_NOTHING',
      groups: OverrideSettings?.ThingGroups ?? 'DO_NOTHING',
    },
  };
}

function plannedCertificate(
  logicalName: string,
  { Properties, OverrideSettings }: CertificateResource,
  scope: Scope,
): PlannedCertificate {
  const status = Properties.Status === undefined ? undefined : textOf(Properties.Status, scope).toUpperCase();
  if (status !== undefined && status !== 'ACTIVE' && status !== 'INACTIVE')
    throw invalidName('Status', status);
  return { logicalName, source: sourceOf(Properties, scope), status, override: OverrideSettings?.Status };
}

function sourceOf(properties: CertificateResource['Properties'], scope: Scope): PlannedCertificate['source'] {
  if (properties.CertificateId !== undefined)
    return { id: textOf(properties.CertificateId, scope).toLowerCase() };
  if (properties.CertificateSigningRequest !== undefined) {
    return { csr: textOf(properties.CertificateSigningRequest, scope) };
  }
  return {
    pem: textOf(properties.CertificatePem, scope),
    caPem: properties.CACertificatePem === undefined ? undefined : textOf(properties.CACertificatePem, scope),
  };
}

function plannedPolicy(logicalName: string, { Properties }: PolicyResource, scope: Scope): PlannedPolicy {
  if (Properties.PolicyName !== undefined) {
    const name = textOf(Properties.PolicyName, scope);
    if (!policyName.safeParse(name).success) throw invalidName('PolicyName', name);
    return { logicalName, policyName: name };
  }
  const value = evaluate(Properties.PolicyDocument, scope);
  const document = typeof value === 'string' ? value : JSON.stringify(value);
  // "Defaults to a hash of the policy document"
  return {
    logicalName,
    document,
    policyName: createHash('sha1').update(document).digest('hex').toUpperCase(),
  };
}

function invalidName(field: string, value: string): Error {
  return invalidRequest(`The template yields a ${field} that is not allowed: ${value.slice(0, 200)}`);
}
