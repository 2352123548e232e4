import type { Provisioner, ProvisionWishes } from '../cms/contract/provisioner.ts';

/** The same wishes; who named no template means the one of the deployment. */
export function withTemplate<W extends ProvisionWishes>(wishes: W, provisioner: Provisioner): W {
  if (provisioner.kind !== 'claim' || wishes.templateName !== '') return wishes;
  return { ...wishes, templateName: provisioner.templateName };
}
