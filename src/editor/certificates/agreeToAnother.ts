import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import type { AskedRenewal } from '../../provisioning/contract.ts';
import { say, sayPlural } from '../base/say.ts';
import { notify } from '../base/shown.ts';

/**
 * Asked when vehicles whose keys are elsewhere have certificates that are in service.
 * @param where the account, region and deployment
 */
export async function agreeToAnother(
  { vin, words }: AskedRenewal,
  count: number,
  where: string,
): Promise<boolean> {
  const go = vscode.l10n.t('Provision');
  const title = sayPlural(
    count,
    l10n.t('Get another certificate for {vin}?', { vin }),
    l10n.t('Get new certificates for {vin} and all others that already have some?', { vin }),
  );
  return (await notify.warn(title, { modal: true, detail: `${where}\n\n${say(words)}` }, go)) === go;
}
