import {
  CreateProvisioningTemplateCommand,
  DescribeProvisioningTemplateCommand,
  type IoTClient,
} from '@aws-sdk/client-iot';
import { isAwsError, toCmsError } from '../aws/errors.ts';
import { CmsError } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import { alreadyExists, unlessMissing } from './awsCalls.ts';
import { templateDifferences } from './templateDifferences.ts';

export interface TemplateWish {
  templateName: string;
  roleArn: string;
  /** IoT policy that production certificates get. */
  devicePolicy: string;
  thingType: string;
}

/** The provisioning template's body: certificate, policy and thing of one vehicle. */
export function templateBody({ devicePolicy, thingType }: TemplateWish): string {
  return JSON.stringify({
    Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
    Resources: {
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
      },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: devicePolicy } },
      thing: {
        Type: 'AWS::IoT::Thing',
        OverrideSettings: { AttributePayload: 'MERGE', ThingGroups: 'DO_NOTHING', ThingTypeName: 'REPLACE' },
        Properties: { ThingGroups: [], ThingName: { Ref: 'SerialNumber' }, ThingTypeName: thingType },
      },
    },
  });
}

/** A role is known to all of AWS some seconds after it was made; waits between tries, in milliseconds. */
const ROLE_WAITS_MS = [500, 1000, 2000, 4000, 8000, 8000];

/**
 * Makes the template, or finds that the one of this name does the same. One that does something else is never changed:
 * TEMPLATE_CONFLICT says what differs.
 */
export async function ensureTemplate(
  iot: IoTClient,
  wish: TemplateWish,
  work: Work,
): Promise<'found' | 'created'> {
  const { templateName } = wish;
  for (let attempt = 0; ; attempt++) {
    if (await findTemplate(iot, wish, work.signal)) return 'found';
    try {
      const command = new CreateProvisioningTemplateCommand({
        templateName,
        description: 'Registers vehicles of the Connected Mobility Solution',
        templateBody: templateBody(wish),
        provisioningRoleArn: wish.roleArn,
        enabled: true,
      });
      await iot.send(command, { abortSignal: work.signal });
      return 'created';
    } catch (error) {
      if (alreadyExists(error)) continue;
      const wait = ROLE_WAITS_MS[attempt];
      if (wait === undefined || !roleNotKnownYet(error)) {
        throw toCmsError(error, `creating provisioning template ${templateName}`);
      }
      work.progress({
        step: 'template',
        level: 'debug',
        message: `AWS IoT does not know the role yet; trying again in ${wait / 1000} s`,
      });
      await work.clock.sleep(wait, work.signal);
    }
  }
}

async function findTemplate(iot: IoTClient, wish: TemplateWish, signal: AbortSignal): Promise<boolean> {
  const { templateName } = wish;
  const found = await unlessMissing(`reading provisioning template ${templateName}`, () =>
    iot.send(new DescribeProvisioningTemplateCommand({ templateName }), { abortSignal: signal }),
  );
  if (found === undefined) return false;
  const differences = templateDifferences(wish, {
    body: found.templateBody ?? '',
    roleArn: found.provisioningRoleArn,
    enabled: found.enabled ?? false,
    type: found.type,
  });
  if (differences.length === 0) return true;
  throw new CmsError(
    'TEMPLATE_CONFLICT',
    `Provisioning template ${templateName} exists and does something else: ${differences.join('; ')}.`,
    {
      remedy:
        'Use another name (--template-name NAME), or change or delete that template if nobody needs it.',
      details: { templateName, differences: differences.length },
    },
  );
}

function roleNotKnownYet(error: unknown): boolean {
  return (
    isAwsError(error, 'InvalidRequestException', 'UnauthorizedException') &&
    error instanceof Error &&
    /role|assume/i.test(error.message)
  );
}
