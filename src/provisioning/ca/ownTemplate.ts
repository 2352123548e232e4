import type { CloudCa } from '../../aws/iot/caCertificates.ts';
import { findTemplate, type CloudTemplate } from '../../aws/iot/templates.ts';
import type { Connection } from '../../aws/connection.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { COMMON_NAME } from '../templateBody.ts';
import { templateDifferences } from '../templateDifferences.ts';
import type { CaWish } from './ensureOwnCa.ts';

/** A template of another name than ours that a CA has, or one of its own text. */
export interface OwnTemplate {
  /** Whether it does for a vehicle what ours does. */
  fits: boolean;
  differences: Message[];
  roleArn: string | undefined;
}

/** Undefined where the CA has none, the one that is wanted, or the way needs none. */
export async function ownTemplate(
  { templateName: name, templateBody: body, roleArn }: CloudCa,
  wish: Pick<CaWish, 'way' | 'templateName'>,
  { templateName, devicePolicy, thingType }: OwnCaSetup,
  connection: Connection,
  { signal }: Pick<Work, 'signal'>,
): Promise<OwnTemplate | undefined> {
  if (wish.way !== 'jitp' || name === (wish.templateName ?? templateName)) return undefined;
  const found: CloudTemplate | undefined =
    name !== undefined
      ? await findTemplate(connection, name, signal)
      : body === undefined
        ? undefined
        : { body, enabled: true, roleArn, type: 'JITP' };
  if (found === undefined) {
    return name === undefined ? undefined : { fits: false, differences: [l10n.t('it is gone')], roleArn };
  }
  // Any role will do that it works with; its vehicles do not see it.
  const like = { thingParameter: COMMON_NAME, devicePolicy, thingType, roleArn: found.roleArn ?? '' };
  const differences = templateDifferences({ ...like, templateName: '', type: 'JITP' }, found);
  const fits = wish.templateName === undefined && differences.length === 0;
  return { fits, differences, roleArn: found.roleArn };
}
