import * as z from 'zod';
import { l10n, type Message } from '../core/message.ts';
import type { Place } from './host.ts';

/** The input that every tool on a deployment has. */
export const deploymentInput = z
  .string()
  .min(1)
  .optional()
  .describe('Name of the deployment, as list_deployments gives it. Not needed where there is only one.');

export const vinInput = z.string().min(1).describe('VIN of the vehicle.');

/** Account, region and deployment: nobody is to take one account for another. @throws CmsError of the AWS call */
export async function placeWords({ connection, deployment }: Place, signal: AbortSignal): Promise<Message> {
  const { accountId } = await connection.identity(signal);
  return l10n.t('{deployment}, account {account}, {region} ({connection})', {
    deployment: deployment.stack.name,
    account: accountId,
    region: connection.region,
    connection: connection.label,
  });
}
