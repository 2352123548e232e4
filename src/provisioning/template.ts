import { CreateProvisioningTemplateCommand } from '@aws-sdk/client-iot';
import { alreadyExists } from '../aws/calls.ts';
import type { Connection } from '../aws/connection.ts';
import { isAwsError, toCmsError } from '../aws/errors.ts';
import { findTemplate } from '../aws/iot/templates.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { retry, waits, type RetryPolicy } from '../core/retry.ts';
import type { Work } from '../core/work.ts';
import { templateBody, type TemplateWish } from './templateBody.ts';
import { templateDifferences } from './templateDifferences.ts';

/** A role is known to all of AWS some seconds after it was made. */
export const ROLE_NOT_KNOWN_YET: RetryPolicy = { attempts: 7, backoff: waits(500, 1000, 2000, 4000, 8000) };

/**
 * Makes the template, or finds that the one of this name does the same. One that does something else is never changed:
 * TEMPLATE_CONFLICT says what differs.
 */
export async function ensureTemplate(
  connection: Connection,
  wish: TemplateWish,
  work: Work,
): Promise<'found' | 'created'> {
  const name = wish.templateName;
  try {
    return await retry(
      work,
      ROLE_NOT_KNOWN_YET,
      async () => ((await isThere(connection, wish, work.signal)) ? 'found' : create(connection, wish, work)),
      (error, failures) => {
        // Someone made it between the look and the call: look again.
        if (alreadyExists(error)) return true;
        if (!roleNotKnownYet(error)) return false;
        const seconds = ROLE_NOT_KNOWN_YET.backoff(failures, work.random) / 1000;
        const message = l10n.t('AWS IoT does not know the role yet; trying again in {seconds} s', {
          seconds,
        });
        work.progress({ step: 'template', level: 'debug', message });
        return true;
      },
    );
  } catch (error) {
    throw toCmsError(error, l10n.t('creating provisioning template {name}', { name }));
  }
}

async function create(connection: Connection, wish: TemplateWish, work: Work): Promise<'created'> {
  const iot = await connection.iot();
  const command = new CreateProvisioningTemplateCommand({
    templateName: wish.templateName,
    description: 'Registers vehicles of the Connected Mobility Solution',
    templateBody: templateBody(wish),
    provisioningRoleArn: wish.roleArn,
    enabled: true,
    type: wish.type,
  });
  await iot.send(command, { abortSignal: work.signal });
  return 'created';
}

/** @throws TEMPLATE_CONFLICT if there is one that does something else */
async function isThere(connection: Connection, wish: TemplateWish, signal: AbortSignal): Promise<boolean> {
  const name = wish.templateName;
  const found = await findTemplate(connection, name, signal);
  if (found === undefined) return false;
  const differences = templateDifferences(wish, found);
  if (differences.length === 0) return true;
  if (differences.length === 1 && !found.enabled) {
    const command = `aws iot update-provisioning-template --template-name ${name} --enabled`;
    throw new CmsError('TEMPLATE_CONFLICT', l10n.t('Provisioning template {name} is disabled.', { name }), {
      remedy: l10n.t('Enable it: {command}', { command }),
      details: { templateName: name, command },
    });
  }
  throw new CmsError(
    'TEMPLATE_CONFLICT',
    l10n.t('Provisioning template {name} exists and does something else: {differences}.', {
      name,
      differences: l10n.list(differences, 'semicolon'),
    }),
    {
      remedy: l10n.t(
        'Use another name (--template-name NAME), or change or delete that template if nobody needs it.',
      ),
      details: { templateName: name, differences: differences.length },
    },
  );
}

/** A role is known everywhere only some seconds after it was made. AWS IoT has no code for it; it says so in words. */
export function roleNotKnownYet(error: unknown): boolean {
  return (
    isAwsError(error, 'InvalidRequestException', 'UnauthorizedException') &&
    error instanceof Error &&
    /role|assume/i.test(error.message)
  );
}
