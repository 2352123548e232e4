import * as z from 'zod';
import type { CloudTemplate } from '../aws/iot/templates.ts';
import { parseJson } from '../core/json.ts';
import { l10n, type Message } from '../core/message.ts';
import type { TemplateWish } from './templateBody.ts';

const bodySchema = z.looseObject({
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).default({}),
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
type Body = z.infer<typeof bodySchema>;

/** What fleet provisioning fills in itself, and the beginning of all that just-in-time provisioning does. */
const CERTIFICATE_ID = 'AWS::IoT::Certificate::Id';
const OF_CERTIFICATE = 'AWS::IoT::Certificate::';

/**
 * Why a template cannot stand in for ours; empty if it can. What makes no difference to a vehicle is allowed:
 * order, names of resources, parameters nobody refers to, no thing type (registering the device sets it).
 */
export function templateDifferences(wish: TemplateWish, found: CloudTemplate): Message[] {
  const differences: Message[] = [];
  if (found.type !== undefined && found.type !== wish.type) {
    differences.push(l10n.t('it is of type {type}', { type: found.type }));
  }
  if (!found.enabled) differences.push(l10n.t('it is disabled'));
  if (found.roleArn === undefined) {
    differences.push(l10n.t('its role is missing, not {wanted}', { wanted: wish.roleArn }));
  } else if (found.roleArn !== wish.roleArn) {
    differences.push(
      l10n.t('its role is {role}, not {wanted}', { role: found.roleArn, wanted: wish.roleArn }),
    );
  }
  const body = parseJson(bodySchema, found.body);
  if (!body.ok) return [...differences, l10n.t('its body cannot be read')];
  return [
    ...differences,
    ...parameterDifferences(body.value, wish),
    ...resourceDifferences(body.value, wish),
  ];
}

function parameterDifferences(
  { Parameters, Resources }: Body,
  { thingParameter, type }: TemplateWish,
): Message[] {
  const isFilledIn = (name: string): boolean =>
    name === thingParameter ||
    name === CERTIFICATE_ID ||
    (type === 'JITP' && name.startsWith(OF_CERTIFICATE));
  const used = JSON.stringify(Resources);
  return Object.entries(Parameters)
    .filter(([name, { Default }]) => !isFilledIn(name) && Default === undefined)
    .filter(([name]) => used.includes(`"Ref":"${name}"`) || used.includes(`\${${name}}`))
    .map(([name]) => l10n.t('it requires the parameter {name}', { name }));
}

function resourceDifferences({ Resources }: Body, wish: TemplateWish): Message[] {
  const ofType = (type: string) =>
    Object.values(Resources).filter((resource) => resource.Type === `AWS::IoT::${type}`);
  const [certificates, policies, things] = [ofType('Certificate'), ofType('Policy'), ofType('Thing')];
  const differences: Message[] = [];

  const [certificate] = certificates;
  const status = certificate?.Properties.Status;
  if (certificate === undefined) differences.push(l10n.t('it registers no certificate'));
  else if (typeof status === 'string' && status.toUpperCase() !== 'ACTIVE') {
    differences.push(l10n.t('its certificates become {status}', { status }));
  }

  const names = policies.map(({ Properties }) => text(Properties.PolicyName ?? Properties.PolicyDocument));
  if (names.length !== 1 || names[0] !== wish.devicePolicy) {
    const policies = names.length === 0 ? l10n.t('no policy') : l10n.list(names, 'comma');
    differences.push(
      l10n.t('its certificates get {policies} instead of {wanted}', { policies, wanted: wish.devicePolicy }),
    );
  }

  const [thing] = things;
  if (thing === undefined) differences.push(l10n.t('it registers no thing'));
  else {
    const { ThingName, ThingTypeName } = thing.Properties;
    if (JSON.stringify(ThingName) !== JSON.stringify({ Ref: wish.thingParameter })) {
      const name = text(ThingName);
      differences.push(l10n.t('its things are named {name}, not by the serial number', { name }));
    }
    if (ThingTypeName !== undefined && ThingTypeName !== wish.thingType) {
      const type = text(ThingTypeName);
      differences.push(
        l10n.t('its things are of type {type}, not {wanted}', { type, wanted: wish.thingType }),
      );
    }
  }
  return differences;
}

function text(value: unknown): string {
  const words = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return words.length > 80 ? `${words.slice(0, 80)}…` : words;
}
