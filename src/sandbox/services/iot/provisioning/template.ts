import * as z from 'zod';
import { invalidRequest } from '../wire/errors.ts';
import { parseJson } from '../../../kit/json.ts';
import { problemWords } from '../../../kit/problemWords.ts';
import { inspect, isFunctionCall } from './intrinsics.ts';

/** A string or a call of a template function. `inspect` checks the calls. */
const expression = z.union([
  z.string(),
  z.record(z.string(), z.unknown()).refine(isFunctionCall, { error: 'A text or a function is needed.' }),
]);

/** A policy document may be JSON that contains functions anywhere. */
const documentOrExpression = z.union([z.string(), z.record(z.string(), z.unknown())]);

const override = z.enum(['DO_NOTHING', 'REPLACE', 'FAIL']);
const overrideOrMerge = z.enum(['DO_NOTHING', 'REPLACE', 'FAIL', 'MERGE']);

const thing = z.strictObject({
  Type: z.literal('AWS::IoT::Thing'),
  Properties: z.strictObject({
    ThingName: expression,
    AttributePayload: z.record(z.string(), expression).optional(),
    ThingTypeName: expression.optional(),
    ThingGroups: z.array(expression).optional(),
    BillingGroup: expression.optional(),
  }),
  OverrideSettings: z
    .strictObject({
      AttributePayload: overrideOrMerge.optional(),
      ThingTypeName: override.optional(),
      ThingGroups: overrideOrMerge.optional(),
    })
    .optional(),
});

const certificate = z.strictObject({
  Type: z.literal('AWS::IoT::Certificate'),
  Properties: z
    .strictObject({
      CertificateSigningRequest: expression.optional(),
      CertificateId: expression.optional(),
      CertificatePem: expression.optional(),
      CACertificatePem: expression.optional(),
      Status: expression.optional(),
    })
    .refine(
      (properties) =>
        [properties.CertificateSigningRequest, properties.CertificateId, properties.CertificatePem].filter(
          (each) => each !== undefined,
        ).length === 1,
      {
        error: 'A certificate needs exactly one of CertificateSigningRequest, CertificateId, CertificatePem.',
      },
    ),
  OverrideSettings: z.strictObject({ Status: override.optional() }).optional(),
});

const policy = z.strictObject({
  Type: z.literal('AWS::IoT::Policy'),
  Properties: z
    .strictObject({ PolicyName: expression.optional(), PolicyDocument: documentOrExpression.optional() })
    .refine((properties) => properties.PolicyName !== undefined || properties.PolicyDocument !== undefined, {
      error: 'Neither policyName nor policyDocument is present in the Template.',
    })
    .refine((properties) => properties.PolicyName === undefined || properties.PolicyDocument === undefined, {
      error: 'A policy can have PolicyName or PolicyDocument, not both.',
    }),
});

const template = z.strictObject({
  Parameters: z
    .record(z.string(), z.strictObject({ Type: z.literal('String'), Default: z.string().optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Resources: z
    .record(z.string(), z.discriminatedUnion('Type', [thing, certificate, policy]))
    .refine((resources) => Object.keys(resources).length > 0, { error: 'No resource is declared.' }),
  DeviceConfiguration: z.record(z.string(), expression).default({}),
});

export type Template = z.output<typeof template>;
export type ThingResource = z.output<typeof thing>;
export type CertificateResource = z.output<typeof certificate>;
export type PolicyResource = z.output<typeof policy>;
export type Override = z.output<typeof overrideOrMerge>;

/** Parameters that AWS IoT provides need no declaration. */
const BUILT_IN = 'AWS::IoT::Certificate::';

/**
 * Parses the body of a provisioning template ("Provisioning templates"). Throws InvalidRequestException for errors
 * that can be found without values: wrong structure, functions, references, or combinations of resources.
 */
export function parseTemplate(body: string): Template {
  const value = parseJson(body);
  if (value === undefined) throw invalid('The template is not valid JSON.');
  const result = template.safeParse(value);
  if (!result.success) throw invalid(problemWords(result.error.issues));
  const parsed = result.data;
  const { problems, parameters } = inspect([parsed.Resources, parsed.DeviceConfiguration]);
  const unknown = [...parameters].filter(
    (name) => !Object.hasOwn(parsed.Parameters, name) && !name.startsWith(BUILT_IN),
  );
  if (unknown.length > 0) problems.push(`Undeclared parameters: ${unknown.join(', ')}.`);
  const inMappings = inspect(parsed.Mappings);
  if (inMappings.parameters.size > 0 || inMappings.problems.length > 0) {
    problems.push('Mappings can not contain parameters or functions.');
  }
  if (problems.length > 0) throw invalid(problems.join(' '));
  checkResources(parsed);
  return parsed;
}

/** A stored template. Devices already have a certificate when it is used, so it must refer to it by id. */
export function parseStoredTemplate(body: string): Template {
  const parsed = parseTemplate(body);
  for (const resource of Object.values(parsed.Resources)) {
    if (resource.Type === 'AWS::IoT::Certificate' && resource.Properties.CertificateId === undefined) {
      throw invalid('A certificate must be given by its CertificateId.');
    }
  }
  return parsed;
}

function checkResources({ Resources }: Template): void {
  const count = (type: string): number =>
    Object.values(Resources).filter((each) => each.Type === type).length;
  if (count('AWS::IoT::Thing') > 1) throw invalid('More than one thing is declared.');
  if (count('AWS::IoT::Certificate') > 1) throw invalid('More than one certificate is declared.');
  if (count('AWS::IoT::Policy') > 0 && count('AWS::IoT::Certificate') === 0) {
    throw invalid('A policy is declared, but no certificate to attach it to.');
  }
}

function invalid(message: string): Error {
  return invalidRequest(`Invalid registration template. ${message}`);
}
