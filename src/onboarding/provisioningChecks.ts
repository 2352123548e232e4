import { enableTemplate } from '../aws/iot/templates.ts';
import { type Check, fail, ok, warn } from '../cms/contract/checks.ts';
import type { Provisioner } from '../cms/contract/provisioner.ts';
import { l10n, type Message } from '../core/message.ts';
import { check } from './diagnoseDeps.ts';
import { functionChecks } from './functionChecks.ts';
import { ownCaChecks } from './ownCaChecks.ts';

/**
 * Whether what vehicles share to get their certificates is as it has to be. None without a deployment, and none where it
 * needs no template.
 */
export function provisioningChecks(provisioner: Provisioner | undefined): readonly Check[] {
  return [
    ...claimChecks(provisioner),
    ...ownCaChecks(provisioner?.ownCa),
    ...functionChecks(provisioner?.ownCa),
  ];
}

function claimChecks(provisioner: Provisioner | undefined): readonly Check[] {
  if (provisioner?.kind !== 'claim') return [];
  /** Onboarding makes nothing where the stacks of the CMS bring it. */
  const missing = (made: Message): Message =>
    provisioner.setup === undefined ? l10n.t('Update the stacks of the CMS, which include it.') : made;
  return [
    check({
      id: 'template',
      title: l10n.t('Provisioning template'),
      stage: 'deployment',
      needs: ['deployment'],
      async run({ request, tools: { cloud, connection } }, { signal }) {
        const name = request.templateName ?? provisioner.templateName;
        const template = await cloud.template(name, signal);
        if (!template) {
          return warn(
            l10n.t('There is no template {name}: new vehicles cannot be provisioned.', { name }),
            missing(l10n.t('Run onboard or provision for any vehicle: that creates the template.')),
          );
        }
        if (!template.enabled) {
          const command = `aws iot update-provisioning-template --template-name ${name} --enabled`;
          return fail(
            l10n.t('Template {name} is disabled.', { name }),
            l10n.t('Enable it: {command}', { command }),
            {},
            {
              title: l10n.t('Enable template {name}', { name }),
              run: (work) => enableTemplate(connection, name, work.signal),
            },
          );
        }
        const policy = provisioner.devicePolicy;
        if (policy === undefined) return ok(l10n.t('{name} is enabled.', { name }));
        if (!template.body.includes(`"${policy}"`)) {
          return fail(
            l10n.t('Template {name} does not attach policy {policy}: its vehicles may not publish.', {
              name,
              policy,
            }),
            l10n.t('Use another template name, or correct the body of this one.'),
          );
        }
        return ok(l10n.t('{name} is enabled and attaches {policy}.', { name, policy }));
      },
    }),
    check({
      id: 'claim-policy',
      title: l10n.t('Policy of claim certificates'),
      stage: 'deployment',
      needs: [],
      async run({ request, tools: { cloud } }, { signal }) {
        const template = request.templateName ?? provisioner.templateName;
        const name = provisioner.claimPolicyNameOf(template);
        const document = (await cloud.policy(name, signal))?.document;
        if (document === undefined) {
          return warn(
            l10n.t(
              'There is no policy {name}: new vehicles cannot be provisioned with a claim of their own.',
              {
                name,
              },
            ),
            missing(l10n.t('Run onboard or provision for any vehicle: that creates the policy.')),
          );
        }
        if (!document.includes(`provisioning-templates/${template}/`)) {
          return warn(
            l10n.t('Policy {name} does not allow template {template}.', { name, template }),
            missing(l10n.t('Run onboard or provision with this template: that updates the policy.')),
          );
        }
        return ok(l10n.t('{name} allows template {template}.', { name, template }));
      },
    }),
  ];
}
