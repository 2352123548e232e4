import { z } from 'zod';
import type { TemplateWish } from './template.ts';

export interface FoundTemplate {
  body: string;
  roleArn: string | undefined;
  enabled: boolean;
  /** `FLEET_PROVISIONING` or `JITP`. */
  type: string | undefined;
}

const bodySchema = z.looseObject({
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).default({}),
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
type Body = z.infer<typeof bodySchema>;

/** What fleet provisioning fills in itself. */
const GIVEN = ['SerialNumber', 'AWS::IoT::Certificate::Id'];

/**
 * Why a template cannot stand in for ours; empty if it can. What makes no difference to a vehicle is allowed:
 * order, names of resources, parameters nobody refers to, no thing type (registering the device sets it).
 */
export function templateDifferences(wish: TemplateWish, found: FoundTemplate): string[] {
  const differences: string[] = [];
  if (found.type !== undefined && found.type !== 'FLEET_PROVISIONING') {
    differences.push(`it is of type ${found.type}`);
  }
  if (!found.enabled) differences.push('it is disabled');
  if (found.roleArn !== wish.roleArn) {
    differences.push(`its role is ${found.roleArn ?? 'missing'}, not ${wish.roleArn}`);
  }
  const body = parseBody(found.body);
  if (body === undefined) return [...differences, 'its body cannot be read'];
  return [...differences, ...parameterDifferences(body), ...resourceDifferences(body, wish)];
}

function parseBody(text: string): Body | undefined {
  try {
    return bodySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function parameterDifferences({ Parameters, Resources }: Body): string[] {
  const used = JSON.stringify(Resources);
  return Object.entries(Parameters)
    .filter(([name, { Default }]) => !GIVEN.includes(name) && Default === undefined)
    .filter(([name]) => used.includes(`"Ref":"${name}"`) || used.includes(`\${${name}}`))
    .map(([name]) => `it wants the parameter ${name}`);
}

function resourceDifferences({ Resources }: Body, wish: TemplateWish): string[] {
  const ofType = (type: string) =>
    Object.values(Resources).filter((resource) => resource.Type === `AWS::IoT::${type}`);
  const [certificates, policies, things] = [ofType('Certificate'), ofType('Policy'), ofType('Thing')];
  const differences: string[] = [];

  const [certificate] = certificates;
  const status = certificate?.Properties.Status;
  if (certificate === undefined) differences.push('it registers no certificate');
  else if (typeof status === 'string' && status.toUpperCase() !== 'ACTIVE') {
    differences.push(`its certificates become ${status}`);
  }

  const names = policies.map(({ Properties }) => text(Properties.PolicyName ?? Properties.PolicyDocument));
  if (names.length !== 1 || names[0] !== wish.devicePolicy) {
    differences.push(
      `its certificates get ${names.join(', ') || 'no policy'} instead of ${wish.devicePolicy}`,
    );
  }

  const [thing] = things;
  if (thing === undefined) differences.push('it registers no thing');
  else {
    const { ThingName, ThingTypeName } = thing.Properties;
    if (JSON.stringify(ThingName) !== JSON.stringify({ Ref: 'SerialNumber' })) {
      differences.push(`its things are named ${text(ThingName)}, not by the serial number`);
    }
    if (ThingTypeName !== undefined && ThingTypeName !== wish.thingType) {
      differences.push(`its things are of type ${text(ThingTypeName)}, not ${wish.thingType}`);
    }
  }
  return differences;
}

function text(value: unknown): string {
  const words = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return words.length > 80 ? `${words.slice(0, 80)}…` : words;
}
