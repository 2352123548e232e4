import { DescribeProvisioningTemplateCommand, UpdateProvisioningTemplateCommand } from '@aws-sdk/client-iot';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import { calling, unlessMissing } from '../calls.ts';
import type { Connection } from '../connection.ts';

/** A provisioning template. */
export interface CloudTemplate {
  enabled: boolean;
  /** JSON text. */
  body: string;
  roleArn: string | undefined;
  /** `FLEET_PROVISIONING` or `JITP`. */
  type: string | undefined;
  /** ARN of the Lambda function that is asked before a device is registered. */
  hookArn?: string | undefined;
}

export async function findTemplate(
  connection: Connection,
  name: string,
  signal: AbortSignal,
): Promise<CloudTemplate | undefined> {
  const iot = await connection.iot();
  const template = await unlessMissing(l10n.t('reading provisioning template {name}', { name }), () =>
    iot.send(new DescribeProvisioningTemplateCommand({ templateName: name }), { abortSignal: signal }),
  );
  return (
    template && {
      // Unsaid counts as disabled: then somebody looks.
      enabled: template.enabled ?? false,
      body: expectField(template, 'templateBody', 'DescribeProvisioningTemplate'),
      roleArn: template.provisioningRoleArn,
      type: template.type,
      hookArn: template.preProvisioningHook?.targetArn,
    }
  );
}

/** Switches a template on that is there. */
export async function enableTemplate(
  connection: Connection,
  templateName: string,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  const command = new UpdateProvisioningTemplateCommand({ templateName, enabled: true });
  await calling(l10n.t('enabling provisioning template {name}', { name: templateName }), () =>
    iot.send(command, { abortSignal: signal }),
  );
}
