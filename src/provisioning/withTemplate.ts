import type { Provisioner, ProvisionWishes } from '../cms/contract/provisioner.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';

/**
 * The same wishes; who named no template means the one of the deployment.
 * @throws CmsError REQUEST_INVALID for another one where the hook of the CMS decides: it is asked by its own template only
 */
export function withTemplate<W extends ProvisionWishes>(wishes: W, provisioner: Provisioner): W {
  if (provisioner.kind !== 'claim') return wishes;
  const { templateName } = provisioner;
  if (wishes.templateName === '') return { ...wishes, templateName };
  if (provisioner.beforeClaim === undefined || wishes.templateName === templateName) return wishes;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('Template {other} cannot be used: this CMS registers its vehicles by {template} only.', {
      ...{ other: wishes.templateName, template: templateName },
    }),
    { remedy: l10n.t('Specify this template, or none.') },
  );
}
